// SPDX-License-Identifier: Apache-2.0
//
// rtl_device.h, the place and the accesses; what leaves the core is in rtl_device_outputs.cpp, the
// clock in rtl_device_clock.cpp.
#include "ivshmem/rtl_bridge/rtl_device.h"

#include <algorithm>
#include <cstring>

#include "core_setup.h"
#include "rtl_device_parts.h"

namespace ivshmem::rtl {

using pcie::tlp_type;

rtl_device::rtl_device(const sc_core::sc_module_name& name, const timing_config& timing,
                       const rtl_device_config& options)
    : device_place(name, timing),
      options_(options),
      clock_(timing.clock_period),
      is_exact_(timing.mode == timing_mode::tlm_cycle),
      takes_time_(timing.mode == timing_mode::tlm_lt) {
  if (options.batch_cycles == 0) {
    SC_REPORT_ERROR(this->name(), "batch_cycles = 0: must be 1 or more");
  }
  if (is_exact_) {
    SC_HAS_PROCESS(rtl_device);
    SC_METHOD(run_clock);
    sensitive << wake_;
    dont_initialize();
  }
}

rtl_device::~rtl_device() { detach(); }

// ---- the place

result<void, property_error> rtl_device::refusal(const device_properties& properties) const {
  return refused_by_rtl(properties);
}

const config_space& rtl_device::make_device(peer_id id) {
  core_driver_config configuration = straps_of(properties(), id, memory(), timing());
  configuration.stalls = options_.stalls;
  configuration.checked = options_.checked;
  configuration.core.waveform = options_.waveform;
  parts_ = std::make_unique<parts>(properties(), id, memory(), configuration);
  if (properties().hot_plugged) {
    set_up_hot_plugged(parts_->driver);
  }
  if (is_exact_) {
    parts_->driver.skip_to(clock_.cycle_at());
  }
  copy_windows();
  return parts_->windows;
}

void rtl_device::remove_device() {
  report_violations();
  const std::unique_ptr<parts> gone = std::move(parts_);
  if (gone->intx) {
    raw_tlp message;
    message.header = {static_cast<std::uint32_t>(raw_type::message_local) << 24U,
                      static_cast<std::uint32_t>(pcie::message_code::deassert_inta), 0, 0};
    if (observer() != nullptr) {
      observer()->on_intx(false, sc_core::SC_ZERO_TIME);
    }
    send_upstream(message, sc_core::SC_ZERO_TIME);
  }
  // Whoever waits for an answer gets one, as from an empty place.
  for (; !gone->buffered.empty(); gone->buffered.pop()) {
    parts::flight& one = *gone->buffered.front();
    if (one.timed) {
      pcie.accept(*one.trans, false);
    }
    if (pcie::tlp_of(*one.trans).is_posted()) {
      finished(*one.trans, one.done, one.timed);
    }
  }
  for (parts::flight* one : gone->waiting) {
    unsupported(*one->trans);
    finished(*one->trans, one->done, one->timed);
  }
  if (observer() != nullptr && gone->pending_count != 0) {
    observer()->on_pending(0, sc_core::SC_ZERO_TIME);
  }
}

void rtl_device::reset() {
  if (parts_ == nullptr) {
    return;
  }
  parts_->driver.function_reset(cycle_at(sc_core::SC_ZERO_TIME));
  if (is_exact_) {
    wake();
  } else {
    parts_->delay = sc_core::SC_ZERO_TIME;
    settle();
  }
  parts_->pending.assign(parts_->pending.size(), false);
  const bool had_pending = parts_->pending_count != 0;
  parts_->pending_count = 0;
  if (observer() != nullptr) {
    observer()->on_reset();
    if (had_pending) {
      observer()->on_pending(0, sc_core::SC_ZERO_TIME);
    }
  }
  copy_windows();
  watch_windows();
  if (!is_exact_) {
    send_messages(false);
  }
}

// ---- accesses

void rtl_device::finished(pcie::payload& trans, sc_core::sc_event* done, bool timed) {
  if (done != nullptr) {
    done->notify(sc_core::SC_ZERO_TIME);
  } else if (timed) {
    if (!pcie::tlp_of(trans).is_posted()) {
      pcie.send_completion(trans, sc_core::SC_ZERO_TIME);
    }
    trans.release();
  }
}

void rtl_device::queue(pcie::payload& trans, std::uint64_t not_before, sc_core::sc_event* done) {
  tlp_source& requests = parts_->driver.requests();
  pcie::tlp& header = pcie::tlp_of(trans);
  const bool msix = header.msix;
  header.msix = msix && trans.get_address() % 4 == 0;  // else its bytes go where they belong
  encode_request(trans, requests.next());
  header.msix = msix;
  requests.push(not_before);
  parts::flight& one = parts_->take_flight();
  one = {&trans, true, pcie::tlp_of(trans).is_posted(), false, done};
  one.timed = done == nullptr && is_exact_;
  parts_->buffered.push(&one);
  if (!one.finished) {
    parts_->waiting.push_back(&one);
  }
}

void rtl_device::request_arrived(pcie::port& from, pcie::payload& trans,
                                 const sc_core::sc_time& delay) {
  if (!is_exact_ || parts_ == nullptr || !is_encodable(trans)) {
    component::request_arrived(from, trans, delay);
    return;
  }
  trans.acquire();
  if (is_lost_message(trans)) {
    complete(trans, pcie::completion_status::successful);
    pcie.accept(trans, false);
    trans.release();
    return;
  }
  queue(trans, cycle_at(delay), nullptr);
  wake();
}

void rtl_device::receive(pcie::port& /*from*/, pcie::payload& trans, sc_core::sc_time& delay) {
  if (parts_ == nullptr || !is_encodable(trans)) {
    unsupported(trans);
    return;
  }
  if (is_lost_message(trans)) {
    complete(trans, pcie::completion_status::successful);
    return;
  }
  if (is_exact_) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    sc_core::sc_event done;
    queue(trans, cycle_at(delay), &done);
    wake();
    sc_core::wait(done);
    return;
  }
  if (is_reentry(trans)) {
    return;
  }
  const pcie::tlp_header header = pcie::tlp_of(trans).header();
  bar_hit hit{};
  const bool memory = decode(trans, hit);
  if (takes_time_) {
    if (memory && trans.is_write() && hit.bar == 0 && delay != sc_core::SC_ZERO_TIME) {
      sc_core::wait(delay);  // what leaves this device must not run ahead of what it left behind
      delay = sc_core::SC_ZERO_TIME;
    }
    delay = clock_.to_edge(delay);
  }
  parts_->delay = delay;
  parts_->start = parts_->driver.cycle();
  queue(trans, parts_->start, nullptr);
  settle();
  if (takes_time_) {
    delay += clock_.cycles(parts_->finished_at - parts_->start);
  }
  if (memory && hit.bar == 2) {
    trans.set_dmi_allowed(true);
  }
  send_messages(memory && hit.bar == 1 && header.type == tlp_type::memory_write);
}

