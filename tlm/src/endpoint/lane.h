// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "ivshmem/tlm/stall_pattern.h"

namespace ivshmem {

/// What goes through a queue of the device to a partner, in order, one a cycle: `Depth` inside at
/// most, offered `Latency` cycles after it was pushed, inside until the partner took it.
template <stall_port Port, unsigned Depth, unsigned Latency>
class timeline_lane {
 public:
  using cycle = std::uint64_t;

  /// First cycle in which there is room.
  cycle room() const noexcept { return free_[next_]; }
  /// Pushes in cycle `at`, in which there is room; returns the cycle in which it is taken.
  cycle push(cycle at, const stall_pattern* stalls) {
    cycle taken = std::max(at + Latency, free_from_);
    if (stalls != nullptr) {
      taken = stalls->next_ready(Port, taken);
    }
    free_from_ = taken + 1;
    free_[next_] = taken + 1;
    next_ = (next_ + 1) % Depth;
    return taken;
  }
  /// The same for one push a cycle, `first` to `last`, when nothing stalls and each is taken after
  /// `Latency`; returns when the last is taken.
  cycle push_all(cycle first, cycle last) {
    for (cycle at = std::max(first, last - std::min<cycle>(last, Depth - 1)); at < last; ++at) {
      push(at, nullptr);
    }
    return push(last, nullptr);
  }

 private:
  std::array<cycle, Depth> free_{};  // ring: the cycle from which that place is free
  cycle free_from_ = 0;              // of the partner
  std::size_t next_ = 0;
};

/// Dwords in a beat, a power of two: divisions are on the path of every request.
class beat_width {
 public:
  explicit constexpr beat_width(unsigned bytes) noexcept
      : shift_(bytes == 8    ? 1
               : bytes == 16 ? 2
                             : 3) {}
  constexpr unsigned dwords() const noexcept { return 1U << shift_; }
  /// Beats that `count` dwords take.
  constexpr unsigned beats(unsigned count) const noexcept {
    return (count + dwords() - 1) >> shift_;
  }
  /// Which beat dword `index` is in, and where in it.
  constexpr unsigned beat_of(unsigned index) const noexcept { return index >> shift_; }
  constexpr unsigned lane_of(unsigned index) const noexcept { return index & (dwords() - 1); }

 private:
  unsigned shift_;
};

}  // namespace ivshmem
