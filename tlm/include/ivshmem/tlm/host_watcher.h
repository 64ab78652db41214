// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "ivshmem/model/result.h"

namespace ivshmem {

/// Waits for descriptors in a thread of its own, for an event loop that cannot: that of a
/// simulation, which sleeps in its kernel.
///
/// A descriptor that becomes readable is reported once, and not again before watch_again(): what
/// nobody reads costs nothing. All members may be called from any thread.
class host_watcher {
 public:
  /// What a descriptor is called here; never used twice.
  using watch_id = std::uint64_t;

  /// `wake` is called in the watcher's thread each time take() would give something new. It must
  /// not call the watcher. Errors: host_errc::system_call.
  static result<host_watcher> create(std::function<void()> wake);

  host_watcher(host_watcher&&) noexcept;
  host_watcher& operator=(host_watcher&&) noexcept;
  /// Ends the thread; `wake` is not called any more.
  ~host_watcher();

  /// Watches `descriptor` for reading. Refused (host_errc::system_call) when it cannot be watched:
  /// a regular file has no readiness, and a descriptor can be watched only once.
  result<watch_id> watch(int descriptor);
  /// The descriptor was reported and has been read from.
  void watch_again(watch_id which);
  /// From now on nothing of `which` is reported; to be called before the descriptor is closed.
  void forget(watch_id which);
  /// Appends what has become readable since the last call, in that order.
  void take(std::vector<watch_id>& ready);

 private:
  class impl;
  explicit host_watcher(std::unique_ptr<impl> state) noexcept;

  std::unique_ptr<impl> impl_;
};

}  // namespace ivshmem
