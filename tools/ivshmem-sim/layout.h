// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scenario.h"

/// How workloads use their regions of shared memory; docs/user.md shows it to script writers.
namespace ivshmem::sim::layout {

/// Each counter has a cache line of its own.
inline constexpr std::uint64_t line_bytes = 64;

/// A stream's region for one pair: blocks produced, blocks consumed, then the slots.
inline constexpr std::uint64_t stream_produced = 0;
inline constexpr std::uint64_t stream_consumed = line_bytes;
inline constexpr std::uint64_t stream_slots = 2 * line_bytes;

inline std::uint64_t stream_bytes(const workload_config& stream) {
  const std::uint64_t bytes = stream_slots + stream.slots * stream.block_bytes;
  return (bytes + line_bytes - 1) / line_bytes * line_bytes;
}

/// What one node of a random workload has for itself.
inline constexpr std::uint64_t window_bytes = 4096;

}  // namespace ivshmem::sim::layout
