// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "node.h"
#include "units.h"

namespace ivshmem::sim {

/// A one-way signal between two nodes: a counter in shared memory, and a doorbell where the
/// variants allow one. The receiver looks at the counter, so merged doorbells do no harm.
///
/// It knows when each value was certainly in the memory: when its doorbell left the device, which
/// is after the write of the counter.
class channel {
 public:
  channel(node& from, node& to, unsigned vector, std::uint64_t offset, picoseconds poll);
  channel(const channel&) = delete;  // the sender's node refers to it
  channel& operator=(const channel&) = delete;

  node& from() const noexcept { return from_; }
  node& to() const noexcept { return to_; }
  unsigned vector() const noexcept { return vector_; }
  /// Of the counter, 8 bytes in shared memory.
  std::uint64_t offset() const noexcept { return offset_; }
  /// Between two looks when there is no doorbell.
  picoseconds poll() const noexcept { return poll_; }
  /// Whether a doorbell goes with the counter.
  bool rings() const noexcept { return from_.can_ring(to_, vector_); }

  /// The sender begins to write `value`.
  void write(std::uint64_t value) { written_.push_back(value); }
  /// The oldest value of which that was not known is in the memory from `at` on.
  void tell(picoseconds at);
  /// The highest value that was in the memory before `at`, which never goes back.
  std::uint64_t told_before(picoseconds at);

 private:
  struct news {
    std::uint64_t value;
    picoseconds at;
  };

  node& from_;
  node& to_;
  const unsigned vector_;
  const std::uint64_t offset_;
  const picoseconds poll_;
  std::deque<std::uint64_t> written_;  // not told
  std::deque<news> told_;              // in the order of time
  std::uint64_t known_ = 0;
};

}  // namespace ivshmem::sim
