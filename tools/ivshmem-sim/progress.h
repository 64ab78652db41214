// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace ivshmem::sim {

/// One line on standard error that shows how far the run is, rewritten at most ten times a second.
/// A meter that is off does nothing.
class progress {
 public:
  explicit progress(bool on) : on_(on) {}
  ~progress() { clear(); }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void expect(std::uint64_t steps) noexcept { expected_ += steps; }
  void step() {
    ++done_;
    if (on_ && done_ % steps_per_look == 0) {
      show();
    }
  }
  /// Before the first step: `done` of `all` nodes are built, or set up.
  void prepare(const char* what, std::size_t done, std::size_t all);
  /// Takes the line away.
  void clear();

 private:
  static constexpr std::uint64_t steps_per_look = 64;

  bool is_time();
  void show();

  bool on_;
  bool shown_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t expected_ = 0;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace ivshmem::sim
