// SPDX-License-Identifier: Apache-2.0
//
// The model in a place: hands what comes from the bus and the fabric to the engine.
#include "ivshmem/tlm/endpoint.h"

#include <cstring>

#include "engine.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem {

endpoint::endpoint(const sc_core::sc_module_name& name, const timing_config& timing)
    : device_place(name, timing), engine_(endpoint_engine::make(*this)) {
  if (engine_->due() != nullptr) {
    SC_HAS_PROCESS(endpoint);
    SC_METHOD(step);
    sensitive << *engine_->due();
    dont_initialize();
  }
}

endpoint::endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
                   memory_view memory, const timing_config& timing)
    : endpoint(name, timing) {
  report_refusal(this->name(), insert(properties, memory));
}

endpoint::endpoint(const sc_core::sc_module_name& name, const device_properties& properties,
                   fabric_seat& seat, const timing_config& timing)
    : endpoint(name, timing) {
  report_refusal(this->name(), insert(properties, seat));
}

endpoint::~endpoint() { detach(); }

device_view endpoint::view() const noexcept { return static_cast<device_view>(timing().mode); }

// ---- the device

const config_space& endpoint::make_device(peer_id id) {
  device_ =
      std::make_unique<device>(properties(), id, memory(), *engine_, timing().max_payload_bytes);
  engine_->made(*device_);
  return device_->config();
}

void endpoint::remove_device() {
  engine_->finish();
  if (device_->intx()) {
    engine_->set_intx(false);
  }
  device_.reset();
  engine_->removed();
}

void endpoint::reset() { engine_->reset(); }

void endpoint::trace_registers(bool on) noexcept {
  if (device_ != nullptr) {
    device_->trace_registers(on);
  }
}

result<void, snapshot_error> endpoint::save(std::ostream& out) const {
  if (is_empty()) {
    return snapshot_error{snapshot_error::kind::no_device};
  }
  return ivshmem::save(*device_, out);
}

result<void, snapshot_error> endpoint::load(std::istream& in) {
  if (is_empty()) {
    return snapshot_error{snapshot_error::kind::no_device};
  }
  auto loaded = ivshmem::load(*device_, in);
  if (loaded) {
    engine_->loaded();
  }
  return loaded;
}

const peer_table& endpoint::peers() const {
  return is_empty() ? nobodys_peers() : device_->peers();
}

const device_statistics& endpoint::statistics() const {
  return is_empty() ? nobodys_statistics() : device_->statistics();
}

std::uint32_t endpoint::peek_config(std::uint32_t offset, unsigned bytes) const {
  return is_empty() ? ones(bytes) : device_->config_read(offset, bytes);
}

void endpoint::peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
                    std::size_t bytes) const {
  if (is_empty()) {
    std::memset(data, 0xff, bytes);
  } else {
    device_->peek(bar, offset, data, bytes);
  }
}

// ---- to the engine

bool endpoint::is_idle() const noexcept { return engine_->is_idle(); }

bool endpoint::allows_dmi() const noexcept { return engine_->allows_dmi(); }
pcie::route_target* endpoint::direct_target() noexcept { return engine_->direct_target(); }
std::uint64_t endpoint::malformed_requests() const noexcept {
  return engine_->malformed_requests();
}
void endpoint::observe_cycles(cycle_observer* observer) noexcept {
  engine_->observe_cycles(observer);
}
void endpoint::stall_with(const stall_pattern* stalls) noexcept { engine_->stall_with(stalls); }

void endpoint::receive(pcie::port& /*from*/, pcie::payload& trans, sc_core::sc_time& delay) {
  engine_->receive(trans, delay);
}

void endpoint::request_arrived(pcie::port& from, pcie::payload& trans,
                               const sc_core::sc_time& delay) {
  if (!engine_->arrived(trans, delay)) {
    component::request_arrived(from, trans, delay);
  }
}

server_message_result endpoint::digest(const server_message& message) {
  return device_->digest(message);
}

void endpoint::introduce(peer_id peer, unsigned vectors) { device_->introduce(peer, vectors); }

void endpoint::notify(vector_index vector) {
  if (observer() != nullptr) {
    observer()->on_notify(vector);
  }
  engine_->notify(vector);
}

void endpoint::step() { engine_->step(); }

}  // namespace ivshmem
