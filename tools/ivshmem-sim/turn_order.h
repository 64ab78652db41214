// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <systemc>
#include <unordered_map>

#include "ivshmem/tlm/device_view.h"
#include "units.h"

namespace ivshmem::sim {

class host;

inline picoseconds now() { return sc_core::sc_time_stamp().value(); }

/// Who acts when, to the picosecond.
///
/// Where clock cycles count, hardware acts at times that its clock and its wires decide, and
/// software at times that follow from those. When two acts fall on one time, the simulation kernel
/// decides which comes first, and it decides otherwise for the model than for the RTL. So software
/// has turns: a program acts when the time, modulo a round, is its own. No two programs of a host
/// share a turn, and on all hosts reads have even times and writes odd ones.
///
/// Without clock cycles it is always everybody's turn.
class turn_order {
 public:
  explicit turn_order(device_view view) noexcept
      : is_kept_(mode_of(view) == timing_mode::tlm_cycle) {}

  bool is_kept() const noexcept { return is_kept_; }

  /// Gives a program on a host turns of its own.
  void add(const host& where, const sc_core::sc_process_handle& program);
  /// Waits for the turn of the program that runs. One that was not added is the firmware.
  void take(bool write) const;
  /// The first time from `at` on at which the program that runs may read.
  picoseconds read_turn(picoseconds at) const { return at + until(2 * running(), at); }
  /// From now to when software hears of an interrupt: nobody else acts then.
  picoseconds until_interrupts() const;

 private:
  static constexpr unsigned interrupts = 0;
  static constexpr unsigned firmware = 1;

  unsigned running() const;
  picoseconds until(unsigned turn, picoseconds at) const;

  const bool is_kept_;
  std::unordered_map<const host*, unsigned> members_;
  unsigned most_members_ = firmware + 1;
  std::unordered_map<const sc_core::sc_object*, unsigned> number_;
};

}  // namespace ivshmem::sim
