// SPDX-License-Identifier: Apache-2.0
//
// rtl_device.h, the place, and what comes in.
#include "ivshmem/rtl_bridge/rtl_device.h"

#include "core_setup.h"
#include "ivshmem/tlm/report.h"
#include "rtl_clocking.h"
#include "rtl_device_parts.h"

namespace ivshmem::rtl {

using pcie::tlp_type;

rtl_device::rtl_device(const sc_core::sc_module_name& name, const timing_config& timing,
                       const rtl_device_config& options)
    : device_place(name, timing), options_(options), clocking_(rtl_clocking::make(*this)) {
  if (options.batch_cycles == 0) {
    report_error(report_type::parameter, this->name(), "batch_cycles = 0: must be 1 or more");
  }
  if (clocking_->due() != nullptr) {
    SC_HAS_PROCESS(rtl_device);
    SC_METHOD(step);
    sensitive << *clocking_->due();
    dont_initialize();
  }
}

rtl_device::rtl_device(const sc_core::sc_module_name& name, const device_properties& properties,
                       memory_view memory, const timing_config& timing,
                       const rtl_device_config& options)
    : rtl_device(name, timing, options) {
  report_refusal(this->name(), insert(properties, memory));
}

rtl_device::rtl_device(const sc_core::sc_module_name& name, const device_properties& properties,
                       fabric_seat& seat, const timing_config& timing,
                       const rtl_device_config& options)
    : rtl_device(name, timing, options) {
  report_refusal(this->name(), insert(properties, seat));
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
  clocking_->made();
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
    clocking_->send_upstream(message, sc_core::SC_ZERO_TIME);
  }
  // Whoever waits for an answer gets one, as from an empty place.
  for (; !gone->buffered.empty(); gone->buffered.pop()) {
    flight& one = *gone->buffered.front();
    if (one.timed) {
      pcie.accept(*one.trans, false);
    }
    if (one.posted) {
      finished(one);
    }
  }
  for (flight* one : gone->waiting) {
    unsupported(*one->trans);
    finished(*one);
  }
  if (observer() != nullptr && gone->pending_count != 0) {
    observer()->on_pending(0, sc_core::SC_ZERO_TIME);
  }
}

void rtl_device::reset() {
  if (parts_ == nullptr) {
    return;
  }
  parts_->driver.function_reset(clocking_->input_cycle());
  clocking_->input();
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
  clocking_->send_messages();
}

bool rtl_device::allows_dmi() const noexcept { return clocking_->allows_dmi(); }
void rtl_device::step() { clocking_->step(); }

// ---- accesses

void rtl_device::queue(pcie::payload& trans, std::uint64_t not_before, sc_core::sc_event* done,
                       bool timed) {
  tlp_source& requests = parts_->driver.requests();
  pcie::tlp& header = pcie::tlp_of(trans);
  const bool msix = header.msix;
  header.msix = msix && trans.get_address() % 4 == 0;  // else its bytes go where they belong
  encode_request(trans, requests.next());
  header.msix = msix;
  requests.push(not_before);
  flight& one = parts_->take_flight();
  const bool posted = header.is_posted();
  one = {&trans, pcie::to_int(header.requester) << 8U | header.tag, posted, true, posted, timed,
         done};
  parts_->buffered.push(&one);
  if (!one.finished) {
    parts_->waiting.push_back(&one);
  }
}

void rtl_device::request_arrived(pcie::port& from, pcie::payload& trans,
                                 const sc_core::sc_time& delay) {
  if (parts_ == nullptr || !is_encodable(trans) || is_lost_message(trans) ||
      !clocking_->arrived(trans, delay)) {
    component::request_arrived(from, trans, delay);
  }
}

void rtl_device::receive(pcie::port& /*from*/, pcie::payload& trans, sc_core::sc_time& delay) {
  if (parts_ == nullptr || !is_encodable(trans)) {
    unsupported(trans);
  } else if (is_lost_message(trans)) {
    complete(trans, pcie::completion_status::successful);
  } else {
    clocking_->receive(trans, delay);
  }
}

/// A message that is not aligned reaches memory, but no register [behaviour 5]. On a link such a
/// TLP does not exist, so it does not come to the core.
bool rtl_device::is_lost_message(const pcie::payload& trans) const {
  bar_hit hit{};
  return pcie::tlp_of(trans).msix && trans.get_address() % 4 != 0 && decode(trans, hit) &&
         hit.bar != 2;
}

// ---- from the fabric

server_message_result rtl_device::digest(const server_message& message) {
  return parts_->peers.digest(message);
}

void rtl_device::introduce(peer_id peer, unsigned vectors) {
  parts_->peers.introduce(peer, vectors);
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
  parts_->driver.notify(static_cast<std::uint16_t>(to_int(vector)), clocking_->input_cycle());
  clocking_->input();
  clocking_->send_messages();
}

}  // namespace ivshmem::rtl
