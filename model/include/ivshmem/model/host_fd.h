// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "ivshmem/model/result.h"

namespace ivshmem {

/// Owns one file descriptor and closes it. Move only; -1 means none.
class unique_fd {
 public:
  unique_fd() noexcept = default;
  explicit unique_fd(int descriptor) noexcept : descriptor_(descriptor) {}
  unique_fd(unique_fd&& other) noexcept : descriptor_(other.release()) {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  unique_fd(const unique_fd&) = delete;
  unique_fd& operator=(const unique_fd&) = delete;
  ~unique_fd() { reset(); }

  int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  int release() noexcept { return std::exchange(descriptor_, -1); }
  /// Closes what was owned and owns `descriptor` instead. Keeps errno.
  void reset(int descriptor = -1) noexcept;

 private:
  int descriptor_ = -1;
};

/// Raises this process' soft limit of open descriptors to its hard limit, because every vector of
/// every peer is one. Returns the limit now in force.
std::uint64_t raise_descriptor_limit() noexcept;

/// New eventfd with counter 0, non-blocking, closed on exec.
result<unique_fd> create_eventfd();

/// Adds `count` to the counter: "rings" `count` times. Never blocks: a descriptor that does not
/// take it now (counter at its maximum, pipe without reader) gives host_errc::system_call.
///
/// Looks before it writes instead of relying on O_NONBLOCK: that flag belongs to the open file
/// which all peers share, and a QEMU peer clears it [behaviour 7].
result<void> add_to_eventfd(int descriptor, std::uint64_t count = 1);

/// Reads the counter and sets it to 0. Returns 0 when nobody rang, when the descriptor is no
/// eventfd and when it cannot be read: a peer's bad descriptor stops nobody. Never blocks as long
/// as no other process reads from it at the same time.
std::uint64_t take_eventfd(int descriptor) noexcept;

}  // namespace ivshmem
