// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/tlm/pcie/bridge_function.h"

#include <cstring>

namespace ivshmem::pcie {

namespace {

constexpr std::uint32_t express = 0x40;  // offset of the PCI Express capability
constexpr std::uint32_t past_the_space = 0xffff'ffff;

}  // namespace

bridge_function::bridge_function(const bridge_config& config) {
  const auto put = [this](std::uint32_t offset, unsigned bytes, std::uint64_t value,
                          std::uint64_t writable) {
    for (unsigned i = 0; i < bytes; ++i) {
      bytes_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
      write_mask_[offset + i] = static_cast<std::uint8_t>(writable >> (8 * i));
    }
  };
  put(0x00, 2, config.vendor_id, 0);
  put(0x02, 2, config.device_id, 0);
  put(0x04, 2, 0, 0x0546);  // memory, master, parity, SERR, INTx disable
  put(0x06, 2, 0x0010, 0);  // capability list
  put(0x08, 4, 0x0604'0000, 0);
  put(0x0c, 1, 0, 0xff);
  put(0x0e, 1, 0x01, 0);  // type 1 header
  put(0x18, 3, 0, 0xff'ffff);
  put(0x20, 4, 0x0000'fff0, 0xfff0'fff0);  // memory base above limit: closed
  put(0x24, 4, 0x0001'fff1, 0xfff0'fff0);  // prefetchable, 64-bit, closed
  put(0x28, 8, 0, ~std::uint64_t{0});      // upper halves
  put(0x34, 1, express, 0);
  put(0x3c, 1, 0, 0xff);
  put(0x3e, 2, 0, 0x0043);   // parity, SERR, secondary bus reset
  put(express, 2, 0x10, 0);  // last capability
  put(express + 2, 2, 0x0002U | (static_cast<unsigned>(config.kind) << 4U), 0);
  put(express + 0x04, 4, 0x0000'8005, 0);  // 4 KiB payload, role-based errors
  put(express + 0x08, 2, 0x2810, 0x7fff);
  put(express + 0x0c, 4, 0x0000'0011, 0);  // x1, 2.5 GT/s
  put(express + 0x10, 2, 0, 0x00c8);
  put(express + 0x12, 2, 0x0011, 0);
  reset_ = bytes_;
  derive();
}

std::uint64_t bridge_function::field(std::uint32_t offset, unsigned bytes) const noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, &bytes_[offset], bytes);
  return value;
}

std::uint32_t bridge_function::read(std::uint32_t offset, unsigned bytes) const noexcept {
  if (offset + bytes > bytes_.size()) {
    return past_the_space;
  }
  return static_cast<std::uint32_t>(field(offset, bytes));
}

void bridge_function::write(std::uint32_t offset, unsigned bytes, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < bytes && offset + i < bytes_.size(); ++i) {
    const std::uint8_t mask = write_mask_[offset + i];
    std::uint8_t& byte = bytes_[offset + i];
    byte = static_cast<std::uint8_t>((byte & ~mask) | ((value >> (8 * i)) & mask));
  }
  derive();
}

void bridge_function::reset() noexcept {
  bytes_ = reset_;
  derive();
}

void bridge_function::derive() noexcept {
  constexpr std::uint64_t limit_fill = 0xf'ffff;
  windows_[0] = field(0x20, 2) << 16U;
  windows_[1] = (field(0x22, 2) << 16U) | limit_fill;
  windows_[2] = (field(0x28, 4) << 32U) | ((field(0x24, 2) & 0xfff0U) << 16U);
  windows_[3] = (field(0x2c, 4) << 32U) | ((field(0x26, 2) & 0xfff0U) << 16U) | limit_fill;
}

bool bridge_function::forwards_down(std::uint64_t address) const noexcept {
  return forwards_down(address, address);
}

bool bridge_function::forwards_down(std::uint64_t first, std::uint64_t last) const noexcept {
  if ((bytes_[0x04] & 0x02U) == 0) {
    return false;  // COMMAND.MEMORY
  }
  return (first >= windows_[0] && last <= windows_[1]) ||
         (first >= windows_[2] && last <= windows_[3]);
}

bool bridge_function::converts_type(bdf target, tlp_type& type) const noexcept {
  if (!has_bus(bus_of(target))) {
    return false;
  }
  if (bus_of(target) != secondary_bus()) {
    return true;
  }
  type = type == tlp_type::config_read_1 ? tlp_type::config_read_0 : tlp_type::config_write_0;
  return device_of(target) == 0;
}

}  // namespace ivshmem::pcie
