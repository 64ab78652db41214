// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ivshmem/model/types.h"

namespace ivshmem {

// The one place where offsets, resets and access kinds are written. gen/regmap_gen.cpp turns it
// into docs/registers.md; the constants are also what the model itself decodes with.

enum class access : std::uint8_t {
  ro,       ///< writes are ignored
  rw,       ///< plain storage
  rw_rclr,  ///< plain storage; a read clears it
  wo,       ///< a write acts; reads give 0
};

struct reg_desc {
  std::string_view name;    ///< spelling of the specification
  std::uint32_t offset;     ///< bytes from the start of the space
  std::uint32_t bytes;      ///< width
  access sw;                ///< what the guest may do
  std::uint32_t reset;      ///< value after reset
  std::string_view source;  ///< where the behaviour is defined
};

/// BAR0: the device's registers.
namespace bar0 {

inline constexpr std::uint32_t size_bytes = 0x100;  // [ivshmem.c:IVSHMEM_REG_BAR_SIZE]

inline constexpr reg_desc intr_mask{"IntrMask", 0x00, 4,
                                    access::rw, 0,    "ivshmem.c:ivshmem_IntrMask_write"};
inline constexpr reg_desc intr_status{"IntrStatus",    0x04, 4,
                                      access::rw_rclr, 0,    "ivshmem.c:ivshmem_IntrStatus_read"};
inline constexpr reg_desc iv_position{"IVPosition", 0x08, 4,
                                      access::ro,   0,    "spec \"PCI device registers\""};
inline constexpr reg_desc doorbell{"Doorbell", 0x0c, 4,
                                   access::wo, 0,    "ivshmem.c:ivshmem_io_write"};

inline constexpr std::array all{intr_mask, intr_status, iv_position, doorbell};

/// A write selects its register with these offset bits: all four byte offsets of a register
/// reach it, while a read matches exactly [ivshmem.c:ivshmem_io_write, ivshmem_io_read].
inline constexpr std::uint32_t write_offset_mask = 0xfc;

}  // namespace bar0

/// PCI configuration space, 256 bytes, type 0 header [PCI 3.0 6.1].
namespace cfg {

inline constexpr std::uint32_t size_bytes = 0x100;
inline constexpr std::uint32_t express_size_bytes = 0x1000;

inline constexpr reg_desc vendor_id{"Vendor ID", 0x00, 2, access::ro, 0x1af4, "behaviour 1"};
inline constexpr reg_desc device_id{"Device ID", 0x02, 2, access::ro, 0x1110, "behaviour 1"};
inline constexpr reg_desc command{"Command", 0x04, 2, access::rw, 0, "PCI 3.0 6.2.2"};
inline constexpr reg_desc status{"Status", 0x06, 2, access::ro, 0, "PCI 3.0 6.2.3"};
inline constexpr reg_desc revision{"Revision ID", 0x08, 1,
                                   access::ro,    1,    "ivshmem.c:ivshmem_common_class_init"};
inline constexpr reg_desc class_code{
    "Class Code", 0x09, 3, access::ro, 0x05'0000, "ivshmem.c:ivshmem_common_class_init"};
inline constexpr reg_desc cache_line{"Cache Line Size", 0x0c, 1, access::rw, 0, "PCI 3.0 6.2.4"};
inline constexpr reg_desc bar0_reg{"BAR0", 0x10, 4, access::rw, 0, "PCI 3.0 6.2.5.1"};
inline constexpr reg_desc bar1_reg{"BAR1", 0x14, 4, access::rw, 0, "PCI 3.0 6.2.5.1"};
inline constexpr reg_desc bar2_reg{"BAR2", 0x18, 8, access::rw, 0x0c, "PCI 3.0 6.2.5.1"};
inline constexpr reg_desc subsystem_vendor{"Subsystem Vendor ID", 0x2c, 2, access::ro, 0x1af4,
                                           "behaviour 1"};
inline constexpr reg_desc subsystem_id{"Subsystem ID", 0x2e, 2, access::ro, 0x1100, "behaviour 1"};
inline constexpr reg_desc capabilities{"Capabilities Pointer", 0x34, 1, access::ro, 0,
                                       "PCI 3.0 6.7"};
inline constexpr reg_desc interrupt_line{"Interrupt Line", 0x3c, 1, access::rw, 0, "PCI 3.0 6.2.4"};
inline constexpr reg_desc interrupt_pin{"Interrupt Pin", 0x3d, 1, access::ro, 0, "behaviour 1"};
inline constexpr reg_desc msix_control{"MSI-X Message Control", 0x42, 2, access::rw, 0,
                                       "PCI 3.0 6.8.2.3"};
inline constexpr reg_desc msix_table{"MSI-X Table Offset/BIR", 0x44, 4, access::ro, 1,
                                     "PCI 3.0 6.8.2.4"};
inline constexpr reg_desc msix_pba{"MSI-X PBA Offset/BIR", 0x48, 4, access::ro, 0x801,
                                   "PCI 3.0 6.8.2.5"};

inline constexpr std::array all{
    vendor_id,    device_id,      command,       status,       revision,         class_code,
    cache_line,   bar0_reg,       bar1_reg,      bar2_reg,     subsystem_vendor, subsystem_id,
    capabilities, interrupt_line, interrupt_pin, msix_control, msix_table,       msix_pba};

// Command bits a guest can set [behaviour 1]; INTx status and capability bits of Status.
inline constexpr std::uint16_t command_io = 0x0001;
inline constexpr std::uint16_t command_memory = 0x0002;
inline constexpr std::uint16_t command_master = 0x0004;
inline constexpr std::uint16_t command_serr = 0x0100;
inline constexpr std::uint16_t command_intx_disable = 0x0400;
inline constexpr std::uint16_t command_writable =
    command_io | command_memory | command_master | command_serr | command_intx_disable;
inline constexpr std::uint16_t status_interrupt = 0x0008;
inline constexpr std::uint16_t status_capabilities = 0x0010;

inline constexpr std::uint32_t bar_type_64_prefetch = 0x0c;

inline constexpr std::uint32_t msix_capability = 0x40;
inline constexpr std::uint8_t msix_capability_id = 0x11;
inline constexpr std::uint16_t msix_enable = 0x8000;
inline constexpr std::uint16_t msix_function_mask = 0x4000;

/// Bytes from here on are read/write scratch that survives reset where no capability stands.
inline constexpr std::uint32_t first_scratch = 0x40;

// The PCI Express capability that `express=on` adds behind the MSI-X capability [PCIe 7.5.3].
inline constexpr std::uint32_t express_capability = 0x80;
inline constexpr std::uint32_t express_capability_bytes = 0x3c;
inline constexpr std::uint8_t express_capability_id = 0x10;

}  // namespace cfg

/// BAR1: MSI-X table and pending-bit array, laid out by the number of vectors [behaviour 1].
namespace bar1 {

inline constexpr std::uint32_t entry_bytes = 16;
inline constexpr std::uint32_t entry_address_low = 0;
inline constexpr std::uint32_t entry_address_high = 4;
inline constexpr std::uint32_t entry_data = 8;
inline constexpr std::uint32_t entry_control = 12;
inline constexpr std::uint32_t control_masked = 1;  // the only control bit that acts

constexpr std::uint32_t table_bytes(unsigned vectors) { return entry_bytes * vectors; }
constexpr std::uint32_t pba_offset(unsigned vectors) {
  return table_bytes(vectors) > 0x800 ? table_bytes(vectors) : 0x800;
}
constexpr std::uint32_t pba_bytes(unsigned vectors) { return 8 * ((vectors + 63) / 64); }
constexpr std::uint32_t size_bytes(unsigned vectors) {
  std::uint32_t size = 0x1000;
  while (size < pba_offset(vectors) + pba_bytes(vectors)) {
    size *= 2;
  }
  return size;
}

static_assert(size_bytes(128) == 0x1000 && size_bytes(255) == 0x2000);
static_assert(size_bytes(max_vectors) == 0x1'0000);

}  // namespace bar1

}  // namespace ivshmem
