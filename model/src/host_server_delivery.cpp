// SPDX-License-Identifier: Apache-2.0
//
// How a server sends to clients that read, and to those that do not.
#include <algorithm>

#include "server_delivery.h"

namespace ivshmem {

namespace {

constexpr std::size_t parts_for_all = 4;   // of the limit, the budget for all
constexpr std::size_t parts_for_one = 32;  // of the limit, a client's window
constexpr std::size_t least_window = 8;

}  // namespace

delivery::delivery(std::size_t descriptor_limit)
    : budget_(descriptor_limit / parts_for_all),
      window_(std::max(descriptor_limit / parts_for_one, least_window)) {}

std::size_t delivery::flush(client& to) {
  const std::size_t messages = to.queue.size();
  const std::size_t unread = to.queue.unread();
  to.waits_for = to.queue.flush(to.socket.get(), window());
  unread_ += to.queue.unread() - unread;
  const std::size_t sent = messages - to.queue.size();
  if (sent != 0) {
    to.progress = client::clock::now();
    to.is_silent = false;
  }
  return sent;
}

void delivery::look(client& to) {
  const std::size_t unread = to.queue.unread();
  if (to.queue.look(to.socket.get())) {
    to.progress = client::clock::now();
    to.is_silent = false;
  }
  unread_ += to.queue.unread() - unread;
  const bool may_go_on =
      to.waits_for == outgoing_queue::status::wait_for_retry ||
      (to.waits_for == outgoing_queue::status::wait_for_reader && to.queue.unread() < window());
  if (may_go_on) {
    to.waits_for = outgoing_queue::status::empty;
  }
}

}  // namespace ivshmem
