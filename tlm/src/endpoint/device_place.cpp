// SPDX-License-Identifier: Apache-2.0
//
// endpoint.h, the place: devices come and go, are reset, saved and loaded.
#include <array>
#include <string>

#include "endpoint_pipeline.h"

namespace ivshmem {

namespace {

void report(const char* name, const std::optional<property_error>& error) {
  if (error) {
    SC_REPORT_ERROR(name, error->text().c_str());
  }
}

}  // namespace

endpoint::endpoint(const sc_core::sc_module_name& name, const device_timing& timing)
    : sc_module(name), timing_(timing) {
  check_timing();
  if (timing_.mode != timing_mode::functional) {
    pipeline_ = std::make_unique<pipeline>(*this);
  }
  if (is_exact()) {
    SC_HAS_PROCESS(endpoint);
    SC_METHOD(run_pipeline);
    sensitive << pipeline_->due();
    dont_initialize();
  }
}

void endpoint::check_timing() const {
  const auto report = [this](const char* what, unsigned value, const char* allowed) {
    SC_REPORT_ERROR(
        name(),
        (std::string(what) + " = " + std::to_string(value) + ": allowed is " + allowed).c_str());
  };
  if (timing_.clock_period == sc_core::SC_ZERO_TIME) {
    report("clock_period", 0, "any time above 0");
  }
  if (timing_.beat_bytes != 8 && timing_.beat_bytes != 16 && timing_.beat_bytes != 32) {
    report("beat_bytes", timing_.beat_bytes, "8, 16 or 32");
  }
  if (timing_.memory_latency_cycles == 0) {
    report("memory_latency_cycles", 0, "1 or more");
  }
  if (timing_.memory_write_latency_cycles < 1 || timing_.memory_write_latency_cycles > 64) {
    report("memory_write_latency_cycles", timing_.memory_write_latency_cycles, "1 to 64");
  }
  const unsigned payload = timing_.max_payload_bytes;
  if (payload < 128 || payload > 4096 || (payload & (payload - 1)) != 0) {
    report("max_payload_bytes", payload, "128, 256, 512, 1024, 2048 or 4096");
  }
}

endpoint::endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
                   memory_view memory, const device_timing& timing)
    : endpoint(name, timing) {
  report(this->name(), insert(properties, memory));
}

endpoint::endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
                   fabric_seat& seat, const device_timing& timing)
    : endpoint(name, timing) {
  report(this->name(), insert(properties, seat));
}

const char* endpoint::view_name() const noexcept {
  constexpr std::array names{"functional", "tlm-lt", "tlm-cycle"};
  return names[static_cast<std::size_t>(timing_.mode)];
}

endpoint::~endpoint() {
  if (seat_ != nullptr) {
    seat_->detach();
  }
}

std::optional<property_error> endpoint::install(const device_properties& properties, peer_id id,
                                                memory_view memory) {
  if (device_ != nullptr) {
    return property_error{"device", to_string(device_->properties().variant),
                          "allowed is one device in a place, eject it first"};
  }
  if (auto error = check(properties, memory.bytes, id)) {
    return error;
  }
  device_ = std::make_unique<device>(properties, id, memory, static_cast<device_host&>(*this));
  window_changes_ = device_->config().window_changes();
  last_pending_ = 0;
  return std::nullopt;
}

std::optional<property_error> endpoint::insert(const device_properties& properties,
                                               memory_view memory) {
  return install(properties, peer_id{}, memory);
}

std::optional<property_error> endpoint::insert(const device_properties& properties,
                                               fabric_seat& seat) {
  auto error = install(properties, seat.id(), seat.memory());
  if (!error) {
    seat_ = &seat;
    seat.attach(*this);
  }
  return error;
}

void endpoint::eject() {
  if (seat_ != nullptr) {
    seat_->detach();
    seat_ = nullptr;
  }
  if (device_ != nullptr && device_->intx()) {
    set_intx(false);
  }
  if (is_exact()) {
    pipeline_->clear();
  }
  device_.reset();
  if (observer_ != nullptr && last_pending_ != 0) {
    observer_->on_pending(0, sc_core::SC_ZERO_TIME);
  }
  last_pending_ = 0;
  watch_windows();
}

void endpoint::reset() {
  if (is_exact()) {
    pipeline_->reset();
  } else {
    reset_device();
  }
}

void endpoint::stall_with(const stall_pattern* stalls) noexcept {
  if (is_exact()) {
    pipeline_->stall_with(stalls);
  }
}

void endpoint::reset_device() {
  if (device_ != nullptr) {
    device_->reset();
    if (observer_ != nullptr) {
      observer_->on_reset();
      watch_pending();
    }
    watch_windows();
  }
}

std::optional<snapshot_error> endpoint::save(std::ostream& out) const {
  return ivshmem::save(*device_, out);
}

std::optional<snapshot_error> endpoint::load(std::istream& in) {
  auto error = ivshmem::load(*device_, in);
  if (!error) {
    watch_windows();
    if (observer_ != nullptr) {
      watch_pending();
    }
  }
  return error;
}

}  // namespace ivshmem
