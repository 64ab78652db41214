// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ivshmem/model/types.h"
#include "latency.h"
#include "run_log.h"

namespace ivshmem::sim {

/// The device's causes, then: a reset cleared what was pending; the destination was taken out while
/// the doorbell was under way.
inline constexpr std::size_t reset_cause = drop_cause_count;
inline constexpr std::size_t gone_cause = drop_cause_count + 1;
inline constexpr std::size_t ledger_cause_count = drop_cause_count + 2;
const char* cause_text(std::size_t cause) noexcept;

/// One node's doorbells. Rung and sender-side drops are booked with the sender, everything else
/// with the destination.
struct node_account {
  std::uint64_t issued = 0;     ///< doorbells that software wrote
  std::uint64_t rung = 0;       ///< of these, passed on to the fabric
  std::uint64_t delivered = 0;  ///< interrupts that reached software
  std::uint64_t merged = 0;     ///< doorbells that met an undelivered one of their vector
  std::uint64_t pended = 0;     ///< carriers that had to wait in a pending bit or latch
  std::uint64_t pending = 0;    ///< of these, still there at the end
  std::uint64_t lost = 0;       ///< doorbells that nothing accounts for
  std::array<std::uint64_t, ledger_cause_count> drops{};
  latency_samples latency;  ///< ring to interrupt

  std::uint64_t dropped() const noexcept;
};

/// Follows every doorbell from the write that rings it to the interrupt at its destination.
///
/// Each ends exactly once: delivered, merged into another one, dropped for a cause, or pending.
/// What ends otherwise is lost and fails the run. Works on what devices and software report, not
/// on their state; close() compares with the state.
class doorbell_ledger {
 public:
  doorbell_ledger(picoseconds fabric_latency, run_log& log)
      : fabric_latency_(fabric_latency), log_(log) {}

  /// Adds the next node; indices count from 0. `in_kernel`: its notifications are latched outside
  /// of the device (irq_path irqfd).
  void add(const std::string& name, unsigned vectors, bool in_kernel);
  /// Peer `id` is node `index`.
  void set_peer(peer_id id, unsigned index);

  // Software
  void issued(unsigned sender) { ++accounts_[sender].issued; }
  void received(unsigned node, unsigned vector, picoseconds now);
  void line_served(unsigned node, picoseconds now);
  /// The device of `node` was taken out.
  void left(unsigned node);

  // Devices
  void rung(unsigned sender, peer_id peer, unsigned vector, picoseconds at);
  void notified(unsigned node, unsigned vector, picoseconds now);
  void message(unsigned node, unsigned vector, picoseconds now);
  void dropped(unsigned node, drop_cause cause, unsigned vector, picoseconds now);
  void was_reset(unsigned node);

  /// Ends the books: whatever is under way now is lost. `is_pending(node, vector)` tells whether
  /// the device still holds the vector.
  template <class IsPending>
  void close(IsPending is_pending) {
    for (unsigned node = 0; node < nodes_.size(); ++node) {
      for (unsigned v = 0; v < nodes_[node].vectors.size(); ++v) {
        close_vector(node, v, is_pending(node, v));
      }
      close_node(node);
    }
  }

  const node_account& account(unsigned node) const { return accounts_[node]; }

 private:
  struct ring {
    picoseconds due;  ///< arrives at its destination
    picoseconds rung;
    unsigned sender;
  };
  struct vector_state {
    std::vector<ring> under_way;  ///< between the devices, by time due
    std::vector<ring> sent;       ///< MSI-X messages on their way to software, oldest first
    ring waiting{};               ///< carrier at the device
    picoseconds arrived = 0;      ///< when the carrier did
    std::uint64_t merged_into_waiting = 0;
    bool is_waiting = false;
    bool latest_merged = false;  ///< the latest notification met the waiting one
    bool may_be_gone = false;    ///< after a reset that keeps latches but not pending bits
  };
  struct node_state {
    std::string name;
    std::vector<vector_state> vectors;
    bool in_kernel = false;
  };

  vector_state& state(unsigned node, unsigned vector);
  void end_waiting(unsigned node, vector_state& v, picoseconds now);
  void drop_waiting(unsigned node, vector_state& v, std::size_t cause);
  void close_vector(unsigned node, unsigned vector, bool is_pending);
  void close_node(unsigned node);
  void lose(unsigned node, unsigned vector, const ring& which, const char* where);

  picoseconds fabric_latency_;
  run_log& log_;
  std::vector<node_state> nodes_;
  std::vector<node_account> accounts_;
  std::vector<unsigned> by_peer_;
};

}  // namespace ivshmem::sim
