// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ivshmem/model/host_poll_set.h"
#include "ivshmem/model/server_client.h"
#include "ivshmem/tlm/fabric.h"

namespace ivshmem {

/// A device's place at a real ivshmem server: the peers are other processes, QEMU guests among
/// them. server_fabric has one, and calls it when there is something to do.
///
/// Has no thread and never waits: an owner with an event loop of its own polls poll_descriptor()
/// and calls service() in the simulation's thread, at a time of its choice. Rings go out at once,
/// whatever the simulation time is. The end of the server changes nothing for the device: known
/// peers can be rung and own vectors are delivered [behaviour 7].
class server_seat final : public fabric_seat {
 public:
  /// Gets one line for each message that the device refused in service(), in the real device's
  /// words [behaviour 7], and for each descriptor that this process could not open.
  using report_handler = std::function<void(const std::string& line)>;

  /// `session` comes from handshake(). Errors: host_errc::system_call.
  static result<server_seat> create(server_session session, report_handler report);

  server_seat(server_seat&&) noexcept;
  ~server_seat() override;

  peer_id id() const override { return session_.id; }
  memory_view memory() const override;
  void ring(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override;

  /// Readable when service() has something to do; valid as long as the object.
  int poll_descriptor() const noexcept { return poll_.descriptor(); }
  /// One turn of the device's event loop: at most one message of the server, then every own vector
  /// that was rung, highest first or the last one first, as the device's QEMU has it
  /// [behaviour 5, 13].
  void service();

  /// Whether the device took what attach() handed over; if not, the error is the refused message,
  /// and the real device does not come up [behaviour 8].
  const result<void, server_message_error>& early_server_messages() const noexcept {
    return early_messages_;
  }
  /// The end of the server's stream was seen.
  bool server_gone() const noexcept { return server_gone_; }
  /// Vectors of the device that have come, and other peers with one vector or more.
  unsigned own_vectors() const noexcept;
  unsigned peers() const noexcept;
  /// `changed` is called when a device has taken the seat (true), and when it has left (false).
  void on_taken(std::function<void(bool)> changed) { on_taken_ = std::move(changed); }

 private:
  /// Hands over what the server sent before the shared memory, up to the first refused message.
  void attached() override;
  /// Leaves the server, which tells the other peers; the memory stays mapped.
  void detached() override;

  server_seat(server_session session, report_handler report, poll_set poll) noexcept;

  server_message_result digest(received_server_message received);
  void read_server();
  void stop_reading();

  server_session session_;
  report_handler report_;
  poll_set poll_;
  std::vector<std::vector<unique_fd>> peers_;  // index = ID; what digest() reported as set up
  std::vector<std::uint32_t> ready_;           // service()'s scratch: own vectors
  result<void, server_message_error> early_messages_;
  bool server_gone_ = false;
  std::function<void(bool)> on_taken_;
};

}  // namespace ivshmem
