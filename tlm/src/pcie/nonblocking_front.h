// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ivshmem/tlm/pcie/root_complex.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem::pcie {

/// Non-blocking accesses at `cpu`: issued one after another, each accepted (END_REQ) when its
/// requests are on their way, answered as they are complete, one response at a time.
class root_complex::nonblocking_front {
 public:
  /// During the simulation: its processes are made when somebody needs them.
  explicit nonblocking_front(root_complex& owner);

  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& trans, const tlm::tlm_phase& phase,
                             const sc_core::sc_time& delay);
  /// An access is complete, the response leaves at `at`.
  void respond(tlm::tlm_generic_payload& trans, const sc_core::sc_time& at);

 private:
  void issue_all();
  void answer();
  void response_over(tlm::tlm_generic_payload& trans, const sc_core::sc_time& delay);

  root_complex& owner_;
  time_queue<tlm::tlm_generic_payload*> requests_;
  sc_core::sc_event requested_;
  time_queue<tlm::tlm_generic_payload*> responses_;
  sc_core::sc_event due_;
  bool answering_ = false;  // between BEGIN_RESP and END_RESP
  sc_core::sc_time free_;   // when the next response may begin
};

}  // namespace ivshmem::pcie
