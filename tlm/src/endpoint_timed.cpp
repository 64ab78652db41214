// SPDX-License-Identifier: Apache-2.0
//
// endpoint.h, timed modes: when things happen. What happens is in endpoint.cpp.
#include <algorithm>
#include <cstring>

#include "endpoint_pipeline.h"

namespace ivshmem {

namespace {

using pcie::tlp_type;

unsigned request_beats(const pcie::payload& trans, unsigned beat_bytes) {
  return trans.is_write() ? timing::beats(trans.get_address(), trans.get_data_length(), beat_bytes)
                          : 1;
}

unsigned completion_beats(const pcie::payload& trans, unsigned beat_bytes) {
  return trans.is_read() && trans.is_response_ok()
             ? timing::beats(trans.get_address(), trans.get_data_length(), beat_bytes)
             : 1;
}

}  // namespace

// ---- tlm_lt

/// `delay`, or until the clock edge after it: the device works on edges in tlm_lt too.
sc_core::sc_time endpoint::to_edge(const sc_core::sc_time& delay) const {
  const std::uint64_t period = timing_.clock_period.value();
  const std::uint64_t at = (sc_core::sc_time_stamp() + delay).value();
  return delay + sc_core::sc_time::from_value((period - at % period) % period);
}

void endpoint::loosely_timed(pcie::payload& trans, sc_core::sc_time& delay) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  const unsigned beats = request_beats(trans, timing_.beat_bytes);
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
  if (header.is_posted()) {
    delay += cycles(timing::execute_cycles);
    return;
  }
  const unsigned latency = decoded && hit.bar == 2
                               ? timing::memory_read_cycles(timing_.memory_latency_cycles)
                               : timing::register_cycles;
  delay += cycles(latency + completion_beats(trans, timing_.beat_bytes) - 1);
}

// ---- upstream requests, in all modes

void endpoint::send_upstream(const pcie::tlp_header& header, std::uint64_t address,
                             const void* data, unsigned bytes) {
  const auto fill = [&](pcie::payload& trans) {
    trans.set_command(bytes == 0 ? tlm::TLM_IGNORE_COMMAND : tlm::TLM_WRITE_COMMAND);
    trans.set_address(address);
    pcie::tlp_of(trans).header() = header;
    pcie::tlp_of(trans).requester = id_;
  };
  if (pipeline_ != nullptr) {
    pcie::payload& trans = pool_.allocate(bytes);
    fill(trans);
    if (bytes != 0) {
      std::memcpy(trans.get_data_ptr(), data, bytes);
    }
    pcie.send_request(trans, pipeline_->message_delay(delay_));
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
  if (pipeline_ != nullptr) {
    pipeline_->request(trans, delay);
  } else {
    component::request_arrived(from, trans, delay);
  }
}

void endpoint::accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) {
  if (completion) {
    pipeline_->completion_gone();
  } else {
    trans.release();  // a message of this device that the link took
  }
}

void endpoint::run_pipeline() { pipeline_->step(); }

endpoint::pipeline::pipeline(endpoint& owner)
    : owner_(owner), period_(owner.timing_.clock_period.value()) {}

void endpoint::pipeline::request(pcie::payload& trans, const sc_core::sc_time& delay) {
  trans.acquire();
  const ticks first = std::max(on_edge(now() + delay.value()), request_free_);
  const ticks last = first + (request_beats(trans, owner_.timing_.beat_bytes) - 1) * period_;
  request_free_ = last + period_;
  queue_.push_back({&trans, last + timing::execute_cycles * period_});
  if (queue_.size() == 1 && !held_) {
    arm();
  }
}

void endpoint::pipeline::arm() {
  if (!queue_.empty()) {
    due_.notify(as_time(queue_.front().execute - now()));
  }
}

void endpoint::pipeline::step() {
  while (!queue_.empty() && queue_.front().execute <= now()) {
    pcie::payload& trans = *queue_.front().trans;
    if (completions_ == timing::completion_queue && !pcie::tlp_of(trans).is_posted()) {
      held_ = true;
      return;
    }
    queue_.pop_front();
    run(trans);
  }
  arm();
}

void endpoint::pipeline::run(pcie::payload& trans) {
  owner_.pcie.accept(trans, false);
  target hit{};
  const bool memory = owner_.device_ != nullptr &&
                      pcie::tlp_of(trans).type == tlp_type::memory_read &&
                      owner_.decode(trans, hit) && hit.bar == 2;
  owner_.execute(trans, sc_core::SC_ZERO_TIME);
  if (!pcie::tlp_of(trans).is_posted()) {
    const device_timing& timing = owner_.timing_;
    const unsigned latency =
        memory ? timing::memory_read_cycles(timing.memory_latency_cycles) : timing::register_cycles;
    const ticks ready = now() + (latency - timing::execute_cycles) * period_;
    const ticks first = std::max(ready, completion_free_);
    const ticks last = first + (completion_beats(trans, timing.beat_bytes) - 1) * period_;
    completion_free_ = last + period_;
    ++completions_;
    owner_.pcie.send_completion(trans, as_time(last - now()));
  }
  trans.release();
}

void endpoint::pipeline::completion_gone() {
  --completions_;
  if (held_) {
    // Everything behind the held request moves by as long as it was held.
    held_ = false;
    const ticks resume = on_edge(now());
    const ticks moved = resume - std::min(resume, queue_.front().execute);
    for (operation& one : queue_) {
      one.execute += moved;
    }
    request_free_ += moved;
    arm();
  }
}

sc_core::sc_time endpoint::pipeline::message_delay(const sc_core::sc_time& delay) {
  const ticks cause = on_edge(now() + delay.value());
  const ticks first = std::max(cause + timing::message_cycles * period_, message_free_);
  message_free_ = first + timing::message_interval_cycles * period_;
  return as_time(first - now());
}

}  // namespace ivshmem
