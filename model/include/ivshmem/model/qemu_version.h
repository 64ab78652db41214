// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ivshmem {

/// The QEMU that is followed where two of them differ [behaviour 13].
enum class qemu_version : std::uint8_t { v7_2, v11_1 };

/// What differs between QEMUs, one row for each that is followed.
struct qemu_behaviour {
  std::string_view name;  ///< on a command line and in a scenario
  unsigned major;
  unsigned minor;
  /// Of vectors that the event loop finds together, the one rung last comes first; else the highest
  /// comes first.
  bool last_rung_first;
  /// An access to I/O ports that is not aligned to its size is carried out in pieces; else it reads
  /// as 0 and writes nothing.
  bool cuts_port_accesses;
  /// Text for a shared-memory message without a descriptor; empty: nothing of its own.
  std::string_view missing_descriptor;
  /// Shared memory that is no multiple of a page is called too small.
  bool calls_memory_too_small;
};

inline constexpr std::array<qemu_behaviour, 2> qemu_behaviours{{
    {"7.2", 7, 2, false, true, "", false},
    {"11.1", 11, 1, true, false, "server didn't provide fd with shared memory message", true},
}};

constexpr const qemu_behaviour& behaviour_of(qemu_version version) noexcept {
  return qemu_behaviours[static_cast<std::size_t>(version)];
}

/// The newest in the table that is not newer than `major`.`minor`; the oldest for all before it.
qemu_version followed_version(unsigned major, unsigned minor) noexcept;
/// Of a name in the table.
std::optional<qemu_version> parse_qemu_version(std::string_view name) noexcept;

}  // namespace ivshmem
