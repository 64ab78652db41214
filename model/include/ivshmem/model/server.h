// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ivshmem/model/result.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// One thing that happened to a client.
struct server_event {
  enum class kind {
    connected,
    left,        ///< the client closed the connection, or it broke
    spoke,       ///< the client sent something; clients must not [behaviour 9]
    overflowed,  ///< its queue of messages was full
    silent,      ///< it has not read for read_deadline, and messages wait for it
    stalled,     ///< the same, and it was disconnected because others wanted for what it holds
    refused,     ///< no place, no ID or no descriptors: `id` has no meaning
    shortage,    ///< messages wait: too many are on their way to this user's processes; no `id`
    resized,     ///< a client had changed the size of the memory, which was set right; no `id`
  };
  kind what;
  peer_id id;
};

/// What a server is started with.
struct server_config {
  static constexpr unsigned max_clients = max_peer_id + 1;  ///< inclusive

  std::string socket_path;
  unsigned socket_mode = 0600;     ///< permissions of the socket file
  shared_memory_config memory;     ///< any backing but anonymous
  unsigned vectors = 1;            ///< of each client, 0..max_vectors
  unsigned clients = max_clients;  ///< at the same time, 1..max_clients
  /// Messages that may wait for one slow client, at least 3 + vectors. A new client gets
  /// 3 + vectors * (clients there + 1) at once.
  std::size_t queue_messages = std::size_t{1} << 20U;
  /// A client that has not read for so long is reported, and disconnected as soon as messages or
  /// new clients want for descriptors. 0: never.
  std::chrono::milliseconds read_deadline{10'000};
  /// Called from within service(); must not call the server. May be empty.
  std::function<void(const server_event&)> on_event;
};

/// Counters since the server was created.
struct server_statistics {
  std::uint64_t connected = 0;   ///< clients ever accepted
  std::uint64_t left = 0;        ///< of these, gone by themselves
  std::uint64_t spoke = 0;       ///< of these, disconnected because they sent something
  std::uint64_t overflowed = 0;  ///< of these, disconnected because their queue was full
  std::uint64_t stalled = 0;     ///< of these, disconnected after read_deadline
  std::uint64_t refused = 0;     ///< clients turned away
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_dropped = 0;  ///< were waiting for clients that went away
};

/// An ivshmem server [behaviour 9]: hands each client an ID, the shared memory and one eventfd per
/// vector of every client. Single-threaded and driven by poll: the owner waits on poll_descriptor()
/// and calls service(), or just calls service() in a loop.
///
/// No client can stop the server or make another one miss a message: sends never block, what
/// a slow client does not read waits in its own queue, a client whose queue is full is
/// disconnected, and one that cannot be served is turned away. Descriptors that nobody has read
/// yet, which the kernel counts for all processes of a user together, are kept few. A client that
/// left before a slow one heard of any of its vectors is not mentioned to it at all. IDs count up
/// and come again only after all 65536 have been used, because QEMU peers cannot deal with an ID
/// that returns [behaviour 7].
///
/// Needs vectors + 1 descriptors per client; raise_descriptor_limit() makes room.
class server {
 public:
  static result<server> create(server_config options);

  server(server&&) noexcept;
  server& operator=(server&&) noexcept;
  ~server();

  /// Readable when service() has something to do.
  int poll_descriptor() const noexcept;

  /// Waits at most `timeout_ms` (negative: for ever) for something to do and does it. Returns early
  /// on a signal.
  void service(int timeout_ms);

  /// Disconnects everybody and removes the socket; clients see the end of the stream and no
  /// disconnect messages, as with the stock server. The memory stays mapped until the object goes.
  /// service() does nothing from now on.
  void stop();

  std::size_t clients() const noexcept;  ///< connected now
  const server_statistics& statistics() const noexcept;
  const shared_memory& memory() const noexcept;

 private:
  class impl;
  explicit server(std::unique_ptr<impl> state) noexcept;

  std::unique_ptr<impl> impl_;
};

}  // namespace ivshmem
