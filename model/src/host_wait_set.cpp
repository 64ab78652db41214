// SPDX-License-Identifier: Apache-2.0
//
// Descriptors that a thread waits for, with epoll.
#include "ivshmem/model/host_wait_set.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace ivshmem {

namespace {

constexpr std::uint64_t stop_tag = 0;

}  // namespace

result<wait_set> wait_set::create() {
  unique_fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return host_error{host_errc::system_call, errno, 0, "epoll_create1"};
  }
  auto stopped = create_eventfd();
  if (!stopped) {
    return stopped.error();
  }
  const int stop = stopped->get();
  wait_set made(std::move(epoll), std::move(*stopped));
  if (auto added = made.add(stop, stop_tag); !added) {
    return added.error();
  }
  return made;
}

bool wait_set::control(int operation, int descriptor, std::uint64_t tag) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | (tag == stop_tag ? 0U : static_cast<unsigned>(EPOLLONESHOT));
  event.data.u64 = tag;
  return ::epoll_ctl(epoll_.get(), operation, descriptor, &event) == 0;
}

result<void> wait_set::add(int descriptor, std::uint64_t tag) {
  if (!control(EPOLL_CTL_ADD, descriptor, tag)) {
    return host_error{host_errc::system_call, errno, descriptor, "epoll_ctl"};
  }
  return {};
}

void wait_set::again(int descriptor, std::uint64_t tag) noexcept {
  control(EPOLL_CTL_MOD, descriptor, tag);
}

void wait_set::remove(int descriptor) noexcept {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

bool wait_set::wait(std::vector<std::uint64_t>& tags) const {
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
    if (tag == stop_tag) {
      return false;
    }
    tags.push_back(tag);
  }
  return true;
}

void wait_set::stop() noexcept { static_cast<void>(add_to_eventfd(stopped_.get())); }

}  // namespace ivshmem
