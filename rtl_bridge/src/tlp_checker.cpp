// SPDX-License-Identifier: Apache-2.0
//
// The rules of TLPs and of their streams, checked beat by beat.
#include "ivshmem/rtl_bridge/tlp_checker.h"

#include <algorithm>

#include "ivshmem/rtl_bridge/tlp_names.h"

namespace ivshmem::rtl {

namespace {

constexpr unsigned page_bytes = 4096;

bool same_beat(const tlp_beat& a, const tlp_beat& b, unsigned dwords) {
  return a.valid == b.valid && a.first == b.first && a.last == b.last &&
         a.nullified == b.nullified && a.strobes == b.strobes &&
         (!a.first || a.header == b.header) &&
         std::equal(a.data.begin(), a.data.begin() + dwords, b.data.begin());
}

/// Offset of the first enabled byte; 0 where none is.
unsigned lead(unsigned enables) {
  unsigned offset = 0;
  while (enables != 0 && ((enables >> offset) & 1U) == 0) {
    ++offset;
  }
  return offset;
}

unsigned trail(unsigned enables) {
  unsigned offset = 0;
  while (enables != 0 && ((enables >> (3 - offset)) & 1U) == 0) {
    ++offset;
  }
  return offset;
}

/// First enabled byte to the last one of a read; 1 for one of no bytes [PCIe 2.3.1.1].
unsigned read_bytes(const header_words& header) {
  const unsigned dwords = length_of(header);
  const unsigned first = first_enables(header);
  const unsigned last = dwords == 1 ? first : last_enables(header);
  return dwords == 1 && first == 0 ? 1 : 4 * dwords - lead(first) - trail(last);
}

bool is_posted(const header_words& header) {
  return is_message(header) || (is_memory(header) && has_payload(header));
}

/// What a receiver may drop as malformed, without a completion [PCIe 2.3.1].
bool is_malformed(const raw_tlp& tlp, unsigned max_payload_bytes, unsigned beat_dwords) {
  if ((tlp.header[0] >> 31U) != 0 || is_completion(tlp.header)) {
    return true;
  }
  if (has_payload(tlp.header) ? tlp.payload.size() != payload_dwords(tlp.header)
                              : tlp.payload.size() > beat_dwords) {
    return true;
  }
  switch (type_of(tlp.header)) {
    case raw_type::memory_read_32:
    case raw_type::memory_read_64:
    case raw_type::memory_write_32:
    case raw_type::memory_write_64: {
      const unsigned bytes = 4 * length_of(tlp.header);
      return (address_of(tlp.header) & 0xffcU) + bytes > page_bytes ||
             (has_payload(tlp.header) && bytes > max_payload_bytes);
    }
    case raw_type::memory_read_locked_32:
    case raw_type::memory_read_locked_64:
    case raw_type::io_read:
    case raw_type::io_write:
      return false;
    case raw_type::config_read_0:
    case raw_type::config_write_0:
      return length_of(tlp.header) != 1;
    case raw_type::config_read_1:
    case raw_type::config_write_1:
      return false;
    default:
      return !is_message(tlp.header) && !is_atomic(tlp.header);
  }
}

}  // namespace

// ---- beats

void tlp_stream_checker::expect(bool holds, const char* rule) {
  if (!holds) {
    log_.add(cycle_, port_, rule);
  }
}

void tlp_stream_checker::step(std::uint64_t cycle, const tlp_beat& pins, bool ready) {
  cycle_ = cycle;
  if (held_.valid) {
    expect(same_beat(held_, pins, beat_dwords_), "a beat changed before it was taken");
  }
  held_.valid = false;
  if (!pins.valid) {
    return;
  }
  if (!ready) {
    held_ = pins;
    return;
  }
  expect(pins.first != open_,
         open_ ? "a packet begins inside another" : "data outside of a packet");
  if (pins.first) {
    missing_ = payload_dwords(pins.header);
  }
  if (measures_) {
    const unsigned here = std::min(missing_, beat_dwords_);
    expect(pins.strobes == (1U << here) - 1U, "strobes that do not fit the length");
    missing_ -= here;
    expect(pins.last == (missing_ == 0), "the end is not where the length says");
  }
  open_ = !pins.last;
}

void tlp_stream_checker::end(std::uint64_t cycle) {
  cycle_ = cycle;
  expect(!open_ && !held_.valid, "a packet is not finished at the end");
}

// ---- packets

tlp_checker::tlp_checker(unsigned beat_dwords, const limits& allowed, protocol_log& log)
    : limits_(allowed),
      beat_dwords_(beat_dwords),
      log_(log),
      rx_("rx", beat_dwords, log),
      tx_completion_("tx_cpl", beat_dwords, log),
      tx_message_("tx_msg", beat_dwords, log) {
  if (allowed.wrong_lengths) {
    rx_.allow_wrong_lengths();
  }
}

void tlp_checker::expect(bool holds, const char* port, const char* rule) {
  if (!holds) {
    log_.add(cycle_, port, rule);
  }
}

void tlp_checker::request_beat(std::uint64_t cycle, const tlp_beat& pins, bool ready) {
  rx_.step(cycle, pins, ready);
  if (pins.valid && ready && rx_sink_.take(pins)) {
    request(cycle, rx_sink_.tlp());
  }
}

void tlp_checker::completion_beat(std::uint64_t cycle, const tlp_beat& pins, bool ready) {
  tx_completion_.step(cycle, pins, ready);
  if (pins.valid && ready && completion_sink_.take(pins)) {
    completion(cycle, completion_sink_.tlp());
  }
}

void tlp_checker::message_beat(std::uint64_t cycle, const tlp_beat& pins, bool ready) {
  tx_message_.step(cycle, pins, ready);
  if (pins.valid && ready && message_sink_.take(pins)) {
    message(cycle, message_sink_.tlp());
  }
}

void tlp_checker::request(std::uint64_t cycle, const raw_tlp& tlp) {
  cycle_ = cycle;
  if (is_posted(tlp.header) || is_malformed(tlp, limits_.max_payload_bytes, beat_dwords_)) {
    return;
  }
  open_request asked{tlp.header, 0, 4};
  if (is_atomic(tlp.header)) {
    const bool two_operands = ((tlp.header[0] >> 24U) & 0x1fU) == 0x0e;
    asked.bytes = (two_operands ? 2 : 4) * length_of(tlp.header);
  } else if (is_memory(tlp.header) || is_locked_read(tlp.header)) {
    asked.address = (address_of(tlp.header) & ~std::uint64_t{3}) + lead(first_enables(tlp.header));
    asked.bytes = read_bytes(tlp.header);
  }
  open_.push_back(asked);
}

void tlp_checker::completion(std::uint64_t cycle, const raw_tlp& tlp) {
  cycle_ = cycle;
  const auto check = [this](bool holds, const char* rule) { expect(holds, "tx_cpl", rule); };
  check(is_completion(tlp.header), "not a completion");
  check(tlp.payload.size() == payload_dwords(tlp.header), "a length that is not that of the data");
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const open_request& one) {
    return transaction_of_request(one.header) == transaction_of_completion(tlp.header);
  });
  if (found == open_.end()) {
    check(false, "a completion that nobody waits for");
    return;
  }
  check(found == open_.begin(), "a completion passes another one");
  check(class_and_attributes(found->header) == class_and_attributes(tlp.header),
        "traffic class or attributes are not those of the request");
  check(4 * payload_dwords(tlp.header) <= limits_.max_payload_bytes,
        "more than the largest payload");
  const completion_fields fields = completion_of(tlp.header);
  const bool good = fields.status == pcie::completion_status::successful;
  const bool is_locked = is_locked_read(found->header);
  const bool is_read = is_memory(found->header) || is_locked;
  check(((tlp.header[0] >> 24U & 1U) != 0) == is_locked,
        "a locked completion exactly for a locked read");
  const bool wants_data = !has_payload(found->header);
  check(good || !has_payload(tlp.header), "an error with data");
  check(!good || has_payload(tlp.header) == wants_data, "data where none was asked for, or none");
  if (is_read) {
    check(fields.byte_count == found->bytes, "a wrong byte count");
    check(fields.lower_address == (found->address & 0x7fU), "a wrong lower address");
  } else {
    check(fields.byte_count == found->bytes && fields.lower_address == 0,
          "byte count and lower address of what is no memory read are not 4 or its operand, and 0");
    check(payload_dwords(tlp.header) <= 1, "more than one dword");
  }
  if (!is_read || !good) {
    open_.erase(found);
    return;
  }
  const auto offset = static_cast<unsigned>(found->address & 3U);
  const unsigned carried = std::min(4 * payload_dwords(tlp.header) - offset, found->bytes);
  check(payload_dwords(tlp.header) == (offset + carried + 3) / 4,
        "more dwords than were asked for");
  found->address += carried;
  found->bytes -= carried;
  if (found->bytes == 0) {
    open_.erase(found);
  } else {
    check(found->address % limits_.read_boundary_bytes == 0,
          "a piece that does not end at the boundary");
  }
}

