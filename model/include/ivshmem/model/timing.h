// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ivshmem::timing {

// When things happen at the device's own ports, in cycles of the device clock. This is the contract
// between the timed model and the RTL: docs/timing.md is generated from it.
//
// Requests enter in order, one beat a cycle, and are executed in order, execute_cycles after they
// arrived or when what they need is there. What leaves goes through queues whose depths are here.

inline constexpr std::uint64_t default_clock_hz = 250'000'000;
inline constexpr unsigned default_beat_bytes = 8;                   ///< payload width: 8, 16 or 32
inline constexpr unsigned default_memory_latency_cycles = 8;        ///< of the memory behind BAR2
inline constexpr unsigned default_memory_write_latency_cycles = 2;  ///< the same, of a write
inline constexpr unsigned default_max_payload_bytes = 256;

inline constexpr unsigned execute_cycles = 3;            ///< beat accepted to state read or changed
inline constexpr unsigned configuration_gap_cycles = 1;  ///< idle behind a configuration write
inline constexpr unsigned build_cycles = 2;              ///< executed to completion being built
inline constexpr unsigned output_cycles = 1;    ///< built to offered, the same for the memory ports
inline constexpr unsigned register_cycles = 6;  ///< last beat to first completion beat: BAR0, BAR1,
                                                ///< configuration space, any error completion
inline constexpr unsigned memory_request_cycles = 4;  ///< last beat to address phase at the memory
inline constexpr unsigned memory_return_cycles = 1;   ///< first data beat to first completion beat
inline constexpr unsigned doorbell_cycles = 1;  ///< executed to doorbell out, and from there to the
                                                ///< fabric in the same cycle
inline constexpr unsigned message_cycles = 3;   ///< notification accepted, or unmask executed, to
                                                ///< first beat of the MSI-X write
inline constexpr unsigned reset_cycles = 1;     ///< function reset requested to taken, at least
inline constexpr unsigned credit_cycles = 1;    ///< last cycle in execution to credits returned
inline constexpr unsigned message_interval_cycles = 1;  ///< between two messages

inline constexpr unsigned request_queue = 16;  ///< request beats, at least
inline constexpr unsigned held_beats = 8;      ///< a register write of so many waits for its last
inline constexpr unsigned completion_queue = 16;  ///< completion TLPs: executed to last beat built
inline constexpr unsigned output_queue = 2;       ///< completion beats: built to taken
inline constexpr unsigned message_queue = 16;     ///< messages: caused to taken
inline constexpr unsigned doorbell_queue = 4;     ///< doorbells: executed to taken
inline constexpr unsigned memory_queue = 2;  ///< each of write address, write data, read address

inline constexpr unsigned burst_bytes = 1024;          ///< at the memory; cut at its multiples
inline constexpr unsigned register_piece_bytes = 128;  ///< in a completion of BAR0 or BAR1
inline constexpr unsigned scan_vectors = 64;           ///< pending bits looked at in a cycle

static_assert(register_cycles == execute_cycles + build_cycles + output_cycles);
static_assert(memory_request_cycles == execute_cycles + output_cycles);

/// Bytes in one completion of a BAR2 read at most; cut at multiples of this.
constexpr unsigned memory_piece_bytes(unsigned max_payload_bytes) {
  return max_payload_bytes < burst_bytes ? max_payload_bytes : burst_bytes;
}

/// Request beat to first completion beat of a BAR2 read, if no beat of the memory is only passed.
constexpr unsigned memory_read_cycles(unsigned memory_latency_cycles) {
  return memory_request_cycles + memory_latency_cycles + memory_return_cycles;
}

/// A row of the table in docs/timing.md.
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
    row{"any write, each dword", "its request beat", "state changed", execute_cycles},
    row{"BAR2 write, each beat", "its request beat", "address and data at the memory",
        execute_cycles + output_cycles},
    row{"BAR2 write, memory write latency 2", "last request beat", "write confirmed",
        execute_cycles + output_cycles + default_memory_write_latency_cycles},
    row{"doorbell write", "last request beat", "doorbell at the fabric",
        execute_cycles + doorbell_cycles},
    row{"any request, nothing in its way", "last request beat", "credits returned",
        execute_cycles + credit_cycles},
    row{"notification, unmasked", "notification accepted", "first beat of the MSI-X write",
        message_cycles},
    row{"unmask of a pending vector", "last request beat", "first beat of the MSI-X write",
        execute_cycles + message_cycles},
    row{"function unmask, pending vectors in the first 64", "last request beat",
        "first beat of the first MSI-X write", execute_cycles + 1 + message_cycles},
    row{"next message of the same cause", "MSI-X write", "next MSI-X write",
        message_interval_cycles},
};

}  // namespace ivshmem::timing
