// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "machine_state.h"

namespace ivshmem::qtest {

/// One BAR of a listed function. `address` is empty while it is not mapped.
struct listed_region {
  unsigned bar;
  bool io;
  bool prefetch;
  bool wide;  ///< 64-bit
  std::uint64_t bytes;
  std::optional<std::uint64_t> address;
};

/// One function on a bus, as software and the monitor see it.
struct listed_function {
  unsigned bus;
  unsigned slot;
  unsigned function;
  std::string id;      ///< of the option that made it
  std::string driver;  ///< QEMU's name of the device type
  std::string class_text;
  unsigned class_code;
  unsigned vendor;
  unsigned device;
  unsigned subsystem_vendor;
  unsigned subsystem;
  unsigned irq_pin;
  unsigned irq;
  std::vector<listed_region> regions;
  /// Bridges only: primary, secondary and subordinate bus, windows, what is behind.
  std::optional<std::array<unsigned, 3>> buses;
  std::array<std::uint64_t, 4> windows{};  ///< first and last of memory and prefetchable memory
  std::vector<listed_function> behind;
  const plugged_device* plugged = nullptr;
};

/// All functions of bus 0 in the order of their numbers.
std::vector<listed_function> list_functions(machine_state& machine);

}  // namespace ivshmem::qtest
