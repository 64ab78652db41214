// SPDX-License-Identifier: Apache-2.0
//
// rtl_device.h, what can be seen without an access: debug transport, direct memory, waveforms.
#include <cstring>

#include "ivshmem/model/regmap.h"
#include "rtl_device_parts.h"

namespace ivshmem::rtl {

using pcie::tlp_type;

core_driver* rtl_device::driver() noexcept { return parts_ ? &parts_->driver : nullptr; }
const device_properties& rtl_device::properties() const { return parts_->properties; }
const peer_table& rtl_device::peers() const { return parts_->peers; }
const device_statistics& rtl_device::statistics() const { return parts_->statistics; }

bool rtl_device::open_waveform(const std::string& path) {
  return parts_ != nullptr &&
         parts_->driver.core().open_waveform(path, timing_.clock_period.value());
}

void rtl_device::close_waveform() {
  if (parts_ != nullptr) {
    parts_->driver.core().close_waveform();
  }
}

void rtl_device::refresh_windows() {
  pci_config_layout layout;
  const core_configuration& core = parts_->driver.core().configuration();
  layout.variant = parts_->properties.variant;
  layout.msix_vectors = core.vectors;
  layout.memory_bytes = parts_->memory.bytes;
  pci_config decoded(layout);
  for (const std::uint32_t at : {0x04U, 0x10U, 0x14U, 0x18U, 0x1cU}) {
    decoded.write(at, 4, parts_->driver.core().peek_config(at));
  }
  bool changed = false;
  for (unsigned bar = 0; bar < pci_config::bar_count; ++bar) {
    const bar_window& now = decoded.bar(bar);
    bar_window& known = parts_->windows[bar];
    changed = changed || now.mapped != known.mapped ||
              (now.mapped && (now.base != known.base || now.last != known.last));
    known = now;
  }
  if (changed && parts_->routed) {
    parts_->routed = false;
    pcie.invalidate_dmi(0, ~std::uint64_t{0});
  }
}

std::uint32_t rtl_device::peek_config(std::uint32_t offset, unsigned bytes) const {
  const std::uint32_t space =
      parts_->properties.express ? cfg::express_size_bytes : cfg::size_bytes;
  std::uint32_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    const std::uint32_t at = offset + i;
    const std::uint32_t dword = at < cfg::size_bytes ? parts_->driver.core().peek_config(at & ~3U)
                                : at < space         ? 0
                                                     : ~0U;
    value |= ((dword >> (8 * (at % 4))) & 0xffU) << (8 * i);
  }
  return value;
}

void rtl_device::peek(unsigned bar, std::uint64_t offset, std::uint8_t* data,
                      std::size_t bytes) const {
  const verilated_core& core = parts_->driver.core();
  const unsigned vectors = core.configuration().vectors;
  const auto dword_of_bar1 = [&](std::uint32_t at) -> std::uint32_t {
    const std::uint32_t pba = bar1::pba_offset(vectors);
    return at < bar1::table_bytes(vectors) ? core.peek_table(at)
           : at >= pba                     ? core.peek_pending((at - pba) / 4)
                                           : 0;
  };
  while (bytes != 0) {
    unsigned piece = bar == 0 ? 4 : 8;
    while (piece > bytes || offset % piece != 0) {
      piece /= 2;
    }
    std::uint64_t value = 0;
    const auto at = static_cast<std::uint32_t>(offset);
    if (bar == 2) {
      value = 0;
      const std::uint64_t size = parts_->memory.bytes;
      for (unsigned i = 0; i < piece && offset + i < size; ++i) {
        value |= std::uint64_t{parts_->memory.data[offset + i]} << (8 * i);
      }
    } else if (bar == 0 && offset < bar0::size_bytes) {
      value = core.peek_register(at);
    } else if (bar == 1 && vectors != 0 && offset < bar1::size_bytes(vectors) && piece >= 4) {
      value = dword_of_bar1(at);
      value |= piece > 4 ? std::uint64_t{dword_of_bar1(at + 4)} << 32U : 0;
    }
    std::memcpy(data, &value, piece);
    offset += piece;
    data += piece;
    bytes -= piece;
  }
}

unsigned rtl_device::receive_debug(pcie::port& /*from*/, pcie::payload& trans) {
  const pcie::tlp& header = pcie::tlp_of(trans);
  const unsigned bytes = trans.get_data_length();
  complete(trans, pcie::completion_status::unsupported_request);
  if (parts_ == nullptr) {
    return 0;
  }
  if (header.type == tlp_type::config_read_0) {
    if (pcie::function_of(pcie::config_target(trans)) != 0 || !pcie::is_within_dword(trans)) {
      return 0;
    }
    const std::uint32_t value = peek_config(pcie::config_offset(trans), bytes);
    std::memcpy(trans.get_data_ptr(), &value, bytes);
  } else {
    unsigned bar = 0;
    std::uint64_t offset = 0;
    const bool write = header.type == tlp_type::memory_write;
    if (!decode(trans, bar, offset) || (write && bar != 2)) {
      return 0;  // a debugger cannot write a register without its side effects
    }
    if (write) {
      std::memcpy(parts_->memory.data + offset, trans.get_data_ptr(), bytes);
    } else {
      peek(bar, offset, trans.get_data_ptr(), bytes);
    }
  }
  complete(trans, pcie::completion_status::successful);
  return bytes;
}

bool rtl_device::receive_dmi(pcie::port& /*from*/, pcie::payload& trans, tlm::tlm_dmi& dmi) {
  if (parts_ == nullptr || timing_.mode == timing_mode::tlm_cycle ||
      !parts_->windows[2].contains(trans.get_address())) {
    return false;
  }
  const bar_window& window = parts_->windows[2];
  dmi.allow_read_write();
  dmi.set_start_address(window.base);
  dmi.set_end_address(window.last);
  dmi.set_dmi_ptr(parts_->memory.data);
  dmi.set_read_latency(sc_core::SC_ZERO_TIME);
  dmi.set_write_latency(sc_core::SC_ZERO_TIME);
  parts_->routed = true;
  return true;
}

}  // namespace ivshmem::rtl
