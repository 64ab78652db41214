// SPDX-License-Identifier: Apache-2.0
//
// A target that takes MSI-X messages.
#include "ivshmem/tlm/interrupt_target.h"

#include <cstring>
#include <utility>

#include "ivshmem/tlm/timing.h"

namespace ivshmem {

interrupt_target::interrupt_target(const sc_core::sc_module_name& name, handler on_message)
    : sc_module(name), on_message_(std::move(on_message)) {
  bus.register_b_transport(this, &interrupt_target::b_transport);
  SC_HAS_PROCESS(interrupt_target);
  SC_METHOD(deliver);
  sensitive << due_;
  dont_initialize();
}

void interrupt_target::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  if (trans.is_read()) {
    std::memset(trans.get_data_ptr(), 0, trans.get_data_length());
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
    return;
  }
  std::uint32_t data = 0;
  if (trans.get_data_length() != sizeof data || trans.get_address() % sizeof data != 0 ||
      trans.get_byte_enable_ptr() != nullptr) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  std::memcpy(&data, trans.get_data_ptr(), sizeof data);
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
  ++received_;
  if (delay == sc_core::SC_ZERO_TIME) {
    on_message_(trans.get_address(), data);
    return;
  }
  ahead_.push(time_after(delay), {trans.get_address(), data});
  ahead_.wake(due_);
}

void interrupt_target::deliver() {
  while (ahead_.is_due()) {
    const message next = ahead_.pop();
    on_message_(next.offset, next.data);
  }
  ahead_.wake(due_);
}

}  // namespace ivshmem
