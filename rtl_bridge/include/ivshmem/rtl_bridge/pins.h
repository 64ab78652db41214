// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "ivshmem/model/interrupt_event.h"

/// The device as RTL: the verilated core, transactors, checkers, lockstep.
namespace ivshmem::rtl {

/// Dwords of the widest payload, 256 bits.
inline constexpr unsigned max_beat_dwords = 8;

/// A TLP header, DW0 first; the fourth of a three-dword header is 0.
using header_words = std::array<std::uint32_t, 4>;
/// Payload of a beat, dword 0 in bits 31:0 of the bus; byte 0 of memory in bits 7:0 of a dword.
using beat_data = std::array<std::uint32_t, max_beat_dwords>;

/// What the sending side of a TLP stream drives. While `valid` is false the rest means nothing;
/// `header` counts in the first beat only.
struct tlp_beat {
  bool valid = false;
  bool first = false;        ///< start of packet
  bool last = false;         ///< end of packet
  bool nullified = false;    ///< with `last`: the whole packet is void
  std::uint8_t strobes = 0;  ///< one bit per dword of `data`
  header_words header{};
  beat_data data{};
};

/// AXI4 address channel, read or write.
struct axi_address {
  bool valid = false;
  std::uint8_t length = 0;  ///< beats - 1
  std::uint8_t size = 0;    ///< log2 of the bytes in a beat
  std::uint8_t burst = 0;   ///< 1: incrementing
  std::uint64_t address = 0;
};

/// AXI4 write data channel.
struct axi_write_beat {
  bool valid = false;
  bool last = false;
  std::uint32_t strobes = 0;  ///< one bit per byte
  beat_data data{};
};

/// AXI4 read data channel.
struct axi_read_beat {
  bool valid = false;
  bool last = false;
  std::uint8_t response = 0;  ///< 0: OKAY, 2: SLVERR
  beat_data data{};
};

/// A doorbell as it leaves the device; whose vector that is, the receiver resolves.
struct doorbell_pins {
  bool valid = false;
  bool word = false;  ///< written as one 4-byte write
  std::uint16_t peer = 0;
  std::uint16_t value = 0;  ///< low half as written
};

/// What became of an interrupt cause, in the cycle after it.
struct event_pins {
  bool valid = false;
  interrupt_event kind{};
  std::uint16_t vector = 0;
};

/// Everything that goes into the core, but clock, reset and straps.
struct core_inputs {
  tlp_beat request;
  bool completion_ready = false;
  bool message_ready = false;
  bool aw_ready = false;
  bool w_ready = false;
  bool ar_ready = false;
  bool b_valid = false;
  std::uint8_t b_response = 0;
  axi_read_beat r;
  bool doorbell_ready = false;
  bool notify = false;
  std::uint16_t notify_vector = 0;
  bool function_reset = false;
};

/// Everything that comes out of it. All of it depends on registers only.
struct core_outputs {
  bool request_ready = false;
  bool notify_ready = false;
  bool function_reset_ready = false;
  bool b_ready = false;
  bool r_ready = false;
  bool request_done = false;  ///< a request left the request buffer
  bool unsupported = false;
  bool malformed = false;
  bool poisoned = false;
  bool memory_error = false;
  bool busy = false;
  tlp_beat completion;
  tlp_beat message;
  axi_address aw;
  axi_address ar;
  axi_write_beat w;
  doorbell_pins doorbell;
  event_pins event;
};

}  // namespace ivshmem::rtl
