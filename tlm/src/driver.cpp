// SPDX-License-Identifier: Apache-2.0
//
// A driver's accesses as TLM-2.0 transactions, and its waiting for interrupts.
#include "ivshmem/tlm/driver.h"

#include <string>

namespace ivshmem {

namespace {

constexpr std::uint32_t all_ones = 0xffff'ffff;  // what nobody answered

/// One dword in either direction; false when the target answered with an error.
bool transport(tlm::tlm_blocking_transport_if<>& to, tlm::tlm_command command,
               std::uint64_t address, std::uint32_t& value, annotated_delay how) {
  tlm::tlm_generic_payload trans;
  trans.set_command(command);
  trans.set_address(address);
  trans.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  trans.set_data_length(sizeof value);
  trans.set_streaming_width(sizeof value);
  sc_core::sc_time delay;
  to.b_transport(trans, delay);
  if (how == annotated_delay::waited_for && delay != sc_core::SC_ZERO_TIME) {
    sc_core::wait(delay);
  }
  return trans.is_response_ok();
}

std::uint32_t read(tlm::tlm_blocking_transport_if<>& from, std::uint64_t address,
                   annotated_delay how, std::uint64_t& failed) {
  std::uint32_t value = 0;
  if (transport(from, tlm::TLM_READ_COMMAND, address, value, how)) {
    return value;
  }
  ++failed;
  return all_ones;
}

void write(tlm::tlm_blocking_transport_if<>& to, std::uint64_t address, std::uint32_t value,
           annotated_delay how, std::uint64_t& failed) {
  if (!transport(to, tlm::TLM_WRITE_COMMAND, address, value, how)) {
    ++failed;
  }
}

bool is_ivshmem(const pcie::enumerated_function& function) {
  return function.vendor_id == cfg::vendor_id.reset && function.device_id == cfg::device_id.reset;
}

}  // namespace

result<pcie::enumerated_function> find_device(
    const result<std::vector<pcie::enumerated_function>, pcie::enumeration_error>& found,
    unsigned index) {
  if (!found) {
    return host_error{host_errc::driver_room, 0, index, found.error().text()};
  }
  return find_device(*found, index);
}

result<pcie::enumerated_function> find_device(
    const std::vector<pcie::enumerated_function>& functions, unsigned index) {
  unsigned devices = 0;
  for (const pcie::enumerated_function& one : functions) {
    if (is_ivshmem(one) && devices++ == index) {
      return one;
    }
  }
  return host_error{host_errc::driver_device, 0, index,
                    devices == 0 ? "no ivshmem device was found"
                                 : "must be from 0 to " + std::to_string(devices - 1)};
}

// ---- PCI

pci_access::pci_access(pcie::config_access& config, tlm::tlm_blocking_transport_if<>& cpu,
                       const pcie::enumerated_function& function, annotated_delay delay)
    : config_(config), cpu_(cpu), function_(function.id), delay_(delay) {
  for (const pcie::enumerated_bar& bar : function.bars) {
    if (bar.index < bars_.size()) {
      bars_[bar.index] = bar.base;
    }
  }
}

void pci_access::place_bars() {
  driver placer(*this, 0);
  for (unsigned bar = 0; bar < bars_.size(); ++bar) {
    if (bars_[bar] != 0) {
      placer.place_bar(bar, bars_[bar]);
    }
  }
}

std::uint32_t pci_access::read_config(std::uint32_t offset, unsigned bytes) {
  return config_.read(function_, offset, bytes);
}

void pci_access::write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) {
  config_.write(function_, offset, bytes, value);
}

std::uint32_t pci_access::read32(unsigned bar, std::uint64_t offset) {
  return read(cpu_, address(bar, offset), delay_, failed_);
}

void pci_access::write32(unsigned bar, std::uint64_t offset, std::uint32_t value) {
  write(cpu_, address(bar, offset), value, delay_, failed_);
}

// ---- no PCI

std::uint32_t flat_access::read_config(std::uint32_t /*offset*/, unsigned bytes) {
  return all_ones >> 8U * (4 - bytes);
}

void flat_access::write_config(std::uint32_t /*offset*/, unsigned /*bytes*/,
                               std::uint32_t /*value*/) {}

std::uint32_t flat_access::read32(unsigned bar, std::uint64_t offset) {
  return read(*bars_.at(bar), offset, delay_, failed_);
}

void flat_access::write32(unsigned bar, std::uint64_t offset, std::uint32_t value) {
  write(*bars_.at(bar), offset, value, delay_, failed_);
}

// ---- interrupts

void interrupt_counter::raise(std::uint64_t vector) {
  if (vector >= lines_.size()) {
    ++stray_;
    return;
  }
  ++lines_[vector].raised;
  arrived_.notify(sc_core::SC_ZERO_TIME);  // an immediate one is an error before simulation
}

void interrupt_counter::wait(unsigned vector) {
  line& one = lines_.at(vector);
  while (one.taken == one.raised) {
    sc_core::wait(arrived_);
  }
  ++one.taken;
}

bool interrupt_counter::wait(unsigned vector, const sc_core::sc_time& longest) {
  line& one = lines_.at(vector);
  const sc_core::sc_time begin = sc_core::sc_time_stamp();
  while (one.taken == one.raised) {
    const sc_core::sc_time passed = sc_core::sc_time_stamp() - begin;
    if (passed >= longest) {
      return false;
    }
    sc_core::wait(longest - passed, arrived_);
  }
  ++one.taken;
  return true;
}

std::uint32_t wait_for_intx(driver& device, const sc_core::sc_signal_in_if<bool>& line,
                            const sc_core::sc_time& poll) {
  for (;;) {
    while (!line.read()) {
      sc_core::wait(line.posedge_event());
    }
    const std::uint32_t status = device.take_status();
    if (status != 0 && status != all_ones) {
      return status;
    }
    sc_core::wait(poll, line.value_changed_event());
  }
}

}  // namespace ivshmem
