// SPDX-License-Identifier: Apache-2.0
//
// The device in tlm_cycle: what is taken in which cycle, and what leaves. What a request does is in
// exact_requests.cpp.
#include "exact.h"

#include <algorithm>
#include <cstring>

namespace ivshmem {

exact_engine::exact_engine(endpoint& place)
    : endpoint_engine(place),
      clock_(timing().clock_period),
      width_(timing().beat_bytes),
      line_({width_, timing().memory_latency_cycles, timing().memory_write_latency_cycles}) {}

// ---- what comes in

bool exact_engine::arrived(pcie::payload& trans, const sc_core::sc_time& delay) {
  trans.acquire();
  enqueue(trans, delay, nullptr);
  return true;
}

void exact_engine::enqueue(pcie::payload& trans, const sc_core::sc_time& delay,
                           sc_core::sc_event* done) {
  const device_clock::edge arrival = clock_.edge_at(delay);
  const cycle first = std::max(arrival.at, request_free_);
  pcie::tlp& header = pcie::tlp_of(trans);
  request_free_ = first + request_beats(trans, header, dwords_of(trans), width_);
  const bool alone = requests_.empty() && current_.trans == nullptr;
  requests_.push_back({&trans, &header, first, done});
  if (!stepping_ && alone) {
    current_cycle_ = arrival.is_now ? arrival.at : device_timeline::never;
    arm();
    current_cycle_ = device_timeline::never;
  }
}

/// A blocking caller waits until its request is through.
void exact_engine::receive(pcie::payload& trans, sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME) {
    wait_for(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  sc_core::sc_event done;
  enqueue(trans, delay, &done);
  sc_core::wait(done);
}

void exact_engine::notify(vector_index vector) {
  notifications_.push_back({vector, clock_.cycle_at()});
  step();
}

void exact_engine::reset() {
  if (!reset_waits_) {
    reset_waits_ = true;
    reset_arrival_ = clock_.cycle_at();
  }
  step();
}

void exact_engine::finish() {
  step();
  notifications_.clear();
  reset_waits_ = false;
  line_.stop_scan();
}

// ---- what is due

void exact_engine::step() {
  if (stepping_) {
    return;  // somebody answered from inside: the loop below goes on
  }
  stepping_ = true;
  // Most steps are those that arm() asked for.
  const bool is_armed = clock_.is_edge(armed_);
  const cycle at = is_armed ? armed_ : clock_.now();
  current_cycle_ = is_armed ? at : device_timeline::never;
  while (advance(at)) {
  }
  stepping_ = false;
  arm();
  current_cycle_ = device_timeline::never;
}

bool exact_engine::advance(cycle at) {
  if (owes_intx() && intx_due() < at) {  // what happens in the same cycle counts
    tell_intx(intx_due());
    return true;
  }
  if (current_.trans != nullptr) {
    if (done_ <= at) {
      retire();
      return true;
    }
  } else if (!requests_.empty()) {
    const cycle present = line_.present(requests_.front().first_beat);
    if (present <= at && may_come(present)) {
      current_ = requests_.front();
      requests_.pop_front();
      execute();
      return true;
    }
  }
  if (line_.is_scanning() && line_.scan_step() <= at) {
    scan();
    return true;
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

void exact_engine::arm() {
  constexpr cycle never = device_timeline::never;
  cycle next = never;
  const auto no_later_than = [&](cycle at) { next = std::min(next, at); };
  if (current_.trans != nullptr) {
    next = done_;
  } else if (!requests_.empty()) {
    const waiting& first = requests_.front();
    const cycle present = line_.present(first.first_beat);
    if (may_come(present)) {
      next = present + (may_be_late(first) ? timing::credit_cycles : 0);
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
  if (line_.is_scanning()) {
    no_later_than(line_.scan_step());
  }
  if (owes_intx()) {
    no_later_than(intx_due() + 1);
  }
  if (next != never) {
    armed_ = next;
    due_.notify(until(next));
  }
}

/// Executing a read without side effects one cycle late is unobservable and saves an event: most of
/// them are over then.
bool exact_engine::may_be_late(const waiting& first) const {
  return first.trans->is_read() && observer() == nullptr && model() != nullptr &&
         !model()->properties().has_intx();
}

void exact_engine::retire() {
  pcie::payload& trans = *current_.trans;
  const pcie::tlp& header = *current_.header;
  sc_core::sc_event* const done = current_.done;
  current_.trans = nullptr;
  if (done != nullptr) {
    if (completion_ == 0 && !header.is_posted()) {
      unsupported(trans);  // malformed: blocking transport knows no time-out
    }
    done->notify(until(completion_));
    return;
  }
  port().accept(trans, false);
  if (completion_ != 0) {
    port().send_completion(trans, until(completion_));
  }
  trans.release();
}

void exact_engine::take_reset(cycle at) {
  reset_waits_ = false;
  line_.stop_scan();
  act_ = {at, occasion::reset, 0};
  const bool swept = model() != nullptr && model()->properties().has_msix();
  line_.sweep(at, swept ? model()->properties().vectors : 0);
  if (cycles_ != nullptr) {
    cycles_->on_function_reset(at);
  }
  reset_device();
}

void exact_engine::take_notification(cycle at) {
  const vector_index vector = notifications_.front().vector;
  notifications_.pop_front();
  line_.block_notifications(at + 1);
  act_ = {at, occasion::notification, 0};
  if (cycles_ != nullptr) {
    cycles_->on_notification(vector, at);
  }
  model()->notify(vector);
  watch_pending();
}

// ---- from the device

sc_core::sc_time exact_engine::event_delay() const {
  // The device tells what became of an interrupt a cycle after it was decided.
  const sc_core::sc_time decided = stepping_ ? until(act_.at) : sc_core::SC_ZERO_TIME;
  return decided + clock_.cycles(1);
}

/// A message is sent or lost. Where the device has made sure of room, that is in the cycle of its
/// act.
void exact_engine::decide() {
  act_.at = std::max({act_.at, clock_.cycle_at(), line_.message_room()});
  watch_pending();  // its bit is cleared; a scan clears one after the other
}

/// An unmask has found what is pending. Without room it is accepted all the same [PCIe 2.4.1].
bool exact_engine::may_release() {
  const cycle at = std::max(act_.at, clock_.cycle_at());
  if (act_.why != occasion::configuration && line_.message_room() > at) {
    line_.begin_scan(at);
    if (!stepping_) {
      arm();
    }
    return false;
  }
  return act_.why != occasion::configuration;  // whose scan configuration() begins
}

/// A step of the scan: the lowest vector of its word that is owed, or none.
void exact_engine::scan() {
  device& own = *model();
  const cycle at = line_.scan_step();
  const unsigned vectors = own.interrupts().vectors();
  const unsigned end = std::min(vectors, line_.scan_vector() + timing::scan_vectors);
  act_ = {at, occasion::scan, 0};
  unsigned vector = own.next_owed(line_.scan_vector());
  if (vector < end) {
    own.send_owed(vector);
    vector = own.next_owed(vector);
  }
  line_.scanned(at, vector >= end, vectors);
}

void exact_engine::catch_up(cycle end) {
  while (line_.is_scanning() && line_.scan_step() < end) {
    scan();
  }
  if (owes_intx() && intx_due() < end) {
    tell_intx(intx_due());
  }
}

exact_engine::cycle exact_engine::turn(cycle at) {
  catch_up(at);
  while (line_.is_scanning() && line_.scan_step() == at) {
    scan();
    ++at;
  }
  return at;
}

void exact_engine::ring(peer_id peer, vector_index vector) {
  const sc_core::sc_time delay = until(act_.doorbell);
  if (observer() != nullptr) {
    observer()->on_doorbell(peer, vector, delay);
  }
  seat().ring(peer, vector, delay);
}

void exact_engine::send_message(vector_index vector, const msix_message& message, bool injected) {
  decide();
  tell(interrupt_event::sent, vector);
  const cycle leaves = line_.message(act_.at);
  if (cycles_ != nullptr) {
    cycles_->on_message({false, false, vector, message, id(), leaves});
  }
  if (observer() != nullptr) {
    observer()->on_message(vector, message, until(leaves));
  }
  auto& trans = pool_.allocate(sizeof message.data);
  fill_message(trans, message, injected);
  port().send_request(trans, until(leaves));
}

/// A snapshot or a device that leaves changes it at any time.
void exact_engine::set_intx(bool asserted) {
  intx_ = asserted;
  intx_since_ = std::max(act_.at, clock_.cycle_at());
  if (owes_intx() && line_.message_room() <= intx_since_) {
    tell_intx(intx_since_);
  } else if (!stepping_) {
    arm();
  }
}

void exact_engine::tell_intx(cycle at) {
  const bool asserted = told_intx_ = intx_;
  const cycle leaves = line_.message(at);
  if (cycles_ != nullptr) {
    cycles_->on_message({true, asserted, {}, {}, id(), leaves});
  }
  if (observer() != nullptr) {
    observer()->on_intx(asserted, until(leaves));
  }
  auto& trans = pool_.allocate(0);
  fill_intx(trans, asserted);
  port().send_request(trans, until(leaves));
}

void exact_engine::held_back(vector_index vector, bool merged) {
  tell(merged ? interrupt_event::merged : interrupt_event::pended, vector);
}

void exact_engine::dropped(drop_cause cause, peer_id peer, vector_index vector) {
  warn_of_drop(cause, peer, vector);
  switch (cause) {
    case drop_cause::bus_master_off:
      decide();
      tell(interrupt_event::lost_master_off, vector);
      break;
    case drop_cause::msix_disabled:
      tell(interrupt_event::lost_msix_disabled, vector);
      break;
    case drop_cause::no_such_vector:
      if (act_.why == occasion::notification) {  // a doorbell's is the peer's business
        tell(interrupt_event::lost_no_vector, vector);
      }
      break;
    default:
      break;
  }
  if (observer() != nullptr) {
    observer()->on_drop(cause, peer, vector, event_delay());
  }
}

void exact_engine::tell(interrupt_event event, vector_index vector) {
  if (cycles_ != nullptr) {
    cycles_->on_interrupt(event, vector, act_.at + 1);
  }
}

}  // namespace ivshmem
