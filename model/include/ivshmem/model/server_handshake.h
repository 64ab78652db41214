// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ivshmem/model/result.h"
#include "ivshmem/model/server_message.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// The order in which a server must introduce itself: version, ID, then anything until the shared
/// memory [ivshmem.c:ivshmem_recv_setup, behaviour 8]. No input or output, no descriptors.
class server_handshake {
 public:
  enum class state { expect_version, expect_id, expect_memory, running, failed };

  /// What the caller has to do with the message.
  enum class action {
    none,    ///< digested here
    memory,  ///< map its descriptor: this is the shared memory
    device,  ///< hand it to the device: connect, disconnect, and everything in state running
  };

  /// The device's refusals are errors with its texts, plus own vectors before the shared memory,
  /// which crash QEMU [behaviour 12]. Must not be called after an error.
  result<action> feed(const server_message& message);

  state current() const noexcept { return state_; }
  /// ID that the server assigned; known from state expect_memory on.
  peer_id id() const noexcept { return id_; }

 private:
  result<action> fail(host_errc code, std::int64_t value, int os_errno = 0);
  result<action> before_memory(const server_message& message);

  state state_ = state::expect_version;
  peer_id id_{};
};

}  // namespace ivshmem
