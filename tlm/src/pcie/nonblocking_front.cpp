// SPDX-License-Identifier: Apache-2.0
//
// Non-blocking transport at the root complex's processor socket.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "nonblocking_front.h"

#include "ivshmem/tlm/report.h"
#include "root_complex_internal.h"

namespace ivshmem::pcie {

root_complex::nonblocking_front::nonblocking_front(root_complex& owner) : owner_(owner) {
  sc_core::sc_spawn([this] { issue_all(); }, sc_core::sc_gen_unique_name("issue"));
  sc_core::sc_spawn_options method;
  method.spawn_method();
  method.dont_initialize();
  method.set_sensitivity(&due_);
  sc_core::sc_spawn([this] { answer(); }, sc_core::sc_gen_unique_name("answer"), &method);
}

tlm::tlm_sync_enum root_complex::nonblocking_front::forward(tlm::tlm_generic_payload& trans,
                                                            const tlm::tlm_phase& phase,
                                                            const sc_core::sc_time& delay,
                                                            const source* window) {
  if (phase == tlm::BEGIN_REQ) {
    if (!trans.has_mm()) {
      report_error(report_type::transport, owner_.name(),
                   "non-blocking transport: the payload has no memory manager [TLM-2.0 14.5]");
      trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    trans.acquire();
    if (window != nullptr) {
      from_windows_[&trans] = *window;
    }
    requests_.push(time_after(delay), &trans);
    requests_.wake(requested_);
  } else if (phase == tlm::END_RESP && answering_) {
    response_over(trans, delay);
  }
  return tlm::TLM_ACCEPTED;
}

auto root_complex::nonblocking_front::source_of(tlm::tlm_generic_payload& trans) -> source {
  if (!from_windows_.empty()) {
    if (const auto found = from_windows_.find(&trans); found != from_windows_.end()) {
      return found->second;
    }
  }
  return {owner_.cpu.operator->(), 0};
}

void root_complex::nonblocking_front::issue_all() {
  for (;;) {
    while (requests_.empty() || !requests_.is_due()) {
      requests_.wake(requested_);
      sc_core::wait(requested_);
    }
    tlm::tlm_generic_payload& trans = *requests_.pop();
    const source from = source_of(trans);
    const std::uint64_t address = trans.get_address();
    trans.set_address(address + from.base);
    if (owner_.timed_ != nullptr) {
      owner_.timed_->begin(trans, *this);
    } else {
      sc_core::sc_time delay;
      owner_.b_transport(trans, delay);
      respond(trans, time_after(delay));
    }
    trans.set_address(address);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time now;
    from.initiator->nb_transport_bw(trans, phase, now);
  }
}

void root_complex::nonblocking_front::respond(tlm::tlm_generic_payload& trans,
                                              const sc_core::sc_time& at) {
  responses_.push(at, &trans);
  responses_.wake(due_);
}

void root_complex::nonblocking_front::answer() {
  while (!answering_ && !responses_.empty() && responses_.is_due()) {
    if (const sc_core::sc_time now = sc_core::sc_time_stamp(); free_ > now) {
      due_.notify(free_ - now);
      return;
    }
    tlm::tlm_generic_payload& trans = *responses_.pop();
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    answering_ = true;
    const tlm::tlm_sync_enum status =
        source_of(trans).initiator->nb_transport_bw(trans, phase, delay);
    if (status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP)) {
      response_over(trans, delay);
    }
  }
  if (!answering_) {
    responses_.wake(due_);
  }
}

void root_complex::nonblocking_front::response_over(tlm::tlm_generic_payload& trans,
                                                    const sc_core::sc_time& delay) {
  answering_ = false;
  free_ = sc_core::sc_time_stamp() + delay;
  from_windows_.erase(&trans);
  trans.release();
  if (!responses_.empty()) {
    due_.notify(delay);
  }
}

}  // namespace ivshmem::pcie
