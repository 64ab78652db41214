// SPDX-License-Identifier: Apache-2.0
//
// Model and RTL side by side: both get what comes in, and what leaves is the model's.
#include "ivshmem/rtl_bridge/lockstep_device.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core_setup.h"
#include "ivshmem/rtl_bridge/tlp_names.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem::rtl {

namespace {

timing_config exact(timing_config timing) {
  timing.mode = timing_mode::tlm_cycle;
  return timing;
}

}  // namespace

/// The fabric as the model sees it. What the fabric calls goes through the lockstep device, so that
/// the RTL is shown it first.
class lockstep_device::model_seat final : public fabric_seat {
 public:
  explicit model_seat(lockstep_device& owner) noexcept : owner_(owner) {}

  peer_id id() const override { return owner_.seat()->id(); }
  memory_view memory() const override { return owner_.memory(); }
  unsigned vectors() const override { return owner_.seat()->vectors(); }
  void ring(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override {
    owner_.seat()->ring(peer, vector, delay);
  }
  fabric_client& model() const noexcept { return *client(); }

 private:
  void attached() override {}
  void detached() override {}

  lockstep_device& owner_;
};

lockstep_device::lockstep_device(const sc_core::sc_module_name& name, const timing_config& timing,
                                 const lockstep_device_config& options)
    : device_place(name, exact(timing)),
      options_(options),
      clock_(this->timing().clock_period),
      model_seat_(std::make_unique<model_seat>(*this)),
      model_("model", this->timing()) {
  model_port_.bind(model_.pcie);
  model_.stall_with(options_.stalls);
}

lockstep_device::lockstep_device(const sc_core::sc_module_name& name,
                                 const device_properties& properties, memory_view memory,
                                 const timing_config& timing, const lockstep_device_config& options)
    : lockstep_device(name, timing, options) {
  report_refusal(this->name(), insert(properties, memory));
}

lockstep_device::lockstep_device(const sc_core::sc_module_name& name,
                                 const device_properties& properties, fabric_seat& seat,
                                 const timing_config& timing, const lockstep_device_config& options)
    : lockstep_device(name, timing, options) {
  report_refusal(this->name(), insert(properties, seat));
}

lockstep_device::~lockstep_device() {
  model_.observe_cycles(nullptr);
  detach();
}

// ---- the place

result<void, property_error> lockstep_device::refusal(const device_properties& properties) const {
  return refused_by_rtl(properties);
}

const config_space& lockstep_device::make_device(peer_id id) {
  // What the place took, the model takes.
  const auto taken = seat() != nullptr ? model_.insert(properties(), *model_seat_)
                                       : model_.insert(properties(), memory());
  assert(taken);
  static_cast<void>(taken);
  lockstep_checker_config settings;
  settings.driver = straps_of(properties(), id, memory(), timing());
  settings.driver.stalls = options_.stalls;
  settings.hot_plugged = properties().hot_plugged;
  settings.waveform = options_.waveform;
  settings.period_ps = picoseconds(timing().clock_period);
  unsupported_before_ = model_.unsupported_requests();
  checker_ = std::make_unique<lockstep_checker>(settings, clock_.cycle_at());
  checker_->disguise(disguise_);
  model_.observe_cycles(checker_.get());
  return model_.inserted()->config();
}

void lockstep_device::remove_device() {
  finish();
  model_.observe_cycles(nullptr);
  tlps_before_ = tlps();
  cycles_before_ = cycles();
  checker_.reset();
  model_.eject();
}

void lockstep_device::reset() {
  if (checker_ != nullptr) {
    follow();
    checker_->function_reset(clock_.cycle_at());
  }
  model_.reset();
}

// ---- following

void lockstep_device::follow() {
  if (!checker_->follow(clock_.cycle_at())) {
    report();
  }
}

void lockstep_device::report() {
  if (difference_.empty()) {
    difference_ = checker_->report();
    report_error(report_type::lockstep, name(), difference_);
  }
}

bool lockstep_device::finish() {
  if (checker_ != nullptr) {
    follow();
    const device& own = *model_.inserted();
    const bool owes = own.next_owed(0) < own.interrupts().vectors() ||
                      (own.properties().has_intx() && !model_.is_idle());
    // While it owes a message, the RTL would send what the model has not announced.
    if (!owes && !checker_->finish(own, model_.unsupported_requests() - unsupported_before_)) {
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

std::optional<comparison> lockstep_device::finish_comparison() {
  finish();
  return comparison{tlps(), cycles()};
}

std::string lockstep_device::verdict() const {
  if (!difference_.empty()) {
    return difference_;
  }
  return "0 differences in " + std::to_string(tlps()) + " TLPs, " + std::to_string(cycles()) +
         " cycles";
}

void lockstep_device::disguise(tlp_disguise* with) noexcept {
  disguise_ = with;
  if (checker_ != nullptr) {
    checker_->disguise(with);
  }
}

// ---- the bus

/// The RTL gets what the model is about to get.
void lockstep_device::show_request(const pcie::payload& trans, const sc_core::sc_time& delay) {
  follow();
  checker_->request(trans, clock_.cycle_at(delay));
}

void lockstep_device::request_arrived(pcie::port& from, pcie::payload& trans,
                                      const sc_core::sc_time& delay) {
  if (&from == &model_port_) {
    pcie.send_request(trans, delay);
    return;
  }
  if (checker_ != nullptr) {
    if (!is_encodable(trans)) {
      component::request_arrived(from, trans, delay);  // no TLP: the RTL cannot even see it
      return;
    }
    show_request(trans, delay);
  }
  model_port_.send_request(trans, delay);
}

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
  show_request(trans, delay);
  model_port_.send(trans, delay);
}

void lockstep_device::completion_arrived(pcie::port& /*from*/, pcie::payload& trans,
                                         const sc_core::sc_time& delay) {
  pcie.send_completion(trans, delay);
}

void lockstep_device::accepted(pcie::port& from, pcie::payload& trans, bool completion) {
  (&from == &pcie ? model_port_ : pcie).accept(trans, completion);
}

// ---- the fabric

server_message_result lockstep_device::digest(const server_message& message) {
  return model_seat_->model().digest(message);
}

void lockstep_device::introduce(peer_id peer, unsigned vectors) {
  model_seat_->model().introduce(peer, vectors);
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
  checker_->notify(static_cast<std::uint16_t>(shown), clock_.cycle_at());
  model_seat_->model().notify(vector);
}

}  // namespace ivshmem::rtl
