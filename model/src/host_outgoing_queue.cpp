// SPDX-License-Identifier: Apache-2.0
//
// Messages that wait until a socket takes them.
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ivshmem/model/host_socket.h"
#include "outgoing_queue.h"

namespace ivshmem {
namespace {

// ETOOMANYREFS: this user has too many descriptors on their way to clients that do not read.
bool is_passing_shortage(int os_errno) {
  return os_errno == ETOOMANYREFS || os_errno == ENOBUFS || os_errno == ENOMEM;
}

}  // namespace

std::size_t outgoing_queue::forget_vectors(std::int64_t number) {
  auto first = waiting_.begin();
  if (sent_bytes_ != 0) {
    descriptors_ -= first->descriptor >= 0 ? 1 : 0;
    first->descriptor = -1;  // went with the first byte; the other bytes must follow
    ++first;
  }
  if (descriptors_ == 0) {
    return 0;  // of many that leave together, each would look through the farewells of the others
  }
  const auto end = std::remove_if(first, waiting_.end(), [number](const outgoing& each) {
    return each.number == number && each.descriptor >= 0;
  });
  const auto count = static_cast<std::size_t>(waiting_.end() - end);
  waiting_.erase(end, waiting_.end());
  descriptors_ -= count;
  return count;
}

bool outgoing_queue::look(int socket) {
  int bytes = 0;
  if (unread_ == 0 || ::ioctl(socket, SIOCOUTQ, &bytes) != 0) {
    return false;
  }
  if (bytes == 0) {
    unread_ = 0;
  }
  return std::exchange(kernel_bytes_, bytes) != bytes;
}

outgoing_queue::status outgoing_queue::flush(int socket, std::size_t window) {
  while (!waiting_.empty()) {
    const outgoing& next = waiting_.front();
    const bool has_descriptor = next.descriptor >= 0 && sent_bytes_ == 0;
    if (has_descriptor && unread_ >= window) {
      look(socket);
      if (unread_ >= window) {
        return status::wait_for_reader;
      }
    }
    const auto sent = send_server_message(socket, next.number, next.descriptor, sent_bytes_);
    if (!sent) {
      return is_passing_shortage(sent.error().os_errno) ? status::wait_for_retry : status::broken;
    }
    if (*sent == sent_bytes_) {
      return status::wait_for_socket;
    }
    sent_bytes_ = *sent;
    unread_ += has_descriptor ? 1 : 0;
    if (sent_bytes_ == server_message_bytes) {
      sent_bytes_ = 0;
      descriptors_ -= next.descriptor >= 0 ? 1 : 0;
      waiting_.pop_front();
    }
  }
  return status::empty;
}

}  // namespace ivshmem
