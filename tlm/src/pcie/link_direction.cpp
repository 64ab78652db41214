// SPDX-License-Identifier: Apache-2.0
//
// One direction of a link: serialisation, credits and the order of TLPs.
#include "link_direction.h"

#include <algorithm>

#include "hops.h"

namespace ivshmem::pcie {

link::direction::kind link::direction::kind_of(const packet& one) {
  if (one.completion) {
    return completions;
  }
  return tlp_of(*one.trans).is_posted() ? posted : non_posted;
}

unsigned link::direction::data_units(const payload& trans) {
  return trans.is_write() ? static_cast<unsigned>((dword_bytes(trans) + 15) / 16) : 0;
}

void link::direction::arrive(payload& trans, bool completion, const sc_core::sc_time& delay) {
  trans.acquire();
  arriving_.push(time_after(delay), {&trans, completion, 0}, rank_of(trans, completion));
  if (delay == sc_core::SC_ZERO_TIME) {
    step();
  } else {
    arriving_.wake(due_);
  }
}

void link::direction::credit(const payload& trans, bool completion) {
  if (completion) {
    return;
  }
  if (tlp_of(trans).is_posted()) {
    --posted_headers_;
    posted_data_ -= data_units(trans);
  } else {
    --non_posted_headers_;
  }
  if (!waiting_[posted].empty() || !waiting_[non_posted].empty()) {
    wake(std::max(wire_free_, sc_core::sc_time_stamp()));
  }
}

void link::direction::wake(const sc_core::sc_time& at) {
  due_.notify(at - std::min(at, sc_core::sc_time_stamp()));
}

void link::direction::step() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  while (arriving_.is_due()) {
    packet arrived = arriving_.pop();
    arrived.sequence = sequence_++;  // packets are announced in another order than they arrive in
    waiting_[kind_of(arrived)].push_back(arrived);
  }
  if (wire_free_ <= now) {
    if (std::deque<packet>* next = choose()) {
      const packet one = next->front();
      next->pop_front();
      transmit(one);
    }
  }
  if (is_waiting() && wire_free_ > now) {
    wake(wire_free_);
  }
  arriving_.wake(due_);
}

bool link::direction::has_credits(const packet& one) const {
  const link_credits& limit = owner_.config_.credits;
  switch (kind_of(one)) {
    case posted:
      return posted_headers_ < limit.posted_headers &&
             posted_data_ + data_units(*one.trans) <= limit.posted_data;
    case non_posted:
      return non_posted_headers_ < limit.non_posted_headers;
    case completions:
      return true;  // the requester made room before it asked
  }
  return true;
}

std::deque<link::direction::packet>* link::direction::choose() {
  // In the order of arrival, but no request and no completion passes a posted request; what has no
  // credits lets the others pass that may.
  std::deque<packet>* best = nullptr;
  for (const kind one : {posted, completions, non_posted}) {
    std::deque<packet>& queue = waiting_[one];
    if (queue.empty() || !has_credits(queue.front())) {
      continue;
    }
    const bool behind_posted = one != posted && !waiting_[posted].empty() &&
                               waiting_[posted].front().sequence < queue.front().sequence;
    if (behind_posted) {
      continue;
    }
    if (best == nullptr || queue.front().sequence < best->front().sequence) {
      best = &queue;
    }
  }
  return best;
}

void link::direction::transmit(const packet& one) {
  payload& trans = *one.trans;
  const sc_core::sc_time on_wire =
      one.completion ? owner_.completion_time(trans) : owner_.request_time(trans);
  const sc_core::sc_time later_by = on_wire + owner_.config_.propagation + owner_.extra_;
  wire_free_ = time_after(on_wire);
  owner_.count(trans, one.completion);
  if (one.completion) {
    in_.accept(trans, true);
    out_.send_completion(trans, later_by);
  } else {
    if (tlp_of(trans).is_posted()) {
      ++posted_headers_;
      posted_data_ += data_units(trans);
    } else {
      ++non_posted_headers_;
    }
    in_.accept(trans, false);
    out_.send_request(trans, later_by);
  }
  trans.release();
}

void link::direction::lose(const packet& one) {
  payload& trans = *one.trans;
  in_.accept(trans, one.completion);
  owner_.lost(trans, one.completion ? link_loss::completion : link_loss::request);
  if (!one.completion && !tlp_of(trans).is_posted()) {
    complete(trans, completion_status::unsupported_request);
    in_.send_completion(trans, sc_core::SC_ZERO_TIME);
  }
  trans.release();
}

void link::direction::drop_all() {
  while (!arriving_.empty()) {
    const packet one = arriving_.pop();
    waiting_[kind_of(one)].push_back(one);
  }
  for (auto& queue : waiting_) {
    std::deque<packet> lost;
    lost.swap(queue);
    for (const packet& one : lost) {
      lose(one);
    }
  }
}

}  // namespace ivshmem::pcie
