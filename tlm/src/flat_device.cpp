// SPDX-License-Identifier: Apache-2.0
//
// The device without PCI: three sockets and an interrupt line.
#include "ivshmem/tlm/flat_device.h"

#include <algorithm>
#include <string>

#include "ivshmem/tlm/report.h"

namespace ivshmem {

namespace {

device_properties flat_properties(const char* name, fabric_seat& seat, unsigned vectors) {
  device_properties properties;
  properties.variant = device_variant::legacy;
  properties.msi = false;
  properties.ioeventfd = false;
  properties.vectors = vectors;
  auto checked = check(properties, seat.memory().bytes, seat.id());
  checked = checked ? check(seat.memory(), &seat) : checked;
  if (!checked) {
    report_error(report_type::parameter, name, checked.error().text());
  }
  return properties;
}

}  // namespace

flat_device::flat_device(const sc_core::sc_module_name& name, fabric_seat& seat, unsigned vectors)
    : sc_module(name),
      seat_(&seat),
      device_(flat_properties(this->name(), seat, vectors), seat.id(), seat.memory(),
              static_cast<device_callbacks&>(*this)) {
  int bar = 0;
  for (auto* socket : {&registers, &msix, &memory}) {
    socket->register_b_transport(this, &flat_device::b_transport, bar);
    socket->register_transport_dbg(this, &flat_device::transport_dbg, bar);
    socket->register_get_direct_mem_ptr(this, &flat_device::get_direct_mem_ptr, bar);
    ++bar;
  }
  SC_HAS_PROCESS(flat_device);
  SC_METHOD(drive_irq);
  sensitive << irq_changed_;
  dont_initialize();
  if (seat.is_taken()) {
    seat_ = &lost_seat();  // reported
  } else {
    seat_->attach(static_cast<fabric_client&>(*this));
  }
}

flat_device::~flat_device() { seat_->detach(); }

tlm::tlm_response_status flat_device::check(unsigned bar,
                                            const tlm::tlm_generic_payload& trans) const {
  const std::uint64_t size = device_.config().bar_bytes(bar);
  if (trans.get_address() >= size || trans.get_data_length() > size - trans.get_address()) {
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  if (trans.get_byte_enable_ptr() != nullptr) {
    return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  }
  return trans.get_streaming_width() < trans.get_data_length() ? tlm::TLM_BURST_ERROR_RESPONSE
                                                               : tlm::TLM_OK_RESPONSE;
}

void flat_device::b_transport(int bar, tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  const auto index = static_cast<unsigned>(bar);
  trans.set_response_status(check(index, trans));
  if (trans.is_response_error()) {
    return;
  }
  delay_ = delay;
  if (trans.is_read()) {
    device_.read(index, trans.get_address(), trans.get_data_ptr(), trans.get_data_length());
  } else if (trans.is_write()) {
    device_.write(index, trans.get_address(), trans.get_data_ptr(), trans.get_data_length());
  }
  trans.set_dmi_allowed(index == 2);
}

unsigned flat_device::transport_dbg(int bar, tlm::tlm_generic_payload& trans) {
  const auto index = static_cast<unsigned>(bar);
  const std::uint64_t size = device_.config().bar_bytes(index);
  const std::uint64_t address = trans.get_address();
  if (address >= size || (!trans.is_read() && index != 2)) {
    return 0;
  }
  const auto bytes =
      static_cast<unsigned>(std::min<std::uint64_t>(trans.get_data_length(), size - address));
  if (trans.is_read()) {
    device_.peek(index, address, trans.get_data_ptr(), bytes);
  } else if (trans.is_write()) {
    device_.write(index, address, trans.get_data_ptr(), bytes);
  }
  return bytes;
}

bool flat_device::get_direct_mem_ptr(int bar, tlm::tlm_generic_payload& /*trans*/,
                                     tlm::tlm_dmi& dmi) {
  if (bar != 2) {
    return false;
  }
  dmi.allow_read_write();
  dmi.set_start_address(0);
  dmi.set_end_address(device_.memory().bytes - 1);
  dmi.set_dmi_ptr(device_.memory().data);
  return true;
}

void flat_device::ring(peer_id peer, vector_index vector) { seat_->ring(peer, vector, delay_); }

void flat_device::set_intx(bool /*asserted*/) { irq_changed_.notify(sc_core::SC_ZERO_TIME); }

// The line has one driver, whichever process changed it: a plain sc_signal allows no more.
void flat_device::drive_irq() {
  if (irq.size() != 0) {
    irq->write(device_.intx());
  }
}

void flat_device::dropped(drop_cause cause, peer_id peer, vector_index vector) {
  drop_warnings_.dropped(name(), cause, peer, vector);
}

// What this variant has no use for: it sends no messages.
void flat_device::send_message(vector_index /*vector*/, const msix_message& /*message*/,
                               bool /*injected*/) {}
void flat_device::blocked_reentry(unsigned /*bar*/, std::uint32_t /*offset*/) {}
void flat_device::register_access(unsigned /*bar*/, bool /*write*/, std::uint32_t /*offset*/,
                                  std::uint32_t /*value*/) {}

server_message_result flat_device::digest(const server_message& message) {
  return device_.digest(message);
}

void flat_device::introduce(peer_id peer, unsigned vectors) { device_.introduce(peer, vectors); }

void flat_device::notify(vector_index vector) {
  delay_ = sc_core::SC_ZERO_TIME;
  device_.notify(vector);
}

}  // namespace ivshmem
