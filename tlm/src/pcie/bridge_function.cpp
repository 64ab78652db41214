// SPDX-License-Identifier: Apache-2.0
//
// The configuration space of a bridge.
#include "ivshmem/tlm/pcie/bridge_function.h"

#include <cstring>

namespace ivshmem::pcie {

namespace {

constexpr std::uint32_t past_the_space = 0xffff'ffff;
constexpr std::uint64_t limit_fill = type1::window_granule - 1;

}  // namespace

bridge_function::bridge_function(const bridge_config& config) {
  const auto put = [this](const reg_desc& reg, std::uint64_t value) {
    for (unsigned i = 0; i < reg.bytes; ++i) {
      bytes_[reg.offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
      write_mask_[reg.offset + i] = static_cast<std::uint8_t>(reg.writable >> (8 * i));
    }
  };
  for (const reg_desc& reg : type1::all) {
    put(reg, reg.reset);
  }
  put(type1::vendor_id, config.vendor_id);
  put(type1::device_id, config.device_id);
  put(type1::express_capabilities,
      type1::express_capabilities.reset |
          (static_cast<unsigned>(config.kind) << cfg::express::port_type_shift));
  bytes_[type1::express_capability] = cfg::express_capability_id;
  reset_ = bytes_;
  derive();
}

std::uint64_t bridge_function::value_of(const reg_desc& reg) const noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, &bytes_[reg.offset], reg.bytes);
  return value;
}

std::uint32_t bridge_function::read(std::uint32_t offset, unsigned bytes) const noexcept {
  if (offset + bytes > bytes_.size()) {
    return past_the_space;
  }
  std::uint32_t value = 0;
  std::memcpy(&value, &bytes_[offset], bytes);
  return value;
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
  const auto window = [this](const reg_desc& reg) {
    return (value_of(reg) & type1::window_bits) << type1::window_shift;
  };
  const auto upper = [this](const reg_desc& reg) { return value_of(reg) << 32U; };
  windows_[0] = window(type1::memory_base);
  windows_[1] = window(type1::memory_limit) | limit_fill;
  windows_[2] = upper(type1::base_upper) | window(type1::prefetch_base);
  windows_[3] = upper(type1::limit_upper) | window(type1::prefetch_limit) | limit_fill;
}

bool bridge_function::forwards_down(std::uint64_t address) const noexcept {
  return forwards_down(address, address);
}

bool bridge_function::forwards_down(std::uint64_t first, std::uint64_t last) const noexcept {
  if ((bytes_[type1::command.offset] & cfg::command_memory) == 0) {
    return false;
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
