// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "units.h"

namespace ivshmem::sim {

/// Brings what devices, links and software report into the order of time, for the ledger.
///
/// Devices report some events ahead of their time and some at it, the RTL others than the model.
/// The ledger pairs doorbells, messages and interrupts in the order in which it hears of them. A
/// link that goes down loses what was reported ahead before its time, so with faults none waits.
class journal {
 public:
  /// At one time, what comes first here is entered first, and lower nodes before higher ones.
  enum class entry : std::uint8_t { usable, write, ring, outcome, notification, interrupt, loss };

  /// `waits`: an entry is made once nothing can come before it any more; else at once.
  /// `clock` tells the time, which never goes back.
  journal(bool waits, picoseconds (*clock)()) noexcept : waits_(waits), clock_(clock) {}

  /// `enter` makes an entry of `node` that belongs to time `at`, which may be ahead.
  template <class Enter>
  void add(picoseconds at, entry kind, unsigned node, Enter enter) {
    if (!waits_) {
      enter();
      return;
    }
    enter_before(clock_());
    entries_.emplace(std::make_tuple(at, kind, node, sequence_++), std::move(enter));
  }
  /// Makes all entries.
  void close() { enter_before(~picoseconds{0}); }

 private:
  void enter_before(picoseconds time) {
    while (!entries_.empty() && std::get<0>(entries_.begin()->first) < time) {
      const std::function<void()> enter = std::move(entries_.begin()->second);
      entries_.erase(entries_.begin());
      enter();
    }
  }

  const bool waits_;
  picoseconds (*const clock_)();
  std::map<std::tuple<picoseconds, entry, unsigned, std::uint64_t>, std::function<void()>> entries_;
  std::uint64_t sequence_ = 0;
};

}  // namespace ivshmem::sim
