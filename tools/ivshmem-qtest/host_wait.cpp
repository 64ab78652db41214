// SPDX-License-Identifier: Apache-2.0
//
// Waiting that a signal ends.
#include "host_wait.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "ivshmem/model/host_fd.h"

namespace ivshmem::qtest {

namespace {

sigset_t ending() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, one);
  }
  return signals;
}

}  // namespace

int end_signals() {
  static const unique_fd descriptor = [] {
    const sigset_t signals = ending();
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return unique_fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  }();
  return descriptor.get();
}

void wait_for(int descriptor, short events) {
  std::array<pollfd, 2> entries{{{descriptor, events, 0}, {end_signals(), POLLIN, 0}}};
  while (::poll(entries.data(), entries.size(), -1) < 0 && errno == EINTR) {
  }
  if (entries[0].revents == 0 && entries[1].revents != 0) {
    throw ended_by_signal{};
  }
}

mortal_scope::mortal_scope() noexcept {
  const sigset_t signals = ending();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

mortal_scope::~mortal_scope() {
  const sigset_t signals = ending();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace ivshmem::qtest
