// SPDX-License-Identifier: Apache-2.0
//
// endpoint_pipeline.h, first half: what is taken in which cycle. What a request does is in
// endpoint_requests.cpp.
#include "endpoint_pipeline.h"

#include <cstring>
#include <limits>

namespace ivshmem {

endpoint::pipeline::pipeline(endpoint& owner)
    : owner_(owner),
      period_(owner.timing_.clock_period.value()),
      width_(owner.timing_.beat_bytes),
      piece_dwords_(timing::memory_piece_bytes(owner.timing_.max_payload_bytes) / 4),
      line_({width_, owner.timing_.memory_latency_cycles,
             owner.timing_.memory_write_latency_cycles}) {}

// ---- what comes in

void endpoint::pipeline::request(pcie::payload& trans, const sc_core::sc_time& delay) {
  trans.acquire();
  const cycle first = std::max(arrival(now() + delay.value()), request_free_);
  request_free_ = first + request_beats(trans);
  requests_.push_back({&trans, first});
  if (!stepping_ && current_ == nullptr && requests_.size() == 1) {
    arm();
  }
}

void endpoint::pipeline::notify(vector_index vector) {
  notifications_.push_back({vector, arrival(now())});
  step();
}

void endpoint::pipeline::reset() {
  if (!reset_waits_) {
    reset_waits_ = true;
    reset_arrival_ = arrival(now());
  }
  step();
}

void endpoint::pipeline::clear() {
  step();
  notifications_.clear();
  reset_waits_ = false;
}

// ---- what is due

void endpoint::pipeline::step() {
  if (stepping_) {
    return;  // somebody answered from inside: the loop below goes on
  }
  stepping_ = true;
  // Most steps are those that arm() asked for.
  const cycle at = armed_ * period_ == now() ? armed_ : now() / period_;
  while (advance(at)) {
  }
  stepping_ = false;
  arm();
}

bool endpoint::pipeline::advance(cycle at) {
  if (current_ != nullptr) {
    if (done_ <= at) {
      retire();
      return true;
    }
  } else if (!requests_.empty()) {
    const cycle present = line_.present(requests_.front().first_beat);
    if (present <= at && may_come(present)) {
      const waiting next = requests_.front();
      requests_.pop_front();
      execute(next);
      return true;
    }
  }
  if (!notifications_.empty()) {
    const cycle next = line_.notification(notifications_.front().arrival);
    if (next <= at && may_come(next)) {
      take_notification(at);
      return true;
    }
  }
  if (reset_waits_ && line_.function_reset(reset_arrival_) <= at) {
    take_reset(at);
    return true;
  }
  return false;
}

void endpoint::pipeline::arm() {
  constexpr cycle never = std::numeric_limits<cycle>::max();
  cycle next = never;
  const auto no_later_than = [&](cycle at) { next = std::min(next, at); };
  if (current_ != nullptr) {
    next = done_;
  } else if (!requests_.empty()) {
    const waiting& first = requests_.front();
    const cycle present = line_.present(first.first_beat);
    if (may_come(present)) {
      next = present + (may_be_late(*first.trans) ? timing::credit_cycles : 0);
    }
  }
  if (!notifications_.empty()) {
    const cycle accepted = line_.notification(notifications_.front().arrival);
    if (may_come(accepted)) {
      no_later_than(accepted);
    }
  }
  if (reset_waits_) {
    no_later_than(line_.function_reset(reset_arrival_));
  }
  if (next != never) {
    armed_ = next;
    due_.notify(until(next));
  }
}

/// Nobody can tell whether a read without side effects is worked through when it is present, or a
/// cycle later, when most of them are over: that saves an event.
bool endpoint::pipeline::may_be_late(const pcie::payload& trans) const {
  return trans.is_read() && owner_.observer_ == nullptr && owner_.device_ != nullptr &&
         !owner_.device_->properties().has_intx();
}

void endpoint::pipeline::retire() {
  pcie::payload& trans = *current_;
  current_ = nullptr;
  owner_.pcie.accept(trans, false);
  if (completion_ != 0) {
    owner_.pcie.send_completion(trans, until(completion_));
  }
  trans.release();
}

void endpoint::pipeline::take_reset(cycle at) {
  reset_waits_ = false;
  set_cause(at);
  const bool swept = owner_.device_ != nullptr && owner_.device_->properties().has_msix();
  line_.sweep(at, swept ? owner_.device_->properties().vectors : 0);
  if (owner_.cycle_observer_ != nullptr) {
    owner_.cycle_observer_->on_function_reset(at);
  }
  owner_.reset_device();
  owner_.delay_ = sc_core::SC_ZERO_TIME;
}

void endpoint::pipeline::take_notification(cycle at) {
  const vector_index vector = notifications_.front().vector;
  notifications_.pop_front();
  line_.block_notifications(at + 1);
  set_cause(at);
  if (owner_.cycle_observer_ != nullptr) {
    owner_.cycle_observer_->on_notification(vector, at);
  }
  notifying_ = true;
  device& own = *owner_.device_;
  const device_statistics& count = own.statistics();
  const std::uint64_t pended = count.pended;
  const std::uint64_t merged = count.merged;
  own.notify(vector);
  notifying_ = false;
  if (count.pended != pended) {
    tell(interrupt_event::pended, vector);
  } else if (count.merged != merged) {
    tell(interrupt_event::merged, vector);
  }
  if (owner_.observer_ != nullptr) {
    owner_.watch_pending();
  }
  owner_.delay_ = sc_core::SC_ZERO_TIME;
}

// ---- from inside the device

void endpoint::pipeline::set_cause(cycle at) {
  cause_ = at;
  const ticks when = at * period_;
  const ticks from = now();
  owner_.delay_ = as_time(when > from ? when - from : 0);
}

void endpoint::pipeline::comes_to(unsigned vector) {
  if (scanning_) {
    set_cause(line_.scan_vector(vector));
  } else {
    comes_now();
  }
}

void endpoint::pipeline::comes_now() {
  // A snapshot or a device that leaves changes INTx at any time.
  const cycle at = std::max({cause_, arrival(now()), line_.message_room()});
  if (at != cause_) {
    set_cause(at);
  }
}

sc_core::sc_time endpoint::pipeline::send_message(const pcie::payload& trans, vector_index vector) {
  const cycle at = line_.message(cause_);
  if (owner_.cycle_observer_ != nullptr) {
    const pcie::tlp& header = pcie::tlp_of(trans);
    cycle_observer::message sent{};
    sent.is_intx = header.type == pcie::tlp_type::message;
    sent.asserted = header.code == pcie::message_code::assert_inta;
    sent.vector = vector;
    sent.requester = header.requester;
    sent.cycle = at;
    if (!sent.is_intx) {
      sent.content.address = trans.get_address();
      std::memcpy(&sent.content.data, trans.get_data_ptr(), sizeof sent.content.data);
    }
    owner_.cycle_observer_->on_message(sent);
  }
  return until(at);
}

void endpoint::pipeline::tell(interrupt_event event, vector_index vector) {
  if (owner_.cycle_observer_ != nullptr) {
    owner_.cycle_observer_->on_interrupt(event, vector, cause_ + 1);
  }
}

void endpoint::pipeline::dropped(drop_cause cause, vector_index vector) {
  switch (cause) {
    case drop_cause::bus_master_off:
      comes_to(to_int(vector));
      tell(interrupt_event::lost_master_off, vector);
      break;
    case drop_cause::msix_disabled:
      tell(interrupt_event::lost_msix_disabled, vector);
      break;
    case drop_cause::no_such_vector:
      if (notifying_) {  // a doorbell's vector is the peer's business
        tell(interrupt_event::lost_no_vector, vector);
      }
      break;
    default:
      break;
  }
}

// ---- tlm_lt

unsigned endpoint::pipeline::unloaded(const pcie::payload& trans, unsigned bar) {
  const unsigned dwords = dwords_of(trans);
  const unsigned beats = request_beats(trans);
  const auto first_dword = static_cast<unsigned>(trans.get_address() / 4);
  if (pcie::tlp_of(trans).is_posted()) {
    const unsigned start = bar == 2 ? width_.lane_of(first_dword) : 0;
    const unsigned steps = bar == 2 ? width_.beats(start + dwords) : bar < 2 ? dwords : beats;
    return timing::execute_cycles + steps - beats;
  }
  if (!trans.is_read() || bar == no_bar) {
    return timing::register_cycles;
  }
  // Behind all that there was: nothing is in its way.
  const cycle present = quiet_;
  cycle at = present;
  cycle last = 0;
  for_each_piece(first_dword, dwords, bar == 2 ? piece_dwords_ : timing::register_piece_bytes / 4,
                 [&](unsigned first, unsigned count) {
                   if (bar == 2) {
                     at = std::max(at, line_.read_room());
                     const unsigned start = width_.lane_of(first_dword + first);
                     last = line_.memory_read(at++, start, count).completion.last;
                   } else {
                     at = std::max(at, line_.completion_room());
                     last = line_.register_piece(at + count - 1, count).last;
                     at += count;
                   }
                 });
  quiet_ = last + 2;
  return static_cast<unsigned>(last - present) + timing::execute_cycles;
}

}  // namespace ivshmem
