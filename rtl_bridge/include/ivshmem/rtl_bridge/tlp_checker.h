// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "ivshmem/rtl_bridge/protocol_log.h"
#include "ivshmem/rtl_bridge/tlp_names.h"
#include "ivshmem/rtl_bridge/tlp_stream.h"

namespace ivshmem::rtl {

/// Watches one TLP stream, beat by beat: what is offered stays until it is taken; first and last
/// beats alternate; a packet has the beats its header asks for, all but the last one full and
/// strobes without holes.
class tlp_stream_checker {
 public:
  /// `port` is a literal; `log` outlives it.
  tlp_stream_checker(const char* port, unsigned beat_dwords, protocol_log& log)
      : port_(port), beat_dwords_(beat_dwords), log_(log) {}

  /// From now on the length of a packet need not be that of its header.
  void allow_wrong_lengths() noexcept { measures_ = false; }

  void step(std::uint64_t cycle, const tlp_beat& pins, bool ready);
  /// The stream has to be between two packets.
  void end(std::uint64_t cycle);

 private:
  void expect(bool holds, const char* rule);

  const char* port_;
  unsigned beat_dwords_;
  protocol_log& log_;
  std::uint64_t cycle_ = 0;
  tlp_beat held_;         // offered and not taken in the cycle before
  unsigned missing_ = 0;  // payload dwords of the packet under way
  bool measures_ = true;
  bool open_ = false;
};

/// Watches whole TLPs of a completer: requests in, completions and messages out [PCIe 2.2, 2.3].
///
/// Every non-posted request that is not malformed gets exactly one set of completions, in pieces
/// that end at multiples of the boundary, with the right byte count and lower address, requester,
/// tag, class and attributes; posted requests get none. Messages are one-dword writes or INTx.
class tlp_checker {
 public:
  /// What the packets must keep to.
  struct limits {
    unsigned max_payload_bytes = 256;
    unsigned read_boundary_bytes = 128;  ///< completions end at its multiples
    bool wrong_lengths = false;          ///< requests may be longer or shorter than they say
  };

  tlp_checker(unsigned beat_dwords, const limits& allowed, protocol_log& log);

  // The pins of one cycle.
  void request_beat(std::uint64_t cycle, const tlp_beat& pins, bool ready);
  void completion_beat(std::uint64_t cycle, const tlp_beat& pins, bool ready);
  void message_beat(std::uint64_t cycle, const tlp_beat& pins, bool ready);

  // Whole TLPs, in the order of the streams.
  void request(std::uint64_t cycle, const raw_tlp& tlp);
  void completion(std::uint64_t cycle, const raw_tlp& tlp);
  void message(std::uint64_t cycle, const raw_tlp& tlp);

  /// Every request has to be completed.
  void end(std::uint64_t cycle);
  std::size_t outstanding() const noexcept { return open_.size(); }

 private:
  struct open_request {
    header_words header;
    std::uint64_t address;  // of the next byte
    unsigned bytes;         // to come
  };

  void expect(bool holds, const char* port, const char* rule);

  const limits limits_;
  const unsigned beat_dwords_;
  protocol_log& log_;
  std::uint64_t cycle_ = 0;
  tlp_stream_checker rx_;
  tlp_stream_checker tx_completion_;
  tlp_stream_checker tx_message_;
  tlp_sink rx_sink_;
  tlp_sink completion_sink_;
  tlp_sink message_sink_;
  std::deque<open_request> open_;  // in order
};

}  // namespace ivshmem::rtl
