// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/host_socket.h"

namespace ivshmem::qtest {

/// A stream over a UNIX socket: a connection made here, or the clients of a listening socket, one
/// after the other.
class host_channel {
 public:
  /// Throws user_error.
  static host_channel connect(const std::string& path);
  /// `wait`: returns only once the first client is there, or with ended_by_signal.
  static host_channel listen(const std::string& path, bool wait);
  explicit host_channel(unique_fd connection) : connection_(std::move(connection)) {}

  /// What to poll for input: the connection, else the listening socket, else -1.
  int poll_descriptor() const noexcept;
  bool is_connected() const noexcept { return static_cast<bool>(connection_); }
  bool is_listening() const noexcept { return listener_.has_value(); }
  /// Takes a waiting client; true if there is one now that was not there before.
  bool accept();

  /// At most `most` bytes, without waiting. Empty: nothing there. End of stream disconnects.
  std::string read(std::size_t most);
  /// Waits until all is written; a client that left misses it. Throws ended_by_signal.
  void write(std::string_view data);

  unique_fd release() noexcept { return std::move(connection_); }

 private:
  unique_fd connection_;
  std::optional<socket_listener> listener_;
};

}  // namespace ivshmem::qtest
