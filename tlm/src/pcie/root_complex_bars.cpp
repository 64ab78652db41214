// SPDX-License-Identifier: Apache-2.0
//
// root_complex.h: tells once of each BAR that no access can reach.
#include <algorithm>
#include <sstream>

#include "ivshmem/model/regmap.h"
#include "ivshmem/tlm/report.h"
#include "root_complex_internal.h"

namespace ivshmem::pcie {

namespace {

constexpr std::uint32_t header_type = 0x0e;  // 0 with six BARs, 1 of bridges [PCI 3.0 6.2.1]
constexpr std::uint32_t first_bar = 0x10;
constexpr unsigned bar_count = 6;

}  // namespace

/// `trans`: a configuration write that was answered. Whoever switches memory decoding on has placed
/// the BARs, and one at 0 is not placed.
void root_complex::look_at_bars(const payload& trans) {
  if ((config_offset(trans) & ~3U) != cfg::command.offset) {
    return;
  }
  const bdf id = config_target(trans);
  const auto read = [&](std::uint32_t offset) {
    std::uint32_t value = 0;
    tlm::tlm_generic_payload request;
    request.set_command(tlm::TLM_READ_COMMAND);
    request.set_address(config_.ecam.base + (std::uint64_t{to_int(id)} << 12U) + offset);
    request.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    request.set_data_length(sizeof value);
    request.set_streaming_width(sizeof value);
    transport_dbg(request);
    return value;
  };
  const bool is_bridge = (read(header_type & ~3U) >> 16U & 0x7fU) != 0;
  if ((read(cfg::command.offset) & cfg::command_memory) == 0 || is_bridge) {
    return;
  }
  for (unsigned bar = 0; bar < bar_count; ++bar) {
    const unsigned number = bar;
    const std::uint32_t low = read(first_bar + 4 * bar);
    const bool is_wide = (low & 6U) == 4;
    std::uint64_t base = low & ~0xfU;
    if (is_wide) {
      base |= std::uint64_t{read(first_bar + 4 * ++bar)} << 32U;
    }
    const std::uint32_t which = std::uint32_t{to_int(id)} << 8U | number;
    if ((low & 1U) != 0 || base == 0 || mmio_range(base) != nullptr ||
        std::find(warned_bars_.begin(), warned_bars_.end(), which) != warned_bars_.end()) {
      continue;
    }
    warned_bars_.push_back(which);
    std::ostringstream text;
    text << "BAR" << number << " of device " << device_of(id) << " on bus " << bus_of(id)
         << " at 0x" << std::hex << base << ": must be in a range of root_complex_config::mmio";
    report_warning(report_type::window, name(), text.str());
  }
}

}  // namespace ivshmem::pcie
