// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <utility>
#include <vector>

#include "ivshmem/tlm/fabric.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem {

/// Counters since construction.
struct fabric_statistics {
  std::uint64_t rung = 0;         ///< rings accepted from devices
  std::uint64_t delivered = 0;    ///< notifications handed to devices
  std::uint64_t merged = 0;       ///< rings that met an undelivered one of the same vector and time
  std::uint64_t lost = 0;         ///< rings whose destination left before delivery
  std::uint64_t partitioned = 0;  ///< rings that met a partition
};

/// Peers of one simulation: shared memory and doorbells between devices in this process.
///
/// Devices get their IDs in the order of join() and the messages in the order in which the stock
/// server sends them [behaviour 9]. A ring arrives `latency` after it was rung, at the earliest in
/// the next delta cycle; rings of one vector that arrive together are one notification, as with an
/// eventfd, and vectors of one device that arrive together are delivered highest first, or the one
/// rung last first, as the device's QEMU has it [behaviour 5, 13].
class in_process_fabric final : public sc_core::sc_module {
 public:
  /// `memory` outlives the fabric.
  in_process_fabric(const sc_core::sc_module_name& name, memory_view memory,
                    const sc_core::sc_time& latency = sc_core::SC_ZERO_TIME);
  ~in_process_fabric() override;
  const char* kind() const override { return "ivshmem::in_process_fabric"; }

  /// A seat with the next free ID and `vectors` interrupt vectors (1 to 2,048). IDs are not used
  /// again. The seat lives as long as the fabric.
  fabric_seat& join(unsigned vectors);

  // Faults. They act on rings from now on, not on what is under way.

  /// Rings take `extra` longer; a shorter time later lets rings pass earlier ones.
  void set_extra_latency(const sc_core::sc_time& extra) { extra_ = extra; }
  const sc_core::sc_time& extra_latency() const noexcept { return extra_; }
  /// Rings reach only IDs of the same group and are lost otherwise; shared memory and membership
  /// stay. `groups` holds the group of each ID, 0 for IDs beyond its end; empty heals.
  void set_partition(std::vector<unsigned> groups) { groups_ = std::move(groups); }
  /// Whether no partition stands between the two.
  bool reaches(peer_id from, peer_id to) const noexcept { return group(from) == group(to); }

  const fabric_statistics& statistics() const noexcept { return statistics_; }
  /// Seats whose device is attached now.
  unsigned connected() const noexcept { return connected_; }

 private:
  class seat;
  struct ring_event {
    std::size_t destination;
    vector_index vector;
    std::size_t order = 0;  // among those that arrive together
  };

  void connect(seat& joined);
  void disconnect(seat& left);
  void ring(const seat& from, peer_id peer, vector_index vector, const sc_core::sc_time& delay);
  unsigned group(peer_id id) const noexcept {
    return to_int(id) < groups_.size() ? groups_[to_int(id)] : 0;
  }
  void deliver_all();
  void deliver();
  void deliver_batch(const ring_event& first);
  void merge_batch();
  void deliver(const ring_event& event);

  memory_view memory_;
  sc_core::sc_time latency_;
  sc_core::sc_time extra_;
  std::vector<unsigned> groups_;  // index = ID
  sc_core::sc_event due_;
  std::vector<std::unique_ptr<seat>> seats_;  // index = ID
  time_queue<ring_event> queue_;
  std::vector<ring_event> batch_;  // deliver_batch()'s scratch
  unsigned connected_ = 0;
  fabric_statistics statistics_;
};

}  // namespace ivshmem
