// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// A set of descriptors that is itself a descriptor to poll: readable while one of them is.
/// Level-triggered. Each descriptor carries a tag of the owner's choice.
class poll_set {
 public:
  /// A server and all vectors of one device.
  static constexpr unsigned max_ready = max_vectors + 1;

  /// Errors: host_errc::system_call.
  static result<poll_set> create();

  int descriptor() const noexcept { return epoll_.get(); }
  /// Watches `descriptor` for reading. Refused (host_errc::system_call) when it cannot be watched:
  /// a regular file has no readiness, and a descriptor can be in a set only once.
  result<void> add(int descriptor, std::uint32_t tag);
  void remove(int descriptor) noexcept;
  /// Appends the tags of the readable descriptors, at most max_ready of them, in the order in which
  /// they became readable, as far as refresh() knows. Never waits. A descriptor whose other side
  /// has gone is reported a last time when nothing is left to read, and is not watched any more: it
  /// would be readable for ever.
  void ready(std::vector<std::uint32_t>& tags) const;
  /// Looks which descriptors are not readable any more: these become readable anew.
  void refresh() const noexcept;

 private:
  explicit poll_set(unique_fd epoll) noexcept : epoll_(std::move(epoll)) {}
  unique_fd epoll_;
};

/// Sets O_NONBLOCK on the open file, which everybody who has a descriptor of it shares.
void set_non_blocking(int descriptor) noexcept;

}  // namespace ivshmem
