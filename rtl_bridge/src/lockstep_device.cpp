// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/rtl_bridge/lockstep_device.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ivshmem/rtl_bridge/tlp_codec.h"
#include "straps_of.h"

namespace ivshmem::rtl {

namespace {

device_timing exact(device_timing timing) {
  timing.mode = timing_mode::tlm_cycle;
  return timing;
}

}  // namespace

lockstep_device::lockstep_device(const sc_core::sc_module_name& name, device_timing timing,
                                 const lockstep_options& options)
    : sc_module(name),
      timing_(exact(std::move(timing))),
      options_(options),
      model_("model", timing_) {
  model_port_.bind(model_.pcie);
  model_.stall_with(options_.stalls);
}

lockstep_device::~lockstep_device() { model_.observe_cycles(nullptr); }

// ---- the place

std::optional<property_error> lockstep_device::refuse(const device_properties& properties) const {
  if (properties.irq_path != interrupt_path::event_loop) {
    return property_error{"irq_path", "irqfd",
                          "the RTL has no hypervisor around it: allowed is event_loop"};
  }
  return std::nullopt;
}

std::optional<property_error> lockstep_device::insert(const device_properties& properties,
                                                      memory_view memory) {
  auto error = refuse(properties);
  if (!error) {
    error = model_.insert(properties, memory);
  }
  if (!error) {
    begin(peer_id{}, memory);
  }
  return error;
}

std::optional<property_error> lockstep_device::insert(const device_properties& properties,
                                                      fabric_seat& seat) {
  if (auto error = refuse(properties)) {
    return error;
  }
  fabric_seat* const before = seat_;
  seat_ = &seat;
  auto error = model_.insert(properties, static_cast<fabric_seat&>(*this));
  if (error) {
    seat_ = before;
  }
  return error;
}

void lockstep_device::attach(fabric_client& client) {
  client_ = &client;
  begin(seat_->id(), seat_->memory());
  seat_->attach(*this);
}

void lockstep_device::begin(peer_id id, memory_view memory) {
  lockstep_settings settings;
  settings.driver = straps_of(model_.properties(), id, memory, timing_);
  settings.driver.stalls = options_.stalls;
  settings.hot_plugged = model_.properties().hot_plugged;
  settings.waveform = options_.waveform;
  settings.period_ps =
      static_cast<std::uint64_t>(timing_.clock_period / sc_core::sc_time(1, sc_core::SC_PS));
  unsupported_before_ = model_.unsupported_requests();
  checker_ = std::make_unique<lockstep_checker>(settings, cycle_at(sc_core::SC_ZERO_TIME));
  model_.observe_cycles(checker_.get());
}

void lockstep_device::eject() {
  finish();
  model_.observe_cycles(nullptr);
  tlps_before_ = tlps();
  cycles_before_ = cycles();
  checker_.reset();
  model_.eject();
  seat_ = nullptr;
}

void lockstep_device::reset() {
  if (checker_ != nullptr) {
    follow();
    checker_->function_reset(cycle_at(sc_core::SC_ZERO_TIME));
  }
  model_.reset();
}

// ---- following

/// First cycle whose edge is not before `delay` from now.
std::uint64_t lockstep_device::cycle_at(const sc_core::sc_time& delay) const {
  const std::uint64_t period = timing_.clock_period.value();
  return ((sc_core::sc_time_stamp() + delay).value() + period - 1) / period;
}

void lockstep_device::follow() {
  if (!checker_->follow(cycle_at(sc_core::SC_ZERO_TIME))) {
    report();
  }
}

void lockstep_device::report() {
  if (difference_.empty()) {
    difference_ = checker_->report();
    SC_REPORT_ERROR(name(), difference_.c_str());
  }
}

bool lockstep_device::finish() {
  if (checker_ != nullptr) {
    follow();
    if (!checker_->finish(*model_.inserted(),
                          model_.unsupported_requests() - unsupported_before_)) {
      report();
    }
  }
  return difference_.empty();
}

std::uint64_t lockstep_device::tlps() const noexcept {
  return tlps_before_ + (checker_ != nullptr ? checker_->tlps() : 0);
}

std::uint64_t lockstep_device::cycles() const noexcept {
  return cycles_before_ + (checker_ != nullptr ? checker_->cycles() : 0);
}

std::string lockstep_device::verdict() const {
  if (!difference_.empty()) {
    return difference_;
  }
  return "0 differences in " + std::to_string(tlps()) + " TLPs, " + std::to_string(cycles()) +
         " cycles";
}

// ---- the bus

void lockstep_device::request_arrived(pcie::port& from, pcie::payload& trans,
                                      const sc_core::sc_time& delay) {
  if (&from == &model_port_) {
    pcie.send_request(trans, delay);
    return;
  }
  if (checker_ != nullptr) {
    if (!is_encodable(trans)) {
      // No TLP: the RTL cannot even see it.
      trans.acquire();
      from.accept(trans, false);
      complete(trans, pcie::completion_status::unsupported_request);
      if (!pcie::tlp_of(trans).is_posted()) {
        from.send_completion(trans, delay);
      }
      trans.release();
      return;
    }
    follow();
    raw_tlp& tlp = checker_->request(trans, cycle_at(delay));
    if (disguise_ != nullptr) {
      disguise_->change(trans, tlp);
    }
  }
  model_port_.send_request(trans, delay);
}

void lockstep_device::completion_arrived(pcie::port& /*from*/, pcie::payload& trans,
                                         const sc_core::sc_time& delay) {
  if (callers_.empty() || !wake_caller(trans)) {
    pcie.send_completion(trans, delay);
  } else {
    model_port_.accept(trans, true);
  }
}

void lockstep_device::accepted(pcie::port& from, pcie::payload& trans, bool completion) {
  if (&from == &pcie) {
    model_port_.accept(trans, completion);
  } else if (callers_.empty() ||
             !std::any_of(callers_.begin(), callers_.end(),
                          [&](const auto& one) { return one.trans == &trans; })) {
    pcie.accept(trans, completion);
  } else if (pcie::tlp_of(trans).is_posted()) {
    wake_caller(trans);
  }
}

/// Blocking transport: a copy goes the way that everything goes.
void lockstep_device::receive(pcie::port& from, pcie::payload& trans, sc_core::sc_time& delay) {
  if (&from == &model_port_) {
    pcie.send(trans, delay);
    return;
  }
  if (checker_ == nullptr || !is_encodable(trans)) {
    complete(trans, pcie::completion_status::unsupported_request);
    return;
  }
  sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  pcie::payload& copy = pool_.allocate(trans.get_data_length());
  copy.set_command(trans.get_command());
  copy.set_address(trans.get_address());
  copy.set_byte_enable_ptr(trans.get_byte_enable_ptr());
  copy.set_byte_enable_length(trans.get_byte_enable_length());
  std::copy_n(trans.get_data_ptr(), trans.get_data_length(), copy.get_data_ptr());
  pcie::tlp_of(copy).header() = pcie::tlp_of(trans).header();
  sc_core::sc_event done;
  callers_.push_back({&copy, &done});
  request_arrived(from, copy, delay);
  sc_core::wait(done);
  // The reference that allocate() gave is held until here.
  // NOLINTNEXTLINE(clang-analyzer-unix.Malloc)
  std::copy_n(copy.get_data_ptr(), trans.get_data_length(), trans.get_data_ptr());
  pcie::tlp_of(trans).header() = pcie::tlp_of(copy).header();
  complete(trans, pcie::tlp_of(copy).status);
  copy.release();
}

bool lockstep_device::wake_caller(const pcie::payload& trans) {
  const auto found = std::find_if(callers_.begin(), callers_.end(),
                                  [&](const auto& one) { return one.trans == &trans; });
  if (found == callers_.end()) {
    return false;
  }
  found->done->notify(sc_core::SC_ZERO_TIME);
  callers_.erase(found);
  return true;
}

unsigned lockstep_device::receive_debug(pcie::port& from, pcie::payload& trans) {
  return &from == &model_port_ ? pcie.send_debug(trans) : model_port_.send_debug(trans);
}

void lockstep_device::dmi_invalidated(pcie::port& from, std::uint64_t first, std::uint64_t last) {
  if (&from == &model_port_) {
    pcie.invalidate_dmi(first, last);
  }
}

void lockstep_device::hot_reset(pcie::port& /*from*/) { reset(); }

bool lockstep_device::claims(pcie::port& from, const pcie::payload& trans) {
  return &from == &model_port_ || model_port_.leads_to(trans);
}

// ---- the fabric

message_result lockstep_device::digest(const server_message& message) {
  return client_->digest(message);
}

void lockstep_device::notify(vector_index vector) {
  follow();
  unsigned shown = to_int(vector);
  if (shown >= peers().own_vectors()) {
    // One that the fabric has not set up is shown as one that the core does not have.
    const unsigned first = properties().has_msix() ? properties().vectors : 0;
    shown = std::min(std::max(shown, first), max_vectors - 1);
    if (properties().has_intx() || shown < first) {
      return;  // no fabric rings it, and the RTL cannot tell it from one that exists
    }
  }
  checker_->notify(static_cast<std::uint16_t>(shown), cycle_at(sc_core::SC_ZERO_TIME));
  client_->notify(vector);
}

}  // namespace ivshmem::rtl
