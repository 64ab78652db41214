// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ivshmem/model/pci_registers.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

// The one place where the device's offsets, resets and writable bits are written: a row is a
// register. The model decodes with these constants, gen/regmap_gen.cpp turns them into
// docs/registers.md and, for the RTL, into rtl_bridge/rtl/ivshmem_regs_pkg.sv.

/// BAR0: the device's registers.
namespace bar0 {

inline constexpr std::uint32_t size_bytes = 0x100;  // [ivshmem.c:IVSHMEM_REG_BAR_SIZE]

// clang-format off
inline constexpr reg_desc
  intr_mask  {"IntrMask",   0x00, 4, access::rw,      0, 0xffff'ffff, "ivshmem.c:ivshmem_IntrMask_write"},
  intr_status{"IntrStatus", 0x04, 4, access::rw_rclr, 0, 0xffff'ffff, "ivshmem.c:ivshmem_IntrStatus_read"},
  iv_position{"IVPosition", 0x08, 4, access::ro,      0, 0,           "spec \"PCI device registers\""},
  doorbell   {"Doorbell",   0x0c, 4, access::wo,      0, 0xffff'ffff, "ivshmem.c:ivshmem_io_write"};
// clang-format on

inline constexpr std::array all{intr_mask, intr_status, iv_position, doorbell};

/// A write selects its register with these offset bits: all four byte offsets of a register
/// reach it, while a read matches exactly [ivshmem.c:ivshmem_io_write, ivshmem_io_read].
inline constexpr std::uint32_t write_offset_mask = 0xfc;

}  // namespace bar0

/// BAR1: MSI-X table and pending-bit array, laid out by the number of vectors [behaviour 1].
namespace bar1 {

inline constexpr unsigned index = 1;  // the table's and the array's BIR
inline constexpr std::uint32_t entry_bytes = 16;
inline constexpr std::uint32_t entry_address_low = 0;
inline constexpr std::uint32_t entry_address_high = 4;
inline constexpr std::uint32_t entry_data = 8;
inline constexpr std::uint32_t entry_control = 12;
inline constexpr std::uint32_t control_masked = 1;  // the only control bit that acts

inline constexpr std::uint32_t smallest_bytes = 0x1000;
inline constexpr std::uint32_t pba_minimum = 0x800;  // the array begins here or behind the table
inline constexpr unsigned pending_bits = 64;         // of a word [PCI 3.0 6.8.2.10]

constexpr std::uint32_t table_bytes(unsigned vectors) { return entry_bytes * vectors; }
constexpr std::uint32_t pba_offset(unsigned vectors) {
  return table_bytes(vectors) > pba_minimum ? table_bytes(vectors) : pba_minimum;
}
constexpr std::uint32_t pba_bytes(unsigned vectors) {
  return pending_bits / 8 * ((vectors + pending_bits - 1) / pending_bits);
}
constexpr std::uint32_t size_bytes(unsigned vectors) {
  std::uint32_t size = smallest_bytes;
  while (size < pba_offset(vectors) + pba_bytes(vectors)) {
    size *= 2;
  }
  return size;
}

static_assert(size_bytes(128) == 0x1000 && size_bytes(255) == 0x2000);
static_assert(size_bytes(max_vectors) == 0x1'0000);

}  // namespace bar1

/// Configuration space of the device, 256 bytes, type 0 header [PCI 3.0 6.1].
namespace cfg {

inline constexpr std::uint16_t command_writable =
    command_io | command_memory | command_master | command_serr | command_intx_disable;

// Of the legacy variant [behaviour 1; ivshmem.c:ivshmem_update_irq, table].
inline constexpr std::uint8_t legacy_revision = 0;
inline constexpr std::uint8_t legacy_interrupt_pin = 1;

inline constexpr std::uint32_t msix_capability = 0x40;
/// The PCI Express capability, which `express=on` adds behind the MSI-X capability.
inline constexpr std::uint32_t express_capability = 0x80;
/// Bytes from here on are read/write scratch that survives reset where no capability stands.
inline constexpr std::uint32_t first_scratch = 0x40;

inline constexpr std::uint64_t bar2_bits = ~(min_memory_bytes - 1);
inline constexpr std::string_view class_init = "ivshmem.c:ivshmem_common_class_init";

// clang-format off
inline constexpr reg_desc
  vendor_id       {"Vendor ID",            0x00, 2, access::ro, 0x1af4,    0,                "behaviour 1"},
  device_id       {"Device ID",            0x02, 2, access::ro, 0x1110,    0,                "behaviour 1"},
  command         {"Command",              0x04, 2, access::rw, 0,         command_writable, "PCI 3.0 6.2.2"},
  status          {"Status",               0x06, 2, access::ro, 0,         0,                "PCI 3.0 6.2.3"},
  revision        {"Revision ID",          0x08, 1, access::ro, 1,         0,                class_init},
  class_code      {"Class Code",           0x09, 3, access::ro, 0x05'0000, 0,                class_init},
  cache_line      {"Cache Line Size",      0x0c, 1, access::rw, 0,         0xff,             "PCI 3.0 6.2.4"},
  header_type     {"Header Type",          0x0e, 1, access::ro, 0,         0,                "PCI 3.0 6.2.1"},
  bar0_reg        {"BAR0",                 0x10, 4, access::rw, 0,         0xffff'ff00,      "PCI 3.0 6.2.5.1"},
  bar1_reg        {"BAR1",                 0x14, 4, access::rw, 0,         0xffff'f000,      "PCI 3.0 6.2.5.1"},
  bar2_reg        {"BAR2",                 0x18, 8, access::rw, bar_type_64_prefetch, bar2_bits, "PCI 3.0 6.2.5.1"},
  subsystem_vendor{"Subsystem Vendor ID",  0x2c, 2, access::ro, 0x1af4,    0,                "behaviour 1"},
  subsystem_id    {"Subsystem ID",         0x2e, 2, access::ro, 0x1100,    0,                "behaviour 1"},
  capabilities    {"Capabilities Pointer", 0x34, 1, access::ro, 0,         0,                "PCI 3.0 6.7"},
  interrupt_line  {"Interrupt Line",       0x3c, 1, access::rw, 0,         0xff,             "PCI 3.0 6.2.4"},
  interrupt_pin   {"Interrupt Pin",        0x3d, 1, access::ro, 0,         0,                "behaviour 1"},
  // With MSI-X; what Table and PBA show is that of one vector:
  msix_control = at(msix_capability, msix::control),
  msix_table   = at(msix_capability, {"MSI-X Table Offset/BIR", msix::table, 4, access::ro, bar1::index, 0,
                                      "PCI 3.0 6.8.2.4"}),
  msix_pba     = at(msix_capability, {"MSI-X PBA Offset/BIR", msix::pba, 4, access::ro,
                                      bar1::pba_minimum | bar1::index, 0, "PCI 3.0 6.8.2.5"}),
  // With `express=on`:
  express_capabilities = at(express_capability, express::capabilities),
  device_capabilities  = at(express_capability, express::device_capabilities),
  device_control       = at(express_capability, express::device_control),
  link_capabilities    = at(express_capability, express::link_capabilities),
  link_control         = at(express_capability, express::link_control),
  link_status          = at(express_capability, express::link_status);
// clang-format on

inline constexpr std::array header_registers{
    vendor_id,    device_id,    command,        status,       revision, class_code,
    cache_line,   header_type,  bar0_reg,       bar1_reg,     bar2_reg, subsystem_vendor,
    subsystem_id, capabilities, interrupt_line, interrupt_pin};
inline constexpr std::array msix_registers{msix_control, msix_table, msix_pba};
inline constexpr std::array express_registers{express_capabilities, device_capabilities,
                                              device_control,       link_capabilities,
                                              link_control,         link_status};

static_assert(bar0_reg.offset == first_bar && bar1_reg.offset == first_bar + 4 &&
              bar2_reg.offset == first_bar + 8);
static_assert(bar0_reg.writable == (~(bar0::size_bytes - 1) & 0xffff'ffff) &&
              bar1_reg.writable == (~(bar1::smallest_bytes - 1) & 0xffff'ffff));

/// The dwords that decide which windows are decoded.
inline constexpr std::array window_dwords{command.offset, bar0_reg.offset, bar1_reg.offset,
                                          bar2_reg.offset, bar2_reg.offset + 4};

}  // namespace cfg

}  // namespace ivshmem
