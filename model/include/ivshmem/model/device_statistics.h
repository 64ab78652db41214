// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "ivshmem/model/types.h"

namespace ivshmem {

/// Counters since construction; a reset does not clear them.
struct device_statistics {
  std::uint64_t doorbells = 0;      ///< doorbell writes decoded
  std::uint64_t rung = 0;           ///< of these, passed to the fabric
  std::uint64_t notifications = 0;  ///< arrived from the fabric
  std::uint64_t messages = 0;       ///< MSI-X messages sent
  std::uint64_t pended = 0;         ///< notifications that set a pending bit
  std::uint64_t merged = 0;         ///< notifications that found the bit or the latch already set
  std::uint64_t intx_edges = 0;     ///< INTx assertions
  std::array<std::uint64_t, drop_cause_count> drops{};
};

}  // namespace ivshmem
