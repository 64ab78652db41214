// SPDX-License-Identifier: Apache-2.0
//
// The ivshmem server: clients come and go, and each is told of the others.
#include "ivshmem/model/server.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/host_socket.h"
#include "outgoing_queue.h"

namespace ivshmem {
namespace {

using queue_status = outgoing_queue::status;

constexpr std::size_t greeting_messages = 3;  // version, ID, shared memory
constexpr unsigned accepts_per_turn = 16;     // so that a storm of clients starves nobody
constexpr long retry_after_ns = 20'000'000;

struct client {
  unique_fd socket;
  peer_id id{};
  std::vector<unique_fd> vectors;
  outgoing_queue queue;
  queue_status waits_for = queue_status::empty;
  std::optional<server_event::kind> gone;
};

unique_fd open_spare() { return unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }
bool is_shortage_of_descriptors(int os_errno) { return os_errno == EMFILE || os_errno == ENFILE; }

}  // namespace

class server::impl {
 public:
  impl(server_config options, socket_listener listener, shared_memory memory)
      : options_(std::move(options)),
        listener_(std::move(listener)),
        memory_(std::move(memory)),
        used_ids_(server_config::max_clients, false) {}

  result<void> start();
  void service(int timeout_ms);
  void stop();

  int poll_descriptor() const noexcept { return epoll_.get(); }
  std::size_t clients() const noexcept { return clients_.size(); }
  const server_statistics& statistics() const noexcept { return statistics_; }
  const shared_memory& memory() const noexcept { return memory_; }

 private:
  bool watch(int operation, int descriptor, std::uint32_t events, void* tag);
  void arm_retry();
  void retry();

  void accept_clients();
  bool accept_one();
  void refuse() {
    ++statistics_.refused;
    report(server_event::kind::refused, peer_id{});
  }
  bool introduce(unique_fd socket);
  result<std::vector<unique_fd>> new_vectors() const;
  peer_id next_id();

  void listen_to(client& from);
  void enqueue(client& to, outgoing message);
  void enqueue_vectors(client& to, const client& owner);
  void flush(client& to);
  void settle();
  bool reap();
  void say_goodbye(const client& gone);
  void report(server_event::kind what, peer_id id) {
    if (options_.on_event) {
      options_.on_event({what, id});
    }
  }

  server_config options_;
  std::optional<socket_listener> listener_;
  shared_memory memory_;
  std::list<client> clients_;  // in the order of their arrival; addresses are epoll tags
  std::vector<bool> used_ids_;
  unsigned next_id_ = 0;
  server_statistics statistics_;
  unique_fd epoll_;
  unique_fd timer_;
  unique_fd spare_;  // given up for a moment to turn a client away when descriptors have run out
  bool retry_armed_ = false;
};

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

void server::impl::arm_retry() {
  if (!retry_armed_) {
    itimerspec when{};
    when.it_value.tv_nsec = retry_after_ns;
    retry_armed_ = ::timerfd_settime(timer_.get(), 0, &when, nullptr) == 0;
  }
}

void server::impl::retry() {
  take_eventfd(timer_.get());
  retry_armed_ = false;
  watch(EPOLL_CTL_MOD, listener_->descriptor(), EPOLLIN, &listener_);
  for (auto& to : clients_) {
    if (to.waits_for == queue_status::wait_for_retry) {
      to.waits_for = queue_status::empty;
    }
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
  arm_retry();
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
  client& added = clients_.emplace_back();
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
  if (to.gone || to.waits_for != queue_status::empty || to.queue.size() == 0) {
    return;
  }
  const std::size_t before = to.queue.size();
  to.waits_for = to.queue.flush(to.socket.get());
  statistics_.messages_sent += before - to.queue.size();
  const bool wait_for_socket = to.waits_for == queue_status::wait_for_socket;
  watch(EPOLL_CTL_MOD, to.socket.get(),
        EPOLLIN | EPOLLRDHUP | (wait_for_socket ? std::uint32_t{EPOLLOUT} : 0U), &to);
  if (to.waits_for == queue_status::wait_for_retry) {
    arm_retry();
  } else if (to.waits_for == queue_status::broken) {
    to.gone = server_event::kind::left;
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

result<server> server::create(server_config options) {
  if (options.vectors > max_vectors) {
    return host_error{host_errc::vectors_range, 0, options.vectors, "vectors"};
  }
  if (options.clients < 1 || options.clients > server_config::max_clients) {
    return host_error{host_errc::clients_range, 0, options.clients, "clients"};
  }
  if (options.queue_messages < greeting_messages + options.vectors) {
    return host_error{host_errc::queue_range, 0, static_cast<std::int64_t>(options.queue_messages),
                      "queue_messages"};
  }
  if (options.memory.backing == memory_backing::anonymous) {
    return host_error{host_errc::memory_not_shareable, 0, 0, "memory"};
  }
  auto listener = socket_listener::listen(options.socket_path, options.socket_mode);
  if (!listener) {
    return listener.error();
  }
  auto memory = shared_memory::create(options.memory);
  if (!memory) {
    return memory.error();
  }
  auto state = std::make_unique<impl>(std::move(options), std::move(*listener), std::move(*memory));
  if (auto started = state->start(); !started) {
    return started.error();
  }
  return server{std::move(state)};
}

server::server(std::unique_ptr<impl> state) noexcept : impl_(std::move(state)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

int server::poll_descriptor() const noexcept { return impl_->poll_descriptor(); }
void server::service(int timeout_ms) { impl_->service(timeout_ms); }
void server::stop() { impl_->stop(); }
std::size_t server::clients() const noexcept { return impl_->clients(); }
const server_statistics& server::statistics() const noexcept { return impl_->statistics(); }
const shared_memory& server::memory() const noexcept { return impl_->memory(); }

}  // namespace ivshmem
