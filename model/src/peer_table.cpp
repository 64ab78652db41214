// SPDX-License-Identifier: Apache-2.0
//
// What each message of the server does to the list of peers.
#include "ivshmem/model/peer_table.h"

#include <algorithm>

namespace ivshmem {

namespace {
constexpr std::size_t initial_peers = 16;  // [ivshmem.c:ivshmem_common_realize]
}

peer_table::peer_table(peer_id own, unsigned vectors)
    : peers_(initial_peers), own_(own), vector_limit_(vectors) {}

server_message_result peer_table::digest(const server_message& message) {
  const auto refused = [&](server_message_error::kind what) {
    return server_message_error{what, message.number, vector_limit_, message.has_descriptor};
  };
  if (message.number < server_message::shared_memory || message.number > max_peer_id) {
    return refused(server_message_error::kind::invalid_number);
  }
  if (message.number == server_message::shared_memory) {
    return refused(server_message_error::kind::unexpected_shared_memory);
  }
  const auto id = static_cast<peer_id>(message.number);
  const auto index = static_cast<std::size_t>(message.number);
  if (index >= peers_.size()) {
    peers_.resize(index + 1);
  }
  std::uint16_t& peer = peers_[index];
  const unsigned count = peer & count_mask;

  if (!message.has_descriptor) {
    if (id == own_) {
      return refused(server_message_error::kind::own_disconnect);
    }
    if (count != 0) {
      peer = left_flag;
    }
    return server_message_effect{server_message_effect::kind::peer_left, id, {}};
  }
  if (count >= vector_limit_) {
    return refused(server_message_error::kind::too_many_vectors);
  }
  peer = static_cast<std::uint16_t>(count + 1);
  return server_message_effect{id == own_ ? server_message_effect::kind::own_vector_added
                                          : server_message_effect::kind::peer_vector_added,
                               id, static_cast<vector_index>(count)};
}

void peer_table::introduce(peer_id peer, unsigned vectors) {
  if (vectors == 0) {
    return;
  }
  if (to_int(peer) >= peers_.size()) {
    peers_.resize(to_int(peer) + std::size_t{1});
  }
  std::uint16_t& known = peers_[to_int(peer)];
  const unsigned count = known & count_mask;
  known = static_cast<std::uint16_t>(count + std::min(vectors, vector_limit_ - count));
}

std::string server_message_error::text(qemu_version qemu) const {
  switch (what) {
    case kind::invalid_number:
      return "server sent invalid message " + std::to_string(number);
    case kind::unexpected_shared_memory:
      if (const auto own = behaviour_of(qemu).missing_descriptor; !has_descriptor && !own.empty()) {
        return std::string(own);
      }
      return "server sent unexpected shared memory message";
    case kind::own_disconnect:
      return "invalid peer " + std::to_string(number);
    case kind::too_many_vectors:
      return "Too many eventfd received, device has " + std::to_string(vector_limit) + " vectors";
  }
  return "unknown";
}

}  // namespace ivshmem
