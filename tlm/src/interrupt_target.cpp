// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/tlm/interrupt_target.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ivshmem {

namespace {

constexpr auto later = [](const auto& a, const auto& b) {
  return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
};

}  // namespace

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
  ahead_.push_back({sc_core::sc_time_stamp() + delay, received_, trans.get_address(), data});
  std::push_heap(ahead_.begin(), ahead_.end(), later);
  due_.notify(ahead_.front().at - sc_core::sc_time_stamp());
}

void interrupt_target::deliver() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  while (!ahead_.empty() && ahead_.front().at <= now) {
    std::pop_heap(ahead_.begin(), ahead_.end(), later);
    const message next = ahead_.back();
    ahead_.pop_back();
    on_message_(next.offset, next.data);
  }
  if (!ahead_.empty()) {
    due_.notify(ahead_.front().at - now);
  }
}

}  // namespace ivshmem
