// SPDX-License-Identifier: Apache-2.0
//
// endpoint.h, the place: devices come and go, are reset, saved and loaded.
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
  if (timing_.clock_period == sc_core::SC_ZERO_TIME) {
    SC_REPORT_ERROR(this->name(), "clock_period = 0: allowed is any time above 0");
  }
  if (timing_.beat_bytes != 8 && timing_.beat_bytes != 16 && timing_.beat_bytes != 32) {
    SC_REPORT_ERROR(this->name(), ("beat_bytes = " + std::to_string(timing_.beat_bytes) +
                                   ": allowed is 8, 16 or 32")
                                      .c_str());
  }
  if (timing_.mode == timing_mode::tlm_cycle) {
    pipeline_ = std::make_unique<pipeline>(*this);
    SC_HAS_PROCESS(endpoint);
    SC_METHOD(run_pipeline);
    sensitive << pipeline_->due();
    dont_initialize();
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
  device_.reset();
  if (observer_ != nullptr && last_pending_ != 0) {
    observer_->on_pending(0, sc_core::SC_ZERO_TIME);
  }
  last_pending_ = 0;
  watch_windows();
}

void endpoint::reset() {
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
