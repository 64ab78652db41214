// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/server.h"
#include "ivshmem/model/server_client.h"
#include "scratch.h"

namespace ivshmem::test {

/// A server and clients in one thread: the kernel's sockets are the only thing between them.
class ServerBench : public testing::Test {
 protected:
  static constexpr std::uint64_t memory_bytes = 1U << 20U;

  server_config options() const {
    server_config chosen;
    chosen.socket_path = folder.path("socket");
    chosen.memory.size_bytes = memory_bytes;
    return chosen;
  }

  /// As the program does it: the server's patience with readers follows from the limit.
  void start(server_config chosen) {
    raise_descriptor_limit();
    auto made = server::create(std::move(chosen));
    ASSERT_TRUE(made) << to_string(made.error());
    running.emplace(std::move(*made));
  }
  void start(unsigned vectors) {
    auto chosen = options();
    chosen.vectors = vectors;
    start(chosen);
  }

  /// Connects without reading anything.
  server_client connect() {
    auto socket = connect_socket(folder.path("socket"), std::chrono::seconds{60});
    EXPECT_TRUE(socket) << to_string(socket.error());
    running->service(0);
    return server_client{std::move(*socket)};
  }

  /// Lets the server work and reads until neither has anything left to do.
  std::vector<received_server_message> read_all(server_client& from) {
    std::vector<received_server_message> got;
    for (unsigned idle = 0; idle < 3; ++idle) {
      running->service(0);
      for (;;) {
        auto received = from.receive();
        if (!received || !*received) {
          break;
        }
        got.push_back(std::move(**received));
        idle = 0;
      }
    }
    return got;
  }

  /// What was read, as text: `1` is a number, `1+` one with a descriptor.
  static std::string text(const std::vector<received_server_message>& messages) {
    std::string line;
    for (const auto& each : messages) {
      line += line.empty() ? "" : " ";
      line += std::to_string(each.message.number);
      line += each.message.has_descriptor ? "+" : "";
    }
    return line;
  }
  std::string read_text(server_client& from) { return text(read_all(from)); }

  /// The server closed this connection and nothing is left in it.
  bool ended(server_client& client) {
    read_all(client);
    const auto received = client.receive();
    return !received && received.error().code == host_errc::server_closed;
  }

  scratch_folder folder;
  std::optional<server> running;
};

}  // namespace ivshmem::test
