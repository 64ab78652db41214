// SPDX-License-Identifier: Apache-2.0
//
// A connection to a client: socket or standard streams.
#include "host_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "host_wait.h"
#include "option_text.h"

namespace ivshmem::qtest {

host_channel host_channel::connect(const std::string& path) {
  const mortal_scope scope;
  auto socket = connect_socket(path, std::chrono::seconds(10));
  if (!socket) {
    const host_error& error = socket.error();
    throw user_error(
        "Failed to connect to '" + path + "': " +
        (error.os_errno != 0 ? std::generic_category().message(error.os_errno) : to_string(error)));
  }
  return host_channel(std::move(*socket));
}

host_channel host_channel::listen(const std::string& path, bool wait) {
  auto listener = socket_listener::listen(path, 0600);
  if (!listener) {
    throw user_error(to_string(listener.error()));
  }
  host_channel channel{unique_fd()};
  channel.listener_.emplace(std::move(*listener));
  while (wait && !channel.is_connected()) {
    wait_for(channel.listener_->descriptor(), POLLIN);
    channel.accept();
  }
  return channel;
}

int host_channel::poll_descriptor() const noexcept {
  if (connection_) {
    return connection_.get();
  }
  return listener_ ? listener_->descriptor() : -1;
}

bool host_channel::accept() {
  if (connection_ || !listener_) {
    return false;
  }
  auto client = listener_->accept();
  if (client && *client) {
    connection_ = std::move(*client);
  }
  return is_connected();
}

std::string host_channel::read(std::size_t most) {
  std::string data(most, '\0');
  const ssize_t got = ::recv(connection_.get(), data.data(), most, MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
    connection_.reset();
  }
  data.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return data;
}

void host_channel::write(std::string_view data) {
  while (!data.empty() && connection_) {
    const ssize_t sent = ::send(connection_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      data.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      wait_for(connection_.get(), POLLOUT);
    } else if (errno != EINTR) {
      connection_.reset();
    }
  }
}

}  // namespace ivshmem::qtest
