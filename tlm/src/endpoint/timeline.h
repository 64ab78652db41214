// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "ivshmem/model/timing.h"
#include "lane.h"

namespace ivshmem {

/// In which cycle the device does what [docs/timing.md]: pure arithmetic, called in order of time.
///
/// Queries such as `..._room()` give the first cycle in which something may happen. The other
/// functions record that it happens.
class device_timeline {
 public:
  using cycle = std::uint64_t;
  static constexpr cycle never = std::numeric_limits<cycle>::max();

  struct settings {
    beat_width width;
    unsigned memory_latency;
    unsigned memory_write_latency;
  };
  /// Cycles of first and last beat of a completion at its port.
  struct beats {
    cycle first;
    cycle last;
  };
  struct read_burst {
    cycle address;
    beats completion;
  };
  struct write_burst {
    cycle address;
    cycle last_data;
    cycle last_execute;
    cycle marked;  // execution of the beat that was asked for
  };

  explicit device_timeline(const settings& values) noexcept : settings_(values) {}

  void stall_with(const stall_pattern* stalls) noexcept { stalls_ = stalls; }

  // Requests

  /// From when a request is in execution, whose first beat is accepted in `first_beat`.
  cycle present(cycle first_beat) const noexcept {
    return std::max({first_beat + timing::execute_cycles, free_, held_});
  }
  /// `last` is the last cycle of the request in execution.
  void executed(cycle last) noexcept { free_ = last + 1; }
  /// A configuration write is executed in `at`; the request behind it is decoded anew.
  void configured(cycle at) noexcept { held_ = at + 1 + timing::configuration_gap_cycles; }

  cycle writes_confirmed() const noexcept { return confirmed_; }
  cycle completion_room() const noexcept { return slots_[next_slot_]; }
  cycle read_room() const noexcept { return std::max(completion_room(), ar_.room()); }
  cycle message_room() const noexcept { return messages_.room(); }
  cycle doorbell_room() const noexcept { return doorbells_.room(); }

  /// A completion of `dwords` dwords of registers, or without data, executed until `last`.
  beats register_piece(cycle last, unsigned dwords);
  /// A piece of a BAR2 read, executed in `at`: `dwords` from dword `start` of the first beat on.
  read_burst memory_read(cycle at, unsigned start, unsigned dwords);
  /// A burst of a BAR2 write from cycle `at` on: beats `first_beat` to `last_beat` of the request
  /// at the memory; beat i has its data from arrived + min(i, last_arrival) + execute_cycles on.
  /// `mark`: a beat, for write_burst::marked.
  write_burst memory_write(cycle at, unsigned first_beat, unsigned last_beat, cycle arrived,
                           unsigned last_arrival, unsigned mark);

  // Doorbells and messages: caused in `at`, returned is when they leave

  cycle doorbell(cycle at) { return doorbells_.push(at, stalls_); }
  cycle message(cycle at) { return messages_.push(at, stalls_); }

  // Notifications

  /// First cycle from `arrival` on in which a notification may be accepted, as things are.
  cycle notification(cycle arrival) const noexcept {
    return scanning_ ? never : std::max({arrival, notification_free_, messages_.room()});
  }
  /// None is accepted before `until`.
  void block_notifications(cycle until) noexcept {
    notification_free_ = std::max(notification_free_, until);
  }

  // Scan: what is owed leaves, a step in each cycle with room

  /// Begins, or begins anew, behind cycle `at`.
  void begin_scan(cycle at) noexcept {
    scanning_ = true;
    scan_next_ = at + 1;
    scan_word_ = 0;
  }
  void stop_scan() noexcept { scanning_ = false; }
  bool is_scanning() const noexcept { return scanning_; }
  /// When the next step is, as things are, and the first vector of its word.
  cycle scan_step() const noexcept { return std::max(scan_next_, messages_.room()); }
  unsigned scan_vector() const noexcept { return scan_word_ * timing::scan_vectors; }
  /// It was in `at`; the word is through with it, or not. There are `vectors`.
  void scanned(cycle at, bool through, unsigned vectors) noexcept;

  // Function reset

  /// When one that arrives in `arrival` is taken, as things are.
  cycle function_reset(cycle arrival) const noexcept {
    const cycle at = std::max({arrival + timing::reset_cycles, free_, scan_next_});
    return scanning_ && scan_step() <= at ? never : at;
  }
  /// It is taken in `at`: nothing else happens while the table is swept.
  void sweep(cycle at, unsigned vectors) noexcept {
    free_ = at + std::max(1U, vectors) + 1;
    block_notifications(free_);
  }

 private:
  void take_slot(cycle last_built) noexcept {
    slots_[next_slot_] = last_built + 1;
    next_slot_ = (next_slot_ + 1) % timing::completion_queue;
    builder_free_ = last_built + 1;
  }

  const settings settings_;
  const stall_pattern* stalls_ = nullptr;
  cycle free_ = 0;       // no request executes before
  cycle held_ = 0;       // the same, behind a configuration write
  cycle confirmed_ = 0;  // every BAR2 write is confirmed
  cycle last_b_ = 0;     // cycle after the last confirmation
  cycle builder_free_ = 0;
  cycle memory_free_ = 0;  // the memory offers no later read burst before
  cycle notification_free_ = 0;
  cycle scan_next_ = 0;  // the next step is not before
  unsigned scan_word_ = 0;
  bool scanning_ = false;
  std::array<cycle, timing::completion_queue> slots_{};  // ring: free from
  std::size_t next_slot_ = 0;
  timeline_lane<stall_port::tx_cpl, timing::output_queue, timing::output_cycles> output_;
  timeline_lane<stall_port::tx_msg, timing::message_queue, timing::message_cycles> messages_;
  timeline_lane<stall_port::doorbell, timing::doorbell_queue, timing::doorbell_cycles> doorbells_;
  timeline_lane<stall_port::aw, timing::memory_queue, timing::output_cycles> aw_;
  timeline_lane<stall_port::w, timing::memory_queue, timing::output_cycles> w_;
  timeline_lane<stall_port::ar, timing::memory_queue, timing::output_cycles> ar_;
};

}  // namespace ivshmem
