// SPDX-License-Identifier: Apache-2.0
//
// The order of the messages with which a server introduces itself.
#include "ivshmem/model/server_handshake.h"

#include <cassert>
#include <cerrno>

namespace ivshmem {

result<server_handshake::action> server_handshake::feed(const server_message& message) {
  const std::int64_t number = message.number;
  switch (state_) {
    case state::expect_version:
      if (number != server_message::protocol_version) {
        return fail(host_errc::server_version, number);
      }
      if (message.has_descriptor) {
        return fail(host_errc::server_version_message, number);
      }
      state_ = state::expect_id;
      return action::none;
    case state::expect_id:
      if (message.has_descriptor || number < 0 || number > max_peer_id) {
        return fail(host_errc::server_id_message, number);
      }
      id_ = static_cast<peer_id>(number);
      state_ = state::expect_memory;
      return action::none;
    case state::expect_memory:
      return before_memory(message);
    case state::running:
      return action::device;
    case state::failed:
      break;
  }
  assert(false && "fed after an error");
  return fail(host_errc::server_message, number);
}

result<server_handshake::action> server_handshake::before_memory(const server_message& message) {
  const std::int64_t number = message.number;
  if (number == server_message::shared_memory) {
    if (!message.has_descriptor) {
      return fail(host_errc::server_memory_message, number, EBADF);
    }
    state_ = state::running;
    return action::memory;
  }
  if (number < 0 || number > max_peer_id) {
    return fail(host_errc::server_message, number);
  }
  if (number == to_int(id_)) {
    return fail(
        message.has_descriptor ? host_errc::server_own_vector_early : host_errc::server_own_peer,
        number);
  }
  return action::device;
}

result<server_handshake::action> server_handshake::fail(host_errc code, std::int64_t value,
                                                        int os_errno) {
  state_ = state::failed;
  return host_error{code, os_errno, value, {}};
}

}  // namespace ivshmem