/// A message that is not aligned reaches memory, but no register [behaviour 5]. On a link such a
/// TLP does not exist, so it does not come to the core.
bool rtl_device::is_lost_message(const pcie::payload& trans) const {
  bar_hit hit{};
  return pcie::tlp_of(trans).msix && trans.get_address() % 4 != 0 && decode(trans, hit) &&
         hit.bar != 2;
}

/// The real device refuses an access that comes back through its own message [behaviour 5]: one of
/// the process that sends it. What this device does to such an access is nothing.
bool rtl_device::is_reentry(pcie::payload& trans) {
  const auto& senders = parts_->messengers;
  if (senders.empty() || std::find(senders.begin(), senders.end(),
                                   sc_core::sc_get_current_process_b()) == senders.end()) {
    return false;
  }
  bar_hit hit{};
  if (!decode(trans, hit) || hit.bar == 2) {
    return false;
  }
  // The completion is a good one; a read has zeros.
  complete(trans, pcie::completion_status::successful);
  if (trans.is_read()) {
    std::memset(trans.get_data_ptr(), 0, trans.get_data_length());
  }
  if (observer() != nullptr) {
    observer()->on_blocked_reentry(hit.bar, static_cast<std::uint32_t>(hit.offset));
  }
  return true;
}

// ---- from the fabric

server_message_result rtl_device::digest(const server_message& message) {
  return parts_->peers.digest(message);
}

void rtl_device::notify(vector_index vector) {
  if (observer() != nullptr) {
    observer()->on_notify(vector);
  }
  ++parts_->statistics.notifications;
  if (to_int(vector) >= parts_->peers.own_vectors()) {
    dropped(drop_cause::no_such_vector, parts_->peers.own_id(), vector);
    return;
  }
  parts_->driver.notify(static_cast<std::uint16_t>(to_int(vector)),
                        cycle_at(sc_core::SC_ZERO_TIME));
  if (is_exact_) {
    wake();
    return;
  }
  parts_->delay = sc_core::SC_ZERO_TIME;
  parts_->start = parts_->driver.cycle();
  settle();
  send_messages(false);
}

}  // namespace ivshmem::rtl
