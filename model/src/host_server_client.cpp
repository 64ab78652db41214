// SPDX-License-Identifier: Apache-2.0
//
// The way to a server: connecting and the handshake, within a time-out.
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "ivshmem/model/server_client.h"

namespace ivshmem {
namespace {

using std::chrono::milliseconds;

/// A time-out that several waits share.
class deadline {
 public:
  explicit deadline(milliseconds timeout) : timeout_(timeout), end_(clock::now() + timeout) {}

  /// For poll: milliseconds left, rounded up; -1 for ever.
  int left() const {
    if (timeout_.count() < 0) {
      return -1;
    }
    const auto rest = std::chrono::ceil<milliseconds>(end_ - clock::now()).count();
    return static_cast<int>(
        std::clamp<milliseconds::rep>(rest, 0, std::numeric_limits<int>::max()));
  }
  host_error error() const {
    return {host_errc::server_silent, 0, static_cast<std::int64_t>(timeout_.count()), {}};
  }

 private:
  using clock = std::chrono::steady_clock;
  milliseconds timeout_;
  clock::time_point end_;
};

result<received_server_message> next_message(server_client& client, const deadline& until) {
  for (;;) {
    auto received = client.receive();
    if (!received) {
      return received.error();
    }
    if (*received) {
      return std::move(**received);
    }
    pollfd entry{client.descriptor(), POLLIN, 0};
    const int ready = ::poll(&entry, 1, until.left());
    if (ready == 0) {
      return until.error();
    }
    if (ready < 0 && errno != EINTR) {
      return host_error{host_errc::system_call, errno, 0, "wait for server"};
    }
  }
}

result<server_session> handshake_until(server_client client, const deadline& until) {
  server_handshake protocol;
  std::vector<received_server_message> early;
  for (;;) {
    auto received = next_message(client, until);
    if (!received) {
      return received.error();
    }
    // A server that talks without ever coming to the point is no better than a silent one.
    if (until.left() == 0) {
      return until.error();
    }
    const auto action = protocol.feed(received->message);
    if (!action) {
      return action.error();
    }
    if (*action == server_handshake::action::device) {
      early.push_back(std::move(*received));
    } else if (*action == server_handshake::action::memory) {
      auto memory = shared_memory::adopt(std::move(received->descriptor));
      if (!memory) {
        return memory.error();
      }
      return server_session{std::move(client), protocol.id(), std::move(*memory), std::move(early)};
    }
  }
}

}  // namespace

result<server_session> handshake(server_client client, milliseconds timeout) {
  return handshake_until(std::move(client), deadline{timeout});
}

result<server_session> connect_and_handshake(const std::string& path, milliseconds timeout) {
  const deadline until{timeout};
  auto socket = connect_socket(path, timeout);
  if (!socket) {
    return socket.error();
  }
  return handshake_until(server_client{std::move(*socket)}, until);
}

result<server_session> await_server(const std::string& path, milliseconds timeout) {
  constexpr int look_ms = 10;  // a socket that is to be has nothing to wait for
  const deadline until{timeout};
  for (;;) {
    auto socket = connect_socket(path, milliseconds{until.left()});
    if (socket) {
      return handshake_until(server_client{std::move(*socket)}, until);
    }
    const int why = socket.error().os_errno;
    if ((why != ENOENT && why != ECONNREFUSED) || until.left() == 0) {
      return socket.error();
    }
    ::poll(nullptr, 0, look_ms);
  }
}

}  // namespace ivshmem
