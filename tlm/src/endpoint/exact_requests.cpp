// SPDX-License-Identifier: Apache-2.0
//
// The device in tlm_cycle: what a request does in which cycle.
#include <cstring>

#include "exact.h"
#include "ivshmem/tlm/pcie/byte_enables.h"

namespace ivshmem {

using pcie::completion_status;
using pcie::tlp_type;

namespace {

/// Where byte 0 of dword `dword` of the request is in its data, or would be.
unsigned char* dword_of(const pcie::payload& trans, unsigned dword) {
  return trans.get_data_ptr() + 4 * std::size_t{dword} - trans.get_address() % 4;
}

}  // namespace

void exact_engine::execute() {
  pcie::payload& trans = *current_.trans;
  const unsigned dwords = dwords_of(trans);
  job one{trans,
          *current_.header,
          line_.present(current_.first_beat),
          current_.first_beat,
          dwords,
          request_beats(trans, *current_.header, dwords, width_),
          0};
  completion_ = 0;
  act_.at = one.present;
  act_.why = occasion::request;
  const cycle last = dispatch(one);
  line_.executed(last);
  done_ = last + 1;
  watch_pending();
  if (cycles_ != nullptr) {
    cycles_->on_credit(trans, done_);
  }
}

exact_engine::cycle exact_engine::dispatch(job& one) {
  pcie::payload& trans = one.trans;
  pcie::tlp& header = one.header;
  if (header.surplus_dwords != 0) {
    one.wrong_beat = wrong_beat_of(one);
    if (one.wrong_beat != no_beat) {
      return dispatch_wrong(one);
    }
  }
  if (header.type == tlp_type::message) {
    return finish_without(one);
  }
  if (header.is_memory() && is_malformed(one)) {
    return drop_malformed(one);
  }
  if (model() == nullptr) {
    return refuse(one);
  }
  header.completer = id();
  if (!header.is_memory()) {
    return serves_config(trans, header) ? configuration(one) : refuse(one);
  }
  const bool write = header.type == tlp_type::memory_write;
  bar_hit hit{};
  // Poisoned data must not change the device [PCIe 2.7.2.2].
  if (!decode(trans, header, hit) || (write && header.poisoned)) {
    return refuse(one);
  }
  complete(trans, header, completion_status::successful);
  trans.set_dmi_allowed(false);
  one.offset = hit.offset;
  one.strays = strays(header, hit);
  if (one.strays) {
    one.dwords = 1;
  } else if (observer() != nullptr) {
    observer()->on_access(hit.bar, write, hit.offset, trans.get_data_length());
  }
  if (hit.bar == 2) {
    return write ? memory_write(one) : memory_read(one);
  }
  return write ? write_registers(one, hit.bar) : read_registers(one, hit.bar);
}

// ---- requests that change nothing

bool exact_engine::is_malformed(const job& one) const {
  const unsigned bytes = 4 * one.dwords;
  return one.trans.get_address() % 4096 / 4 * 4 + bytes > 4096 ||  // [PCIe 2.2.7]
         (one.trans.is_write() && bytes > max_payload_bytes());    // [PCIe 2.2.2]
}

exact_engine::cycle exact_engine::drop_malformed(const job& one) {
  const cycle last = finish_without(one);
  tell_malformed(one, last);
  return last;
}

void exact_engine::tell_malformed(const job& one, cycle at) {
  ++malformed_requests_;
  if (cycles_ != nullptr) {
    cycles_->on_malformed(one.trans, at);
  }
}

// ---- requests whose packet is not as long as their header says

unsigned exact_engine::due_beats(const job& one) const {
  return one.trans.is_write() ? width_.beats(one.dwords) : 1;
}

unsigned exact_engine::wrong_beat_of(const job& one) const {
  if (!one.trans.is_write()) {
    return one.beats > 1 ? 0 : no_beat;
  }
  return std::min(due_beats(one), one.beats) - 1;
}

/// What the device has begun when the wrong beat comes goes on without it, and without what
/// follows.
exact_engine::cycle exact_engine::dispatch_wrong(job& one) {
  const pcie::tlp& header = one.header;
  bar_hit hit{};
  if (one.wrong_beat == 0 || header.type != tlp_type::memory_write || header.poisoned ||
      is_malformed(one) || model() == nullptr || !decode(one.trans, header, hit)) {
    return drop_malformed(one);
  }
  one.offset = hit.offset;
  if (hit.bar == 2) {
    return memory_write(one);
  }
  if (!is_held(one)) {
    return write_registers(one, hit.bar);
  }
  const cycle known = one.first_beat + one.wrong_beat + timing::execute_cycles;
  if (hit.bar == 1 || model()->properties().has_intx()) {
    line_.block_notifications(known);
  }
  one.present = std::max(one.present, known);
  return drop_malformed(one);
}

exact_engine::cycle exact_engine::finish_without(const job& one) const {
  return std::max(one.present, line_.writes_confirmed()) + one.beats - 1;
}

exact_engine::cycle exact_engine::refuse(const job& one) {
  unsupported(one.trans);
  if (one.header.is_posted()) {
    return finish_without(one);
  }
  const cycle at = std::max({one.present, line_.writes_confirmed(), line_.completion_room()});
  const cycle last = at + one.beats - 1;
  completes(one, 0, 0, line_.register_piece(last, 0));
  return last;
}

// ---- configuration space

exact_engine::cycle exact_engine::configuration(const job& one) {
  const cycle at = turn(std::max({one.present, line_.writes_confirmed(), line_.completion_room()}));
  line_.block_notifications(at + 1);
  const device& own = *model();
  const bool write = one.trans.is_write();
  const bool was_masked = own.config().function_masked();
  if (write) {
    line_.configured(at);
  }
  act_ = {at, occasion::configuration, 0};
  configure(one.trans);
  act_.why = occasion::request;
  if (own.config().function_masked()) {
    line_.stop_scan();
  } else if (was_masked && (own.interrupts().pending_count() != 0 ||
                            own.properties().irq_path == interrupt_path::irqfd)) {
    line_.begin_scan(at);
  }
  completes(one, 0, write ? 0 : 1, line_.register_piece(at, 1));
  return at;
}

// ---- BAR0 and BAR1

exact_engine::cycle exact_engine::read_registers(const job& one, unsigned bar) {
  device& own = *model();
  const bool interrupts = bar == 1 || own.properties().has_intx();
  const auto first_dword = static_cast<unsigned>(one.offset / 4);
  cycle at = std::max(one.present, line_.writes_confirmed());
  if (one.is_word() && bar == 0 && !interrupts) {  // most reads: what follows, for one dword
    act_.at = at = std::max(line_.completion_room(), at);
    const std::uint32_t word = own.read_register(4 * first_dword);
    std::memcpy(one.trans.get_data_ptr(), &word, sizeof word);
    completes(one, 0, 1, line_.register_piece(at, 1));
    return at;
  }
  const pcie::byte_enables enables(one.trans);
  for_each_piece(first_dword, one.dwords, register_piece_dwords,
                 [&](unsigned first, unsigned count) {
                   at = std::max(at, line_.completion_room());
                   for (unsigned d = first; d < first + count; ++d, ++at) {
                     if (interrupts) {
                       at = turn(at);
                     }
                     act_.why = occasion::request;
                     act_.at = at;
                     const unsigned offset = 4 * (first_dword + d);
                     unsigned char* const data = dword_of(one.trans, d);
                     const unsigned touched = one.strays ? 0 : enables.dword(d);
                     if (bar == 0 && touched == 0xf) {
                       const std::uint32_t word = own.read_register(offset);
                       std::memcpy(data, &word, sizeof word);
                       continue;
                     }
                     pcie::for_each_run(touched, [&](unsigned begin, unsigned bytes) {
                       own.read(bar, offset + begin, data + begin, bytes);
                     });
                   }
                   completes(one, first, count, line_.register_piece(at - 1, count));
                 });
  if (interrupts) {
    line_.block_notifications(at);
  }
  return at - 1;
}

exact_engine::cycle exact_engine::write_registers(const job& one, unsigned bar) {
  const pcie::byte_enables enables(one.trans);
  const bool interrupts = bar == 1 || model()->properties().has_intx();
  const auto first_dword = static_cast<unsigned>(one.offset / 4);
  cycle at = std::max(one.present, line_.writes_confirmed());
  if (is_held(one)) {
    at = std::max(at, one.first_beat + (one.beats - 1) + timing::execute_cycles);
  }
  const unsigned dwords = good_dwords(one);
  for (unsigned d = 0; d < dwords; ++d, ++at) {
    at = std::max(at, one.first_beat + width_.beat_of(d) + timing::execute_cycles);
    if (interrupts) {
      at = turn(at);
    }
    act_.why = occasion::request;
    const unsigned offset = 4 * (first_dword + d);
    const unsigned touched = one.strays ? 0 : enables.dword(d);
    const unsigned char* const data = dword_of(one.trans, d);
    if (bar == 0) {
      at = write_bar0(offset, data, touched, at);
    } else if (touched == 0xf) {
      act_.at = at;
      model()->write(1, offset, data, 4);
    }
  }
  if (one.wrong_beat != no_beat) {
    at = std::max(at, one.first_beat + one.wrong_beat + timing::execute_cycles);
    tell_malformed(one, at);
    at += one.beats - one.wrong_beat;
  }
  if (interrupts) {
    line_.block_notifications(at);
  }
  return at - 1;
}

/// Runs of enabled bytes, cut at their alignment, each in a cycle of its own [behaviour 2]. Returns
/// the last.
exact_engine::cycle exact_engine::write_bar0(unsigned offset, const unsigned char* data,
                                             unsigned enables, cycle at) {
  const bool rings = offset == bar0::doorbell.offset;
  const bool has_intx = model()->properties().has_intx();
  cycle next = at;
  const auto piece = [&](unsigned first, unsigned bytes) {
    at = rings ? std::max(next, line_.doorbell_room()) : next;
    if (has_intx) {
      at = turn(at);
    }
    next = at + 1;
    act_.at = at;
    if (rings) {
      act_.doorbell = line_.doorbell(at);
      tell_doorbell(data + first, bytes);
    }
    model()->write(0, offset + first, data + first, bytes);
  };
  if (enables == 0xf) {
    piece(0, 4);
    return at;
  }
  for (const unsigned half : {0U, 2U}) {
    const unsigned both = enables >> half & 3U;
    if (both != 0) {
      piece(half + (both == 2 ? 1 : 0), both == 3 ? 2 : 1);
    }
  }
  return at;
}

void exact_engine::tell_doorbell(const unsigned char* data, unsigned bytes) const {
  if (cycles_ != nullptr) {
    std::uint32_t value = 0;
    std::memcpy(&value, data, bytes);
    cycles_->on_doorbell({static_cast<peer_id>(value >> 16U), static_cast<std::uint16_t>(value),
                          bytes == 4, act_.doorbell});
  }
}

// ---- completions

void exact_engine::tell_completion(const job& one, unsigned first, unsigned dwords,
                                   device_timeline::beats at) {
  const pcie::tlp& header = one.header;
  unsigned byte_count = 4;
  unsigned lower_address = 0;
  if (header.type == tlp_type::memory_read) {
    const pcie::byte_enables enables(one.trans);
    const pcie::enabled_extent whole =
        pcie::extent_of(one.dwords, enables.dword(0), enables.dword(one.dwords - 1));
    const unsigned begin = std::max(whole.first, 4 * first);
    byte_count = whole.first + whole.bytes - begin;
    lower_address = static_cast<unsigned>((one.trans.get_address() / 4 * 4 + begin) % 128);
  }
  const byte_range bytes = dwords == 0 ? byte_range{0, 0} : bytes_of(one.trans, first, dwords);
  cycles_->on_completion({one.trans, header.status, bytes.first, bytes.count, dwords, byte_count,
                          lower_address, at.first, at.last});
}

}  // namespace ivshmem
