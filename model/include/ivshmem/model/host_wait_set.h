// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"

namespace ivshmem {

/// Descriptors that one thread waits for, while others change the set. Each is reported once when
/// it becomes readable, and again after again(). Each carries a tag of the owner's choice, not 0.
class wait_set {
 public:
  /// Errors: host_errc::system_call.
  static result<wait_set> create();

  /// Refused (host_errc::system_call) when `descriptor` cannot be watched: a regular file has no
  /// readiness, and a descriptor can be in a set only once.
  result<void> add(int descriptor, std::uint64_t tag);
  /// Watches a descriptor of the set again, which was reported.
  void again(int descriptor, std::uint64_t tag) noexcept;
  void remove(int descriptor) noexcept;

  /// Waits until something is readable, and appends the tags. False: stop() was called.
  bool wait(std::vector<std::uint64_t>& tags) const;
  /// Ends wait(), also the next one.
  void stop() noexcept;

 private:
  wait_set(unique_fd epoll, unique_fd stopped) noexcept
      : epoll_(std::move(epoll)), stopped_(std::move(stopped)) {}
  bool control(int operation, int descriptor, std::uint64_t tag) noexcept;

  unique_fd epoll_;
  unique_fd stopped_;
};

}  // namespace ivshmem
