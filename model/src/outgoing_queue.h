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
    wait_for_retry,   ///< short of something whose return the kernel does not announce
    broken,           ///< the connection is gone
  };

  std::size_t size() const noexcept { return waiting_.size(); }
  void push(outgoing message) { waiting_.push_back(message); }
  /// Takes out the messages about vectors of client `number`, which is gone. Returns how many they
  /// were.
  std::size_t forget_vectors(std::int64_t number);
  /// Sends what the non-blocking `socket` takes now.
  status flush(int socket);

 private:
  std::deque<outgoing> waiting_;
  std::size_t sent_bytes_ = 0;  // of the first
};

}  // namespace ivshmem
