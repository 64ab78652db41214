// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine.h"
#include "ivshmem/tlm/messengers.h"
#include "ivshmem/tlm/pcie/payload_pool.h"

namespace ivshmem {

/// The device in functional: a request is over when it is there.
///
/// Everything happens `delay` after the simulation time, as the caller says; what the device sends
/// meanwhile takes this delay along.
class functional_engine : public endpoint_engine, protected pcie::route_target {
 public:
  explicit functional_engine(endpoint& place) noexcept : endpoint_engine(place) {}

  void receive(pcie::payload& trans, sc_core::sc_time& delay) override;
  void notify(vector_index vector) final;
  pcie::route_target* direct_target() noexcept override { return this; }

  // device_callbacks
  void ring(peer_id peer, vector_index vector) override;
  void send_message(vector_index vector, const msix_message& message, bool injected) override;
  void set_intx(bool asserted) override;
  void dropped(drop_cause cause, peer_id peer, vector_index vector) final;

 protected:
  /// How far what happens now is ahead of the simulation time.
  const sc_core::sc_time& delay() const noexcept { return delay_; }
  sc_core::sc_time event_delay() const final { return delay_; }
  /// Executes a request `delay` from now; returns the BAR that was accessed, or no_bar.
  unsigned execute(pcie::payload& trans, const sc_core::sc_time& delay);
  static constexpr unsigned no_bar = 3;
  void ring_after(peer_id peer, vector_index vector, const sc_core::sc_time& delay);
  /// `at` is when it leaves, from now.
  void send_message_at(vector_index vector, const msix_message& message, bool injected,
                       const sc_core::sc_time& at);
  void set_intx_at(bool asserted, const sc_core::sc_time& at);

  // pcie::route_target
  bool access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data, unsigned bytes,
              sc_core::sc_time& delay) override;

 private:
  class visit;

  bool watched_access(unsigned bar, bool write, std::uint64_t offset, unsigned char* data,
                      unsigned bytes, const sc_core::sc_time& delay);
  unsigned memory_request(pcie::payload& trans, pcie::tlp& header);
  void send_upstream(pcie::payload& trans, sc_core::sc_time at);

  sc_core::sc_time delay_;
  pcie::payload_pool pool_;
  messengers messengers_;
};

}  // namespace ivshmem
