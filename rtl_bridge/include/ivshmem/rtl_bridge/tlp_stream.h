// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "ivshmem/rtl_bridge/recycling_queue.h"
#include "ivshmem/rtl_bridge/tlp_names.h"

namespace ivshmem::rtl {

// Transactors between queues of TLPs and a stream of beats, for any design with such ports. They
// know no SystemC: whoever holds them calls step() once for every cycle of the clock, or not at all
// for cycles in which nothing is offered.

/// No cycle: later than all.
inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// Drives TLPs, one beat a cycle.
class tlp_source {
 public:
  explicit tlp_source(unsigned beat_dwords) : beat_dwords_(beat_dwords) {}

  /// A TLP to fill and then queue with push(); valid until then.
  raw_tlp& next() { return queue_.back_slot().tlp; }
  /// Queues it: its first beat is offered in cycle `not_before` or when those before it are gone.
  void push(std::uint64_t not_before) {
    queue_.back_slot().not_before = not_before;
    queue_.push();
  }
  void push(const raw_tlp& tlp, std::uint64_t not_before) {
    next() = tlp;
    push(not_before);
  }

  /// Drives `pins` in `cycle`. `willing`: whether a new beat may be offered; one that was offered
  /// stays. Returns whether a beat is handed over, that is offered while `ready`.
  bool step(std::uint64_t cycle, bool willing, bool ready, tlp_beat& pins);

  bool empty() const noexcept { return queue_.empty(); }
  std::size_t size() const noexcept { return queue_.size(); }
  /// First cycle in which step() has something to do.
  std::uint64_t due() const noexcept {
    return queue_.empty() ? never : beat_ != 0 || offered_ ? 0 : queue_.front().not_before;
  }
  void clear() noexcept;

 private:
  struct entry {
    raw_tlp tlp;
    std::uint64_t not_before = 0;
  };

  void fill(tlp_beat& pins) const;

  unsigned beat_dwords_;
  recycling_queue<entry> queue_;
  unsigned beat_ = 0;     // of the front TLP
  bool offered_ = false;  // pins hold it
};

/// Collects beats into TLPs.
class tlp_sink {
 public:
  /// Takes the beat on `pins` in a cycle in which it is handed over. Returns true with the last
  /// beat: tlp() is whole then, up to the next take(). A nullified packet returns false.
  bool take(const tlp_beat& pins);

  const raw_tlp& tlp() const noexcept { return tlp_; }
  /// In the middle of a packet.
  bool is_open() const noexcept { return open_; }
  void clear() noexcept { open_ = false; }

 private:
  raw_tlp tlp_;
  bool open_ = false;
};

}  // namespace ivshmem::rtl
