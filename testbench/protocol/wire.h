// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "ivshmem/model/host_fd.h"

namespace ivshmem::test {

/// The bytes of one message as a server puts them on the wire, written down independently of the
/// library.
inline std::string wire_bytes(std::int64_t number) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
  }
  return bytes;
}

/// Sends `bytes` in one sendmsg, together with `descriptors`.
inline void send_piece(const unique_fd& socket, std::string bytes,
                       const std::vector<int>& descriptors = {}) {
  iovec piece{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  std::vector<char> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size() * sizeof(int));
  }
  ASSERT_EQ(sendmsg(socket.get(), &header, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

inline void send_number(const unique_fd& socket, std::int64_t number,
                        const std::vector<int>& descriptors = {}) {
  send_piece(socket, wire_bytes(number), descriptors);
}

/// The two ends of a connection.
struct socket_pair {
  unique_fd ours;
  unique_fd theirs;

  socket_pair() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
  }
};

/// A memory object of any size, as a server might send it.
inline unique_fd memory_object(std::int64_t size_bytes) {
  unique_fd descriptor{memfd_create("test", MFD_CLOEXEC)};
  EXPECT_EQ(ftruncate(descriptor.get(), size_bytes), 0);
  return descriptor;
}

}  // namespace ivshmem::test
