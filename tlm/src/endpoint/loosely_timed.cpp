// SPDX-License-Identifier: Apache-2.0
//
// The device in tlm_lt: what functional does, and how long it takes unloaded.
#include "loosely_timed.h"

#include <algorithm>

namespace ivshmem {

loosely_timed_engine::loosely_timed_engine(endpoint& place)
    : functional_engine(place),
      clock_(timing().clock_period),
      execute_time_(clock_.cycles(timing::execute_cycles)),
      register_time_(clock_.cycles(timing::register_cycles)),
      width_(timing().beat_bytes),
      line_({width_, timing().memory_latency_cycles, timing().memory_write_latency_cycles}) {}

void loosely_timed_engine::receive(pcie::payload& trans, sc_core::sc_time& delay) {
  pcie::tlp& header = pcie::tlp_of(trans);
  const unsigned beats = request_beats(trans, header, dwords_of(trans), width_);
  delay = clock_.to_edge(delay);
  if (beats != 1) {
    delay = sum_of(delay, clock_.cycles(beats - 1));
  }
  if (trans.is_write() && rings(trans, header)) {
    // What leaves this device must not run ahead of what it left behind.
    wait_for(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  const unsigned bar = execute(trans, sum_of(delay, execute_time_));
  if (bar == 2 && trans.is_read()) {
    header.completion_bytes =
        static_cast<std::uint16_t>(4 * memory_piece_dwords(max_payload_bytes()));
  }
  const unsigned cycles = unloaded_cycles(trans, header, bar);
  delay = sum_of(delay, cycles == timing::register_cycles ? register_time_ : clock_.cycles(cycles));
}

/// A word of BAR0, as receive() does it. What waits, or takes more than one beat, needs a TLP.
bool loosely_timed_engine::access(unsigned bar, bool write, std::uint64_t offset,
                                  unsigned char* data, unsigned bytes, sc_core::sc_time& delay) {
  const bool is_word = bar == 0 && bytes == 4 && offset % 4 == 0;
  if (!is_word || (write && offset == bar0::doorbell.offset)) {
    return false;
  }
  const sc_core::sc_time edge = clock_.to_edge(delay);
  sc_core::sc_time executed = sum_of(edge, execute_time_);
  functional_engine::access(bar, write, offset, data, bytes, executed);
  delay = write ? executed : sum_of(edge, register_time_);
  return true;
}

/// Whether a request writes the doorbell.
bool loosely_timed_engine::rings(const pcie::payload& trans,
                                 const pcie::tlp& header) const noexcept {
  bar_hit hit{};
  return model() != nullptr && decode(trans, header, hit) && hit.bar == 0 &&
         hit.offset < bar0::doorbell.offset + 4 &&
         hit.offset + trans.get_data_length() > bar0::doorbell.offset;
}

// ---- what leaves

void loosely_timed_engine::ring(peer_id peer, vector_index vector) {
  ring_after(peer, vector, sum_of(delay(), clock_.cycles(timing::doorbell_cycles)));
}

void loosely_timed_engine::send_message(vector_index vector, const msix_message& message,
                                        bool injected) {
  send_message_at(vector, message, injected,
                  sum_of(clock_.to_edge(delay()), clock_.cycles(timing::message_cycles)));
}

void loosely_timed_engine::set_intx(bool asserted) {
  set_intx_at(asserted, sum_of(clock_.to_edge(delay()), clock_.cycles(timing::message_cycles)));
}

// ---- how long

/// Cycles from the last beat of a request to its last in execution, or to the last beat of its
/// completion, with nothing in its way. `bar` is no_bar unless a BAR was accessed.
unsigned loosely_timed_engine::unloaded_cycles(const pcie::payload& trans, const pcie::tlp& header,
                                               unsigned bar) {
  const unsigned dwords = dwords_of(trans);
  const auto first_dword = static_cast<unsigned>(trans.get_address() / 4);
  if (header.is_posted()) {
    const unsigned beats = request_beats(trans, header, dwords, width_);
    const unsigned start = bar == 2 ? width_.lane_of(first_dword) : 0;
    const unsigned steps = bar == 2 ? width_.beats(start + dwords) : bar < 2 ? dwords : beats;
    return timing::execute_cycles + steps - beats;
  }
  if (!trans.is_read() || bar == no_bar || (bar != 2 && dwords == 1)) {
    return timing::register_cycles;
  }
  return read_cycles(first_dword, dwords, bar == 2);
}

unsigned loosely_timed_engine::read_cycles(unsigned first_dword, unsigned dwords, bool memory) {
  // Behind all that there was: nothing is in its way.
  const device_timeline::cycle present = quiet_;
  device_timeline::cycle at = present;
  device_timeline::cycle last = 0;
  const unsigned piece = memory ? memory_piece_dwords(max_payload_bytes()) : register_piece_dwords;
  for_each_piece(first_dword, dwords, piece, [&](unsigned first, unsigned count) {
    if (memory) {
      at = std::max(at, line_.read_room());
      const unsigned start = width_.lane_of(first_dword + first);
      last = line_.memory_read(at++, start, count).completion.last;
    } else {
      at = std::max(at, line_.completion_room());
      last = line_.register_piece(at + count - 1, count).last;
      at += count;
    }
  });
  quiet_ = last + 2;
  return static_cast<unsigned>(last - present) + timing::execute_cycles;
}

}  // namespace ivshmem
