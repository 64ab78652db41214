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

bool progress::is_time() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) {
    return false;
  }
  last_ = now;
  shown_ = true;
  return true;
}

void progress::prepare(const char* what, std::size_t done, std::size_t all) {
  if (on_ && is_time()) {
    fmt::print(stderr, "\r{:3} %  {} of {} nodes {}\x1b[K", done * 100 / all, count_text(done),
               count_text(all), what);
    std::fflush(stderr);
  }
}

void progress::show() {
  if (!is_time()) {
    return;
  }
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
