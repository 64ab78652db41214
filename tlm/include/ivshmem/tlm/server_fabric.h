// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <systemc>

#include "ivshmem/model/server_client.h"
#include "ivshmem/tlm/host_events.h"
#include "ivshmem/tlm/server_seat.h"

namespace ivshmem {

/// Connects one device of the simulation to a real ivshmem server. Peers are other processes, QEMU
/// guests among them.
///
/// Rings of peers and messages of the server reach the device in the delta cycle after they came,
/// in a thread process of this module, so that the platform's way of an MSI-X message may wait.
/// While the device has not left, the simulation sleeps instead of ending when it has nothing to
/// do: see host_events.
class server_fabric final : public sc_core::sc_module {
 public:
  /// `session` comes from await_server() or connect_and_handshake(). Messages that the device
  /// refuses are SC_WARNINGs in the real device's words [behaviour 7].
  server_fabric(const sc_core::sc_module_name& name, server_session session);
  ~server_fabric() override;
  const char* kind() const override { return "ivshmem::server_fabric"; }

  /// The device's place.
  fabric_seat& seat() noexcept;

  /// Waits, in a thread process, until the device has `own_vectors` of its vectors and as many
  /// other peers as `peers` are known with one vector or more, so that no first doorbell is lost in
  /// either direction. Returns at once when the server has gone: no more will come.
  void wait_for(unsigned own_vectors, unsigned peers);

  /// Peers, own vectors, or the server may have come or gone.
  const sc_core::sc_event& changed() const noexcept { return changed_; }
  /// Other peers that are known with one vector or more.
  unsigned peers() const noexcept { return seat_ ? seat_->peers() : 0; }
  bool server_gone() const noexcept { return !seat_ || seat_->server_gone(); }

 private:
  void service();

  std::unique_ptr<server_seat> seat_;
  sc_core::sc_event changed_;
  host_events events_{"events"};
};

}  // namespace ivshmem
