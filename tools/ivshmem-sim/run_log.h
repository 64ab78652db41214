// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ivshmem::sim {

/// What went wrong in a run, in the order of finding it. A run with any failure exits 1.
class run_log {
 public:
  static constexpr std::size_t most_kept = 20;

  void fail(std::string text) {
    ++count_;
    if (texts_.size() < most_kept) {
      texts_.push_back(std::move(text));
    }
  }

  std::uint64_t count() const noexcept { return count_; }
  const std::vector<std::string>& texts() const noexcept { return texts_; }

 private:
  std::uint64_t count_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace ivshmem::sim
