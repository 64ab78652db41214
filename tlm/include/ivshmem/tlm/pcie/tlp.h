// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <tlm>

static_assert(__cplusplus == 201703L, "ivshmem: SystemC was built as C++17, compile as C++17");

namespace ivshmem::pcie {
/// Bus (15:8), device (7:3) and function (2:0) number: a requester or completer ID.
enum class bdf : std::uint16_t {};

constexpr bdf make_bdf(unsigned bus, unsigned device, unsigned function) noexcept {
  return static_cast<bdf>((bus << 8U) | ((device & 0x1fU) << 3U) | (function & 7U));
}
constexpr unsigned to_int(bdf id) noexcept { return static_cast<unsigned>(id); }
constexpr unsigned bus_of(bdf id) noexcept { return to_int(id) >> 8U; }
constexpr unsigned device_of(bdf id) noexcept { return (to_int(id) >> 3U) & 0x1fU; }
constexpr unsigned function_of(bdf id) noexcept { return to_int(id) & 7U; }

/// Kinds of request [PCIe 2.2.1, table 2-3]. Type 0 configuration requests end at the receiver,
/// type 1 requests are routed on by bridges.
enum class tlp_type : std::uint8_t {
  memory_read,
  memory_write,
  config_read_0,
  config_write_0,
  config_read_1,
  config_write_1,
  message,
};

/// Completion status [PCIe 2.2.9]; the values are those of the header field.
enum class completion_status : std::uint8_t {
  successful = 0,
  unsupported_request = 1,
  completer_abort = 4,
};

/// Message codes in use [PCIe 2.2.8.1].
enum class message_code : std::uint8_t {
  none = 0,
  assert_inta = 0x20,
  assert_intb = 0x21,
  assert_intc = 0x22,
  assert_intd = 0x23,
  deassert_inta = 0x24,
  deassert_intb = 0x25,
  deassert_intc = 0x26,
  deassert_intd = 0x27,
};

using payload = tlm::tlm_generic_payload;
class port;

/// Fields of the TLP header that a generic payload lacks.
struct tlp_header {
  tlp_type type = tlp_type::memory_read;
  completion_status status = completion_status::unsupported_request;
  message_code code = message_code::none;
  bdf requester{};
  bdf completer{};
  std::uint8_t tag = 0;
  std::uint8_t traffic_class = 0;  ///< 0 to 7
  bool relaxed_ordering = false;
  bool no_snoop = false;
  bool poisoned = false;  ///< of the request, or of the data that a completion brings
  bool msix = false;      ///< a memory write that is an MSI-X message
  bool injected = false;  ///< an MSI-X message that the hypervisor delivers, not the bus
  std::uint16_t completion_bytes = 0;  ///< completions were cut at its multiples; 0: not said
  /// Payload dwords beyond the header's Length, negative: missing. Malformed [PCIe 2.2.2].
  std::int16_t surplus_dwords = 0;

  bool is_memory() const noexcept { return type <= tlp_type::memory_write; }
  /// A configuration request that ends at its receiver.
  bool is_config_0() const noexcept {
    return type == tlp_type::config_read_0 || type == tlp_type::config_write_0;
  }
  bool is_config() const noexcept {
    return type >= tlp_type::config_read_0 && type <= tlp_type::config_write_1;
  }
  bool is_posted() const noexcept {
    return type == tlp_type::memory_write || type == tlp_type::message;
  }
};

/// What makes a generic payload a TLP. Mandatory on every pcie socket.
///
/// Address, length, data and byte enables stay in the payload and are authoritative: a memory
/// request starts at its first enabled byte; the header's First and Last DW BE follow from that.
/// A configuration request has address `bus << 20 | device << 15 | function << 12 | offset`, 1 to
/// 4 bytes within one dword. A message has no data. The completion comes back in `status`, by
/// return of b_transport or as response phase; posted requests have none on a real link, so there
/// `status` tells only whether anybody took them.
class tlp final : public tlm::tlm_extension<tlp>, public tlp_header {
 public:
  /// A component that a request went through, so that completion and credits find their way back.
  struct hop {
    port* in;
    port* out;
  };
  static constexpr unsigned max_hops = 32;

  tlm::tlm_extension_base* clone() const override { return new tlp(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const tlp&>(other);
  }

  tlp_header& header() noexcept { return *this; }
  const tlp_header& header() const noexcept { return *this; }

  // Timed transport only.
  std::array<hop, max_hops> path{};
  unsigned depth = 0;       ///< hops in `path` that the completion has still to go back
  unsigned hops = 0;        ///< hops in `path` that the request went
  void* context = nullptr;  ///< the requester's own
  bool abandoned = false;   ///< the requester does not wait for the completion any more
};

/// The TLP of a payload that came over a pcie socket.
inline tlp& tlp_of(payload& trans) noexcept { return *trans.get_extension<tlp>(); }
inline const tlp& tlp_of(const payload& trans) noexcept { return *trans.get_extension<tlp>(); }

/// Target of a configuration request, and register offset in bytes.
inline bdf config_target(const payload& trans) noexcept {
  return static_cast<bdf>(trans.get_address() >> 12U);
}
inline std::uint32_t config_offset(const payload& trans) noexcept {
  return static_cast<std::uint32_t>(trans.get_address() & 0xfffU);
}

/// Whether the bytes asked for lie in one dword, as those of a configuration request must.
inline bool is_within_dword(const payload& trans) noexcept {
  const std::uint64_t end = trans.get_address() % 4 + trans.get_data_length();
  return trans.get_data_length() != 0 && end <= 4;
}

/// Whether a completed request did what it should, and brought data that can be used.
inline bool is_good(const payload& trans, const tlp& header) noexcept {
  return header.status == completion_status::successful && !(trans.is_read() && header.poisoned);
}

/// Sets completion status and response status to match. `header` is that of `trans`.
void complete(payload& trans, tlp& header, completion_status status) noexcept;
inline void complete(payload& trans, completion_status status) noexcept {
  complete(trans, tlp_of(trans), status);
}

}  // namespace ivshmem::pcie
