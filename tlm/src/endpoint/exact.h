// SPDX-License-Identifier: Apache-2.0
// Size: one state machine; its steps share most of its state.
#pragma once

#include <cstdint>
#include <deque>
#include <systemc>

#include "device_timeline.h"
#include "ivshmem/tlm/endpoint.h"

namespace ivshmem {

/// The device in tlm_cycle: takes requests, notifications and function resets in their cycles, and
/// does at once, with annotated time, what a request does later [docs/timing.md].
///
/// A request is worked through when it is present in execution: nothing that comes later changes
/// its course. What is due in a cycle happens in this order: requests, notifications, function
/// reset.
class endpoint::pipeline {
 public:
  static constexpr unsigned no_bar = 3;

  using cycle = device_timeline::cycle;

  explicit pipeline(endpoint& owner);

  const sc_core::sc_event& due() const noexcept { return due_; }
  void stall_with(const stall_pattern* stalls) noexcept { line_.stall_with(stalls); }

  /// A request's first beat is there `delay` from now.
  void request(pcie::payload& trans, const sc_core::sc_time& delay);
  void notify(vector_index vector);
  void reset();
  /// The device is gone.
  void clear();
  /// Does what is due now.
  void step();

  // From inside the device, while it does something.

  /// Sets the owner's delay to when vector `vector` is sent or lost.
  void comes_to(unsigned vector);
  /// The same for anything else that is sent.
  void comes_now();
  /// A message leaves; returns how long from now.
  sc_core::sc_time send_message(const pcie::payload& trans, vector_index vector);
  void dropped(drop_cause cause, vector_index vector);
  void tell(interrupt_event event, vector_index vector);
  cycle doorbell_cycle() const noexcept { return doorbell_; }
  /// From now to `at`.
  sc_core::sc_time until(cycle at) const { return as_time(at * period_ - now()); }

  // tlm_lt

  /// Cycles from the last beat of a request to its last in execution, or to the last beat of its
  /// completion, with nothing in its way. `bar` is no_bar unless a BAR was accessed.
  unsigned unloaded(const pcie::payload& trans, unsigned bar);

 private:
  using ticks = std::uint64_t;  // of the simulation's time resolution

  struct waiting {
    pcie::payload* trans;
    cycle first_beat;
  };
  struct notification {
    vector_index vector;
    cycle arrival;
  };
  /// A request in execution.
  struct job {
    pcie::payload& trans;
    cycle present;
    cycle first_beat;
    unsigned dwords;
    unsigned beats;  // of the request
    std::uint64_t offset;
  };
  struct byte_range {
    unsigned first;
    unsigned count;
  };

  ticks now() const { return sc_core::sc_time_stamp().value(); }
  cycle arrival(ticks time) const { return (time + period_ - 1) / period_; }
  static sc_core::sc_time as_time(ticks time) { return sc_core::sc_time::from_value(time); }

  void arm();
  bool advance(cycle at);
  bool may_be_late(const pcie::payload& trans) const;
  /// Whether what would happen in cycle `at` goes before the function reset that waits.
  bool may_come(cycle at) const noexcept { return !reset_waits_ || at <= reset_arrival_; }
  void retire();
  void take_reset(cycle at);
  void take_notification(cycle at);

  // A request: each returns its last cycle in execution.
  void execute(const waiting& next);
  cycle dispatch(job& one);
  bool malformed(const job& one) const;
  cycle finish_without(const job& one);
  cycle refused(const job& one);
  cycle configure(const job& one);
  cycle registers(const job& one, unsigned bar);
  cycle memory_write(const job& one);
  cycle memory_read(const job& one);

  cycle write_dword(const job& one, const target& where, unsigned dword, cycle at);
  void read_dword(const job& one, const target& where, unsigned dword);
  void tell_doorbell(const unsigned char* data, unsigned bytes) const;
  /// A completion: `dwords` of the request from dword `first` on; 0: without data.
  void completes(const job& one, unsigned first, unsigned dwords, device_timeline::beats at);
  /// What the device does until the next call happens in cycle `at`.
  void set_cause(cycle at);

  static unsigned enables_of(const job& one, unsigned dword);
  static bool strays(const job& one);
  static unsigned touched(const job& one, unsigned dword);
  static byte_range bytes_of(const job& one, unsigned first, unsigned dwords);
  static unsigned dwords_of(const pcie::payload& trans) {
    const std::uint64_t bytes = trans.get_address() % 4 + trans.get_data_length();
    return trans.get_data_length() == 0 ? 1U : static_cast<unsigned>((bytes + 3) / 4);
  }
  unsigned request_beats(const pcie::payload& trans) const {
    return trans.is_write() ? width_.beats(dwords_of(trans)) : 1;
  }
  /// Calls `action(first, count)` for `dwords` dwords from dword `at` on, cut at multiples of
  /// `piece` dwords.
  template <class Action>
  static void for_each_piece(unsigned at, unsigned dwords, unsigned piece, Action action) {
    for (unsigned first = 0; first < dwords;) {
      const unsigned count = std::min(dwords - first, piece - (at + first) % piece);
      action(first, count);
      first += count;
    }
  }

  endpoint& owner_;
  const ticks period_;
  const beat_width width_;
  const unsigned piece_dwords_;  // of a BAR2 read
  device_timeline line_;
  sc_core::sc_event due_;
  std::deque<waiting> requests_;
  std::deque<notification> notifications_;
  cycle request_free_ = 0;  // the next request beat is accepted from here on

  pcie::payload* current_ = nullptr;  // in execution until done_
  cycle done_ = 0;
  cycle completion_ = 0;  // last beat of its completion, 0: none
  bool reset_waits_ = false;
  cycle reset_arrival_ = 0;
  bool stepping_ = false;
  cycle armed_ = 0;  // when due_ comes

  cycle cause_ = 0;     // what the device does now happens then
  cycle doorbell_ = 0;  // and this is when its doorbell leaves
  bool scanning_ = false;
  bool notifying_ = false;
  cycle quiet_ = 64;  // unloaded(): nothing is left from before
};

}  // namespace ivshmem
