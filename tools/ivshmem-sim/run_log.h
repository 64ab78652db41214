// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ivshmem::sim {

/// What went wrong in a run, in the order of finding it. A run with any failure exits 1. What goes
/// wrong in programs after an injected fault has lost something is a consequence of it instead.
class run_log {
 public:
  static constexpr std::size_t most_kept = 20;

  void fail(std::string text) {
    ++count_;
    if (texts_.size() < most_kept) {
      texts_.push_back(std::move(text));
    }
  }

  /// A failure of a program, or a consequence.
  void fail_program(std::string text) {
    if (!disturbed_) {
      fail(std::move(text));
    } else if (++consequences_; consequence_texts_.size() < most_kept) {
      consequence_texts_.push_back(std::move(text));
    }
  }
  /// An injected fault has lost something.
  void disturb() noexcept { disturbed_ = true; }

  std::uint64_t consequences() const noexcept { return consequences_; }
  const std::vector<std::string>& consequence_texts() const noexcept { return consequence_texts_; }
  std::uint64_t count() const noexcept { return count_; }
  const std::vector<std::string>& texts() const noexcept { return texts_; }

 private:
  std::uint64_t count_ = 0;
  std::vector<std::string> texts_;
  bool disturbed_ = false;
  std::uint64_t consequences_ = 0;
  std::vector<std::string> consequence_texts_;
};

}  // namespace ivshmem::sim
