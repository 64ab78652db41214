// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ivshmem::tool {

/// Lines for a reader that may stop or go: never waits for it. What it does not take is kept up to
/// a limit; then lines are left out, and a line says how many.
class event_log {
 public:
  explicit event_log(int descriptor) : descriptor_(descriptor) {}

  void add(std::string_view line);
  /// What to poll for room (POLLOUT), or -1 when there is nothing to write.
  int poll_descriptor() const noexcept { return waiting_.empty() ? -1 : descriptor_; }
  /// Writes what the reader takes now.
  void write();
  /// Whether lines were lost, because the reader is gone or the file is full.
  bool failed() const noexcept { return descriptor_ < 0; }

 private:
  int descriptor_;  // -1: nobody reads any more
  std::string waiting_;
  std::uint64_t left_out_ = 0;
};

}  // namespace ivshmem::tool
