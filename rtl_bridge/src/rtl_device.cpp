// SPDX-License-Identifier: Apache-2.0
//
// rtl_device.h, the place and the accesses; what leaves the core is in rtl_device_outputs.cpp, the
// clock in rtl_device_clock.cpp.
#include "ivshmem/rtl_bridge/rtl_device.h"

#include <algorithm>
#include <cstring>

#include "rtl_device_parts.h"
#include "straps_of.h"

namespace ivshmem::rtl {

using pcie::tlp_type;

rtl_device::rtl_device(const sc_core::sc_module_name& name, const device_timing& timing,
                       const rtl_options& options)
    : sc_module(name), timing_(timing), options_(options) {
  const auto refuse = [this](const std::string& what) {
    SC_REPORT_ERROR(this->name(), what.c_str());
  };
  if (timing.clock_period == sc_core::SC_ZERO_TIME) {
    refuse("clock_period = 0: allowed is any time above 0");
  }
  if (timing.beat_bytes != 8 && timing.beat_bytes != 16 && timing.beat_bytes != 32) {
    refuse("beat_bytes = " + std::to_string(timing.beat_bytes) + ": allowed is 8, 16 or 32");
  }
  if (timing.memory_latency_cycles == 0) {
    refuse("memory_latency_cycles = 0: allowed is at least 1");
  }
  if (timing.memory_write_latency_cycles == 0 || timing.memory_write_latency_cycles > 64) {
    refuse("memory_write_latency_cycles = " + std::to_string(timing.memory_write_latency_cycles) +
           ": allowed is 1 to 64");
  }
  const unsigned payload = timing.max_payload_bytes;
  if (payload < 128 || payload > 4096 || (payload & (payload - 1)) != 0) {
    refuse("max_payload_bytes = " + std::to_string(payload) +
           ": allowed is 128, 256, 512, 1024, 2048 or 4096");
  }
  if (options.batch_cycles == 0) {
    refuse("batch_cycles = 0: allowed is at least 1");
  }
  if (timing.mode == timing_mode::tlm_cycle) {
    SC_HAS_PROCESS(rtl_device);
    SC_METHOD(run_clock);
    sensitive << wake_;
    dont_initialize();
  }
}

rtl_device::~rtl_device() {
  if (parts_ != nullptr && parts_->seat != nullptr) {
    parts_->seat->detach();
  }
}

// ---- the place

std::optional<property_error> rtl_device::install(const device_properties& properties, peer_id id,
                                                  memory_view memory) {
  if (parts_ != nullptr) {
    return property_error{"device", to_string(parts_->properties.variant),
                          "allowed is one device in a place, eject it first"};
  }
  if (properties.irq_path != interrupt_path::event_loop) {
    return property_error{"irq_path", "irqfd",
                          "the RTL has no hypervisor around it: allowed is event_loop"};
  }
  if (auto error = check(properties, memory.bytes, id)) {
    return error;
  }
  driver_configuration configuration = straps_of(properties, id, memory, timing_);
  configuration.stalls = options_.stalls;
  configuration.checked = options_.checked;
  configuration.core.waveform = options_.waveform;
  parts_ = std::make_unique<parts>(properties, id, memory, configuration);
  if (properties.hot_plugged) {
    // As after realization, before any reset [behaviour 1].
    raw_tlp& write = parts_->driver.requests().next();
    write.header = {static_cast<std::uint32_t>(raw_type::config_write_0) << 24U | 1U, 0x3,
                    cfg::command.offset, 0};
    write.payload.assign(1, cfg::command_io | cfg::command_memory);
    parts_->driver.requests().push(0);
    do {
      parts_->driver.finish();
    } while (!parts_->driver.idle());
  }
  if (timing_.mode == timing_mode::tlm_cycle) {
    parts_->driver.skip_to(cycle_at(sc_core::SC_ZERO_TIME));
  }
  refresh_windows();
  return std::nullopt;
}

std::optional<property_error> rtl_device::insert(const device_properties& properties,
                                                 memory_view memory) {
  return install(properties, peer_id{}, memory);
}

std::optional<property_error> rtl_device::insert(const device_properties& properties,
                                                 fabric_seat& seat) {
  auto error = install(properties, seat.id(), seat.memory());
  if (!error) {
    parts_->seat = &seat;
    seat.attach(*this);
  }
  return error;
}

void rtl_device::eject() {
  if (parts_ == nullptr) {
    return;
  }
  if (parts_->seat != nullptr) {
    parts_->seat->detach();
  }
  report_violations();
  const std::unique_ptr<parts> gone = std::move(parts_);
  if (gone->intx) {
    raw_tlp message;
    message.header = {static_cast<std::uint32_t>(raw_type::message_local) << 24U,
                      static_cast<std::uint32_t>(pcie::message_code::deassert_inta), 0, 0};
    if (observer_ != nullptr) {
      observer_->on_intx(false, sc_core::SC_ZERO_TIME);
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
  if (observer_ != nullptr && gone->pending_count != 0) {
    observer_->on_pending(0, sc_core::SC_ZERO_TIME);
  }
  if (gone->routed) {
    pcie.invalidate_dmi(0, ~std::uint64_t{0});
  }
}

void rtl_device::reset() {
  if (parts_ == nullptr) {
    return;
  }
  parts_->driver.function_reset(cycle_at(sc_core::SC_ZERO_TIME));
  if (timing_.mode == timing_mode::tlm_cycle) {
    wake();
  } else {
    parts_->delay = sc_core::SC_ZERO_TIME;
    settle();
  }
  parts_->pending.assign(parts_->pending.size(), false);
  const bool had_pending = parts_->pending_count != 0;
  parts_->pending_count = 0;
  if (observer_ != nullptr) {
    observer_->on_reset();
    if (had_pending) {
      observer_->on_pending(0, sc_core::SC_ZERO_TIME);
    }
  }
  refresh_windows();
  if (timing_.mode != timing_mode::tlm_cycle) {
    send_messages(false);
  }
}

void rtl_device::hot_reset(pcie::port& /*from*/) { reset(); }

// ---- accesses

void rtl_device::unsupported(pcie::payload& trans) {
  ++unsupported_;
  complete(trans, pcie::completion_status::unsupported_request);
}

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
  one.timed = done == nullptr && timing_.mode == timing_mode::tlm_cycle;
  parts_->buffered.push(&one);
  if (!one.finished) {
    parts_->waiting.push_back(&one);
  }
}

void rtl_device::request_arrived(pcie::port& from, pcie::payload& trans,
                                 const sc_core::sc_time& delay) {
  if (timing_.mode != timing_mode::tlm_cycle || parts_ == nullptr || !is_encodable(trans)) {
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

void rtl_device::accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) {
  if (!completion) {
    trans.release();  // a message of this device that the link took
  }
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
  if (timing_.mode == timing_mode::tlm_cycle) {
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
  unsigned bar = 0;
  std::uint64_t offset = 0;
  const bool memory = decode(trans, bar, offset);
  if (timing_.mode == timing_mode::tlm_lt) {
    if (memory && trans.is_write() && bar == 0 && delay != sc_core::SC_ZERO_TIME) {
      sc_core::wait(delay);  // what leaves this device must not run ahead of what it left behind
      delay = sc_core::SC_ZERO_TIME;
    }
    const std::uint64_t period = timing_.clock_period.value();
    const std::uint64_t at = (sc_core::sc_time_stamp() + delay).value();
    delay += sc_core::sc_time::from_value((period - at % period) % period);
  }
  parts_->delay = delay;
  parts_->start = parts_->driver.cycle();
  queue(trans, parts_->start, nullptr);
  settle();
  if (timing_.mode == timing_mode::tlm_lt) {
    delay += timing_.clock_period * static_cast<double>(parts_->finished_at - parts_->start);
  }
  if (memory && bar == 2) {
    trans.set_dmi_allowed(true);
  }
  send_messages(memory && bar == 1 && header.type == tlp_type::memory_write);
}

/// A message that is not aligned reaches memory, but no register [behaviour 5]. On a link such a
/// TLP does not exist, so it does not come to the core.
bool rtl_device::is_lost_message(const pcie::payload& trans) const {
  unsigned bar = 0;
  std::uint64_t offset = 0;
  return pcie::tlp_of(trans).msix && trans.get_address() % 4 != 0 && decode(trans, bar, offset) &&
         bar != 2;
}

/// The real device refuses an access that comes back through its own message [behaviour 5]: one of
/// the process that sends it. What this device does to such an access is nothing.
bool rtl_device::is_reentry(const pcie::payload& trans) {
  const auto& senders = parts_->messengers;
  if (senders.empty() || std::find(senders.begin(), senders.end(),
                                   sc_core::sc_get_current_process_b()) == senders.end()) {
    return false;
  }
  unsigned bar = 0;
  std::uint64_t offset = 0;
  if (!decode(trans, bar, offset) || bar == 2) {
    return false;
  }
  // The completion is a good one; a read has zeros.
  auto& answered = const_cast<pcie::payload&>(trans);
  complete(answered, pcie::completion_status::successful);
  if (trans.is_read()) {
    std::memset(trans.get_data_ptr(), 0, trans.get_data_length());
  }
  if (observer_ != nullptr) {
    observer_->on_blocked_reentry(bar, static_cast<std::uint32_t>(offset));
  }
  return true;
}

bool rtl_device::decode(const pcie::payload& trans, unsigned& bar, std::uint64_t& offset) const {
  if (pcie::tlp_of(trans).type > tlp_type::memory_write) {
    return false;
  }
  const std::uint64_t first = trans.get_address();
  const std::uint64_t bytes = trans.get_data_length();
  for (bar = 0; bar < pci_config::bar_count; ++bar) {
    const bar_window& window = parts_->windows[bar];
    if (window.contains(first)) {
      offset = first - window.base;
      return bytes == 0 || bytes - 1 <= window.last - first;
    }
  }
  return false;
}

bool rtl_device::claims(pcie::port& /*from*/, const pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  unsigned bar = 0;
  std::uint64_t offset = 0;
  return parts_ != nullptr && (header.is_config() ? header.type <= tlp_type::config_write_0
                                                  : decode(trans, bar, offset));
}

// ---- from the fabric

message_result rtl_device::digest(const server_message& message) {
  return parts_->peers.digest(message);
}

void rtl_device::notify(vector_index vector) {
  if (observer_ != nullptr) {
    observer_->on_notify(vector);
  }
  ++parts_->statistics.notifications;
  if (to_int(vector) >= parts_->peers.own_vectors()) {
    dropped(drop_cause::no_such_vector, parts_->peers.own_id(), vector);
    return;
  }
  parts_->driver.notify(static_cast<std::uint16_t>(to_int(vector)),
                        cycle_at(sc_core::SC_ZERO_TIME));
  if (timing_.mode == timing_mode::tlm_cycle) {
    wake();
    return;
  }
  parts_->delay = sc_core::SC_ZERO_TIME;
  parts_->start = parts_->driver.cycle();
  settle();
  send_messages(false);
}

}  // namespace ivshmem::rtl
