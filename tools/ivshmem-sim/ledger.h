// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ivshmem/model/types.h"
#include "node_account.h"
#include "run_log.h"

namespace ivshmem::sim {

/// Follows every doorbell from the write that rings it to the interrupt at its destination.
///
/// Each ends exactly once: delivered, merged into another one, dropped for a cause, pending, or
/// under way when a run is cut off. What ends otherwise is lost and fails the run. Works on what
/// devices and software report, not on their state; close() compares with the state.
class doorbell_ledger {
 public:
  doorbell_ledger(picoseconds fabric_latency, run_log& log)
      : fabric_latency_(fabric_latency), log_(log) {}

  /// Adds the next node; indices count from 0. `in_kernel`: its notifications are latched outside
  /// of the device (irq_path irqfd).
  void add(const std::string& name, unsigned vectors, bool in_kernel);
  /// Peer `id` is node `index`.
  void set_peer(peer_id id, unsigned index);

  /// What the fabric does to a doorbell beside its latency.
  struct path {
    picoseconds extra = 0;
    bool is_cut = false;
  };

  // Software
  void issued(unsigned sender, peer_id peer, unsigned vector, picoseconds now);
  void received(unsigned node, unsigned vector, picoseconds now);
  void line_served(unsigned node, picoseconds now);
  /// The device of `node` was taken out.
  void left(unsigned node);
  /// The device of `node` is about to take writes (again).
  void usable(unsigned node);

  // Links
  void write_lost(unsigned sender, peer_id peer, unsigned vector, bool poisoned);
  void message_lost(unsigned node, unsigned vector, bool poisoned);

  // Devices
  void rung(unsigned sender, peer_id peer, unsigned vector, picoseconds at, const path& way);
  void notified(unsigned node, unsigned vector, picoseconds now);
  /// `count` pending bits of the device are set now.
  void pending_bits(unsigned node, unsigned count);
  void message(unsigned node, unsigned vector, picoseconds now);
  void dropped(unsigned node, drop_cause cause, peer_id peer, unsigned vector, picoseconds now);
  void was_reset(unsigned node);

  /// How a run ended.
  struct closing {
    picoseconds at = 0;
    bool is_cut_off = false;   ///< before everything was over
    picoseconds patience = 0;  ///< a packet of the bus that takes longer is lost

    bool may_be_under_way(picoseconds since) const noexcept {
      return is_cut_off && since + patience >= at;
    }
  };

  /// Ends the books. What is under way now is lost, unless the run was cut off. An account that is
  /// wrong is a failure. `is_pending(node, vector)` tells whether the device still holds the
  /// vector.
  template <class IsPending>
  void close(const closing& how, IsPending is_pending) {
    for (unsigned node = 0; node < nodes_.size(); ++node) {
      for (const auto& entry : nodes_[node].vectors) {
        const unsigned vector = entry.first;
        close_vector(node, vector, is_pending(node, vector), how);
      }
      close_node(node, how);
    }
  }

  /// When the latest event was.
  picoseconds last_event() const noexcept { return last_event_; }
  const node_account& account(unsigned node) const { return accounts_[node]; }

 private:
  struct ring {
    picoseconds due;  ///< arrives at its destination
    picoseconds rung;
    picoseconds written;
    unsigned sender;
  };
  struct sent_message {
    ring carrier;
    picoseconds sent;
  };
  struct written_doorbell {
    peer_id peer;
    unsigned vector;
    picoseconds at;
    std::size_t unusable;  ///< the device was, when it was written or since: cause, or 0
  };
  struct vector_state {
    std::vector<ring> under_way;     ///< between the devices, by time due and sender
    std::vector<sent_message> sent;  ///< MSI-X messages on their way to software, oldest first
    ring waiting{};                  ///< carrier at the device
    picoseconds arrived = 0;         ///< when the carrier did
    ring latest{};                   ///< the latest that met the one at the device
    std::uint64_t merged_into_waiting = 0;
    bool is_waiting = false;
    bool latest_merged = false;  ///< the latest notification met the waiting one
    bool may_be_gone = false;    ///< there was a reset: it is, unless a message of it comes
  };
  struct node_state {
    std::string name;
    unsigned vector_count;
    std::map<unsigned, vector_state> vectors{};  // that were ever rung
    bool in_kernel = false;
    unsigned pending_bits = 0;                // of its device
    std::vector<written_doorbell> written{};  // its device has not seen them
    std::size_t unusable = 0;                 // cause, or 0
  };

  vector_state& state(unsigned node, unsigned vector);
  /// The oldest such doorbell that the device has not seen; nullopt when there is none.
  std::optional<written_doorbell> take_written(unsigned sender, peer_id peer, unsigned vector);
  bool part_merged(unsigned node, vector_state& v);
  void make_unusable(unsigned node, std::size_t cause);
  /// Books the written doorbells that an unusable device cannot have seen.
  void drop_unseen(unsigned node);
  void end_waiting(unsigned node, vector_state& v, picoseconds now);
  void drop_waiting(unsigned node, vector_state& v, std::size_t cause);
  void close_vector(unsigned node, unsigned vector, bool is_pending, const closing& how);
  void close_node(unsigned node, const closing& how);
  void lose(unsigned node, unsigned vector, const ring& which, const char* where);

  picoseconds fabric_latency_;
  run_log& log_;
  picoseconds last_event_ = 0;
  std::vector<node_state> nodes_;
  std::vector<node_account> accounts_;
  std::vector<unsigned> by_peer_;
};

}  // namespace ivshmem::sim
