// SPDX-License-Identifier: Apache-2.0
//
// rtl_device.h, what can be seen without an access: peeks and waveforms.
#include <cstring>

#include "core_setup.h"
#include "ivshmem/model/access_piece.h"
#include "ivshmem/model/regmap.h"
#include "rtl_device_parts.h"

namespace ivshmem::rtl {

core_driver* rtl_device::driver() noexcept { return parts_ ? &parts_->driver : nullptr; }
const peer_table& rtl_device::peers() const { return is_empty() ? nobodys_peers() : parts_->peers; }
const device_statistics& rtl_device::statistics() const {
  return is_empty() ? nobodys_statistics() : parts_->statistics;
}

bool rtl_device::open_waveform(const std::string& path) {
  return parts_ != nullptr &&
         parts_->driver.core().open_waveform(path, picoseconds(timing().clock_period));
}

void rtl_device::close_waveform() {
  if (parts_ != nullptr) {
    parts_->driver.core().close_waveform();
  }
}

void rtl_device::copy_windows() {
  for (const std::uint32_t at : {cfg::command.offset, cfg::bar0_reg.offset, cfg::bar1_reg.offset,
                                 cfg::bar2_reg.offset, cfg::bar2_reg.offset + 4}) {
    parts_->windows.write(at, 4, parts_->driver.core().peek_config(at));
  }
  if (properties().express) {
    const std::uint32_t at = cfg::device_control.offset;
    parts_->windows.write(at, 4, parts_->driver.core().peek_config(at));
  }
}

std::uint32_t rtl_device::peek_config(std::uint32_t offset, unsigned bytes) const {
  if (is_empty()) {
    return ones(bytes);
  }
  const std::uint32_t space = properties().express ? cfg::express_size_bytes : cfg::size_bytes;
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
  if (is_empty()) {
    std::memset(data, 0xff, bytes);
    return;
  }
  const std::size_t inside = bytes_inside(parts_->windows.bar_bytes(bar), offset, bytes);
  std::memset(data + inside, 0, bytes - inside);
  bytes = inside;
  if (bytes != 0 && bar == 2) {
    copy_bytes(data, memory().data + offset, bytes);
    return;
  }
  const verilated_core& core = parts_->driver.core();
  const unsigned vectors = core.configuration().vectors;
  const auto dword_of_bar1 = [&](std::uint32_t at) -> std::uint32_t {
    const std::uint32_t pba = bar1::pba_offset(vectors);
    return at < bar1::table_bytes(vectors) ? core.peek_table(at)
           : at >= pba                     ? core.peek_pending((at - pba) / 4)
                                           : 0;
  };
  while (bytes != 0) {
    const unsigned piece = piece_bytes(offset, bytes, bar == 0 ? 4 : 8);
    std::uint64_t value = 0;
    const auto at = static_cast<std::uint32_t>(offset);
    if (bar == 0) {
      value = core.peek_register(at);
    } else if (piece >= 4) {
      value = dword_of_bar1(at);
      value |= piece > 4 ? std::uint64_t{dword_of_bar1(at + 4)} << 32U : 0;
    }
    std::memcpy(data, &value, piece);
    offset += piece;
    data += piece;
    bytes -= piece;
  }
}

}  // namespace ivshmem::rtl
