// SPDX-License-Identifier: Apache-2.0
//
// State inside the verilated core, by the names that peek.vlt makes visible. A register that the
// RTL renames has to be renamed in both files; nothing else knows these names.
#pragma once

#include <cstdint>

#include "ivshmem/model/regmap.h"
#include "verilated_model.h"

// ivshmem_core.u_<instance>.<name>
#define IVSHMEM_RTL_AT(instance, name) root.ivshmem_core__DOT__u_##instance##__DOT__##name

namespace ivshmem::rtl {

template <class Root>
core_state state_of(const Root& root) {
  core_state now;
  const auto bits = [](auto flag, unsigned mask) { return flag != 0 ? mask : 0U; };
  now.command = bits(IVSHMEM_RTL_AT(config, io_q), cfg::command_io) |
                bits(IVSHMEM_RTL_AT(config, memory_q), cfg::command_memory) |
                bits(IVSHMEM_RTL_AT(config, master_q), cfg::command_master) |
                bits(IVSHMEM_RTL_AT(config, serr_q), cfg::command_serr) |
                bits(IVSHMEM_RTL_AT(config, intx_disable_q), cfg::command_intx_disable);
  now.cache_line = IVSHMEM_RTL_AT(config, cache_line_q);
  now.interrupt_line = IVSHMEM_RTL_AT(config, line_q);
  now.bar0 = std::uint64_t{IVSHMEM_RTL_AT(config, bar0_q)} * bar0::size_bytes;
  now.bar1 = std::uint64_t{IVSHMEM_RTL_AT(config, bar1_q)} * bar1::smallest_bytes;
  now.bar2 = std::uint64_t{IVSHMEM_RTL_AT(config, bar2_q)} * min_memory_bytes;
  now.msix_enable = IVSHMEM_RTL_AT(config, msix_enable_q) != 0;
  now.function_mask = IVSHMEM_RTL_AT(config, function_mask_q) != 0;
  now.device_control = IVSHMEM_RTL_AT(config, device_control_q);
  using namespace cfg::express;
  now.link_control = bits(IVSHMEM_RTL_AT(config, link_boundary_q), read_completion_boundary) |
                     bits(IVSHMEM_RTL_AT(config, link_clock_q), common_clock) |
                     bits(IVSHMEM_RTL_AT(config, link_sync_q), extended_sync);
  now.intr_mask = IVSHMEM_RTL_AT(registers, mask_q);
  now.intr_status = IVSHMEM_RTL_AT(registers, status_q);
  return now;
}

template <class Root>
std::uint32_t scratch_of(const Root& root, unsigned dword) {
  return IVSHMEM_RTL_AT(config, scratch_mem)[dword];
}

template <class Root>
std::uint32_t table_of(const Root& root, unsigned vector, unsigned dword) {
  switch (4 * dword) {
    case bar1::entry_address_low:
      return IVSHMEM_RTL_AT(msix, address_low_mem)[vector];
    case bar1::entry_address_high:
      return IVSHMEM_RTL_AT(msix, address_high_mem)[vector];
    case bar1::entry_data:
      return IVSHMEM_RTL_AT(msix, data_mem)[vector];
    default:
      return IVSHMEM_RTL_AT(msix, control_mem)[vector];
  }
}

template <class Root>
std::uint64_t pending_of(const Root& root, unsigned word) {
  return IVSHMEM_RTL_AT(msix, pending_mem)[word];
}

}  // namespace ivshmem::rtl

#undef IVSHMEM_RTL_AT
