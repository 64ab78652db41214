// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "ivshmem/tlm/stall_pattern.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::test {

/// docs/timing.md read literally, one cycle after the other: registers and queues, as hardware has
/// them. Slow and straightforward; knows requests, completions, doorbells and the memory, no
/// interrupts.
class device_stepper {
 public:
  using cycle = std::uint64_t;
  enum class kind {
    refused_read,
    refused_write,
    config_read,
    register_read,
    register_write,
    doorbell,
    memory_read,
    memory_write
  };
  struct request {
    kind what;
    cycle arrives;
    unsigned first_dword;  // in its BAR
    unsigned dwords;
  };
  struct span {
    cycle first;
    cycle last;
    bool operator==(const span& other) const { return first == other.first && last == other.last; }
  };

  device_stepper(const timing_config& timing, const stall_pattern& stalls)
      : width_(timing.beat_bytes / 4), timing_(timing), stalls_(stalls) {}

  void add(const request& one) { requests_.push_back(one); }
  /// Steps until everything has ended.
  void run(cycle from) {
    for (now_ = from; !is_idle(); ++now_) {
      step();
    }
  }

  std::vector<span> completions;
  std::vector<span> writes;  // address, last data
  std::vector<cycle> reads;
  std::vector<cycle> doorbells;
  std::vector<cycle> credits;

 private:
  struct piece {
    bool memory;
    unsigned start;
    unsigned dwords;
    cycle visible;
    unsigned built = 0;
    unsigned read = 0;
  };
  struct out_beat {
    cycle offered;
    bool first;
    bool last;
  };
  struct write_data {
    cycle offered;
    bool last;
  };
  struct read_burst {
    cycle offered;
    unsigned beats;
  };

  /// What there was at the beginning of a cycle decides what happens in it.
  struct room {
    bool slot;
    bool aw;
    bool w;
    bool ar;
    bool doorbell;
    bool confirmed;
  };

  bool is_idle() const {
    return requests_.empty() && pieces_.empty() && out_.empty() && doorbells_.empty() &&
           open_writes_ == 0;
  }
  unsigned beats(unsigned dwords) const { return (dwords + width_ - 1) / width_; }
  bool ready(stall_port port) const { return stalls_.ready(port, now_); }

  void step();
  void ports();
  void memory_ports();
  void push(piece& one);
  void build(bool out_room);
  void complete(bool memory, unsigned start, unsigned dwords) {
    pieces_.push_back({memory, start, dwords, now_ + 2});
  }
  void execute(const room& free);

  const unsigned width_;
  const timing_config timing_;
  const stall_pattern& stalls_;
  cycle now_ = 0;
  std::deque<request> requests_;
  unsigned done_ = 0;      // dwords or beats of the request in execution
  unsigned in_piece_ = 0;  // dwords of the piece in execution
  unsigned slots_ = 0;
  unsigned open_writes_ = 0;
  std::deque<piece> pieces_;
  std::deque<out_beat> out_;
  std::deque<cycle> doorbells_;
  std::deque<cycle> aw_;
  std::deque<write_data> w_;
  std::deque<read_burst> ar_;
  std::deque<read_burst> memory_;
  std::deque<cycle> addresses_;
  std::deque<cycle> last_data_;
  std::deque<cycle> confirmations_;
  bool valid_ = false;  // the memory offers a beat
};

}  // namespace ivshmem::test
