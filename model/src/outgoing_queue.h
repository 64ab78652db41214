// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace ivshmem {

/// A message to send. Its owner keeps the descriptor open until it is sent or forgotten.
struct outgoing {
  std::int64_t number;
  int descriptor = -1;
};

/// Messages that wait for one client. Knows no limit: its owner does.
class outgoing_queue {
 public:
  enum class status {
    empty,            ///< all sent
    wait_for_socket,  ///< goes on when the socket is writable
    wait_for_reader,  ///< goes on when the client has read what it was sent
    wait_for_retry,   ///< short of something whose return the kernel does not announce
    broken,           ///< the connection is gone
  };

  std::size_t size() const noexcept { return waiting_.size(); }
  void push(outgoing message) {
    waiting_.push_back(message);
    descriptors_ += message.descriptor >= 0 ? 1 : 0;
  }
  /// Takes out the messages about vectors of client `number`, which is gone. Returns how many they
  /// were.
  std::size_t forget_vectors(std::int64_t number);
  /// Sends what the non-blocking `socket` takes now, and no more than `window` descriptors that its
  /// other side has not read.
  status flush(int socket, std::size_t window);
  /// Descriptors that were sent and perhaps not read; exact after look().
  std::size_t unread() const noexcept { return unread_; }
  /// Asks the kernel what the other side has read. Whether that is more than at the last time.
  bool look(int socket);

 private:
  std::deque<outgoing> waiting_;
  std::size_t descriptors_ = 0;  // in waiting_
  std::size_t sent_bytes_ = 0;   // of the first
  std::size_t unread_ = 0;
  int kernel_bytes_ = 0;  // that the kernel held for the other side when it was asked last
};

}  // namespace ivshmem
