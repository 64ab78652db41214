// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace ivshmem {

// What the PCI standards fix for every configuration space; see also regmap.h and type1.h.

enum class access : std::uint8_t {
  ro,       ///< writes are ignored
  rw,       ///< plain storage
  rw_rclr,  ///< plain storage; a read clears it
  wo,       ///< a write acts; reads give 0
};

/// One register of a BAR or of configuration space.
struct reg_desc {
  std::string_view name;    ///< spelling of the specification
  std::uint32_t offset;     ///< bytes from the start of the space
  std::uint32_t bytes;      ///< width
  access sw;                ///< what the guest may do
  std::uint32_t reset;      ///< value after reset
  std::uint64_t writable;   ///< bits that a write reaches; of a BAR: at its smallest size
  std::string_view source;  ///< where the behaviour is defined
};

/// `reg`, which counts from the start of a capability, of the capability at `start`.
constexpr reg_desc at(std::uint32_t start, reg_desc reg) noexcept {
  reg.offset += start;
  return reg;
}

/// PCI configuration space [PCI 3.0 6].
namespace cfg {

inline constexpr std::uint32_t size_bytes = 0x100;
inline constexpr std::uint32_t express_size_bytes = 0x1000;  // [PCIe 7.2]

// Command [PCI 3.0 6.2.2].
inline constexpr std::uint16_t command_io = 0x0001;
inline constexpr std::uint16_t command_memory = 0x0002;
inline constexpr std::uint16_t command_master = 0x0004;
inline constexpr std::uint16_t command_parity = 0x0040;
inline constexpr std::uint16_t command_serr = 0x0100;
inline constexpr std::uint16_t command_intx_disable = 0x0400;
// Status [PCI 3.0 6.2.3].
inline constexpr std::uint16_t status_interrupt = 0x0008;
inline constexpr std::uint16_t status_capabilities = 0x0010;
// Header Type [PCI 3.0 6.2.1].
inline constexpr std::uint8_t header_layout = 0x7f;
inline constexpr std::uint8_t header_bridge = 0x01;
inline constexpr std::uint8_t header_multifunction = 0x80;

// Base address registers [PCI 3.0 6.2.5.1].
inline constexpr std::uint32_t first_bar = 0x10;
inline constexpr unsigned device_bars = 6;
inline constexpr unsigned bridge_bars = 2;
inline constexpr std::uint32_t bar_io = 0x1;
inline constexpr std::uint32_t bar_type = 0x6;
inline constexpr std::uint32_t bar_type_64 = 0x4;
inline constexpr std::uint32_t bar_prefetchable = 0x8;
inline constexpr std::uint32_t bar_flags = 0xf;
inline constexpr std::uint32_t bar_type_64_prefetch = bar_type_64 | bar_prefetchable;

// A capability begins with its ID and the offset of the next one [PCI 3.0 6.7].
inline constexpr std::uint32_t capability_next = 1;
inline constexpr std::uint32_t capability_pointer_mask = 0xfc;

inline constexpr std::uint8_t msix_capability_id = 0x11;
inline constexpr std::uint32_t msix_capability_bytes = 0x0c;
inline constexpr std::uint16_t msix_vectors_mask = 0x07ff;  // of Message Control: vectors less one
inline constexpr std::uint16_t msix_function_mask = 0x4000;
inline constexpr std::uint16_t msix_enable = 0x8000;

inline constexpr std::uint8_t express_capability_id = 0x10;
inline constexpr std::uint32_t express_capability_bytes = 0x3c;

/// The MSI-X capability [PCI 3.0 6.8.2]; offsets from its start.
namespace msix {

inline constexpr reg_desc control{
    "MSI-X Message Control", 0x02, 2, access::rw, 0, msix_enable | msix_function_mask,
    "PCI 3.0 6.8.2.3"};
inline constexpr std::uint32_t table = 0x04;  // offset and BIR of the table
inline constexpr std::uint32_t pba = 0x08;    // offset and BIR of the pending bits

}  // namespace msix

/// The PCI Express capability [PCIe 7.5.3]; offsets from its start.
namespace express {

inline constexpr std::uint16_t version_2 = 0x0002;  // of Capabilities [PCIe 7.5.3.2]
inline constexpr unsigned port_type_shift = 4;      // in Capabilities; 0: endpoint
// Device Capabilities [PCIe 7.5.3.3].
inline constexpr std::uint32_t payload_supported = 0x0000'0007;  // see payload_code()
inline constexpr std::uint32_t role_based_errors = 0x0000'8000;
// Device Control [PCIe 7.5.3.4].
inline constexpr std::uint16_t relaxed_ordering = 0x0010;
inline constexpr std::uint16_t payload_size = 0x00e0;  // see payload_code()
inline constexpr unsigned payload_size_shift = 5;
inline constexpr std::uint16_t no_snoop = 0x0800;
inline constexpr std::uint16_t read_request_512 = 0x2000;
inline constexpr std::uint16_t function_level_reset = 0x8000;
inline constexpr std::uint16_t device_control_reset =
    relaxed_ordering | no_snoop | read_request_512;
inline constexpr std::uint16_t device_control_writable = 0xffff & ~function_level_reset;
// Maximum payload in either: 0 is 128 bytes, each one more is twice as many.
inline constexpr unsigned least_payload_bytes = 128;
inline constexpr unsigned most_payload_bytes = 4096;
constexpr unsigned payload_bytes(unsigned code) noexcept { return least_payload_bytes << code; }
constexpr unsigned payload_code(unsigned bytes) noexcept {
  unsigned code = 0;
  while (payload_bytes(code) < bytes && bytes <= most_payload_bytes) {
    ++code;
  }
  return code;
}
/// Device Control of a function that supports `bytes`: bits that no such value needs stay zero.
constexpr std::uint16_t device_control_bits(unsigned bytes) noexcept {
  const unsigned most = payload_code(bytes);
  const unsigned needed = most | most >> 1U | most >> 2U;
  return static_cast<std::uint16_t>((device_control_writable & ~payload_size) |
                                    needed << payload_size_shift);
}
// Link Capabilities and Link Status [PCIe 7.5.3.6, 7.5.3.8].
inline constexpr std::uint16_t link_2_5_gt = 0x0001;
inline constexpr std::uint16_t link_x1 = 0x0010;
// Link Control [PCIe 7.5.3.7].
inline constexpr std::uint16_t read_completion_boundary = 0x0008;
inline constexpr std::uint16_t common_clock = 0x0040;
inline constexpr std::uint16_t extended_sync = 0x0080;
inline constexpr std::uint16_t link_control_writable =
    read_completion_boundary | common_clock | extended_sync;

// clang-format off
inline constexpr reg_desc
  capabilities       {"PCI Express Capabilities", 0x02, 2, access::ro, version_2,             0,  "PCIe 7.5.3.2"},
  device_capabilities{"Device Capabilities",      0x04, 4, access::ro, role_based_errors,     0,  "PCIe 7.5.3.3"},
  device_control     {"Device Control",           0x08, 2, access::rw, device_control_reset,
                      device_control_writable,                                                    "PCIe 7.5.3.4"},
  link_capabilities  {"Link Capabilities",        0x0c, 4, access::ro, link_x1 | link_2_5_gt, 0,  "PCIe 7.5.3.6"},
  link_control       {"Link Control",             0x10, 2, access::rw, 0, link_control_writable,  "PCIe 7.5.3.7"},
  link_status        {"Link Status",              0x12, 2, access::ro, link_x1 | link_2_5_gt, 0,  "PCIe 7.5.3.8"};
// clang-format on

}  // namespace express
}  // namespace cfg
}  // namespace ivshmem
