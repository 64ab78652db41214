// SPDX-License-Identifier: Apache-2.0
//
// What a driver reads and writes, in which order.
#include "ivshmem/model/driver.h"

#include <array>
#include <string>

namespace ivshmem {

namespace {

constexpr std::uint64_t low_half = 0xffff'ffff;
constexpr std::array bar_registers{cfg::bar0_reg, cfg::bar1_reg, cfg::bar2_reg};
constexpr std::uint32_t bar_flags = 0xf;  // type and prefetchable [PCI 3.0 6.2.5.1]

bool is_64_bit(const reg_desc& bar) { return bar.bytes == 8; }

}  // namespace

void driver_access::write64(unsigned bar, std::uint64_t offset, std::uint64_t value) {
  write32(bar, offset, static_cast<std::uint32_t>(value & low_half));
  write32(bar, offset + 4, static_cast<std::uint32_t>(value >> 32U));
}

bool driver::is_present() {
  constexpr std::uint32_t ids = cfg::device_id.reset << 16U | cfg::vendor_id.reset;
  static_assert(cfg::device_id.offset == cfg::vendor_id.offset + 2);
  return access_.read_config(cfg::vendor_id.offset, 4) == ids;
}

unsigned driver::read_vectors(driver_access& access) {
  // Without MSI-X these bytes are storage, which may hold anything [behaviour 1].
  if (access.read_config(cfg::capabilities.offset, cfg::capabilities.bytes) !=
      cfg::msix_capability) {
    return 0;
  }
  const std::uint32_t control =
      access.read_config(cfg::msix_control.offset, cfg::msix_control.bytes);
  return (control & (max_vectors - 1)) + 1;  // [PCI 3.0 6.8.2.3]
}

std::uint64_t driver::read_bar(unsigned bar) {
  const reg_desc& reg = bar_registers.at(bar);
  std::uint64_t address = access_.read_config(reg.offset, 4) & ~bar_flags;
  if (is_64_bit(reg)) {
    address |= std::uint64_t{access_.read_config(reg.offset + 4, 4)} << 32U;
  }
  return address;
}

void driver::place_bar(unsigned bar, std::uint64_t address) {
  const reg_desc& reg = bar_registers.at(bar);
  access_.write_config(reg.offset, 4, static_cast<std::uint32_t>(address & low_half));
  if (is_64_bit(reg)) {
    access_.write_config(reg.offset + 4, 4, static_cast<std::uint32_t>(address >> 32U));
  }
}

void driver::enable() {
  access_.write_config(cfg::command.offset, cfg::command.bytes,
                       cfg::command_memory | cfg::command_master);
}

void driver::set_bus_master(bool on) {
  const std::uint32_t command = access_.read_config(cfg::command.offset, cfg::command.bytes);
  const std::uint32_t others = command & ~std::uint32_t{cfg::command_master};
  access_.write_config(cfg::command.offset, cfg::command.bytes,
                       others | (on ? cfg::command_master : 0U));
}

result<void> driver::check(unsigned vector) const {
  if (vector < vectors_) {
    return {};
  }
  return host_error{host_errc::driver_vector, 0, vector,
                    vectors_ == 0 ? "the device has no MSI-X"
                                  : "must be from 0 to " + std::to_string(vectors_ - 1)};
}

void driver::write_control(unsigned vector, std::uint32_t value) {
  access_.write32(1, entry_offset(vector, bar1::entry_control), value);
}

result<void> driver::program(unsigned vector, const msix_message& message) {
  result<void> checked = check(vector);
  if (checked) {
    access_.write64(1, entry_offset(vector, bar1::entry_address_low), message.address);
    access_.write32(1, entry_offset(vector, bar1::entry_data), message.data);
  }
  return checked;
}

result<void> driver::mask(unsigned vector) {
  result<void> checked = check(vector);
  if (checked) {
    write_control(vector, bar1::control_masked);
  }
  return checked;
}

result<void> driver::unmask(unsigned vector) {
  result<void> checked = check(vector);
  if (checked) {
    write_control(vector, 0);
  }
  return checked;
}

void driver::set_up_vectors(std::uint64_t address, std::uint32_t first_data) {
  for (unsigned vector = 0; vector < vectors_; ++vector) {
    const std::uint32_t entry = entry_offset(vector, bar1::entry_address_low);
    if (address > low_half) {
      access_.write64(1, entry, address);
    } else {
      access_.write32(1, entry, static_cast<std::uint32_t>(address));
    }
    access_.write32(1, entry_offset(vector, bar1::entry_data), first_data + vector);
    write_control(vector, 0);
  }
  if (vectors_ != 0) {
    set_msix(true);
  }
}

void driver::set_msix(bool enabled, bool function_masked) {
  access_.write_config(
      cfg::msix_control.offset, cfg::msix_control.bytes,
      (enabled ? cfg::msix_enable : 0U) | (function_masked ? cfg::msix_function_mask : 0U));
}

}  // namespace ivshmem
