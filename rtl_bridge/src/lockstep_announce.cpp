// SPDX-License-Identifier: Apache-2.0
//
// lockstep_checker.h, the model's side: what it says will happen, in the RTL's terms.
#include <algorithm>
#include <cstring>

#include "ivshmem/rtl_bridge/lockstep_checker.h"
#include "ivshmem/rtl_bridge/tlp_names.h"
#include "ivshmem/tlm/pcie/byte_enables.h"

namespace ivshmem::rtl {

namespace {

/// The bits of a dword whose bytes are enabled.
std::uint32_t mask_of(unsigned enables) {
  std::uint32_t mask = 0;
  for (unsigned byte = 0; byte < 4; ++byte) {
    mask |= ((enables >> byte) & 1U) != 0 ? 0xffU << (8 * byte) : 0U;
  }
  return mask;
}

/// Enabled bytes of the dword that byte `byte` of the data is in.
unsigned enables_at(const pcie::payload& trans, unsigned byte) {
  const auto lead = static_cast<unsigned>(trans.get_address() % 4);
  return pcie::byte_enables(trans).dword((lead + byte) / 4);
}

}  // namespace

void lockstep_checker::announce_event(lockstep_port port, std::uint64_t cycle) {
  lockstep_item& item = comparator_.announce(port);
  item.first = item.last = cycle;
  comparator_.announced(port);
}

void lockstep_checker::on_completion(const completion& piece) {
  const pcie::payload& trans = piece.request;
  const pcie::tlp& header = pcie::tlp_of(trans);
  const unsigned char* const bytes = trans.get_data_ptr() + piece.first_byte;
  if (read_announced_) {
    read_announced_ = false;
    read_burst& burst = reads_.back_slot();
    burst.bytes.assign(bytes, bytes + piece.bytes);
    reads_.push();
  }
  lockstep_item& item = comparator_.announce(lockstep_port::completion);
  item.first = piece.first_beat;
  item.last = piece.last_beat;
  completion_fields fields;
  fields.status = piece.status;
  fields.completer = static_cast<std::uint16_t>(pcie::to_int(header.completer));
  fields.requester = static_cast<std::uint16_t>(pcie::to_int(header.requester));
  fields.tag = header.tag;
  fields.lower_address = static_cast<std::uint8_t>(piece.lower_address);
  fields.byte_count = piece.byte_count;
  const unsigned attributes = unsigned{header.traffic_class} << 4U |
                              (header.relaxed_ordering ? 2U : 0U) | (header.no_snoop ? 1U : 0U);
  header_words words = completion_header(fields, attributes, piece.dwords);
  if (disguise_ != nullptr) {
    disguise_->change_completion(trans, words);
  }
  item.fields = {words[0], words[1], words[2], words[3]};
  item.data.assign(piece.dwords, 0);
  if (piece.dwords != 0) {
    const auto lane = static_cast<unsigned>((trans.get_address() + piece.first_byte) % 4);
    if (piece.bytes != 0) {
      std::memcpy(reinterpret_cast<std::uint8_t*>(item.data.data()) + lane, bytes, piece.bytes);
    }
    item.first_mask = mask_of(enables_at(trans, piece.first_byte));
    if (piece.dwords > 1) {
      const unsigned before = 4 * (piece.dwords - 1) - lane;
      item.last_mask = mask_of(enables_at(trans, piece.first_byte + before));
    }
  }
  comparator_.announced(lockstep_port::completion);
}

void lockstep_checker::on_message(const message& one) {
  lockstep_item& item = comparator_.announce(lockstep_port::message);
  item.first = item.last = one.cycle;
  const std::uint32_t id = static_cast<std::uint32_t>(pcie::to_int(one.requester)) << 16U;
  if (one.is_intx) {
    const auto code =
        one.asserted ? pcie::message_code::assert_inta : pcie::message_code::deassert_inta;
    item.fields = {static_cast<std::uint32_t>(raw_type::message_local) << 24U,
                   id | static_cast<std::uint32_t>(code), 0, 0};
  } else {
    constexpr std::uint32_t one_dword = 1;
    constexpr std::uint32_t all_bytes = 0xf;
    const std::uint64_t address = one.content.address;
    const auto low = static_cast<std::uint32_t>(address);
    const auto high = static_cast<std::uint32_t>(address >> 32U);
    const raw_type type = high == 0 ? raw_type::memory_write_32 : raw_type::memory_write_64;
    item.fields = {static_cast<std::uint32_t>(type) << 24U | one_dword, id | all_bytes,
                   high == 0 ? low : high, high == 0 ? 0 : low};
    item.data.assign(1, one.content.data);
  }
  comparator_.announced(lockstep_port::message);
}

void lockstep_checker::on_doorbell(const doorbell& one) {
  lockstep_item& item = comparator_.announce(lockstep_port::doorbell);
  item.first = item.last = one.cycle;
  item.fields = {to_int(one.peer), one.value, one.is_word ? 1U : 0U, 0};
  comparator_.announced(lockstep_port::doorbell);
}

void lockstep_checker::on_memory_write(const memory_write& burst) {
  lockstep_item& item = comparator_.announce(lockstep_port::memory_write);
  item.first = burst.aw;
  item.last = burst.last_w;
  const unsigned beat_bytes = 4 * beat_dwords_;
  const std::uint64_t address = burst.offset / beat_bytes * beat_bytes;
  const auto skipped = static_cast<unsigned>(burst.offset - address);
  const unsigned beats = (skipped + burst.bytes + beat_bytes - 1) / beat_bytes;
  item.fields = {address, beats, 0, 0};
  item.data.assign(std::size_t{beats} * beat_dwords_, 0);
  item.strobes.assign(item.data.size(), 0);
  std::memcpy(reinterpret_cast<std::uint8_t*>(item.data.data()) + skipped,
              burst.request.get_data_ptr() + burst.first_byte, burst.bytes);
  const pcie::byte_enables enables(burst.request);
  const auto lead = static_cast<unsigned>(burst.request.get_address() % 4);
  const unsigned first_dword = (lead + burst.first_byte) / 4;
  const unsigned dwords = burst.written == 0 ? 0 : (skipped % 4 + burst.written + 3) / 4;
  for (unsigned d = 0; d < dwords; ++d) {
    item.strobes[skipped / 4 + d] = static_cast<std::uint8_t>(enables.dword(first_dword + d));
  }
  comparator_.announced(lockstep_port::memory_write);
}

void lockstep_checker::on_memory_read(const memory_read& burst) {
  const unsigned beat_bytes = 4 * beat_dwords_;
  const std::uint64_t address = burst.offset / beat_bytes * beat_bytes;
  const auto span = static_cast<unsigned>(burst.offset - address) + burst.bytes;
  read_burst& read = reads_.back_slot();  // queued with its data, see on_completion()
  read.offset = burst.offset;
  read.beats = std::max(1U, (span + beat_bytes - 1) / beat_bytes);
  read_announced_ = true;
  lockstep_item& item = comparator_.announce(lockstep_port::memory_read);
  item.first = item.last = burst.ar;
  item.fields = {address, read.beats, 0, 0};
  comparator_.announced(lockstep_port::memory_read);
}

void lockstep_checker::on_credit(const pcie::payload& /*request*/, std::uint64_t cycle) {
  ++requests_announced_;
  announce_event(lockstep_port::credit, cycle);
}

void lockstep_checker::on_interrupt(interrupt_event kind, vector_index vector,
                                    std::uint64_t cycle) {
  lockstep_item& item = comparator_.announce(lockstep_port::interrupt);
  item.first = item.last = cycle;
  const bool none = kind == interrupt_event::lost_no_vector;
  item.fields = {static_cast<std::uint64_t>(kind), none ? 0U : to_int(vector), 0, 0};
  comparator_.announced(lockstep_port::interrupt);
}

void lockstep_checker::on_malformed(const pcie::payload& /*request*/, std::uint64_t cycle) {
  announce_event(lockstep_port::malformed, cycle + 1);  // told in the cycle after its cause
}

void lockstep_checker::on_notification(vector_index /*vector*/, std::uint64_t cycle) {
  ++notifications_announced_;
  announce_event(lockstep_port::notification, cycle);
}

void lockstep_checker::on_function_reset(std::uint64_t cycle) {
  reset_waits_ = false;
  announce_event(lockstep_port::function_reset, cycle);
}

}  // namespace ivshmem::rtl
