// SPDX-License-Identifier: Apache-2.0
//
// Descriptors and eventfds.
#include "ivshmem/model/host_fd.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace ivshmem {
namespace {

// A hang-up or error is "not ready": writing to a pipe without reader would raise SIGPIPE.
bool is_ready(int descriptor, short events) noexcept {
  pollfd entry{descriptor, events, 0};
  int count = 0;
  do {
    count = ::poll(&entry, 1, 0);
  } while (count < 0 && errno == EINTR);
  return count == 1 && (entry.revents & events) != 0 && (entry.revents & (POLLERR | POLLNVAL)) == 0;
}

}  // namespace

void unique_fd::reset(int descriptor) noexcept {
  const int old = std::exchange(descriptor_, descriptor);
  if (old >= 0) {
    const int saved = errno;
    ::close(old);
    errno = saved;
  }
}

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 0;
  }
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

result<unique_fd> create_eventfd() {
  unique_fd descriptor{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  if (!descriptor) {
    return host_error{host_errc::system_call, errno, 0, "eventfd"};
  }
  return descriptor;
}

result<void> add_to_eventfd(int descriptor, std::uint64_t count) {
  if (!is_ready(descriptor, POLLOUT)) {
    return host_error{host_errc::system_call, EAGAIN, descriptor, "ring eventfd"};
  }
  ssize_t written = 0;
  do {
    written = ::write(descriptor, &count, sizeof count);
  } while (written < 0 && errno == EINTR);
  if (written < 0) {
    return host_error{host_errc::system_call, errno, descriptor, "ring eventfd"};
  }
  return {};
}

std::uint64_t take_eventfd(int descriptor) noexcept {
  if (!is_ready(descriptor, POLLIN)) {
    return 0;
  }
  std::uint64_t count = 0;
  ssize_t got = 0;
  do {
    got = ::read(descriptor, &count, sizeof count);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof count) ? count : 0;
}

}  // namespace ivshmem
