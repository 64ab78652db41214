// SPDX-License-Identifier: Apache-2.0
//
// Doorbells to peers at an ivshmem server: other processes, QEMU guests.
#include "ivshmem/tlm/server_seat.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace ivshmem {

namespace {

constexpr std::uint32_t server_tag = max_vectors;  // above every own vector

}  // namespace

result<server_seat> server_seat::create(server_session session, report_handler report) {
  auto poll = poll_set::create();
  if (!poll) {
    return poll.error();
  }
  if (const auto watched = poll->add(session.client.descriptor(), server_tag); !watched) {
    return watched.error();
  }
  return server_seat(std::move(session), std::move(report), std::move(*poll));
}

server_seat::server_seat(server_session session, report_handler report, poll_set poll) noexcept
    : session_(std::move(session)), report_(std::move(report)), poll_(std::move(poll)) {}

server_seat::server_seat(server_seat&&) noexcept = default;
server_seat::~server_seat() = default;

memory_view server_seat::memory() const {
  return {session_.memory.data(), session_.memory.size_bytes()};
}

void server_seat::attached() {
  for (received_server_message& early : std::exchange(session_.early, {})) {
    if (const auto digested = digest(std::move(early)); !digested) {
      early_messages_ = digested.error();
      break;
    }
  }
  if (on_taken_) {
    on_taken_(true);
  }
}

void server_seat::detached() {
  // Closing is not enough to end the watching: other processes hold the same open file.
  if (to_int(id()) < peers_.size()) {
    for (const unique_fd& own : peers_[to_int(id())]) {
      poll_.remove(own.get());
    }
  }
  peers_.clear();
  session_.client = server_client(unique_fd());
  if (on_taken_) {
    on_taken_(false);
  }
}

unsigned server_seat::own_vectors() const noexcept {
  return to_int(id()) < peers_.size() ? static_cast<unsigned>(peers_[to_int(id())].size()) : 0;
}

unsigned server_seat::peers() const noexcept {
  const auto known = std::count_if(peers_.begin(), peers_.end(),
                                   [](const auto& vectors) { return !vectors.empty(); });
  return static_cast<unsigned>(known) - (own_vectors() != 0 ? 1 : 0);
}

void server_seat::ring(peer_id peer, vector_index vector, const sc_core::sc_time& /*delay*/) {
  const unique_fd& bell = peers_[to_int(peer)][to_int(vector)];
  // A peer's descriptor that takes nothing must not stop the guest: the ring is lost, as with an
  // eventfd that its owner closed.
  static_cast<void>(add_to_eventfd(bell.get()));
}

server_message_result server_seat::digest(received_server_message received) {
  const server_message_result digested = client()->digest(received.message);
  if (!digested) {
    return digested;
  }
  const std::size_t index = to_int(digested->peer);
  if (index >= peers_.size()) {
    peers_.resize(index + 1);
  }
  if (digested->what == server_message_effect::kind::peer_left) {
    peers_[index].clear();
    return digested;
  }
  const int descriptor = received.descriptor.get();
  // As the real device does; its refused descriptors are left as they came [behaviour 7].
  set_non_blocking(descriptor);
  peers_[index].push_back(std::move(received.descriptor));
  if (digested->what == server_message_effect::kind::own_vector_added) {
    // Files that cannot be waited for (EPERM) never ring.
    static_cast<void>(poll_.add(descriptor, to_int(digested->vector)));
  }
  return digested;
}

void server_seat::read_server() {
  auto received = session_.client.receive();
  if (!received) {
    if (received.error().code == host_errc::server_descriptor_lost) {
      report_(to_string(received.error()));
    } else {
      stop_reading();
    }
  } else if (*received) {
    if (const auto digested = digest(std::move(**received)); !digested) {
      report_(digested.error().text(client()->qemu()));
    }
  }
}

void server_seat::stop_reading() {
  server_gone_ = true;
  poll_.remove(session_.client.descriptor());
}

void server_seat::service() {
  if (client() == nullptr) {
    return;
  }
  const bool last_first = behaviour_of(client()->qemu()).last_rung_first;
  ready_.clear();
  poll_.ready(ready_);
  const auto server = std::find(ready_.begin(), ready_.end(), server_tag);
  const bool server_ready = server != ready_.end();
  if (server_ready) {
    ready_.erase(server);
  }
  if (server_ready) {
    read_server();
  }
  if (last_first) {
    std::reverse(ready_.begin(), ready_.end());
  } else {
    std::sort(ready_.begin(), ready_.end(), std::greater<>());
  }
  for (const unsigned vector : ready_) {
    if (client() == nullptr) {
      return;  // an earlier notification made the device leave
    }
    if (take_eventfd(peers_[to_int(id())][vector].get()) != 0) {
      client()->notify(static_cast<vector_index>(vector));
    }
  }
  if (last_first && !ready_.empty()) {
    poll_.refresh();  // what was taken must not stand first in the next turn
  }
}

}  // namespace ivshmem
