// SPDX-License-Identifier: Apache-2.0
//
// UNIX sockets: listening, connecting, messages with descriptors.
#include "ivshmem/model/host_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace ivshmem {
namespace {

// The kernel's own limit (SCM_MAX_FD): with room for all of them, a truncated control message means
// that this process has no descriptors left, and nothing else.
constexpr std::size_t max_descriptors_per_message = 253;

host_error system_error(const char* call, const std::string& path) {
  const int os_errno = errno;
  return {host_errc::system_call, os_errno, 0, std::string(call) + " '" + path + "'"};
}

std::array<std::uint8_t, server_message_bytes> encode(std::int64_t number) {
  std::array<std::uint8_t, server_message_bytes> bytes{};
  auto rest = static_cast<std::uint64_t>(number);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(rest & 0xff);
    rest >>= 8U;
  }
  return bytes;
}

std::int64_t decode(const std::array<std::uint8_t, server_message_bytes>& bytes) {
  std::uint64_t number = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    number = number << 8U | *byte;
  }
  return static_cast<std::int64_t>(number);
}

result<sockaddr_un> address_of(const std::string& path) {
  if (path.empty() || path.size() > max_socket_path_bytes) {
    return host_error{host_errc::socket_path_length, 0, static_cast<std::int64_t>(path.size()),
                      path};
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int call_bind(int socket, const sockaddr_un& address) {
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

int call_connect(int socket, const sockaddr_un& address) {
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

result<unique_fd> new_socket(int flags, const std::string& path) {
  unique_fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)};
  if (!socket) {
    return system_error("socket for", path);
  }
  return socket;
}

// Locks the folder of `path` against other servers that start there. None if it cannot be had, so
// that nobody can keep a server from starting.
unique_fd lock_folder(const std::string& path) {
  constexpr unsigned most_tries = 500;
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  unique_fd lock{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  for (unsigned i = 0; lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
    if (errno != EWOULDBLOCK || i == most_tries) {
      return {};
    }
    timespec pause{0, 10'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return lock;
}

// Removes the socket file of a server that died; says why not otherwise.
result<void> remove_stale_socket(const sockaddr_un& address, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return system_error("stat", path);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return host_error{host_errc::socket_path_taken, 0, 0, path};
  }
  auto probe = new_socket(SOCK_NONBLOCK, path);
  if (!probe) {
    return probe.error();
  }
  if (call_connect(probe->get(), address) == 0 || errno == EAGAIN) {
    return host_error{host_errc::socket_in_use, 0, 0, path};
  }
  if (errno != ECONNREFUSED) {
    return system_error("connect to", path);
  }
  if (::unlink(path.c_str()) != 0) {
    return system_error("remove stale socket", path);
  }
  return {};
}

// Keeps the first descriptor of the control message and closes the others.
unique_fd take_descriptor(msghdr& header) {
  unique_fd first;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      unique_fd owned{descriptor};
      if (!first) {
        first = std::move(owned);
      }
    }
  }
  return first;
}

}  // namespace

result<socket_listener> socket_listener::listen(const std::string& path, unsigned mode) {
  const auto address = address_of(path);
  if (!address) {
    return address.error();
  }
  auto socket = new_socket(SOCK_NONBLOCK, path);
  if (!socket) {
    return socket.error();
  }
  // Until it listens: another server that starts now must see this one, and not a stale socket.
  const unique_fd lock = lock_folder(path);
  int bound = call_bind(socket->get(), *address);
  if (bound != 0 && errno == EADDRINUSE) {
    if (auto removed = remove_stale_socket(*address, path); !removed) {
      return removed.error();
    }
    bound = call_bind(socket->get(), *address);
  }
  if (bound != 0) {
    return system_error("bind socket", path);
  }

  socket_listener listener;
  listener.socket_ = std::move(*socket);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return system_error("stat socket", path);
  }
  listener.path_ = path;  // from here on the destructor removes the file
  listener.device_ = status.st_dev;
  listener.inode_ = status.st_ino;
  // Before listen() nobody can connect, so nobody slips in under the umask's permissions.
  if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) {
    return system_error("chmod socket", path);
  }
  if (::listen(listener.socket_.get(), SOMAXCONN) != 0) {
    return system_error("listen on", path);
  }
  return listener;
}

