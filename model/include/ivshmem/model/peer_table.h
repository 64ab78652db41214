// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ivshmem/model/qemu_version.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/server_message.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// What a message of the server did.
struct server_message_effect {
  enum class kind : std::uint8_t {
    peer_vector_added,  ///< `peer` can be rung on `vector`
    own_vector_added,   ///< the device can be rung on its own `vector`, which is to be watched now
    peer_left,          ///< all vectors of `peer` are gone
  };
  kind what = kind::peer_left;
  peer_id peer{};
  vector_index vector{};  ///< for the two `added` effects
};

/// Why a message of the server was refused; its descriptor, if any, is to be closed.
struct server_message_error {
  enum class kind : std::uint8_t {
    invalid_number,            ///< below -1 or above 65,535
    unexpected_shared_memory,  ///< -1 after the shared memory was set up
    own_disconnect,            ///< the device's own ID without a descriptor
    too_many_vectors,          ///< more descriptors for one peer than the device has vectors
  };
  kind what;
  std::int64_t number = 0;    ///< as received
  unsigned vector_limit = 0;  ///< vectors of the device, for the text
  bool has_descriptor = false;

  /// What the real device prints [behaviour 7, 13].
  std::string text(qemu_version qemu = qemu_version::v7_2) const;
};

/// What became of one message of the server.
using server_message_result = result<server_message_effect, server_message_error>;

/// Who is connected, with how many vectors [ivshmem.c:Peer].
///
/// Holds numbers only; descriptors or in-process handles belong to the fabric, which keeps one
/// per `added` effect. A peer may rejoin under its old ID and a second disconnect changes nothing,
/// where the real device corrupts its memory [behaviour 12].
class peer_table {
 public:
  /// `vectors`: the most that any peer, this device included, may set up.
  peer_table(peer_id own, unsigned vectors);

  /// Digests one message of the server. The N-th connect message of a peer is its vector N-1
  /// [ivshmem.c:process_msg_connect].
  server_message_result digest(const server_message& message);
  /// Digests `vectors` messages at once that connect `peer`; the device has room for no more than
  /// it has vectors, and goes on without the rest [behaviour 7].
  void introduce(peer_id peer, unsigned vectors);

  peer_id own_id() const noexcept { return own_; }
  /// Vectors set up for `peer`; 0 when it is not connected.
  unsigned vectors(peer_id peer) const noexcept {
    return to_int(peer) < peers_.size() ? peers_[to_int(peer)] & count_mask : 0;
  }
  unsigned own_vectors() const noexcept { return vectors(own_); }
  /// Connected once and disconnected since.
  bool has_left(peer_id peer) const noexcept {
    return to_int(peer) < peers_.size() && peers_[to_int(peer)] == left_flag;
  }
  /// Entries held; grows on demand from 16 [ivshmem.c:resize_peers].
  std::size_t capacity() const noexcept { return peers_.size(); }

 private:
  static constexpr std::uint16_t left_flag = 0x8000;
  static constexpr std::uint16_t count_mask = 0x7fff;

  std::vector<std::uint16_t> peers_;  // vectors set up, or left_flag
  peer_id own_;
  unsigned vector_limit_;
};

}  // namespace ivshmem
