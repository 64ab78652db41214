// SPDX-License-Identifier: Apache-2.0
//
// Configuration space: its contents, what can be written, and what follows.
#include "ivshmem/model/config_space.h"

#include <algorithm>
#include <cstring>

namespace ivshmem {

namespace {

constexpr std::array bar_registers{cfg::bar0_reg, cfg::bar1_reg, cfg::bar2_reg};

/// Registers from here up to the end of the BARs decide which windows are decoded.
constexpr std::uint32_t decode_first = cfg::command.offset;
constexpr std::uint32_t decode_end = cfg::bar2_reg.offset + cfg::bar2_reg.bytes;

}  // namespace

config_space::config_space(const config_space_layout& layout)
    : express_(layout.express),
      has_msix_(layout.msix_vectors != 0),
      most_payload_bytes_(layout.max_payload_bytes),
      max_payload_bytes_(layout.max_payload_bytes) {
  const bool legacy = layout.variant == device_variant::legacy;
  for (const reg_desc& reg : cfg::header_registers) {
    put(reg, reg.reset);
    writable(reg, reg.writable);
  }
  // A device that is not reset after it was made starts like this [ivshmem.c:849, behaviour 1].
  put(cfg::command, cfg::command_io | cfg::command_memory);
  if (legacy) {
    put(cfg::revision, cfg::legacy_revision);
    put(cfg::interrupt_pin, cfg::legacy_interrupt_pin);
  }
  for (std::uint32_t offset = cfg::first_scratch; offset < cfg::size_bytes; ++offset) {
    write_mask_[offset] = 0xff;
  }

  bar_bytes_ = {bar0::size_bytes, has_msix_ ? bar1::size_bytes(layout.msix_vectors) : 0,
                layout.memory_bytes};
  for (unsigned i = 0; i < bar_count; ++i) {
    writable(bar_registers[i], bar_bytes_[i] == 0 ? 0 : ~(bar_bytes_[i] - 1));
  }

  if (has_msix_) {
    add_msix_capability(layout.msix_vectors);
  }
  if (express_) {
    add_express_capability(has_msix_ ? cfg::msix_capability + cfg::capability_next
                                     : cfg::capabilities.offset);
  }
  if (bytes_[cfg::capabilities.offset] != 0) {
    put(cfg::status, cfg::status_capabilities);
  }
  derive();
}

void config_space::put(const reg_desc& reg, std::uint64_t value) noexcept {
  for (unsigned i = 0; i < reg.bytes; ++i) {
    bytes_[reg.offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void config_space::writable(const reg_desc& reg, std::uint64_t mask) noexcept {
  for (unsigned i = 0; i < reg.bytes; ++i) {
    write_mask_[reg.offset + i] = static_cast<std::uint8_t>(mask >> (8 * i));
  }
}

void config_space::add_capability(std::uint32_t at, std::uint8_t id, std::uint32_t bytes,
                                  std::uint32_t pointer) noexcept {
  bytes_[pointer] = static_cast<std::uint8_t>(at);
  bytes_[at] = id;
  bytes_[at + cfg::capability_next] = 0;
  std::fill_n(&write_mask_[at], bytes, std::uint8_t{0});
}

void config_space::add_msix_capability(unsigned vectors) noexcept {
  add_capability(cfg::msix_capability, cfg::msix_capability_id, cfg::msix_capability_bytes,
                 cfg::capabilities.offset);
  for (const reg_desc& reg : cfg::msix_registers) {
    put(reg, reg.reset);
    writable(reg, reg.writable);
  }
  put(cfg::msix_control, vectors - 1);
  put(cfg::msix_pba, bar1::pba_offset(vectors) | bar1::index);
}

void config_space::add_express_capability(std::uint32_t pointer) noexcept {
  add_capability(cfg::express_capability, cfg::express_capability_id, cfg::express_capability_bytes,
                 pointer);
  for (const reg_desc& reg : cfg::express_registers) {
    put(reg, reg.reset);
    writable(reg, reg.writable);  // of the PCI Express capability
  }
  put(cfg::device_capabilities,
      cfg::device_capabilities.reset | cfg::express::payload_code(most_payload_bytes_));
  writable(cfg::device_control, cfg::express::device_control_bits(most_payload_bytes_));
}

std::uint32_t config_space::read(std::uint32_t offset, unsigned bytes) const noexcept {
  std::uint32_t value = 0;
  if (offset + bytes <= cfg::size_bytes) {
    std::memcpy(&value, &bytes_[offset], bytes);
    return value;
  }
  // Past a conventional function nothing answers; an Express one has an empty extended space.
  for (unsigned i = 0; i < bytes; ++i) {
    const std::uint32_t at = offset + i;
    const bool empty_extended = express_ && at < cfg::express_size_bytes;
    const std::uint32_t byte = at < cfg::size_bytes ? bytes_[at] : (empty_extended ? 0U : 0xffU);
    value |= byte << (8 * i);
  }
  return value;
}

void config_space::write(std::uint32_t offset, unsigned bytes, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < bytes && offset + i < cfg::size_bytes; ++i) {
    const std::uint8_t mask = write_mask_[offset + i];
    std::uint8_t& byte = bytes_[offset + i];
    byte = static_cast<std::uint8_t>((byte & ~mask) | ((value >> (8 * i)) & mask));
  }
  const bool decode = offset < decode_end && offset + bytes > decode_first;
  const bool msix = offset < cfg::msix_control.offset + cfg::msix_control.bytes &&
                    offset + bytes > cfg::msix_capability;
  const bool payload = express_ && offset < cfg::device_control.offset + 2 &&
                       offset + bytes > cfg::device_control.offset;
  if (decode || msix || payload) {
    derive();
  }
}

void config_space::derive() noexcept {
  const std::uint32_t command = read(cfg::command.offset, 2);
  bus_master_ = (command & cfg::command_master) != 0;
  intx_disabled_ = (command & cfg::command_intx_disable) != 0;

  const std::uint32_t control = has_msix_ ? read(cfg::msix_control.offset, 2) : 0;
  msix_enabled_ = (control & cfg::msix_enable) != 0;
  function_masked_ = !msix_enabled_ || (control & cfg::msix_function_mask) != 0;

  max_payload_bytes_ = most_payload_bytes_;
  if (express_) {
    const std::uint32_t set = read(cfg::device_control.offset, 2) & cfg::express::payload_size;
    max_payload_bytes_ = std::min(
        max_payload_bytes_, cfg::express::payload_bytes(set >> cfg::express::payload_size_shift));
  }

  for (unsigned i = 0; i < bar_count; ++i) {
    const bar_window now = window(i);
    bar_window& old = windows_[i];
    if (now.mapped != old.mapped || now.base != old.base) {
      ++window_changes_;
    }
    old = now;
  }
}

bar_window config_space::window(unsigned index) const noexcept {
  if (bar_bytes_[index] == 0 || (bytes_[cfg::command.offset] & cfg::command_memory) == 0) {
    return {};
  }
  std::uint64_t base = 0;
  const reg_desc& reg = bar_registers[index];
  std::memcpy(&base, &bytes_[reg.offset], reg.bytes);
  base &= ~(bar_bytes_[index] - 1);
  const std::uint64_t last = base + bar_bytes_[index] - 1;
  // All ones is what sizing leaves behind and zero what reset does: neither is an address
  // [behaviour 1, BAR decoding].
  const std::uint64_t highest = reg.bytes == 8 ? ~std::uint64_t{0} : 0xffff'ffff;
  if (base == 0 || last < base || last >= highest) {
    return {};
  }
  return {base, last, true};
}

void config_space::reset() noexcept {
  for (const reg_desc& reg : cfg::header_registers) {
    if (reg.writable != 0) {
      put(reg, reg.reset);
    }
  }
  if (has_msix_) {
    const std::uint32_t control = read(cfg::msix_control.offset, cfg::msix_control.bytes);
    put(cfg::msix_control, control & ~cfg::msix_control.writable);
  }
  if (express_) {  // or the device would send more than its root port takes then [PCIe 6.6.1]
    put(cfg::device_control, cfg::device_control.reset);
    put(cfg::link_control, cfg::link_control.reset);
  }
  derive();
}

void config_space::set_interrupt_status(bool asserted) noexcept {
  std::uint8_t& status = bytes_[cfg::status.offset];
  status = static_cast<std::uint8_t>(asserted ? status | cfg::status_interrupt
                                              : status & ~cfg::status_interrupt);
}

result<void, config_mismatch> config_space::restore(const image& saved) noexcept {
  for (std::uint32_t i = 0; i < cfg::size_bytes; ++i) {
    const unsigned volatile_bits = i == cfg::status.offset ? cfg::status_interrupt : 0;
    const unsigned fixed = ~(write_mask_[i] | volatile_bits) & 0xffU;
    if (((bytes_[i] ^ saved[i]) & fixed) != 0) {
      return config_mismatch{i};
    }
  }
  bytes_ = saved;
  derive();
  return {};
}

}  // namespace ivshmem
