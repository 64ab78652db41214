// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/model/pci_config.h"

#include <cstring>

namespace ivshmem {

namespace {

constexpr unsigned bar_reg_bytes(unsigned index) { return index == 2 ? 8 : 4; }

constexpr std::uint32_t bar_reg_offset(unsigned index) {
  constexpr std::array offsets{cfg::bar0_reg.offset, cfg::bar1_reg.offset, cfg::bar2_reg.offset};
  return offsets[index];
}

/// Registers from here up to the end of the BARs decide which windows are decoded.
constexpr std::uint32_t decode_first = cfg::command.offset;
constexpr std::uint32_t decode_end = cfg::bar2_reg.offset + 8;

}  // namespace

pci_config::pci_config(const pci_config_layout& layout)
    : express_(layout.express), has_msix_(layout.msix_vectors != 0) {
  const bool legacy = layout.variant == device_variant::legacy;
  put(cfg::vendor_id, cfg::vendor_id.reset);
  put(cfg::device_id, cfg::device_id.reset);
  // A device that is not reset after it was made starts like this [ivshmem.c:849, behaviour 1].
  put(cfg::command, cfg::command_io | cfg::command_memory);
  put(cfg::revision, legacy ? 0 : cfg::revision.reset);
  put(cfg::class_code, cfg::class_code.reset);
  put(cfg::bar2_reg, cfg::bar2_reg.reset);
  put(cfg::subsystem_vendor, cfg::subsystem_vendor.reset);
  put(cfg::subsystem_id, cfg::subsystem_id.reset);
  put(cfg::interrupt_pin, legacy ? 1 : 0);  // [ivshmem.c:ivshmem_update_irq, table]

  writable(cfg::command.offset, 2, cfg::command_writable);
  writable(cfg::cache_line.offset, 1, 0xff);
  writable(cfg::interrupt_line.offset, 1, 0xff);
  for (std::uint32_t offset = cfg::first_scratch; offset < cfg::size_bytes; ++offset) {
    writable(offset, 1, 0xff);
  }

  bar_bytes_ = {bar0::size_bytes, has_msix_ ? bar1::size_bytes(layout.msix_vectors) : 0,
                layout.memory_bytes};
  for (unsigned i = 0; i < bar_count; ++i) {
    if (bar_bytes_[i] != 0) {
      writable(bar_reg_offset(i), bar_reg_bytes(i), ~(bar_bytes_[i] - 1));
    }
  }

  if (has_msix_) {
    add_msix_capability(layout.msix_vectors);
  }
  if (express_) {
    add_express_capability(has_msix_ ? cfg::msix_capability + 1 : cfg::capabilities.offset);
  }
  if (bytes_[cfg::capabilities.offset] != 0) {
    put(cfg::status, cfg::status_capabilities);
  }
  derive();
}

void pci_config::put(const reg_desc& reg, std::uint64_t value) noexcept {
  for (unsigned i = 0; i < reg.bytes; ++i) {
    bytes_[reg.offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void pci_config::writable(std::uint32_t offset, unsigned bytes, std::uint64_t mask) noexcept {
  for (unsigned i = 0; i < bytes; ++i, mask >>= 8U) {
    write_mask_[offset + i] = static_cast<std::uint8_t>(mask);
  }
}

void pci_config::add_msix_capability(unsigned vectors) noexcept {
  bytes_[cfg::capabilities.offset] = cfg::msix_capability;
  bytes_[cfg::msix_capability] = cfg::msix_capability_id;
  bytes_[cfg::msix_capability + 1] = 0;
  put(cfg::msix_control, vectors - 1);
  put(cfg::msix_table, 1);
  put(cfg::msix_pba, bar1::pba_offset(vectors) | 1U);
  writable(cfg::msix_capability, 12, 0);
  writable(cfg::msix_control.offset, 2, cfg::msix_enable | cfg::msix_function_mask);
}

void pci_config::add_express_capability(std::uint8_t previous_pointer) noexcept {
  bytes_[previous_pointer] = cfg::express_capability;
  constexpr std::uint32_t at = cfg::express_capability;
  writable(at, cfg::express_capability_bytes, 0);
  const auto put32 = [this](std::uint32_t offset, std::uint32_t value) {
    std::memcpy(&bytes_[at + offset], &value, sizeof value);
  };
  put32(0x00, 0x0002'0000U | cfg::express_capability_id);  // version 2, endpoint [PCIe 7.5.3.2]
  put32(0x04, 0x0000'8000);  // Device Capabilities: role-based errors, 128 B payload
  put32(0x08, 0x0000'2810);  // Device Control: relaxed ordering, no snoop, 512 B read requests
  writable(at + 0x08, 2, 0x7fff);
  put32(0x0c, 0x0000'0011);  // Link Capabilities: x1, 2.5 GT/s
  put32(0x10, 0x0011'0000);  // Link Status: x1, 2.5 GT/s
  writable(at + 0x10, 2, 0x00c8);
}

std::uint32_t pci_config::read(std::uint32_t offset, unsigned bytes) const noexcept {
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

void pci_config::write(std::uint32_t offset, unsigned bytes, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < bytes && offset + i < cfg::size_bytes; ++i) {
    const std::uint8_t mask = write_mask_[offset + i];
    std::uint8_t& byte = bytes_[offset + i];
    byte = static_cast<std::uint8_t>((byte & ~mask) | ((value >> (8 * i)) & mask));
  }
  const bool decode = offset < decode_end && offset + bytes > decode_first;
  const bool msix = offset < cfg::msix_control.offset + 2 && offset + bytes > cfg::msix_capability;
  if (decode || msix) {
    derive();
  }
}

void pci_config::derive() noexcept {
  const std::uint32_t command = read(cfg::command.offset, 2);
  bus_master_ = (command & cfg::command_master) != 0;
  intx_disabled_ = (command & cfg::command_intx_disable) != 0;

  const std::uint32_t control = has_msix_ ? read(cfg::msix_control.offset, 2) : 0;
  msix_enabled_ = (control & cfg::msix_enable) != 0;
  function_masked_ = !msix_enabled_ || (control & cfg::msix_function_mask) != 0;

  for (unsigned i = 0; i < bar_count; ++i) {
    const bar_window now = window(i);
    bar_window& old = windows_[i];
    if (now.mapped != old.mapped || now.base != old.base) {
      ++window_changes_;
    }
    old = now;
  }
}

bar_window pci_config::window(unsigned index) const noexcept {
  if (bar_bytes_[index] == 0 || (bytes_[cfg::command.offset] & cfg::command_memory) == 0) {
    return {};
  }
  std::uint64_t base = 0;
  std::memcpy(&base, &bytes_[bar_reg_offset(index)], bar_reg_bytes(index));
  base &= ~(bar_bytes_[index] - 1);
  const std::uint64_t last = base + bar_bytes_[index] - 1;
  // All ones is what sizing leaves behind and zero what reset does: neither is an address
  // [behaviour 1, BAR decoding].
  const std::uint64_t highest = index == 2 ? ~std::uint64_t{0} : 0xffff'ffff;
  if (base == 0 || last < base || last >= highest) {
    return {};
  }
  return {base, last, true};
}

void pci_config::reset() noexcept {
  put(cfg::command, cfg::command.reset);
  put(cfg::cache_line, cfg::cache_line.reset);
  put(cfg::interrupt_line, cfg::interrupt_line.reset);
  put(cfg::bar0_reg, cfg::bar0_reg.reset);
  put(cfg::bar1_reg, cfg::bar1_reg.reset);
  put(cfg::bar2_reg, cfg::bar2_reg.reset);
  if (has_msix_) {
    bytes_[cfg::msix_control.offset + 1] &= 0x3f;  // enable and function mask
  }
  derive();
}

void pci_config::set_interrupt_status(bool asserted) noexcept {
  std::uint8_t& status = bytes_[cfg::status.offset];
  status = static_cast<std::uint8_t>(asserted ? status | cfg::status_interrupt
                                              : status & ~cfg::status_interrupt);
}

std::optional<std::uint32_t> pci_config::restore(const image& saved) noexcept {
  for (std::uint32_t i = 0; i < cfg::size_bytes; ++i) {
    const unsigned volatile_bits = i == cfg::status.offset ? cfg::status_interrupt : 0;
    const unsigned fixed = ~(write_mask_[i] | volatile_bits) & 0xffU;
    if (((bytes_[i] ^ saved[i]) & fixed) != 0) {
      return i;
    }
  }
  bytes_ = saved;
  derive();
  return std::nullopt;
}

}  // namespace ivshmem
