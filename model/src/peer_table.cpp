// SPDX-License-Identifier: Apache-2.0
#include "ivshmem/model/peer_table.h"

namespace ivshmem {

namespace {
constexpr std::size_t initial_peers = 16;  // [ivshmem.c:ivshmem_common_realize]
}

peer_table::peer_table(peer_id own, unsigned vectors)
    : peers_(initial_peers), own_(own), vector_limit_(vectors) {}

message_result peer_table::digest(const server_message& message) {
  message_result result;
  result.number = message.number;
  result.vector_limit = vector_limit_;
  if (message.number < server_message::shared_memory || message.number > max_peer_id) {
    result.error = message_error::invalid_number;
    return result;
  }
  if (message.number == server_message::shared_memory) {
    result.error = message_error::unexpected_shared_memory;
    return result;
  }
  const auto index = static_cast<std::size_t>(message.number);
  if (index >= peers_.size()) {
    peers_.resize(index + 1);
  }
  std::uint16_t& peer = peers_[index];
  const unsigned count = peer & count_mask;

  if (!message.has_descriptor) {
    if (result.peer() == own_) {
      result.error = message_error::own_disconnect;
      return result;
    }
    if (count != 0) {
      peer = left_flag;
    }
    result.effect = message_effect::peer_left;
    return result;
  }
  if (count >= vector_limit_) {
    result.error = message_error::too_many_vectors;
    return result;
  }
  peer = static_cast<std::uint16_t>(count + 1);
  result.vector = static_cast<vector_index>(count);
  result.effect =
      result.peer() == own_ ? message_effect::own_vector_added : message_effect::peer_vector_added;
  return result;
}

std::string to_string(const message_result& result) {
  switch (result.error) {
    case message_error::none:
      return "accepted";
    case message_error::invalid_number:
      return "server sent invalid message " + std::to_string(result.number);
    case message_error::unexpected_shared_memory:
      return "server sent unexpected shared memory message";
    case message_error::own_disconnect:
      return "invalid peer " + std::to_string(result.number);
    case message_error::too_many_vectors:
      return "Too many eventfd received, device has " + std::to_string(result.vector_limit) +
             " vectors";
  }
  return "unknown";
}

}  // namespace ivshmem
