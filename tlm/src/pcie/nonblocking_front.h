// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>

#include "ivshmem/tlm/pcie/root_complex.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem::pcie {

/// Non-blocking accesses at `cpu` and the windows: issued one after another, each accepted
/// (END_REQ) when its requests are on their way, answered as they are complete, one response at a
/// time.
class root_complex::nonblocking_front {
 public:
  /// During the simulation: its processes are made when somebody needs them.
  explicit nonblocking_front(root_complex& owner);

  /// Where an access came in: whom to answer, and what to add to its address.
  struct source {
    tlm::tlm_bw_transport_if<>* initiator;
    std::uint64_t base;
  };

  /// `window`: an access at a socket of one window; nullptr: at `cpu`.
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& trans, const tlm::tlm_phase& phase,
                             const sc_core::sc_time& delay, const source* window);
  /// An access is complete, the response leaves at `at`.
  void respond(tlm::tlm_generic_payload& trans, const sc_core::sc_time& at);

 private:
  source source_of(tlm::tlm_generic_payload& trans);
  void issue_all();
  void answer();
  void response_over(tlm::tlm_generic_payload& trans, const sc_core::sc_time& delay);

  root_complex& owner_;
  std::unordered_map<const tlm::tlm_generic_payload*, source> from_windows_;  // under way
  time_queue<tlm::tlm_generic_payload*> requests_;
  sc_core::sc_event requested_;
  time_queue<tlm::tlm_generic_payload*> responses_;
  sc_core::sc_event due_;
  bool answering_ = false;  // between BEGIN_RESP and END_RESP
  sc_core::sc_time free_;   // when the next response may begin
};

}  // namespace ivshmem::pcie
