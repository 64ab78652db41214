// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "ivshmem/model/host_socket.h"
#include "server_delivery.h"

namespace ivshmem {

inline constexpr std::size_t greeting_messages = 3;  // version, ID, shared memory

/// The limit of open descriptors in force.
std::size_t descriptor_limit() noexcept;

/// What a server is made of.
class server::impl {
 public:
  impl(server_config options, socket_listener listener, shared_memory memory, unique_fd lock)
      : options_(std::move(options)),
        listener_(std::move(listener)),
        memory_(std::move(memory)),
        lock_(std::move(lock)),
        delivery_(descriptor_limit()),
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
  void arm_retry(long after_ns);
  void retry();
  void judge(client& slow, client::clock::time_point now);
  void want_for_descriptors();

  void accept_clients();
  bool accept_one();
  void refuse();
  void check_memory();
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
  unique_fd lock_;  // of the memory
  delivery delivery_;
  std::list<client> clients_;  // in the order of their arrival; addresses are epoll tags
  std::vector<bool> used_ids_;
  unsigned next_id_ = 0;
  server_statistics statistics_;
  unique_fd epoll_;
  unique_fd timer_;
  unique_fd spare_;    // given up for a moment to turn a client away when descriptors have run out
  long armed_ns_ = 0;  // 0: the timer is off
  bool is_short_ = false;  // messages or new clients want for descriptors
  bool is_told_ = false;   // that messages do
};

}  // namespace ivshmem
