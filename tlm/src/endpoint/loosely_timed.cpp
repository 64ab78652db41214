// SPDX-License-Identifier: Apache-2.0
//
// endpoint.h, timed modes: tlm_lt, and what the device sends. What happens is in endpoint.cpp, when
// it happens in tlm_cycle in endpoint_pipeline.cpp.
#include <algorithm>
#include <cstring>

#include "endpoint_pipeline.h"

namespace ivshmem {

using pcie::tlp_type;

// ---- tlm_lt

/// `delay`, or until the clock edge after it: the device works on edges in tlm_lt too.
sc_core::sc_time endpoint::to_edge(const sc_core::sc_time& delay) const {
  const std::uint64_t period = timing_.clock_period.value();
  const std::uint64_t at = (sc_core::sc_time_stamp() + delay).value();
  return delay + sc_core::sc_time::from_value((period - at % period) % period);
}

void endpoint::loosely_timed(pcie::payload& trans, sc_core::sc_time& delay) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  const unsigned beats =
      trans.is_write()
          ? timing::beats(trans.get_address(), trans.get_data_length(), timing_.beat_bytes)
          : 1;
  delay = to_edge(delay) + cycles(beats - 1);
  target hit{};
  const bool memory = header.type <= tlp_type::memory_write && device_ != nullptr;
  const bool decoded = memory && decode(trans, hit);
  const bool doorbell = decoded && trans.is_write() && hit.bar == 0 &&
                        hit.offset < bar0::doorbell.offset + 4 &&
                        hit.offset + trans.get_data_length() > bar0::doorbell.offset;
  if (doorbell) {
    // What leaves this device must not run ahead of what it left behind.
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  execute(trans, delay + cycles(timing::execute_cycles));
  const bool refused = !trans.is_response_ok();
  delay += cycles(pipeline_->unloaded(trans, decoded && !refused ? hit.bar : pipeline::no_bar));
}

// ---- upstream requests, in all modes

void endpoint::send_upstream(const pcie::tlp_header& header, std::uint64_t address,
                             const void* data, unsigned bytes, vector_index vector) {
  const auto fill = [&](pcie::payload& trans) {
    trans.set_command(bytes == 0 ? tlm::TLM_IGNORE_COMMAND : tlm::TLM_WRITE_COMMAND);
    trans.set_address(address);
    pcie::tlp_of(trans).header() = header;
    pcie::tlp_of(trans).requester = id_;
  };
  if (is_exact()) {
    pcie::payload& trans = pool_.allocate(bytes);
    fill(trans);
    if (bytes != 0) {
      std::memcpy(trans.get_data_ptr(), data, bytes);
    }
    const sc_core::sc_time leaves = pipeline_->send_message(trans, vector);
    if (observer_ != nullptr && bytes == 0) {
      observer_->on_intx(header.code == pcie::message_code::assert_inta, leaves);
    } else if (observer_ != nullptr) {
      msix_message message{address, 0};
      std::memcpy(&message.data, data, sizeof message.data);
      observer_->on_message(vector, message, leaves);
    }
    pcie.send_request(trans, leaves);
    return;
  }
  const pcie::payload_pool::lease trans(pool_);
  fill(*trans);
  unsigned char copy[8] = {};  // a payload's data is not const
  std::memcpy(copy, data == nullptr ? copy : data, std::min<std::size_t>(bytes, sizeof copy));
  trans->set_data_ptr(copy);
  trans->set_data_length(bytes);
  trans->set_streaming_width(bytes);
  sc_core::sc_time delay = delay_;
  if (timing_.mode == timing_mode::tlm_lt) {
    delay = to_edge(delay) + cycles(timing::message_cycles);
  }
  // The platform may wait in there: what belongs to this call is put back afterwards.
  const sc_core::sc_time mine = delay_;
  const bool inside = device_ != nullptr && device_->inside_access();
  if (inside) {
    messengers_.push_back(sc_core::sc_get_current_process_b());
  }
  pcie.send(*trans, delay);  // posted: whether it arrived is not the device's business
  delay_ = mine;
  if (inside) {
    messengers_.erase(
        std::find(messengers_.begin(), messengers_.end(), sc_core::sc_get_current_process_b()));
    device_->set_inside_access(true);
  }
}

// ---- tlm_cycle

bool endpoint::claims(pcie::port& /*from*/, const pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  target hit{};
  return device_ != nullptr &&
         (header.is_config() ? header.type <= tlp_type::config_write_0 : decode(trans, hit));
}

void endpoint::request_arrived(pcie::port& from, pcie::payload& trans,
                               const sc_core::sc_time& delay) {
  if (is_exact()) {
    pipeline_->request(trans, delay);
  } else {
    component::request_arrived(from, trans, delay);
  }
}

void endpoint::accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) {
  if (!completion) {
    trans.release();  // a message of this device that the link took
  }
}

void endpoint::run_pipeline() { pipeline_->step(); }

}  // namespace ivshmem
