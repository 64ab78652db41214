// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <systemc>
#include <utility>
#include <vector>

namespace ivshmem {

/// What is to happen later, earliest first. At equal times the lower rank comes first, and equal
/// ranks keep the order of push().
template <class T>
class time_queue {
 public:
  void push(const sc_core::sc_time& at, T value, unsigned rank = 0) {
    entries_.emplace_back(at, rank, sequence_++, std::move(value));
    if (entries_.size() > 1) {  // most queues hold one: a heap would copy it
      std::push_heap(entries_.begin(), entries_.end(), later);
    }
  }
  bool empty() const noexcept { return entries_.empty(); }
  /// Whether there is something for now or before. Not when empty.
  bool is_due(const sc_core::sc_time& now = sc_core::sc_time_stamp()) const {
    return !empty() && next() <= now;
  }
  /// Time of the earliest entry, which exists.
  const sc_core::sc_time& next() const { return entries_.front().at; }
  /// Takes out the earliest entry, which exists.
  T pop() {
    if (entries_.size() > 1) {
      std::pop_heap(entries_.begin(), entries_.end(), later);
    }
    T value = std::move(entries_.back().value);
    entries_.pop_back();
    return value;
  }
  /// Takes out all entries for which `condition` holds, and returns how many.
  template <class Condition>
  std::size_t remove_if(Condition condition) {
    const auto removed = std::remove_if(entries_.begin(), entries_.end(),
                                        [&](const entry& one) { return condition(one.value); });
    const auto count = static_cast<std::size_t>(entries_.end() - removed);
    entries_.erase(removed, entries_.end());
    std::make_heap(entries_.begin(), entries_.end(), later);
    return count;
  }
  /// Notifies `event` for the earliest entry, if there is one: at once when it is overdue.
  void wake(sc_core::sc_event& event,
            const sc_core::sc_time& now = sc_core::sc_time_stamp()) const {
    if (!empty()) {
      event.notify(next() - std::min(next(), now));
    }
  }

 private:
  struct entry {
    entry(const sc_core::sc_time& when, unsigned its_rank, std::uint64_t number, T what)
        : at(when), rank(its_rank), sequence(number), value(std::move(what)) {}

    sc_core::sc_time at;
    unsigned rank;
    std::uint64_t sequence;
    T value;
  };
  static bool later(const entry& a, const entry& b) {
    if (a.at != b.at) {
      return a.at > b.at;
    }
    return a.rank != b.rank ? a.rank > b.rank : a.sequence > b.sequence;
  }

  std::vector<entry> entries_;  // heap
  std::uint64_t sequence_ = 0;
};

}  // namespace ivshmem