void tlp_checker::message(std::uint64_t cycle, const raw_tlp& tlp) {
  cycle_ = cycle;
  const auto check = [this](bool holds, const char* rule) { expect(holds, "tx_msg", rule); };
  const raw_type type = type_of(tlp.header);
  if (type == raw_type::message_local) {
    const unsigned code = tlp.header[1] & 0xffU;
    check(code == 0x20 || code == 0x24, "a message that is neither assert nor deassert INTA");
    check(tlp.payload.empty(), "a message with data");
    return;
  }
  check(type == raw_type::memory_write_32 || type == raw_type::memory_write_64,
        "neither a memory write nor a message");
  check((type == raw_type::memory_write_64) == (address_of(tlp.header) >> 32U != 0),
        "a header of four dwords exactly when the address needs it");
  check(length_of(tlp.header) == 1 && tlp.payload.size() == 1 && first_enables(tlp.header) == 0xf &&
            last_enables(tlp.header) == 0,
        "not one whole dword");
}

void tlp_checker::end(std::uint64_t cycle) {
  cycle_ = cycle;
  rx_.end(cycle);
  tx_completion_.end(cycle);
  tx_message_.end(cycle);
  expect(open_.empty(), "tx_cpl", "a completion is missing at the end");
}

}  // namespace ivshmem::rtl
