// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/server_message.h"

namespace ivshmem {

inline constexpr std::size_t server_message_bytes = 8;  ///< [behaviour 7]
inline constexpr std::size_t max_socket_path_bytes =
    107;  ///< inclusive; sockaddr_un, without the 0

/// A listening UNIX stream socket and its file. The file is removed with the object, but only if
/// it is still the one that the object made.
class socket_listener {
 public:
  /// Listens on `path`, giving the file the permissions `mode` before anybody can connect. A socket
  /// file on which nobody answers (its server died) is replaced; anything else in the way is left
  /// alone.
  static result<socket_listener> listen(const std::string& path, unsigned mode);

  socket_listener(socket_listener&& other) noexcept;
  socket_listener& operator=(socket_listener&&) = delete;
  ~socket_listener();

  /// The next waiting client, non-blocking and closed on exec. No descriptor: nobody waits.
  result<unique_fd> accept();
  int descriptor() const noexcept { return socket_.get(); }

 private:
  socket_listener() = default;

  unique_fd socket_;
  std::string path_;  // empty after a move
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

/// Connects to the UNIX stream socket `path`; non-blocking and closed on exec from then on. Waits
/// at most `timeout` for a server whose queue is full; a negative `timeout` waits for ever.
result<unique_fd> connect_socket(const std::string& path, std::chrono::milliseconds timeout);

/// Sends one message: 8 bytes, little endian, `descriptor` (-1: none) with the first of them, in a
/// sendmsg of its own. `sent_bytes` of the message, 0..7, have gone out before. Returns how many
/// are out now, 8 for all; unchanged when the socket takes nothing at the moment. Never blocks on a
/// non-blocking socket, raises no SIGPIPE.
result<std::size_t> send_server_message(int socket, std::int64_t number, int descriptor,
                                        std::size_t sent_bytes = 0);

/// A message and the descriptor that came with it.
struct received_server_message {
  server_message message;
  unique_fd descriptor;  ///< valid exactly when message.has_descriptor
};

/// Puts messages together from whatever pieces the stream delivers [behaviour 7].
class server_message_reader {
 public:
  /// One recvmsg for at most the missing bytes of one message, never blocking; so a call yields at
  /// most one message, as the device reads per turn of its event loop. Nothing: not complete yet.
  /// Of several descriptors in one piece the first is kept; a later piece's replaces it.
  /// End of stream is host_errc::server_closed, and remains so. host_errc::server_descriptor_lost
  /// drops one message; reading may go on.
  result<std::optional<received_server_message>> read(int socket);

 private:
  std::array<std::uint8_t, server_message_bytes> bytes_{};
  std::size_t have_bytes_ = 0;
  unique_fd descriptor_;
  bool descriptor_lost_ = false;  // one came, but this process could not open it
};

}  // namespace ivshmem
