// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ivshmem::qtest {

/// SIGTERM, SIGINT or SIGHUP came while the program waited; it still is in end_signals().
struct ended_by_signal {};

/// A descriptor that becomes readable (signalfd) when SIGTERM, SIGINT or SIGHUP comes. From the
/// first call on they do nothing else.
int end_signals();

/// Waits until `descriptor` has one of `events` (poll) or an error. Throws ended_by_signal.
void wait_for(int descriptor, short events);

/// While it lives, those signals end the program at once, for calls that cannot be waited for with
/// wait_for().
class mortal_scope {
 public:
  mortal_scope() noexcept;
  ~mortal_scope();
  mortal_scope(const mortal_scope&) = delete;
  mortal_scope& operator=(const mortal_scope&) = delete;
};

}  // namespace ivshmem::qtest
