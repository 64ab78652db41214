// SPDX-License-Identifier: Apache-2.0
//
// The device in tlm_cycle: requests to BAR2, which go to the memory in bursts.
#include <algorithm>

#include "exact.h"
#include "ivshmem/tlm/pcie/byte_enables.h"

namespace ivshmem {

exact_engine::cycle exact_engine::memory_write(const job& one) {
  if (one.dwords == 1 && pcie::byte_enables(one.trans).dword(0) == 0) {
    return one.present;
  }
  const unsigned written = write_memory(one);
  const unsigned arrivals = one.wrong_beat == no_beat ? one.beats : one.wrong_beat + 1;
  constexpr unsigned burst_dwords = timing::burst_bytes / 4;
  const auto first_dword = static_cast<unsigned>(one.offset / 4 % burst_dwords);
  const unsigned start = width_.lane_of(first_dword);
  cycle at = one.present;
  unsigned memory_beats = 0;
  for_each_piece(first_dword, one.dwords, burst_dwords, [&](unsigned first, unsigned count) {
    const unsigned first_beat = width_.beat_of(start + first);
    const unsigned last_beat = width_.beat_of(start + first + count - 1);
    const device_timeline::write_burst burst =
        line_.memory_write(at, first_beat, last_beat, one.first_beat, arrivals - 1, one.wrong_beat);
    at = burst.last_execute + 1;
    if (one.wrong_beat >= first_beat && one.wrong_beat <= last_beat) {
      tell_malformed(one, burst.marked);
    }
    memory_beats = last_beat + 1;
    if (cycles_ != nullptr) {
      const byte_range bytes = bytes_of(one.trans, first, count);
      cycles_->on_memory_write({one.trans, bytes.first, bytes.count,
                                std::min(bytes.count, written - std::min(written, bytes.first)),
                                one.offset + bytes.first, burst.address, burst.last_data});
    }
  });
  if (one.wrong_beat != no_beat && one.beats > due_beats(one)) {
    // A beat at the memory that needs none of the packet's takes one that should not be there.
    at += one.beats - std::max(due_beats(one), std::min(memory_beats, one.beats));
  }
  return at - 1;
}

/// Returns how many bytes of the request are written: those before a wrong beat.
unsigned exact_engine::write_memory(const job& one) {
  pcie::payload& trans = one.trans;
  const unsigned whole = trans.get_data_length();
  const auto lead = static_cast<unsigned>(trans.get_address() % 4);
  const unsigned written =
      one.wrong_beat == no_beat ? whole : std::min(whole, 4 * good_dwords(one) - lead);
  trans.set_data_length(written);
  access_bytes(trans, {2, one.offset});
  trans.set_data_length(whole);
  return written;
}

exact_engine::cycle exact_engine::memory_read(const job& one) {
  access_bytes(one.trans, {2, one.offset});
  const auto first_dword = static_cast<unsigned>(one.offset / 4);
  cycle at = std::max(one.present, line_.writes_confirmed());
  const unsigned piece = memory_piece_dwords(max_payload_bytes());
  one.header.completion_bytes = static_cast<std::uint16_t>(4 * piece);
  for_each_piece(first_dword, one.dwords, piece, [&](unsigned first, unsigned count) {
    at = std::max(at, line_.read_room());
    const unsigned start = width_.lane_of(first_dword + first);
    const device_timeline::read_burst burst = line_.memory_read(at, start, count);
    ++at;
    if (cycles_ != nullptr) {
      const byte_range bytes = bytes_of(one.trans, first, count);
      cycles_->on_memory_read({one.offset + bytes.first, bytes.count, burst.address});
    }
    completes(one, first, count, burst.completion);
  });
  return at - 1;
}

}  // namespace ivshmem
