// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/server.h"
#include "outgoing_queue.h"

namespace ivshmem {

/// A client as its server sees it.
struct client {
  using clock = std::chrono::steady_clock;

  unique_fd socket;
  peer_id id{};
  std::vector<unique_fd> vectors;
  outgoing_queue queue;
  outgoing_queue::status waits_for = outgoing_queue::status::empty;
  clock::time_point progress{};  ///< when it last read something, or was sent something
  bool is_silent = false;        ///< it was reported that it does not read
  bool is_watched_for_room = false;
  std::optional<server_event::kind> gone;
};

/// Sends messages, so that clients that do not read cost the others nothing.
///
/// The kernel counts the descriptors that a user has sent and nobody has read yet; at the limit of
/// open files nothing goes out to anybody any more [unix(7), ETOOMANYREFS], and what was sent
/// cannot be taken back. So each client has a window of unread descriptors, and once all of them
/// together have used a quarter of the limit, the window is one.
class delivery {
 public:
  explicit delivery(std::size_t descriptor_limit);

  /// Sends what `to` takes now; returns how many messages went out. `to.waits_for` says why not
  /// all.
  std::size_t flush(client& to);
  /// Looks what `to` has read since; when it may go on, it waits for nothing any more.
  void look(client& to);
  /// Forgets what `gone` has not read.
  void forget(client& gone) { unread_ -= gone.queue.unread(); }

 private:
  std::size_t window() const noexcept { return unread_ >= budget_ ? 1 : window_; }

  std::size_t budget_;
  std::size_t window_;
  std::size_t unread_ = 0;  // descriptors, of all clients; at least as many as there are
};

}  // namespace ivshmem
