// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <memory>
#include <systemc>
#include <tlm>

#include "ivshmem/model/device.h"
#include "ivshmem/tlm/any_width.h"
#include "ivshmem/tlm/fabric.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem {

/// The ivshmem device on a platform that has no PCI: its three BARs as base-protocol targets and
/// one interrupt line, as QEMU's ivshmem-flat has for microcontrollers.
///
/// The device is always enabled. Its interrupt is the `legacy`, msi=off one: a notification sets
/// IntrStatus to 1, and `irq` is high while IntrStatus & IntrMask is not zero. Offsets count from
/// the start of each BAR; an access past its end is an address error. BAR1 is empty in this variant
/// and answers so. BAR2 gives direct memory access for ever.
class flat_device final : public sc_core::sc_module,
                          private device_callbacks,
                          private fabric_client {
 public:
  using bar_socket = any_width_target<tlm_utils::simple_target_socket_tagged<flat_device, 64>>;

  bar_socket registers{"registers"};  ///< BAR0
  bar_socket msix{"msix"};            ///< BAR1
  bar_socket memory{"memory"};        ///< BAR2
  /// Level, active high. May stay unbound.
  sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> irq{"irq"};

  /// Connects to `seat`. `vectors`: 1 to 2,048; all of them end at the one line.
  flat_device(const sc_core::sc_module_name& name, fabric_seat& seat, unsigned vectors = 1);
  ~flat_device() override;
  const char* kind() const override { return "ivshmem::flat_device"; }

  const device& inner() const noexcept { return device_; }

 private:
  void b_transport(int bar, tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  unsigned transport_dbg(int bar, tlm::tlm_generic_payload& trans);
  bool get_direct_mem_ptr(int bar, tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi);
  tlm::tlm_response_status check(unsigned bar, const tlm::tlm_generic_payload& trans) const;

  void ring(peer_id peer, vector_index vector) override;
  void send_message(vector_index vector, const msix_message& message, bool injected) override;
  void set_intx(bool asserted) override;
  void dropped(drop_cause cause, peer_id peer, vector_index vector) override;
  void blocked_reentry(unsigned bar, std::uint32_t offset) override;
  void register_access(unsigned bar, bool write, std::uint32_t offset,
                       std::uint32_t value) override;

  server_message_result digest(const server_message& message) override;
  void introduce(peer_id peer, unsigned vectors) override;
  void notify(vector_index vector) override;
  void seat_gone() noexcept override { seat_ = &lost_seat(); }
  void drive_irq();

  fabric_seat* seat_;
  device device_;
  drop_warnings drop_warnings_;
  sc_core::sc_time delay_;  // of the access under way
  sc_core::sc_event irq_changed_;
};

}  // namespace ivshmem
