// SPDX-License-Identifier: Apache-2.0
//
// Payloads to TLPs as they stand on a stream, and back.
#include "ivshmem/tlm/pcie/tlp_codec.h"

#include <algorithm>
#include <cstring>

#include "ivshmem/tlm/pcie/byte_enables.h"

namespace ivshmem::pcie {

namespace {

using pcie::payload;
using pcie::tlp;
using pcie::tlp_type;

std::uint32_t first_dword(raw_type type, const pcie::tlp_header& header, unsigned dwords) {
  return static_cast<std::uint32_t>(type) << 24U | std::uint32_t{header.traffic_class} << 20U |
         (header.poisoned ? 1U << 14U : 0U) | (header.relaxed_ordering ? 1U << 13U : 0U) |
         (header.no_snoop ? 1U << 12U : 0U) | (dwords & 0x3ffU);
}

raw_type raw_type_of(const payload& trans) {
  const bool wide = (trans.get_address() >> 32U) != 0;
  switch (pcie::tlp_of(trans).type) {
    case tlp_type::memory_read:
      return wide ? raw_type::memory_read_64 : raw_type::memory_read_32;
    case tlp_type::memory_write:
      return wide ? raw_type::memory_write_64 : raw_type::memory_write_32;
    case tlp_type::config_read_0:
      return raw_type::config_read_0;
    case tlp_type::config_write_0:
      return raw_type::config_write_0;
    case tlp_type::config_read_1:
      return raw_type::config_read_1;
    case tlp_type::config_write_1:
      return raw_type::config_write_1;
    case tlp_type::message:
      return raw_type::message_local;
  }
  return raw_type::message_local;
}

/// One dword whatever its address, as a table entry gives it.
bool is_message_write(const tlp& header, const payload& trans) {
  return header.msix && header.type == tlp_type::memory_write && trans.get_data_length() == 4;
}

/// Bytes that the completions of a read deliver.
pcie::enabled_extent extent_of_read(const payload& trans) {
  const pcie::tlp_extent extent = pcie::extent_of(trans);
  return pcie::extent_of(extent.dwords, extent.first_be, extent.last_be);
}

pcie::enabled_extent enabled_extent_of(const header_words& h) {
  return pcie::extent_of(length_of(h), first_enables(h), last_enables(h));
}

}  // namespace

bool is_encodable(const payload& trans) noexcept {
  const std::uint64_t end = trans.get_address() % 4 + trans.get_data_length();
  if (end > max_tlp_bytes) {
    return false;
  }
  const pcie::byte_enables enables(trans);
  if (end <= 4 || enables.all()) {
    return true;
  }
  for (unsigned i = 0; i < trans.get_data_length(); ++i) {
    if (!enables.at(i)) {
      return false;
    }
  }
  return true;
}

void encode_request(const payload& trans, raw_tlp& into) {
  const tlp& header = pcie::tlp_of(trans);
  const raw_type type = raw_type_of(trans);
  const std::uint64_t address = trans.get_address();
  const bool message_write = is_message_write(header, trans);
  const pcie::tlp_extent extent =
      message_write ? pcie::tlp_extent{1, 0xf, 0} : pcie::extent_of(trans);
  into.payload.clear();
  into.header = {first_dword(type, header, extent.dwords),
                 static_cast<std::uint32_t>(pcie::to_int(header.requester)) << 16U |
                     std::uint32_t{header.tag} << 8U | unsigned{extent.last_be} << 4U |
                     extent.first_be,
                 0, 0};
  if (header.type == tlp_type::message) {
    into.header[1] = (into.header[1] & ~0xffU) | static_cast<std::uint32_t>(header.code);
    return;
  }
  if (header.is_config()) {
    into.header[2] = static_cast<std::uint32_t>(pcie::to_int(pcie::config_target(trans))) << 16U |
                     (pcie::config_offset(trans) & 0xffcU);
  } else {
    const std::uint64_t sent = message_write ? address : address & ~std::uint64_t{3};
    if (has_four_dwords(into.header)) {
      into.header[2] = static_cast<std::uint32_t>(sent >> 32U);
      into.header[3] = static_cast<std::uint32_t>(sent);
    } else {
      into.header[2] = static_cast<std::uint32_t>(sent);
    }
  }
  if (has_payload(into.header)) {
    into.payload.assign(extent.dwords, 0);
    const std::size_t skipped = message_write ? 0 : address % 4;
    if (trans.get_data_length() != 0) {
      std::memcpy(reinterpret_cast<std::uint8_t*>(into.payload.data()) + skipped,
                  trans.get_data_ptr(), trans.get_data_length());
    }
  }
  if (header.surplus_dwords != 0) {
    constexpr std::uint32_t filler = 0x5a5a'5a5a;
    const int sent = static_cast<int>(into.payload.size()) + header.surplus_dwords;
    into.payload.resize(static_cast<std::size_t>(std::max(0, sent)), filler);
  }
}

unsigned payload_bytes(const raw_tlp& from) noexcept {
  if (is_message(from.header)) {
    return 0;
  }
  const bool nothing = length_of(from.header) == 1 && first_enables(from.header) == 0;
  return nothing ? 0 : enabled_extent_of(from.header).bytes;
}

bool decode_request(const raw_tlp& from, payload& trans, unsigned char* byte_enables) {
  const header_words& h = from.header;
  tlp_type type{};
  switch (type_of(h)) {
    case raw_type::memory_read_32:
    case raw_type::memory_read_64:
      type = tlp_type::memory_read;
      break;
    case raw_type::memory_write_32:
    case raw_type::memory_write_64:
      type = tlp_type::memory_write;
      break;
    case raw_type::config_read_0:
      type = tlp_type::config_read_0;
      break;
    case raw_type::config_write_0:
      type = tlp_type::config_write_0;
      break;
    case raw_type::config_read_1:
      type = tlp_type::config_read_1;
      break;
    case raw_type::config_write_1:
      type = tlp_type::config_write_1;
      break;
    case raw_type::message_local:
      type = tlp_type::message;
      break;
    default:
      return false;
  }
  const unsigned bytes = payload_bytes(from);
  const unsigned skipped = is_message(h) ? 0 : enabled_extent_of(h).first;
  if (has_payload(h) && skipped + bytes > 4 * from.payload.size()) {
    return false;
  }
  tlp& header = pcie::tlp_of(trans);
  header.type = type;
  header.requester = static_cast<pcie::bdf>(h[1] >> 16U);
  header.tag = static_cast<std::uint8_t>(h[1] >> 8U);
  header.traffic_class = static_cast<std::uint8_t>((h[0] >> 20U) & 7U);
  header.poisoned = is_poisoned(h);
  header.relaxed_ordering = ((h[0] >> 13U) & 1U) != 0;
  header.no_snoop = ((h[0] >> 12U) & 1U) != 0;
  trans.set_data_length(bytes);
  trans.set_streaming_width(bytes);
  trans.set_byte_enable_ptr(nullptr);
  trans.set_command(has_payload(h) ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  if (type == tlp_type::message) {
    header.code = static_cast<pcie::message_code>(h[1] & 0xffU);
    trans.set_command(tlm::TLM_IGNORE_COMMAND);
    trans.set_address(0);
    return true;
  }
  if (header.is_config()) {
    trans.set_address(std::uint64_t{h[2] >> 16U} << 12U | ((h[2] & 0xffcU) + skipped));
  } else {
    trans.set_address((address_of(h) & ~std::uint64_t{3}) + skipped);
  }
  if (has_payload(h) && bytes != 0) {
    std::memcpy(trans.get_data_ptr(),
                reinterpret_cast<const std::uint8_t*>(from.payload.data()) + skipped, bytes);
  }
  if (length_of(h) == 1) {
    bool holes = false;
    for (unsigned i = 0; i < bytes; ++i) {
      const bool on = ((first_enables(h) >> (skipped + i)) & 1U) != 0;
      byte_enables[i] = on ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
      holes = holes || !on;
    }
    if (holes) {
      trans.set_byte_enable_ptr(byte_enables);
      trans.set_byte_enable_length(bytes);
    }
  }
  return true;
}

// ---- completions

completion_fields completion_of(const header_words& h) noexcept {
  completion_fields fields;
  fields.completer = static_cast<std::uint16_t>(h[1] >> 16U);
  fields.status = static_cast<pcie::completion_status>((h[1] >> 13U) & 7U);
  fields.byte_count = (h[1] & 0xfffU) == 0 ? 4096 : h[1] & 0xfffU;
  fields.requester = static_cast<std::uint16_t>(h[2] >> 16U);
  fields.tag = static_cast<std::uint8_t>(h[2] >> 8U);
  fields.lower_address = static_cast<std::uint8_t>(h[2] & 0x7fU);
  return fields;
}

header_words completion_header(const completion_fields& fields, unsigned class_and_attributes,
                               unsigned dwords, bool poisoned) noexcept {
  const auto type = dwords != 0 ? raw_type::completion_data : raw_type::completion;
  return {static_cast<std::uint32_t>(type) << 24U | (class_and_attributes >> 4U & 7U) << 20U |
              (class_and_attributes >> 2U & 1U) << 18U | (poisoned ? 1U << 14U : 0U) |
              (class_and_attributes & 3U) << 12U | (dwords & 0x3ffU),
          std::uint32_t{fields.completer} << 16U |
              static_cast<std::uint32_t>(fields.status) << 13U | (fields.byte_count & 0xfffU),
          std::uint32_t{fields.requester} << 16U | std::uint32_t{fields.tag} << 8U |
              fields.lower_address,
          0};
}

bool merge_completion(const raw_tlp& completion, payload& trans) {
  const completion_fields fields = completion_of(completion.header);
  tlp& header = pcie::tlp_of(trans);
  header.completer = static_cast<pcie::bdf>(fields.completer);
  if (fields.status != pcie::completion_status::successful) {
    const bool abort = fields.status == pcie::completion_status::completer_abort;
    pcie::complete(trans, abort ? fields.status : pcie::completion_status::unsupported_request);
    return true;
  }
  pcie::complete(trans, fields.status);
  if (completion.payload.empty()) {
    return true;
  }
  header.poisoned = header.poisoned || is_poisoned(completion.header);
  const pcie::enabled_extent whole = extent_of_read(trans);
  // A configuration read counts its whole dword, whatever is enabled of it.
  const bool config = header.is_config();
  if (!config && fields.byte_count > whole.bytes) {
    pcie::complete(trans, pcie::completion_status::unsupported_request);
    return true;
  }
  const std::uint64_t begin = trans.get_address() & ~std::uint64_t{3};
  const std::uint64_t first =
      config ? begin : begin + whole.first + whole.bytes - fields.byte_count;
  const auto skipped = static_cast<unsigned>(first & 3U);
  const unsigned carried = std::min(4 * static_cast<unsigned>(completion.payload.size()) - skipped,
                                    config ? 4U : fields.byte_count);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(completion.payload.data()) + skipped;
  const std::uint64_t wanted = trans.get_address();
  const pcie::byte_enables enables(trans);
  if (enables.all() && first >= wanted && first + carried <= wanted + trans.get_data_length()) {
    std::memcpy(trans.get_data_ptr() + (first - wanted), bytes, carried);
  } else {
    for (unsigned i = 0; i < carried; ++i) {
      const std::uint64_t at = first + i - wanted;
      if (at < trans.get_data_length() && enables.at(static_cast<unsigned>(at))) {
        trans.get_data_ptr()[at] = bytes[i];
      }
    }
  }
  return config || fields.byte_count <= carried;
}

void encode_completion(const payload& trans, raw_tlp& into) {
  const tlp& header = pcie::tlp_of(trans);
  completion_fields fields;
  fields.status = header.status;
  fields.completer = static_cast<std::uint16_t>(pcie::to_int(header.completer));
  fields.requester = static_cast<std::uint16_t>(pcie::to_int(header.requester));
  fields.tag = header.tag;
  const unsigned attributes = unsigned{header.traffic_class} << 4U |
                              (header.relaxed_ordering ? 2U : 0U) | (header.no_snoop ? 1U : 0U);
  const bool good = header.status == pcie::completion_status::successful;
  unsigned dwords = 0;
  if (header.type == tlp_type::memory_read) {
    const pcie::enabled_extent whole = extent_of_read(trans);
    fields.byte_count = whole.bytes;
    const std::uint64_t first = (trans.get_address() & ~std::uint64_t{3}) + whole.first;
    fields.lower_address = static_cast<std::uint8_t>(first & 0x7fU);
  }
  if (good && trans.is_read()) {
    dwords = pcie::extent_of(trans).dwords;
  }
  into.payload.assign(dwords, 0);
  if (dwords != 0 && trans.get_data_length() != 0) {
    std::memcpy(reinterpret_cast<std::uint8_t*>(into.payload.data()) + trans.get_address() % 4,
                trans.get_data_ptr(), trans.get_data_length());
  }
  into.header =
      completion_header(fields, attributes, dwords, good && dwords != 0 && header.poisoned);
}

}  // namespace ivshmem::pcie
