// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ivshmem/model/server.h"
#include "ivshmem/model/server_client.h"

namespace ivshmem::test {

inline constexpr std::chrono::milliseconds patience{60'000};
inline constexpr unsigned vectors = 2;

/// A server in a thread of its own.
class server_thread {
 public:
  explicit server_thread(const std::string& path) {
    server_config chosen;
    chosen.socket_path = path;
    chosen.memory.size_bytes = min_memory_bytes;
    chosen.vectors = vectors;
    auto made = server::create(std::move(chosen));
    EXPECT_TRUE(made) << to_string(made.error());
    running_.emplace(std::move(*made));
    thread_ = std::thread([this] {
      while (!ended_) {
        running_->service(10);
      }
      running_->stop();
    });
  }
  ~server_thread() { end(); }
  void end() {
    ended_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  std::optional<server> running_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

/// Another client of the server, with all that it was sent.
class peer {
 public:
  explicit peer(const std::string& path) : session_(take(await_server(path, patience))) {}

  peer_id id() const { return session_.id; }
  /// Vector `vector` of client `of`, once that has come.
  int bell(peer_id of, unsigned vector) {
    for (;;) {
      unsigned index = 0;
      for (const received_server_message& one : heard_) {
        if (one.message.number == to_int(of) && one.descriptor && index++ == vector) {
          return one.descriptor.get();
        }
      }
      pollfd entry{session_.client.descriptor(), POLLIN, 0};
      EXPECT_EQ(::poll(&entry, 1, static_cast<int>(patience.count())), 1);
      auto received = session_.client.receive();
      EXPECT_TRUE(received) << to_string(received.error());
      if (*received) {
        heard_.push_back(std::move(**received));
      }
    }
  }
  void ring(peer_id of, unsigned vector) { EXPECT_TRUE(add_to_eventfd(bell(of, vector))); }
  /// Waits for a ring of an own vector; how many there were.
  std::uint64_t wait_for_ring(unsigned vector) {
    pollfd entry{bell(id(), vector), POLLIN, 0};
    EXPECT_EQ(::poll(&entry, 1, static_cast<int>(patience.count())), 1);
    return take_eventfd(entry.fd);
  }

 private:
  static server_session take(result<server_session> made) {
    EXPECT_TRUE(made) << to_string(made.error());
    return std::move(*made);
  }

  server_session session_;
  std::vector<received_server_message> heard_;
};

}  // namespace ivshmem::test
