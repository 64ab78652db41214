// SPDX-License-Identifier: Apache-2.0
//
// endpoint_pipeline.h, second half: what a request does in which cycle.
#include <cstring>

#include "endpoint_pipeline.h"

namespace ivshmem {

using pcie::completion_status;
using pcie::tlp_type;

void endpoint::pipeline::execute(const waiting& next) {
  pcie::payload& trans = *next.trans;
  job one{trans,
          line_.present(next.first_beat),
          next.first_beat,
          dwords_of(trans),
          request_beats(trans),
          0};
  current_ = &trans;
  completion_ = 0;
  const cycle last = dispatch(one);
  line_.executed(last);
  done_ = last + 1;
  if (owner_.observer_ != nullptr) {
    owner_.watch_pending();
  }
  owner_.delay_ = sc_core::SC_ZERO_TIME;
  if (owner_.cycle_observer_ != nullptr) {
    owner_.cycle_observer_->on_credit(trans, done_);
  }
}

endpoint::pipeline::cycle endpoint::pipeline::dispatch(job& one) {
  pcie::payload& trans = one.trans;
  pcie::tlp& header = pcie::tlp_of(trans);
  if (header.type == tlp_type::message) {
    return finish_without(one);
  }
  const bool memory = header.type <= tlp_type::memory_write;
  if (memory && malformed(one)) {
    const cycle last = finish_without(one);
    ++owner_.malformed_requests_;
    if (owner_.cycle_observer_ != nullptr) {
      owner_.cycle_observer_->on_malformed(trans, last - (one.beats - 1));
    }
    return last;
  }
  if (owner_.device_ == nullptr) {
    return refused(one);
  }
  header.completer = owner_.id_;
  if (!memory) {
    return serves_config(trans) ? configure(one) : refused(one);
  }
  const bool write = header.type == tlp_type::memory_write;
  target hit{};
  // Poisoned data must not change the device [PCIe 2.7.2.2].
  if (!owner_.decode(trans, hit) || (write && header.poisoned)) {
    return refused(one);
  }
  complete(trans, completion_status::successful);
  trans.set_dmi_allowed(false);
  one.offset = hit.offset;
  if (strays(one) && hit.bar != 2) {
    one.dwords = 1;
  } else if (owner_.observer_ != nullptr) {
    owner_.observer_->on_access(hit.bar, write, hit.offset, trans.get_data_length());
  }
  if (hit.bar != 2) {
    return registers(one, hit.bar);
  }
  return write ? memory_write(one) : memory_read(one);
}

bool endpoint::pipeline::malformed(const job& one) const {
  const unsigned bytes = 4 * one.dwords;
  return one.trans.get_address() % 4096 / 4 * 4 + bytes > 4096 ||  // [PCIe 2.2.7]
         (one.trans.is_write() && bytes > owner_.timing_.max_payload_bytes);
}

// ---- requests that change nothing

endpoint::pipeline::cycle endpoint::pipeline::finish_without(const job& one) {
  return std::max(one.present, line_.writes_confirmed()) + one.beats - 1;
}

endpoint::pipeline::cycle endpoint::pipeline::refused(const job& one) {
  ++owner_.unsupported_requests_;
  complete(one.trans, completion_status::unsupported_request);
  if (pcie::tlp_of(one.trans).is_posted()) {
    return finish_without(one);
  }
  const cycle at = std::max({one.present, line_.writes_confirmed(), line_.completion_room()});
  const cycle last = at + one.beats - 1;
  completes(one, 0, 0, line_.register_piece(last, 0));
  return last;
}

// ---- configuration space

endpoint::pipeline::cycle endpoint::pipeline::configure(const job& one) {
  const cycle at = std::max(
      {one.present, line_.writes_confirmed(), line_.completion_room(), line_.interrupt_room()});
  line_.block_notifications(at + 1);
  set_cause(at);
  const device& own = *owner_.device_;
  const bool write = one.trans.is_write();
  scanning_ =
      write && own.config().function_masked() &&
      (own.interrupts().pending_count() != 0 || own.properties().irq_path == interrupt_path::irqfd);
  line_.begin_scan(at);
  owner_.config_request(one.trans);
  if (scanning_ && !own.config().function_masked()) {
    line_.end_scan(own.interrupts().vectors());
  }
  scanning_ = false;
  completes(one, 0, write ? 0 : 1, line_.register_piece(at, 1));
  return at;
}

// ---- BAR0 and BAR1

endpoint::pipeline::cycle endpoint::pipeline::registers(const job& one, unsigned bar) {
  const bool write = one.trans.is_write();
  const bool interrupts = bar == 1 || owner_.device_->properties().has_intx();
  constexpr unsigned piece = timing::register_piece_bytes / 4;
  const auto first_dword = static_cast<unsigned>(one.offset / 4);
  cycle at = std::max(one.present, line_.writes_confirmed());
  unsigned piece_begin = 0;
  for (unsigned d = 0; d < one.dwords; ++d) {
    if (write) {
      at = std::max(at, one.first_beat + width_.beat_of(d) + timing::execute_cycles);
    } else if (d == piece_begin) {
      at = std::max(at, line_.completion_room());
    }
    if (interrupts) {
      at = std::max(at, line_.interrupt_room());
    }
    const unsigned offset = 4 * (first_dword + d);
    if (write) {
      at = write_dword(one, {bar, offset}, d, at);
    } else {
      set_cause(at);
      read_dword(one, {bar, offset}, d);
      if (d + 1 == one.dwords || (first_dword + d + 1) % piece == 0) {
        const unsigned count = d + 1 - piece_begin;
        completes(one, piece_begin, count, line_.register_piece(at, count));
        piece_begin = d + 1;
      }
    }
    ++at;
  }
  if (interrupts) {
    line_.block_notifications(at);
  }
  return at - 1;
}

unsigned endpoint::pipeline::enables_of(const job& one, unsigned dword) {
  const pcie::payload& trans = one.trans;
  const auto lead = static_cast<unsigned>(trans.get_address() % 4);
  const unsigned first = dword == 0 ? lead : 0;
  const unsigned end = std::min(4U, lead + trans.get_data_length() - 4 * dword);
  if (trans.get_data_length() == 0) {
    return 0;
  }
  unsigned mask = ((1U << end) - 1) & ~((1U << first) - 1);
  if (const unsigned char* enables = trans.get_byte_enable_ptr()) {
    const unsigned period = trans.get_byte_enable_length();
    for (unsigned i = first; i < end; ++i) {
      if (enables[(4 * dword + i - lead) % period] != TLM_BYTE_ENABLED) {
        mask &= ~(1U << i);
      }
    }
  }
  return mask;
}

/// An MSI-X message that is not aligned reaches memory, but no register [behaviour 5].
bool endpoint::pipeline::strays(const job& one) {
  return pcie::tlp_of(one.trans).msix && one.offset % 4 != 0;
}

/// Bytes of a dword that a register request touches.
unsigned endpoint::pipeline::touched(const job& one, unsigned dword) {
  return strays(one) ? 0 : enables_of(one, dword);
}

void endpoint::pipeline::read_dword(const job& one, const target& where, unsigned dword) {
  device& own = *owner_.device_;
  const unsigned enables = touched(one, dword);
  const auto lead = static_cast<unsigned>(one.trans.get_address() % 4);
  unsigned char* const data = one.trans.get_data_ptr() + 4 * std::size_t{dword} - lead;
  if (where.bar == 0 && enables == 0xf) {
    const std::uint32_t word = own.read_register(static_cast<std::uint32_t>(where.offset));
    std::memcpy(data, &word, sizeof word);
    return;
  }
  for (unsigned i = 0; i < 4;) {
    unsigned end = i;
    while (end < 4 && (enables >> end & 1U) != 0) {
      ++end;
    }
    if (end != i) {
      own.read(where.bar, where.offset + i, data + i, end - i);
    }
    i = end + 1;
  }
}

/// Runs of enabled bytes, cut at their alignment, each in a cycle of its own in BAR0 [behaviour 2].
endpoint::pipeline::cycle endpoint::pipeline::write_dword(const job& one, const target& where,
                                                          unsigned dword, cycle at) {
  device& own = *owner_.device_;
  const unsigned enables = touched(one, dword);
  const auto lead = static_cast<unsigned>(one.trans.get_address() % 4);
  const unsigned char* const data = one.trans.get_data_ptr() + 4 * std::size_t{dword} - lead;
  if (where.bar == 1) {
    if (enables == 0xf) {
      set_cause(at);
      own.write(1, where.offset, data, 4);
    }
    return at;
  }
  const bool rings = where.offset == bar0::doorbell.offset;
  cycle next = at;
  const auto piece = [&](unsigned first, unsigned bytes) {
    at = rings ? std::max(next, line_.doorbell_room()) : next;
    if (owner_.device_->properties().has_intx()) {
      at = std::max(at, line_.interrupt_room());
    }
    next = at + 1;
    set_cause(at);
    if (rings) {
      doorbell_ = line_.doorbell(at);
      tell_doorbell(data + first, bytes);
    }
    own.write(0, where.offset + first, data + first, bytes);
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

void endpoint::pipeline::tell_doorbell(const unsigned char* data, unsigned bytes) const {
  if (owner_.cycle_observer_ != nullptr) {
    std::uint32_t value = 0;
    std::memcpy(&value, data, bytes);
    owner_.cycle_observer_->on_doorbell({static_cast<peer_id>(value >> 16U),
                                         static_cast<std::uint16_t>(value), bytes == 4, doorbell_});
  }
}

// ---- BAR2

endpoint::pipeline::cycle endpoint::pipeline::memory_write(const job& one) {
  if (one.dwords == 1 && enables_of(one, 0) == 0) {
    return one.present;
  }
  set_cause(one.present);
  owner_.access_bytes(one.trans, {2, one.offset});
  constexpr unsigned burst_dwords = timing::burst_bytes / 4;
  const auto first_dword = static_cast<unsigned>(one.offset / 4 % burst_dwords);
  const unsigned start = width_.lane_of(first_dword);
  cycle at = one.present;
  for_each_piece(first_dword, one.dwords, burst_dwords, [&](unsigned first, unsigned count) {
    const unsigned first_beat = width_.beat_of(start + first);
    const unsigned last_beat = width_.beat_of(start + first + count - 1);
    const device_timeline::write_burst burst =
        line_.memory_write(at, first_beat, last_beat, one.first_beat, one.beats - 1);
    at = burst.last_execute + 1;
    if (owner_.cycle_observer_ != nullptr) {
      const byte_range bytes = bytes_of(one, first, count);
      owner_.cycle_observer_->on_memory_write({one.trans, bytes.first, bytes.count,
                                               one.offset + bytes.first, burst.address,
                                               burst.last_data});
    }
  });
  return at - 1;
}

endpoint::pipeline::cycle endpoint::pipeline::memory_read(const job& one) {
  set_cause(one.present);
  owner_.access_bytes(one.trans, {2, one.offset});
  const auto first_dword = static_cast<unsigned>(one.offset / 4);
  cycle at = std::max(one.present, line_.writes_confirmed());
  for_each_piece(first_dword, one.dwords, piece_dwords_, [&](unsigned first, unsigned count) {
    at = std::max(at, line_.read_room());
    const unsigned start = width_.lane_of(first_dword + first);
    const device_timeline::read_burst burst = line_.memory_read(at, start, count);
    ++at;
    if (owner_.cycle_observer_ != nullptr) {
      const byte_range bytes = bytes_of(one, first, count);
      owner_.cycle_observer_->on_memory_read(
          {one.offset + bytes.first, bytes.count, burst.address});
    }
    completes(one, first, count, burst.completion);
  });
  return at - 1;
}

// ---- completions

/// Which bytes of a request's data are in `dwords` dwords from dword `first` on.
endpoint::pipeline::byte_range endpoint::pipeline::bytes_of(const job& one, unsigned first,
                                                            unsigned dwords) {
  const auto lead = static_cast<unsigned>(one.trans.get_address() % 4);
  const unsigned begin = first == 0 ? 0 : 4 * first - lead;
  const unsigned end = std::min(4 * (first + dwords) - lead, one.trans.get_data_length());
  return {begin, end - begin};
}

void endpoint::pipeline::completes(const job& one, unsigned first, unsigned dwords,
                                   device_timeline::beats at) {
  completion_ = at.last;
  if (owner_.cycle_observer_ == nullptr) {
    return;
  }
  const pcie::tlp& header = pcie::tlp_of(one.trans);
  unsigned byte_count = 4;
  unsigned lower_address = 0;
  if (header.type == tlp_type::memory_read) {
    // From the first to the last enabled byte [PCIe 2.2.9, table 2-39].
    const unsigned first_enables = enables_of(one, 0);
    const unsigned last_enables = enables_of(one, one.dwords - 1);
    unsigned begin = 0;
    while (begin < 3 && first_enables != 0 && (first_enables >> begin & 1U) == 0) {
      ++begin;
    }
    unsigned end = 4 * one.dwords;
    while (end > 1 && last_enables != 0 && (last_enables >> (end - 1) % 4 & 1U) == 0) {
      --end;
    }
    end = first_enables == 0 && one.dwords == 1 ? 1 : end;
    begin = std::max(begin, 4 * first);
    byte_count = end - begin;
    lower_address = static_cast<unsigned>((one.trans.get_address() / 4 * 4 + begin) % 128);
  }
  const byte_range bytes = dwords == 0 ? byte_range{0, 0} : bytes_of(one, first, dwords);
  owner_.cycle_observer_->on_completion({one.trans, header.status, bytes.first, bytes.count, dwords,
                                         byte_count, lower_address, at.first, at.last});
}

}  // namespace ivshmem
