// SPDX-License-Identifier: Apache-2.0
//
// Many descriptors to wait for, with epoll.
#include "ivshmem/model/host_poll_set.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>

namespace ivshmem {

namespace {

/// Whether the other side is gone and has left nothing to read.
bool is_at_end(std::uint32_t events, int descriptor) {
  int left = 0;
  return (events & (EPOLLHUP | EPOLLERR)) != 0 &&
         ((events & EPOLLIN) == 0 || (::ioctl(descriptor, FIONREAD, &left) == 0 && left == 0));
}

}  // namespace

result<poll_set> poll_set::create() {
  unique_fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return host_error{host_errc::system_call, errno, 0, "epoll_create1"};
  }
  return poll_set(std::move(epoll));
}

result<void> poll_set::add(int descriptor, std::uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = std::uint64_t{static_cast<std::uint32_t>(descriptor)} << 32U | tag;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return host_error{host_errc::system_call, errno, descriptor, "epoll_ctl"};
  }
  return {};
}

void poll_set::remove(int descriptor) noexcept {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void poll_set::ready(std::vector<std::uint32_t>& tags) const {
  std::array<epoll_event, max_ready> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const int descriptor = static_cast<int>(event.data.u64 >> 32U);
    if (is_at_end(event.events, descriptor)) {
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    }
    tags.push_back(static_cast<std::uint32_t>(event.data.u64));
  }
}

void poll_set::refresh() const noexcept {
  std::array<epoll_event, max_ready> events;
  ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
}

void set_non_blocking(int descriptor) noexcept {
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

}  // namespace ivshmem
