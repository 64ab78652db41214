// SPDX-License-Identifier: Apache-2.0
//
// An ivshmem server that sends what a recording says.
#include "played_server.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ivshmem::conformance {

namespace {
constexpr int send_timeout_ms = 60'000;
}

played_server::played_server(const std::string& path, std::uint64_t memory_bytes)
    : listener_([&] {
        auto made = socket_listener::listen(path, 0600);
        if (!made) {
          throw bench_error(to_string(made.error()));
        }
        return std::move(*made);
      }()),
      memory_(::memfd_create("replay", MFD_CLOEXEC)) {
  if (::ftruncate(memory_.get(), static_cast<off_t>(memory_bytes)) != 0) {
    throw bench_error("cannot make shared memory");
  }
}

void played_server::accept(unsigned device, program& from) {
  for (int waited = 0; waited < 500; ++waited) {
    auto client = listener_.accept();
    if (client && *client) {
      connections_[device] = std::move(*client);
      return;
    }
    if (from.ended()) {
      return;  // it refused its command line; the caller finds out
    }
    pollfd entry{listener_.descriptor(), POLLIN, 0};
    ::poll(&entry, 1, 20);
  }
  throw bench_error("no device connected to the server");
}

int played_server::eventfd(unsigned peer, unsigned vector) {
  unique_fd& found = eventfds_[{peer, vector}];
  if (!found) {
    auto made = create_eventfd();
    if (!made) {
      throw bench_error(to_string(made.error()));
    }
    found = std::move(*made);
  }
  return found.get();
}

int played_server::descriptor(const json& name) {
  if (name.is_null()) {
    return -1;
  }
  const std::string text = name.get<std::string>();
  if (text == "shm") {
    return memory_.get();
  }
  unsigned peer = 0;
  unsigned vector = 0;
  if (std::sscanf(text.c_str(), "e%u.%u", &peer, &vector) != 2) {
    throw bench_error("unknown descriptor " + text);
  }
  return eventfd(peer, vector);
}

void played_server::send(unsigned device, std::int64_t number, const json& name) {
  const int with = descriptor(name);
  send_raw(device, message_bytes(number), with < 0 ? std::vector<int>{} : std::vector<int>{with});
}

bool played_server::send_raw(unsigned device, const std::string& bytes,
                             const std::vector<int>& descriptors) {
  const auto found = connections_.find(device);
  if (found == connections_.end()) {
    return false;
  }
  std::string data = bytes;
  iovec piece{data.data(), data.size()};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  const std::size_t payload = descriptors.size() * sizeof(int);
  std::vector<char> control(CMSG_SPACE(payload));
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(payload);
    std::memcpy(CMSG_DATA(part), descriptors.data(), payload);
  }
  for (;;) {
    const ssize_t sent = ::sendmsg(found->second.get(), &header, MSG_NOSIGNAL);
    if (sent >= 0 || errno != EAGAIN) {
      return sent == static_cast<ssize_t>(data.size());
    }
    pollfd entry{found->second.get(), POLLOUT, 0};
    if (::poll(&entry, 1, send_timeout_ms) != 1) {
      return false;
    }
  }
}

void played_server::ring(const std::string& eventfd, std::uint64_t count) {
  const auto done = add_to_eventfd(descriptor(eventfd), count);
  if (!done) {
    throw bench_error(to_string(done.error()));
  }
}

std::uint64_t played_server::take(unsigned peer, unsigned vector) {
  return take_eventfd(eventfd(peer, vector));
}

std::string message_bytes(std::int64_t number) {
  std::string bytes(8, '\0');
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
  }
  return bytes;
}

}  // namespace ivshmem::conformance
