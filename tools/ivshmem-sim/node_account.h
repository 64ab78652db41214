// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ivshmem/model/types.h"
#include "latency.h"

namespace ivshmem::sim {

/// Why a doorbell ended without an interrupt: the device's causes, then those of the platform.
enum platform_cause : std::size_t {
  reset_cause = drop_cause_count,  ///< a reset cleared what was pending
  gone_cause,                      ///< the destination was taken out while it was under way
  sender_reset_cause,              ///< written while the own device was reset and not set up
  sender_gone_cause,               ///< written while the own device was out
  link_down_cause,                 ///< the write met a link that was down
  poisoned_cause,                  ///< the write was poisoned
  partitioned_cause,               ///< the fabric was partitioned
  message_link_down_cause,         ///< its MSI-X message met a link that was down
  message_poisoned_cause,          ///< its MSI-X message was poisoned
};
inline constexpr std::size_t ledger_cause_count = message_poisoned_cause + 1;
const char* cause_text(std::size_t cause) noexcept;
/// Whether doorbells with this cause never left their sender's side; they are not rung.
bool is_sender_cause(std::size_t cause) noexcept;

/// One node's doorbells. Writes, rung and sender-side drops are booked with the sender, everything
/// else with the destination. Each number is counted where it happens, none is a difference:
///   issued = rung + dropped_here() + write_under_way + write_lost, of each node;
///   addressed = delivered + merged + dropped_there() + pending + under_way + lost, of each node;
///   rung = addressed, of all nodes together.
struct node_account {
  std::uint64_t issued = 0;           ///< doorbells that software wrote
  std::uint64_t write_under_way = 0;  ///< of these, not at the own device yet when time was up
  std::uint64_t write_lost = 0;       ///< of these, never at the own device
  std::uint64_t rung = 0;             ///< of these, passed on to the fabric
  std::uint64_t addressed = 0;        ///< doorbells that others rang for this node
  std::uint64_t delivered = 0;        ///< interrupts that reached software
  std::uint64_t merged = 0;           ///< doorbells that met an undelivered one of their vector
  std::uint64_t pended = 0;           ///< notifications that set a pending bit, or a latch
  std::uint64_t pending = 0;          ///< of these, still there at the end
  std::uint64_t under_way = 0;        ///< doorbells on their way when time was up
  std::uint64_t lost = 0;             ///< rung doorbells that nothing accounts for
  std::array<std::uint64_t, ledger_cause_count> drops{};
  latency_samples latency;  ///< write of the doorbell to interrupt

  std::uint64_t dropped_here() const noexcept;   ///< as a sender
  std::uint64_t dropped_there() const noexcept;  ///< as a destination
  std::uint64_t dropped() const noexcept { return dropped_here() + dropped_there(); }
  /// The first two equations.
  bool is_balanced() const noexcept;
};

/// Accesses of a node to its device.
struct access_counters {
  std::uint64_t reads = 0;   ///< through the bus
  std::uint64_t writes = 0;  ///< through the bus
  std::uint64_t direct = 0;  ///< to shared memory, by direct memory access
  std::uint64_t bytes = 0;   ///< of shared memory, either way
  std::uint64_t verified_bytes = 0;
  std::uint64_t wrong_bytes = 0;

  std::uint64_t total() const noexcept { return reads + writes + direct; }
};

}  // namespace ivshmem::sim
