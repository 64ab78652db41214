// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "program.h"

namespace ivshmem::conformance {

using nlohmann::json;

/// The ivshmem server as a trace describes it, with the eventfds of every peer.
class played_server {
 public:
  played_server(const std::string& path, std::uint64_t memory_bytes);

  /// The next device that connects becomes number `device`; throws bench_error.
  void accept(unsigned device, program& from);
  /// What a trace calls a descriptor: null, `shm` or `e<peer>.<vector>`. -1 for null.
  int descriptor(const json& name);
  /// One message in a sendmsg of its own. A device that left is none of our business.
  void send(unsigned device, std::int64_t number, const json& name);
  /// Any bytes with any descriptors; false when the other side has gone.
  bool send_raw(unsigned device, const std::string& bytes, const std::vector<int>& descriptors);
  void close(unsigned device) { connections_.erase(device); }

  void ring(const std::string& eventfd, std::uint64_t count);
  /// Reads and clears a peer's counter.
  std::uint64_t take(unsigned peer, unsigned vector);

 private:
  int eventfd(unsigned peer, unsigned vector);

  socket_listener listener_;
  unique_fd memory_;
  std::map<unsigned, unique_fd> connections_;
  std::map<std::pair<unsigned, unsigned>, unique_fd> eventfds_;
};

/// The eight bytes of a message.
std::string message_bytes(std::int64_t number);

}  // namespace ivshmem::conformance