socket_listener::socket_listener(socket_listener&& other) noexcept
    : socket_(std::move(other.socket_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

socket_listener::~socket_listener() {
  struct stat status {};
  if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

result<unique_fd> socket_listener::accept() {
  for (;;) {
    unique_fd client{::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (client || errno == EAGAIN) {
      return client;
    }
    if (errno != EINTR && errno != ECONNABORTED) {
      return system_error("accept on", path_);
    }
  }
}

result<unique_fd> connect_socket(const std::string& path, std::chrono::milliseconds timeout) {
  const auto address = address_of(path);
  if (!address) {
    return address.error();
  }
  auto socket = new_socket(0, path);
  if (!socket) {
    return socket;
  }
  if (timeout.count() >= 0) {
    // A zero timeval would mean "for ever".
    const auto wait = std::max(timeout, std::chrono::milliseconds{1});
    timeval limit{};
    limit.tv_sec = static_cast<time_t>(wait.count() / 1000);
    limit.tv_usec = static_cast<suseconds_t>(wait.count() % 1000 * 1000);
    if (::setsockopt(socket->get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) {
      return system_error("set time-out of", path);
    }
  }
  int connected = 0;
  do {
    connected = call_connect(socket->get(), *address);
  } while (connected != 0 && errno == EINTR);
  if (connected != 0 && errno == EAGAIN) {
    return host_error{host_errc::server_silent, 0, timeout.count(), path};
  }
  if (connected != 0) {
    return system_error("connect to", path);
  }
  const int flags = ::fcntl(socket->get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket->get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return system_error("set non-blocking", path);
  }
  return socket;
}

result<std::size_t> send_server_message(int socket, std::int64_t number, int descriptor,
                                        std::size_t sent_bytes) {
  assert(sent_bytes < server_message_bytes);
  auto bytes = encode(number);
  iovec piece{bytes.data() + sent_bytes, bytes.size() - sent_bytes};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<unsigned char, CMSG_SPACE(sizeof(int))> control{};
  if (descriptor >= 0 && sent_bytes == 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(part), &descriptor, sizeof(int));
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) {
    return sent_bytes + static_cast<std::size_t>(sent);
  }
  if (errno == EAGAIN) {
    return sent_bytes;
  }
  return host_error{host_errc::system_call, errno, number, "send to client"};
}

result<std::optional<received_server_message>> server_message_reader::read(int socket) {
  using outcome = std::optional<received_server_message>;
  iovec piece{bytes_.data() + have_bytes_, bytes_.size() - have_bytes_};
  alignas(cmsghdr) std::array<unsigned char, CMSG_SPACE(max_descriptors_per_message * sizeof(int))>
      control;
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) {
    return outcome{};
  }
  // A server that closes with our bytes unread resets the connection; for us that is its end.
  if (got == 0 || (got < 0 && errno == ECONNRESET)) {
    return host_error{host_errc::server_closed, 0, static_cast<std::int64_t>(have_bytes_), {}};
  }
  if (got < 0) {
    return host_error{host_errc::system_call, errno, 0, "receive from server"};
  }
  if (auto descriptor = take_descriptor(header)) {
    descriptor_ = std::move(descriptor);
    descriptor_lost_ = false;
  } else if ((header.msg_flags & MSG_CTRUNC) != 0) {
    descriptor_lost_ = true;
  }
  have_bytes_ += static_cast<std::size_t>(got);
  if (have_bytes_ < bytes_.size()) {
    return outcome{};
  }
  have_bytes_ = 0;
  if (std::exchange(descriptor_lost_, false)) {
    descriptor_.reset();
    return host_error{host_errc::server_descriptor_lost, EMFILE, decode(bytes_), {}};
  }
  const bool has_descriptor = static_cast<bool>(descriptor_);
  return outcome{{{decode(bytes_), has_descriptor}, std::move(descriptor_)}};
}

}  // namespace ivshmem
