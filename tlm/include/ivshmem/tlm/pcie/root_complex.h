// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "ivshmem/tlm/any_width.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/port.h"
#include "ivshmem/tlm/pcie/root_complex_config.h"

namespace ivshmem::pcie {

/// Counters since construction.
struct root_complex_statistics {
  std::uint64_t unclaimed = 0;         ///< memory requests from the processor that nobody took
  std::uint64_t dma_failed = 0;        ///< upstream requests that the memory system refused
  std::uint64_t poisoned = 0;          ///< writes of devices with poisoned data, not carried out
  std::uint64_t messages_dropped = 0;  ///< injected MSI-X messages outside the MSI range
  std::uint64_t completion_timeouts = 0;
};

/// The processor's side of the bus: processor accesses become TLPs; TLPs from devices become memory
/// accesses and interrupt lines.
///
/// `cpu` takes base-protocol accesses with platform addresses: the ECAM range becomes
/// configuration requests, the MMIO ranges memory requests. Any length, byte enables and
/// streaming width are allowed; a request is cut at multiples of the maximum payload and where
/// byte enables have holes, never reordered. A non-blocking initiator may have any number of
/// accesses under way; they are issued in its order, END_REQ says when.
///
/// `ecam` and `mmio` are the same for platforms whose decoder subtracts the base: a socket for each
/// range of the configuration, with addresses that count from its start; direct memory access too.
/// An access that is not wholly inside is TLM_ADDRESS_ERROR_RESPONSE. Bind `cpu`, or the windows
/// that the platform uses, or both.
///
/// `dma` carries memory requests of devices to the platform; addresses within an MMIO range go back
/// down to the devices instead. Each downstream port is one device of bus 0. Requests that several
/// devices of bus 0 claim go to the one that answered last, or else to the first configured.
///
/// Sources: root_complex.cpp (accesses and what comes from below), root_complex_timed.cpp (what is
/// under way in tlm_cycle), root_complex_intx.cpp (interrupt lines), root_complex_windows.cpp (the
/// windows' sockets), root_complex_bars.cpp (BARs outside all windows), root_complex_config.cpp
/// (what must be).
class root_complex final : public sc_core::sc_module, private component {
 public:
  using intx_port =
      sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

  using window_socket =
      any_width_target<tlm_utils::simple_target_socket_tagged_optional<root_complex, 64>>;

  any_width_target<tlm_utils::simple_target_socket_optional<root_complex, 64>> cpu{"cpu"};
  window_socket ecam{"ecam"};
  sc_core::sc_vector<window_socket> mmio{"mmio"};  ///< one for each of root_complex_config::mmio
  any_width_initiator<tlm_utils::simple_initiator_socket<root_complex, 64>> dma{"dma"};
  /// INTA to INTD after the swizzle; level, active high. May stay unbound.
  sc_core::sc_vector<intx_port> intx{"intx", 4};

  /// Errors of the configuration are reported as SC_ERROR.
  root_complex(const sc_core::sc_module_name& name, const root_complex_config& config = {});
  ~root_complex() override;
  const char* kind() const override { return "ivshmem::pcie::root_complex"; }

  /// The port of device `device_number`, which is one of the configured ones.
  port& downstream(unsigned device_number);

  const root_complex_config& config() const noexcept { return config_; }
  const root_complex_statistics& statistics() const noexcept { return statistics_; }
  /// Whether no access of the processor waits for a completion or for the first buffer on its way,
  /// and no request of a device for the memory. Always so but in tlm_cycle. When the processor is
  /// still, and this, link::is_idle() and endpoint::is_idle() hold of all parts, a snapshot misses
  /// nothing.
  bool is_idle() const noexcept;
  /// Resets every device on the bus, as a platform reset does.
  void reset_bus();

 private:
  struct slot;
  struct access;
  class timed_requests;
  class nonblocking_front;

  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& trans);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi);

  class window_access;
  void make_windows();
  void end_of_elaboration() override;
  void window_b_transport(int window, tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  tlm::tlm_sync_enum window_nb_transport_fw(int window, tlm::tlm_generic_payload& trans,
                                            tlm::tlm_phase& phase, sc_core::sc_time& delay);
  unsigned window_transport_dbg(int window, tlm::tlm_generic_payload& trans);
  bool window_get_direct_mem_ptr(int window, tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi);
  nonblocking_front& front();
  const address_range& window_range(int window) const;
  window_socket& window_at(int window);
  void invalidate_direct_mem_ptr(std::uint64_t first, std::uint64_t last);

  component_role role() const noexcept override { return component_role::root; }
  std::optional<timing_mode> mode() const noexcept override { return config_.mode; }
  void receive(port& from, payload& trans, sc_core::sc_time& delay) override;
  unsigned receive_debug(port& from, payload& trans) override;
  void dmi_invalidated(port& from, std::uint64_t first, std::uint64_t last) override;
  void request_arrived(port& from, payload& trans, const sc_core::sc_time& delay) override;
  void completion_arrived(port& from, payload& trans, const sc_core::sc_time& delay) override;
  void accepted(port& from, payload& trans, bool completion) override;

  const address_range* mmio_range(std::uint64_t address) const noexcept;
  void access_by_tlp(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void access_all(tlm::tlm_generic_payload& trans, access& whole);
  void access_run(access& run);
  void access_part(access& part);
  void unanswered(access& part);
  bool may_take(slot& one, const payload& trans) const;
  bool route_config(payload& trans, access& part);
  bool route_memory(payload& trans, access& part);
  void find_route(std::size_t slot_index, std::uint64_t address);
  void look_at_bars(const payload& trans);
  void set_intx(const port& from, const tlp& message);
  void drive_intx();
  void check_timeouts();
  void take_upstream();

  const root_complex_config config_;
  std::vector<std::unique_ptr<slot>> slots_;
  std::unique_ptr<timed_requests> timed_;     // tlm_cycle only
  std::unique_ptr<nonblocking_front> front_;  // once somebody uses it
  std::size_t last_slot_ = 0;                 // answered the last memory request: tried first
  route route_;                               // of the last memory request: taken without a TLP
  payload_pool pool_;
  std::array<unsigned, 4> intx_levels_{};  // devices that assert the line
  sc_core::sc_event intx_changed_;
  root_complex_statistics statistics_;
  std::vector<std::uint32_t> warned_bars_;  // function and BAR of each
};

}  // namespace ivshmem::pcie
