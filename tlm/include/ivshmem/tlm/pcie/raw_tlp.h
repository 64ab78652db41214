// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace ivshmem::pcie {

/// A TLP header, DW0 first; the fourth of a three-dword header is 0.
using header_words = std::array<std::uint32_t, 4>;

/// A TLP as it stands on a stream: header and payload dwords, good or bad.
struct raw_tlp {
  header_words header{};
  std::vector<std::uint32_t> payload;

  bool operator==(const raw_tlp& other) const noexcept {
    return header == other.header && payload == other.payload;
  }
  bool operator!=(const raw_tlp& other) const noexcept { return !(*this == other); }
};

/// Fmt and Type of a header, as one number [PCIe 2.2.1, table 2-3].
enum class raw_type : std::uint8_t {
  memory_read_32 = 0x00,
  memory_read_64 = 0x20,
  memory_read_locked_32 = 0x01,
  memory_read_locked_64 = 0x21,
  memory_write_32 = 0x40,
  memory_write_64 = 0x60,
  io_read = 0x02,
  io_write = 0x42,
  config_read_0 = 0x04,
  config_write_0 = 0x44,
  config_read_1 = 0x05,
  config_write_1 = 0x45,
  completion = 0x0a,
  completion_data = 0x4a,
  message_local = 0x34,  ///< routing "local, terminate at receiver"
  fetch_add_32 = 0x4c,
  swap_32 = 0x4d,
  compare_swap_32 = 0x4e,
};

// Fields of a header. Their meaning depends on the type.
constexpr raw_type type_of(const header_words& h) noexcept {
  return static_cast<raw_type>(h[0] >> 24U);
}
constexpr bool has_payload(const header_words& h) noexcept { return ((h[0] >> 30U) & 1U) != 0; }
constexpr bool has_four_dwords(const header_words& h) noexcept { return ((h[0] >> 29U) & 1U) != 0; }
/// In dwords, 1 to 1,024.
constexpr unsigned length_of(const header_words& h) noexcept {
  return (h[0] & 0x3ffU) == 0 ? 1024U : h[0] & 0x3ffU;
}
/// Dwords that follow the header.
constexpr unsigned payload_dwords(const header_words& h) noexcept {
  return has_payload(h) ? length_of(h) : 0;
}
constexpr bool is_poisoned(const header_words& h) noexcept { return ((h[0] >> 14U) & 1U) != 0; }
/// Traffic class (6:4) and attributes (2:0), which a completion repeats.
constexpr unsigned class_and_attributes(const header_words& h) noexcept {
  return ((h[0] >> 20U) & 7U) << 4U | ((h[0] >> 18U) & 1U) << 2U | ((h[0] >> 12U) & 3U);
}
constexpr bool is_memory(const header_words& h) noexcept {
  return ((h[0] >> 24U) & 0x9fU) == 0;  // MRd, MWr; not the locked read
}
constexpr bool is_locked_read(const header_words& h) noexcept {
  return ((h[0] >> 24U) & 0xdfU) == 0x01;
}
constexpr bool is_atomic(const header_words& h) noexcept {
  const std::uint32_t kind = (h[0] >> 24U) & 0x1fU;
  return (h[0] >> 30U) == 1 && kind >= 0x0c && kind <= 0x0e;  // FetchAdd, Swap, CAS
}
constexpr bool is_message(const header_words& h) noexcept {
  return ((h[0] >> 24U) & 0xb8U) == 0x30U;
}
constexpr bool is_completion(const header_words& h) noexcept {
  return ((h[0] >> 24U) & 0xbeU) == 0x0aU;  // Cpl, CplD, CplLk, CplDLk
}
/// Of a request: ID and tag that its completions repeat; in DW1.
constexpr std::uint32_t transaction_of_request(const header_words& h) noexcept {
  return h[1] >> 8U;
}
/// ID and tag of the request that a completion answers; in DW2.
constexpr std::uint32_t transaction_of_completion(const header_words& h) noexcept {
  return h[2] >> 8U;
}
constexpr unsigned first_enables(const header_words& h) noexcept { return h[1] & 0xfU; }
constexpr unsigned last_enables(const header_words& h) noexcept { return (h[1] >> 4U) & 0xfU; }
/// Of a memory request, with bits 1:0 as they stand there.
constexpr std::uint64_t address_of(const header_words& h) noexcept {
  return has_four_dwords(h) ? std::uint64_t{h[2]} << 32U | h[3] : h[2];
}

}  // namespace ivshmem::pcie
