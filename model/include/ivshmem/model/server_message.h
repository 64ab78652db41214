// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ivshmem {

/// One message of the ivshmem server, without its descriptor: 8 bytes, little endian, on the wire
/// [spec "Client-Server protocol"].
struct server_message {
  static constexpr std::int64_t protocol_version = 0;
  static constexpr std::int64_t shared_memory = -1;

  std::int64_t number = 0;      ///< version, peer ID or -1
  bool has_descriptor = false;  ///< a file descriptor came with it
};

}  // namespace ivshmem
