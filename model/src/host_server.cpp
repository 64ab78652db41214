// SPDX-License-Identifier: Apache-2.0
//
// The ivshmem server: clients come and go, and each is told of the others.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "server_impl.h"

namespace ivshmem {
namespace {

using queue_status = outgoing_queue::status;

constexpr unsigned accepts_per_turn = 16;    // so that a storm of clients starves nobody
constexpr long retry_after_ns = 2'000'000;   // messages wait for a reader
constexpr long look_after_ns = 200'000'000;  // messages wait for room in a socket

unique_fd open_spare() { return unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }
bool is_shortage_of_descriptors(int os_errno) { return os_errno == EMFILE || os_errno == ENFILE; }

}  // namespace

std::size_t descriptor_limit() noexcept {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

result<void> server::impl::start() {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  timer_.reset(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  spare_ = open_spare();
  if (!epoll_ || !timer_ || !spare_ ||
      !watch(EPOLL_CTL_ADD, listener_->descriptor(), EPOLLIN, &listener_) ||
      !watch(EPOLL_CTL_ADD, timer_.get(), EPOLLIN, &timer_)) {
    return host_error{host_errc::system_call, errno, 0, "start server"};
  }
  return {};
}

bool server::impl::watch(int operation, int descriptor, std::uint32_t events, void* tag) {
  epoll_event event{events, {tag}};
  return ::epoll_ctl(epoll_.get(), operation, descriptor, &event) == 0;
}

void server::impl::service(int timeout_ms) {
  if (!listener_) {
    return;
  }
  std::array<epoll_event, 64> events{};
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
  bool somebody_waits = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == &listener_) {
      somebody_waits = true;
    } else if (event.data.ptr == &timer_) {
      retry();
    } else {
      auto& from = *static_cast<client*>(event.data.ptr);
      if ((event.events & ~std::uint32_t{EPOLLOUT}) != 0) {
        listen_to(from);
      }
      if ((event.events & EPOLLOUT) != 0) {
        from.waits_for = queue_status::empty;
      }
    }
  }
  settle();
  // Last, because clients go away in it and the events above point to them.
  if (somebody_waits) {
    accept_clients();
  }
}

void server::impl::stop() {
  clients_.clear();
  listener_.reset();
}

void server::impl::arm_retry(long after_ns) {
  if (armed_ns_ == 0 || after_ns < armed_ns_) {
    itimerspec when{};
    when.it_value.tv_nsec = after_ns;
    armed_ns_ = ::timerfd_settime(timer_.get(), 0, &when, nullptr) == 0 ? after_ns : 0;
  }
}

void server::impl::retry() {
  take_eventfd(timer_.get());
  armed_ns_ = 0;
  watch(EPOLL_CTL_MOD, listener_->descriptor(), EPOLLIN, &listener_);
  const auto now = client::clock::now();
  bool is_message_stuck = false;
  for (auto& to : clients_) {
    is_message_stuck = is_message_stuck || to.waits_for == queue_status::wait_for_retry;
    delivery_.look(to);
    judge(to, now);
  }
  is_short_ = is_message_stuck;
  is_told_ = is_told_ && is_message_stuck;
}

/// One that has not read for too long.
void server::impl::judge(client& slow, client::clock::time_point now) {
  if (slow.gone || slow.queue.size() == 0 || options_.read_deadline.count() == 0) {
    return;
  }
  if (now - slow.progress < options_.read_deadline) {
    arm_retry(look_after_ns);
  } else if (is_short_) {
    slow.gone = server_event::kind::stalled;
  } else if (!std::exchange(slow.is_silent, true)) {
    report(server_event::kind::silent, slow.id);
  }
}

void server::impl::want_for_descriptors() {
  is_short_ = true;
  arm_retry(retry_after_ns);
  if (!std::exchange(is_told_, true)) {
    report(server_event::kind::shortage, peer_id{});
  }
}

void server::impl::refuse() {
  ++statistics_.refused;
  report(server_event::kind::refused, peer_id{});
  is_short_ = true;
  arm_retry(retry_after_ns);
}

/// Whoever may write a file or a POSIX object may cut it; the next client would die of it.
void server::impl::check_memory() {
  struct stat status {};
  const auto bytes = static_cast<off_t>(memory_.size_bytes());
  if (::fstat(memory_.descriptor(), &status) == 0 && status.st_size != bytes &&
      ::ftruncate(memory_.descriptor(), bytes) == 0) {
    report(server_event::kind::resized, peer_id{});
  }
}

void server::impl::accept_clients() {
  for (unsigned i = 0; i < accepts_per_turn && accept_one(); ++i) {
    settle();
  }
}

// False: nobody else waits, or nobody can be dealt with now.
bool server::impl::accept_one() {
  auto socket = listener_->accept();
  if (socket) {
    const bool somebody = static_cast<bool>(*socket);
    if (somebody && !introduce(std::move(*socket))) {
      refuse();
    }
    return somebody;
  }
  if (is_shortage_of_descriptors(socket.error().os_errno)) {
    spare_.reset();
    auto unlucky = listener_->accept();
    const bool answered = unlucky.ok();  // the shortage is reported even while nobody waits
    const bool closed = answered && *unlucky;
    unlucky = unique_fd{};
    spare_ = open_spare();
    if (closed) {
      refuse();
    }
    if (answered) {
      return closed;
    }
  }
  // The client keeps waiting in the kernel's queue; looking at once again would spin.
  watch(EPOLL_CTL_MOD, listener_->descriptor(), 0, &listener_);
  arm_retry(retry_after_ns);
  return false;
}

// Order of the messages: [behaviour 9].
bool server::impl::introduce(unique_fd socket) {
  const std::size_t greeting = greeting_messages + options_.vectors * (clients_.size() + 1);
  if (clients_.size() >= options_.clients || greeting > options_.queue_messages) {
    return false;
  }
  auto vectors = new_vectors();
  if (!vectors) {
    return false;
  }
  check_memory();
  client& added = clients_.emplace_back();
  added.progress = client::clock::now();
  added.socket = std::move(socket);
  added.vectors = std::move(*vectors);
  if (!watch(EPOLL_CTL_ADD, added.socket.get(), EPOLLIN | EPOLLRDHUP, &added)) {
    clients_.pop_back();
    return false;
  }
  added.id = next_id();
  ++statistics_.connected;
  report(server_event::kind::connected, added.id);

  enqueue(added, {server_message::protocol_version});
  enqueue(added, {to_int(added.id)});
  enqueue(added, {server_message::shared_memory, memory_.descriptor()});
  for (auto& other : clients_) {
    if (&other != &added) {
      enqueue_vectors(other, added);
      enqueue_vectors(added, other);
    }
  }
  enqueue_vectors(added, added);
  return true;
}

result<std::vector<unique_fd>> server::impl::new_vectors() const {
  std::vector<unique_fd> vectors;
  vectors.reserve(options_.vectors);
  for (unsigned i = 0; i < options_.vectors; ++i) {
    auto vector = create_eventfd();
    if (!vector) {
      return vector.error();
    }
    vectors.push_back(std::move(*vector));
  }
  return vectors;
}

// Counts on past an ID that became free: a QEMU peer breaks when one returns. One is free here.
peer_id server::impl::next_id() {
  while (used_ids_[next_id_]) {
    next_id_ = (next_id_ + 1) % server_config::max_clients;
  }
  const unsigned id = next_id_;
  used_ids_[id] = true;
  next_id_ = (id + 1) % server_config::max_clients;
  return static_cast<peer_id>(id);
}

void server::impl::listen_to(client& from) {
  char byte = 0;
  const ssize_t got = ::recv(from.socket.get(), &byte, sizeof byte, MSG_DONTWAIT);
  if (got > 0) {
    from.gone = server_event::kind::spoke;
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    from.gone = server_event::kind::left;
  }
}

void server::impl::enqueue(client& to, outgoing message) {
  if (to.queue.size() >= options_.queue_messages) {
    flush(to);
  }
  if (to.gone) {
    return;
  }
  if (to.queue.size() >= options_.queue_messages) {
    to.gone = server_event::kind::overflowed;
    return;
  }
  to.queue.push(message);
}

void server::impl::enqueue_vectors(client& to, const client& owner) {
  for (const auto& vector : owner.vectors) {
    enqueue(to, {to_int(owner.id), vector.get()});
  }
}

void server::impl::flush(client& to) {
  if (to.waits_for == queue_status::wait_for_reader) {
    delivery_.look(to);
  }
  if (to.gone || to.waits_for != queue_status::empty || to.queue.size() == 0) {
    return;
  }
  statistics_.messages_sent += delivery_.flush(to);
  const bool wants_room = to.waits_for == queue_status::wait_for_socket;
  if (wants_room != to.is_watched_for_room) {
    to.is_watched_for_room = wants_room;
    watch(EPOLL_CTL_MOD, to.socket.get(),
          EPOLLIN | EPOLLRDHUP | (wants_room ? std::uint32_t{EPOLLOUT} : 0U), &to);
  }
  switch (to.waits_for) {
    case queue_status::broken:
      to.gone = server_event::kind::left;
      break;
    case queue_status::wait_for_retry:
      want_for_descriptors();
      break;
    case queue_status::wait_for_reader:
      arm_retry(retry_after_ns);
      break;
    case queue_status::wait_for_socket:
      arm_retry(look_after_ns);
      break;
    case queue_status::empty:
      break;
  }
}

// A client that goes makes messages for the others, and sending them may find others gone.
void server::impl::settle() {
  do {
    for (auto& to : clients_) {
      flush(to);
    }
  } while (reap());
}

bool server::impl::reap() {
  bool any = false;
  for (auto each = clients_.begin(); each != clients_.end();) {
    if (!each->gone) {
      ++each;
      continue;
    }
    any = true;
    delivery_.forget(*each);
    const client gone = std::move(*each);
    each = clients_.erase(each);
    say_goodbye(gone);
  }
  return any;
}

void server::impl::say_goodbye(const client& gone) {
  const auto why = *gone.gone;
  statistics_.left += why == server_event::kind::left ? 1 : 0;
  statistics_.spoke += why == server_event::kind::spoke ? 1 : 0;
  statistics_.overflowed += why == server_event::kind::overflowed ? 1 : 0;
  statistics_.stalled += why == server_event::kind::stalled ? 1 : 0;
  statistics_.messages_dropped += gone.queue.size();
  used_ids_[to_int(gone.id)] = false;
  report(why, gone.id);
  for (auto& other : clients_) {
    // What a slow client has not heard yet it need not hear any more; otherwise its queue would
    // keep the descriptors of all who ever came, until none are left for anybody.
    const std::size_t all = gone.vectors.size();
    if (all == 0 || other.queue.forget_vectors(to_int(gone.id)) < all) {
      enqueue(other, {to_int(gone.id)});
    }
  }
}

}  // namespace ivshmem
