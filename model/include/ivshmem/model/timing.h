// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ivshmem::timing {

// When things happen at the device's own ports, in cycles of the device clock. This is the contract
// between the timed model and the RTL: docs/timing.md is generated from it.
//
// Requests enter in order, one beat a cycle. A request whose last beat is accepted in cycle t is
// executed in cycle t + execute_cycles; its completion is offered no earlier than first_completion
// cycles after t, in the order of the requests.

inline constexpr std::uint64_t default_clock_hz = 250'000'000;
inline constexpr unsigned default_beat_bytes = 8;             ///< payload width: 8, 16 or 32
inline constexpr unsigned default_memory_latency_cycles = 8;  ///< of the memory behind BAR2

inline constexpr unsigned execute_cycles = 2;   ///< last beat accepted to state read or changed
inline constexpr unsigned register_cycles = 4;  ///< last beat to first completion beat: BAR0, BAR1,
                                                ///< configuration space, any error completion
inline constexpr unsigned memory_request_cycles = 3;  ///< last beat to address phase at the memory
inline constexpr unsigned memory_return_cycles = 1;   ///< first data beat to first completion beat
inline constexpr unsigned doorbell_cycles = 1;  ///< executed to doorbell out, and from there to the
                                                ///< fabric in the same cycle
inline constexpr unsigned message_cycles = 3;   ///< notification accepted, or unmask executed, to
                                                ///< first beat of the MSI-X write
inline constexpr unsigned message_interval_cycles = 1;  ///< between two messages
inline constexpr unsigned completion_queue = 16;  ///< requests without completion, before requests
                                                  ///< are held back

/// Beats of `bytes` bytes of payload that begin at `address`; a TLP without payload has one.
constexpr unsigned beats(std::uint64_t address, std::uint64_t bytes, unsigned beat_bytes) {
  const std::uint64_t dwords = bytes == 0 ? 0 : (address % 4 + bytes + 3) / 4;
  const std::uint64_t needed = (4 * dwords + beat_bytes - 1) / beat_bytes;
  return needed == 0 ? 1U : static_cast<unsigned>(needed);
}

/// Last request beat to first completion beat of a BAR2 read.
constexpr unsigned memory_read_cycles(unsigned memory_latency_cycles) {
  return memory_request_cycles + memory_latency_cycles + memory_return_cycles;
}

struct row {
  std::string_view event;
  std::string_view from;
  std::string_view to;
  unsigned cycles;
};

/// The contract as a table, for documentation and tests.
inline constexpr std::array rows{
    row{"configuration read or write", "last request beat", "first completion beat",
        register_cycles},
    row{"BAR0 read", "last request beat", "first completion beat", register_cycles},
    row{"BAR1 read (MSI-X table, pending bits)", "last request beat", "first completion beat",
        register_cycles},
    row{"request that ends as UR or CA", "last request beat", "first completion beat",
        register_cycles},
    row{"BAR2 read, memory latency 8", "last request beat", "first completion beat",
        memory_read_cycles(default_memory_latency_cycles)},
    row{"any write", "last request beat", "state changed", execute_cycles},
    row{"doorbell write", "last request beat", "doorbell at the fabric",
        execute_cycles + doorbell_cycles},
    row{"notification, unmasked", "notification accepted", "first beat of the MSI-X write",
        message_cycles},
    row{"unmask of a pending vector", "last request beat", "first beat of the MSI-X write",
        execute_cycles + message_cycles},
    row{"next message of the same cause", "MSI-X write", "next MSI-X write",
        message_interval_cycles},
};

}  // namespace ivshmem::timing
