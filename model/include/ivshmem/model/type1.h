// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "ivshmem/model/regmap.h"

/// Configuration space of a bridge: type 1 header [PCI-to-PCI bridge 3.2, PCIe 7.5.1.3]. What it
/// has in common with a type 0 header stands at the same offsets.
namespace ivshmem::type1 {

inline constexpr std::uint16_t command_writable = cfg::command_memory | cfg::command_master |
                                                  cfg::command_parity | cfg::command_serr |
                                                  cfg::command_intx_disable;

// Windows: a base and a limit hold address bits 31:20; the upper halves those from 32 on.
inline constexpr std::uint32_t window_granule = 1U << 20U;  // [PCI-to-PCI bridge 3.2.5.8]
inline constexpr std::uint16_t window_bits = 0xfff0;
inline constexpr unsigned window_shift = 16;          // from register to address
inline constexpr std::uint16_t window_64 = 0x0001;    // the upper halves are there
inline constexpr std::uint16_t closed_base = 0xfff0;  // above the limit, 0: forwards nothing
// Bridge Control [PCI-to-PCI bridge 3.2.5.18].
inline constexpr std::uint16_t control_parity = 0x0001;
inline constexpr std::uint16_t control_serr = 0x0002;
inline constexpr std::uint16_t control_secondary_reset = 0x0040;
inline constexpr std::uint16_t control_writable =
    control_parity | control_serr | control_secondary_reset;

inline constexpr std::uint32_t express_capability = 0x40;

constexpr reg_desc with_payload_4096(reg_desc device_capabilities) noexcept {
  device_capabilities.reset |= cfg::express::payload_code(cfg::express::most_payload_bytes);
  return device_capabilities;
}

// clang-format off
inline constexpr reg_desc
  vendor_id      {"Vendor ID",                 0x00, 2, access::ro, 0,           0,                "PCIe 7.5.1.1.1"},
  device_id      {"Device ID",                 0x02, 2, access::ro, 0,           0,                "PCIe 7.5.1.1.2"},
  command        {"Command",                   0x04, 2, access::rw, 0,           command_writable, "PCIe 7.5.1.1.3"},
  status         {"Status",                    0x06, 2, access::ro, cfg::status_capabilities, 0,   "PCIe 7.5.1.1.4"},
  class_code     {"Class Code",                0x09, 3, access::ro, 0x06'0400,   0,                "PCIe 7.5.1.1.6"},
  cache_line     {"Cache Line Size",           0x0c, 1, access::rw, 0,           0xff,             "PCIe 7.5.1.1.7"},
  header_type    {"Header Type",               0x0e, 1, access::ro, cfg::header_bridge, 0,         "PCIe 7.5.1.1.9"},
  primary_bus    {"Primary Bus Number",        0x18, 1, access::rw, 0,           0xff,             "PCIe 7.5.1.3.2"},
  secondary_bus  {"Secondary Bus Number",      0x19, 1, access::rw, 0,           0xff,             "PCIe 7.5.1.3.3"},
  subordinate_bus{"Subordinate Bus Number",    0x1a, 1, access::rw, 0,           0xff,             "PCIe 7.5.1.3.4"},
  memory_base    {"Memory Base",               0x20, 2, access::rw, closed_base, window_bits,      "PCIe 7.5.1.3.8"},
  memory_limit   {"Memory Limit",              0x22, 2, access::rw, 0,           window_bits,      "PCIe 7.5.1.3.8"},
  prefetch_base  {"Prefetchable Memory Base",  0x24, 2, access::rw, closed_base | window_64, window_bits, "PCIe 7.5.1.3.9"},
  prefetch_limit {"Prefetchable Memory Limit", 0x26, 2, access::rw, window_64,   window_bits,      "PCIe 7.5.1.3.9"},
  base_upper     {"Prefetchable Base Upper",   0x28, 4, access::rw, 0,           0xffff'ffff,      "PCIe 7.5.1.3.10"},
  limit_upper    {"Prefetchable Limit Upper",  0x2c, 4, access::rw, 0,           0xffff'ffff,      "PCIe 7.5.1.3.10"},
  capabilities   {"Capabilities Pointer",      0x34, 1, access::ro, express_capability, 0,         "PCIe 7.5.1.1.11"},
  interrupt_line {"Interrupt Line",            0x3c, 1, access::rw, 0,           0xff,             "PCIe 7.5.1.1.12"},
  bridge_control {"Bridge Control",            0x3e, 2, access::rw, 0,           control_writable, "PCIe 7.5.1.3.13"},
  express_capabilities = at(express_capability, cfg::express::capabilities),
  device_capabilities  = at(express_capability, with_payload_4096(cfg::express::device_capabilities)),
  device_control       = at(express_capability, cfg::express::device_control),
  link_capabilities    = at(express_capability, cfg::express::link_capabilities),
  link_control         = at(express_capability, cfg::express::link_control),
  link_status          = at(express_capability, cfg::express::link_status);
// clang-format on

/// Vendor and Device ID, and the port type in Capabilities, are a bridge's own.
inline constexpr std::array all{
    vendor_id,           device_id,      command,           status,         class_code,
    cache_line,          header_type,    primary_bus,       secondary_bus,  subordinate_bus,
    memory_base,         memory_limit,   prefetch_base,     prefetch_limit, base_upper,
    limit_upper,         capabilities,   interrupt_line,    bridge_control, express_capabilities,
    device_capabilities, device_control, link_capabilities, link_control,   link_status};

static_assert(command.offset == cfg::command.offset && status.offset == cfg::status.offset &&
              header_type.offset == cfg::header_type.offset &&
              capabilities.offset == cfg::capabilities.offset);

}  // namespace ivshmem::type1
