// SPDX-License-Identifier: Apache-2.0
//
// Doorbells between the devices of one simulation.
#include "ivshmem/tlm/in_process_fabric.h"

#include <algorithm>
#include <string>

#include "ivshmem/model/property_table.h"
#include "ivshmem/tlm/report.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem {

class in_process_fabric::seat final : public fabric_seat {
 public:
  seat(in_process_fabric& owner, std::size_t index, unsigned vectors)
      : owner_(owner), index_(index), vectors_(vectors) {}

  peer_id id() const override { return static_cast<peer_id>(index_); }
  memory_view memory() const override { return owner_.memory_; }
  unsigned vectors() const override { return vectors_; }
  void ring(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override {
    owner_.ring(*this, peer, vector, delay);
  }

  using fabric_seat::client;

  /// Tells this seat's device that `other` has come: one message a vector [behaviour 9].
  void introduce(const seat& other) {
    client()->introduce(other.id(), std::min(other.vectors_, vectors_));
  }
  void tell_left(const seat& other) {
    // Another device's leaving is never refused.
    static_cast<void>(client()->digest({static_cast<std::int64_t>(other.index_), false}));
  }

 private:
  void attached() override { owner_.connect(*this); }
  void detached() override { owner_.disconnect(*this); }

  in_process_fabric& owner_;
  std::size_t index_;
  unsigned vectors_;
};

in_process_fabric::in_process_fabric(const sc_core::sc_module_name& name, memory_view memory,
                                     const sc_core::sc_time& latency)
    : sc_module(name), memory_(memory), latency_(latency) {
  SC_HAS_PROCESS(in_process_fabric);
  SC_THREAD(deliver_all);
  sensitive << due_;
}

in_process_fabric::~in_process_fabric() = default;

fabric_seat& in_process_fabric::join(unsigned vectors) {
  if (seats_.size() > max_peer_id) {
    report_error(report_type::parameter, name(),
                 "no free peer ID: one fabric holds at most 65536 devices");
    return lost_seat();
  }
  if (const property_row& row = row_of(property::vectors); !row.is_allowed(vectors)) {
    const property_error refused{std::string(row.name), row.value_text(vectors), row.rule()};
    report_error(report_type::parameter, name(), refused.text());
    vectors = std::clamp(vectors, 1U, max_vectors);
  }
  seats_.push_back(std::make_unique<seat>(*this, seats_.size(), vectors));
  return *seats_.back();
}

void in_process_fabric::connect(seat& joined) {
  ++connected_;
  for (const auto& other : seats_) {
    if (other->client() != nullptr && other.get() != &joined) {
      joined.introduce(*other);
      other->introduce(joined);
    }
  }
  joined.introduce(joined);
}

void in_process_fabric::disconnect(seat& left) {
  --connected_;
  // Its eventfds are gone: what is under way is lost even if a device takes the seat again.
  statistics_.lost += queue_.remove_if(
      [&](const ring_event& event) { return event.destination == to_int(left.id()); });
  for (const auto& other : seats_) {
    if (other->client() != nullptr) {
      other->tell_left(left);
    }
  }
}

void in_process_fabric::ring(const seat& from, peer_id peer, vector_index vector,
                             const sc_core::sc_time& delay) {
  ++statistics_.rung;
  if (!reaches(from.id(), peer)) {
    ++statistics_.partitioned;
    return;
  }
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  queue_.push(sum_of(sum_of(now, delay), sum_of(latency_, extra_)), {to_int(peer), vector});
  queue_.wake(due_, now);
}

/// Destinations in ascending order; the vectors of each as its event loop finds them, once.
void in_process_fabric::merge_batch() {
  const auto rank = [](const ring_event& event) {
    return std::make_pair(event.destination, max_vectors - to_int(event.vector));
  };
  std::stable_sort(batch_.begin(), batch_.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  const auto end = std::unique(batch_.begin(), batch_.end(),
                               [&](const auto& a, const auto& b) { return rank(a) == rank(b); });
  statistics_.merged += static_cast<std::uint64_t>(batch_.end() - end);
  batch_.erase(end, batch_.end());
  for (auto first = batch_.begin(); first != batch_.end();) {
    const fabric_client* client = seats_[first->destination]->client();
    const auto next = std::find_if(first, batch_.end(), [&](const ring_event& event) {
      return event.destination != first->destination;
    });
    if (client != nullptr && behaviour_of(client->qemu()).last_rung_first) {
      std::sort(first, next, [](const auto& a, const auto& b) { return a.order > b.order; });
    }
    first = next;
  }
}

// A thread, not a method: a notification ends in a b_transport of the platform, which may wait.
void in_process_fabric::deliver_all() {
  for (;;) {
    wait();
    deliver();
  }
}

void in_process_fabric::deliver() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  if (!queue_.is_due(now)) {
    queue_.wake(due_, now);  // what was due is gone with its device
    return;
  }
  const ring_event first = queue_.pop();
  if (queue_.is_due(now)) {
    deliver_batch(first);
  } else {
    deliver(first);
  }
  queue_.wake(due_);
}

void in_process_fabric::deliver_batch(const ring_event& first) {
  // Only what was rung before this point: a notification may ring again at once.
  batch_.assign(1, first);
  while (queue_.is_due()) {
    batch_.push_back(queue_.pop());
    batch_.back().order = batch_.size();
  }
  merge_batch();
  for (const ring_event& event : batch_) {
    deliver(event);
  }
}

void in_process_fabric::deliver(const ring_event& event) {
  if (fabric_client* client = seats_[event.destination]->client()) {
    ++statistics_.delivered;
    client->notify(event.vector);
  } else {
    ++statistics_.lost;
  }
}

}  // namespace ivshmem
