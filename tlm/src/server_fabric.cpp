// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/tlm/server_fabric.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <utility>

namespace ivshmem {

namespace {

constexpr std::uint32_t server_tag = max_vectors;  // above every own vector

bool watch(int poll, int descriptor, std::uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = tag;
  return ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

result<server_fabric> server_fabric::create(server_session session, report_handler report) {
  unique_fd poll(::epoll_create1(EPOLL_CLOEXEC));
  if (!poll || !watch(poll.get(), session.client.descriptor(), server_tag)) {
    return host_error{host_errc::system_call, errno, 0, "epoll of the server's socket"};
  }
  return server_fabric(std::move(session), std::move(report), std::move(poll));
}

server_fabric::server_fabric(server_session session, report_handler report, unique_fd poll) noexcept
    : session_(std::move(session)), report_(std::move(report)), poll_(std::move(poll)) {}

server_fabric::server_fabric(server_fabric&&) noexcept = default;
server_fabric::~server_fabric() = default;

memory_view server_fabric::memory() const {
  return {session_.memory.data(), session_.memory.size_bytes()};
}

void server_fabric::attach(fabric_client& client) {
  client_ = &client;
  for (received_message& early : std::exchange(session_.early, {})) {
    const message_result result = digest(std::move(early));
    if (!result) {
      refused_early_ = result;
      break;
    }
  }
}

void server_fabric::detach() {
  client_ = nullptr;
  // Closing is not enough to end the watching: other processes hold the same open file.
  if (to_int(id()) < peers_.size()) {
    for (const unique_fd& own : peers_[to_int(id())]) {
      ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, own.get(), nullptr);
    }
  }
  peers_.clear();
  session_.client = server_client(unique_fd());
}

void server_fabric::ring(peer_id peer, vector_index vector, const sc_core::sc_time& /*delay*/) {
  const unique_fd& bell = peers_[to_int(peer)][to_int(vector)];
  // A peer's descriptor that takes nothing must not stop the guest: the ring is lost, as with an
  // eventfd that its owner closed.
  static_cast<void>(add_to_eventfd(bell.get()));
}

message_result server_fabric::digest(received_message received) {
  const message_result result = client_->digest(received.message);
  if (!result) {
    return result;
  }
  const std::size_t index = to_int(result.peer());
  if (index >= peers_.size()) {
    peers_.resize(index + 1);
  }
  if (result.effect == message_effect::peer_left) {
    peers_[index].clear();
    return result;
  }
  const int descriptor = received.descriptor.get();
  // As the real device does; its refused descriptors are left as they came [behaviour 7].
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  peers_[index].push_back(std::move(received.descriptor));
  if (result.effect == message_effect::own_vector_added) {
    // Files that cannot be waited for (EPERM) never ring.
    watch(poll_.get(), descriptor, to_int(result.vector));
  }
  return result;
}

void server_fabric::read_server() {
  auto received = session_.client.receive();
  if (!received) {
    if (received.error().code == host_errc::server_descriptor_lost) {
      report_(to_string(received.error()));
    } else {
      stop_reading();
    }
  } else if (*received) {
    const message_result result = digest(std::move(**received));
    if (!result) {
      report_(to_string(result));
    }
  }
}

void server_fabric::stop_reading() {
  server_gone_ = true;
  ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, session_.client.descriptor(), nullptr);
}

void server_fabric::service() {
  if (client_ == nullptr) {
    return;
  }
  bool server_ready = false;
  ready_.clear();
  std::array<epoll_event, max_vectors + 1> events;
  const int count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t tag = events[static_cast<std::size_t>(i)].data.u32;
    if (tag == server_tag) {
      server_ready = true;
    } else {
      ready_.push_back(tag);
    }
  }
  if (server_ready) {
    read_server();
  }
  std::sort(ready_.begin(), ready_.end(), std::greater<>());
  for (const unsigned vector : ready_) {
    if (take_eventfd(peers_[to_int(id())][vector].get()) != 0) {
      client_->notify(static_cast<vector_index>(vector));
    }
  }
}

}  // namespace ivshmem
