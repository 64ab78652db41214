// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/host_socket.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/server_handshake.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// A connection to an ivshmem server, read message by message.
class server_client {
 public:
  /// Takes over a connected socket.
  explicit server_client(unique_fd socket) noexcept : socket_(std::move(socket)) {}

  /// Never blocks, yields at most one message per call; call again when descriptor() is readable.
  /// End of stream is host_errc::server_closed; the device goes on without a server [behaviour 7].
  result<std::optional<received_server_message>> receive() { return reader_.read(socket_.get()); }
  int descriptor() const noexcept { return socket_.get(); }

 private:
  unique_fd socket_;
  server_message_reader reader_;
};

/// What a device has after the handshake.
struct server_session {
  server_client client;
  peer_id id;
  shared_memory memory;
  /// What came before the shared memory and is the device's to digest, in order.
  std::vector<received_server_message> early;
};

inline constexpr std::chrono::milliseconds default_server_timeout{10'000};

/// Performs the handshake on `client`. Blocks until the shared memory is mapped, an error, the end
/// of the stream or `timeout` for all of it; a negative `timeout` waits for ever.
result<server_session> handshake(server_client client, std::chrono::milliseconds timeout);

/// Connects to the server at `path`, then `handshake`; `timeout` covers both.
result<server_session> connect_and_handshake(
    const std::string& path, std::chrono::milliseconds timeout = default_server_timeout);

/// The same, and waits for a server that is not there yet, as long as the socket does not exist or
/// nobody listens on it.
result<server_session> await_server(const std::string& path,
                                    std::chrono::milliseconds timeout = default_server_timeout);

}  // namespace ivshmem
