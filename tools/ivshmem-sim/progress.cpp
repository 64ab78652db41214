// SPDX-License-Identifier: Apache-2.0
//
// The progress line on a terminal.
#include "progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <systemc>

#include "units.h"

namespace ivshmem::sim {

void progress::show() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) {
    return;
  }
  last_ = now;
  shown_ = true;
  const std::uint64_t expected = std::max({expected_, done_, std::uint64_t{1}});
  fmt::print(stderr, "\r{:3} %  {} of {} steps, simulated time {}\x1b[K", done_ * 100 / expected,
             count_text(done_), count_text(expected),
             duration_text(sc_core::sc_time_stamp().value()));
  std::fflush(stderr);
}

void progress::clear() {
  if (shown_) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    shown_ = false;
  }
}

}  // namespace ivshmem::sim
