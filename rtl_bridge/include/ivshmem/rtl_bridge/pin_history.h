// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ivshmem/rtl_bridge/pins.h"

namespace ivshmem::rtl {

/// All pins of a core in one cycle.
struct pin_cycle {
  std::uint64_t cycle = 0;
  core_inputs in;
  core_outputs out;
};

/// The pins of the cycles passed last, to look at when something went wrong.
class pin_history {
 public:
  /// Keeps `cycles` cycles, at least 1.
  explicit pin_history(std::size_t cycles) : ring_(cycles) {}

  /// The place of the next cycle, to be filled before the next call; the oldest one is gone.
  pin_cycle& next() noexcept {
    pin_cycle& place = ring_[next_];
    next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
    count_ += count_ < ring_.size() ? 1 : 0;
    return place;
  }

  /// Writes a value change dump [IEEE 1364 18], a time unit of 1 ps, cycle n at n * `period_ps`;
  /// cycles that were left out show the pins of the one before. False when the file cannot be
  /// written.
  [[nodiscard]] bool write_vcd(const std::string& path, unsigned beat_dwords,
                               std::uint64_t period_ps) const;

 private:
  std::vector<pin_cycle> ring_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace ivshmem::rtl
