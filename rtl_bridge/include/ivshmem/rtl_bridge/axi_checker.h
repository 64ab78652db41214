// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/rtl_bridge/pins.h"
#include "ivshmem/rtl_bridge/protocol_log.h"
#include "ivshmem/rtl_bridge/recycling_queue.h"

namespace ivshmem::rtl {

/// Watches an AXI4 interface, both sides [AXI4 A3]: what is offered stays until it is taken;
/// bursts are incrementing, of whole aligned beats and within 4 KiB; the last beat of each burst is
/// marked and no other; as many read beats and responses come back as were asked for, and no
/// response before its data. Write data may come before its address.
class axi_checker {
 public:
  /// `log` outlives it.
  axi_checker(unsigned beat_bytes, protocol_log& log) : beat_bytes_(beat_bytes), log_(log) {}

  /// The pins of one cycle.
  void step(std::uint64_t cycle, const core_outputs& out, const core_inputs& in);
  /// Everything has to be finished.
  void end(std::uint64_t cycle);

 private:
  void expect(bool holds, const char* port, const char* rule);
  void check_address(const axi_address& now, bool ready, axi_address& held, const char* port);
  void check_held(const core_outputs& out, const core_inputs& in);
  void count(const core_outputs& out, const core_inputs& in);
  void count_data(bool is_last);

  unsigned beat_bytes_;
  protocol_log& log_;
  std::uint64_t cycle_ = 0;
  // What was offered in the cycle before and not taken; else not valid.
  axi_address held_aw_;
  axi_address held_ar_;
  axi_write_beat held_w_;
  axi_read_beat held_r_;
  bool held_b_ = false;
  std::uint8_t held_response_ = 0;
  recycling_queue<unsigned> reads_;   // beats to come of each burst
  recycling_queue<unsigned> writes_;  // the same
  recycling_queue<unsigned> data_;    // write beats before their address: whether marked as last
  unsigned unconfirmed_ = 0;          // writes without response
};

}  // namespace ivshmem::rtl
