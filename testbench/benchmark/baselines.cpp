// SPDX-License-Identifier: Apache-2.0
//
// What the measurements are compared with.
#include "baselines.h"

#include <cstring>
#include <string>

#include "ivshmem/tlm/driver.h"

namespace ivshmem::test {

bare_pair::bare_pair(const sc_core::sc_module_name& name) : sc_module(name) {
  to.register_b_transport(this, &bare_pair::b_transport);
  from.bind(to);
}

void bare_pair::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& /*delay*/) {
  std::uint32_t value = 0;
  if (trans.is_write()) {
    std::memcpy(&value, trans.get_data_ptr(), sizeof value);
    switch (trans.get_address()) {
      case bar0::intr_mask.offset:
        mask_ = value;
        break;
      case bar0::intr_status.offset:
        status_ = value;
        break;
      case bar0::doorbell.offset:
        ++doorbells_;
        break;
      default:
        break;
    }
  } else {
    switch (trans.get_address()) {
      case bar0::intr_mask.offset:
        value = mask_;
        break;
      case bar0::intr_status.offset:
        value = status_;
        status_ = 0;
        break;
      case bar0::iv_position.offset:
        value = 7;
        break;
      default:
        break;
    }
    std::memcpy(trans.get_data_ptr(), &value, sizeof value);
  }
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

bare_four_phase::bare_four_phase(const sc_core::sc_module_name& name) : sc_module(name) {
  to.register_nb_transport_fw(this, &bare_four_phase::forward);
  from.register_nb_transport_bw(this, &bare_four_phase::backward);
  from.bind(to);
  SC_HAS_PROCESS(bare_four_phase);
  SC_METHOD(respond);
  sensitive << request_;
  dont_initialize();
}

void bare_four_phase::transact(tlm::tlm_generic_payload& trans) {
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  from->nb_transport_fw(trans, phase, delay);
  sc_core::wait(done_);
}

tlm::tlm_sync_enum bare_four_phase::forward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                            sc_core::sc_time& /*delay*/) {
  if (phase == tlm::BEGIN_REQ) {
    current_ = &trans;
    request_.notify(4, sc_core::SC_NS);
  }
  return tlm::TLM_ACCEPTED;
}

void bare_four_phase::respond() {
  sc_core::sc_time delay;
  tlm::tlm_phase phase = tlm::END_REQ;
  to->nb_transport_bw(*current_, phase, delay);
  std::uint32_t value = 7;
  std::memcpy(current_->get_data_ptr(), &value, sizeof value);
  current_->set_response_status(tlm::TLM_OK_RESPONSE);
  phase = tlm::BEGIN_RESP;
  delay = sc_core::sc_time(4, sc_core::SC_NS);
  to->nb_transport_bw(*current_, phase, delay);
}

tlm::tlm_sync_enum bare_four_phase::backward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP) {
    return tlm::TLM_ACCEPTED;
  }
  done_.notify(delay);
  tlm::tlm_phase end = tlm::END_RESP;
  sc_core::sc_time later = delay;
  from->nb_transport_fw(trans, end, later);
  return tlm::TLM_ACCEPTED;
}

namespace {

pcie::root_complex_config root_config(timing_mode mode) {
  pcie::root_complex_config config;
  config.mode = mode;
  return config;
}

timing_config timing_of(timing_mode mode) {
  timing_config timing;
  timing.mode = mode;
  return timing;
}

device_properties doorbell(unsigned vectors) {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  properties.vectors = vectors;
  return properties;
}

}  // namespace

node::node(const sc_core::sc_module_name& name, timing_mode mode, unsigned hops, fabric_seat& seat,
           unsigned vectors)
    : sc_module(name),
      root("root", root_config(mode)),
      device("device", doorbell(vectors), seat, timing_of(mode)),
      interrupts("interrupts", [this](std::uint64_t, std::uint32_t) {
        ++messages;
        interrupted.notify();
      }) {
  cpu.bind(root.cpu);
  root.dma.bind(interrupts.bus);
  pcie::port* above = &root.downstream(0);
  for (unsigned i = 0; i < hops; ++i) {
    pcie::link_config link_config;
    link_config.mode = mode;
    pcie::packet_switch_config switch_config;
    switch_config.mode = mode;
    links_.push_back(
        std::make_unique<pcie::link>(("link_" + std::to_string(i)).c_str(), link_config));
    switches_.push_back(std::make_unique<pcie::packet_switch>(
        ("switch_" + std::to_string(i)).c_str(), switch_config));
    above->bind(links_.back()->upstream);
    links_.back()->downstream.bind(switches_.back()->upstream);
    above = &switches_.back()->downstream(0);
  }
  above->bind(device.pcie);
}

void node::start() {
  pcie::ecam_access config(*cpu.operator->(), root.config().ecam.base);
  const auto function =
      find_device(pcie::enumerate(config, {root.config().mmio[0], root.config().mmio[1]}));
  if (!function) {
    SC_REPORT_ERROR(name(), to_string(function.error()).c_str());
    return;
  }
  pci_access access(config, *cpu.operator->(), *function, annotated_delay::ignored);
  driver guest(access, function->msix_vectors);
  for (unsigned i = 0; i < 3; ++i) {
    bar[i] = access.address(i);
  }
  guest.set_up_vectors(root.config().msi.base);
}

void node::access(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes) {
  trans_.set_command(command);
  trans_.set_address(address);
  trans_.set_data_ptr(static_cast<unsigned char*>(data));
  trans_.set_data_length(bytes);
  trans_.set_streaming_width(bytes);
  trans_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay;
  cpu->b_transport(trans_, delay);
}

}  // namespace ivshmem::test
