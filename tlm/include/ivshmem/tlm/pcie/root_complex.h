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

#include "ivshmem/tlm/pcie/address_range.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/port.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::pcie {

/// What the processor gets for an access that no device answers.
enum class unclaimed_access : std::uint8_t {
  error,  ///< TLM_ADDRESS_ERROR_RESPONSE
  ones,   ///< reads give all ones, writes vanish: what most hosts make of Unsupported Request
  zeros,  ///< reads give zero, writes vanish: what QEMU does
};

struct root_complex_config {
  address_range ecam{0xb000'0000, 256ULL << 20U};                     ///< 1 MiB a bus, from bus 0
  std::vector<address_range> mmio{{0xc000'0000, 0x3e00'0000},         // below 4 GiB
                                  {0x10'0000'0000, 0x10'0000'0000}};  // above
  address_range msi{0xfee0'0000, 0x10'0000};  ///< where an interrupt controller takes messages
  unclaimed_access unclaimed = unclaimed_access::ones;
  unsigned max_payload_bytes = 256;  ///< requests are cut at multiples of this: 128 to 4096
  std::vector<unsigned> devices{0};  ///< device numbers on bus 0 that have a port, 0 to 31
  timing_mode mode = timing_mode::functional;
  /// tlm_cycle: a request without completion for so long counts as unsupported [PCIe 2.8].
  sc_core::sc_time completion_timeout{10, sc_core::SC_MS};
  /// tlm_cycle: writes under way before the processor has to wait.
  unsigned posted_buffer = 32;
};

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
/// accesses under way; they are issued in its order, END_REQ says when. `dma` carries memory
/// requests of devices to the platform; addresses within an MMIO range go back down to the devices
/// instead. Each downstream port is one device of bus 0. Requests that several devices of bus 0
/// claim go to the one that answered last, or else to the first configured.
///
/// Sources: root_complex.cpp (accesses and what comes from below), root_complex_timed.cpp (what is
/// under way in tlm_cycle), root_complex_intx.cpp (interrupt lines), root_complex_config.cpp (what
/// must be).
class root_complex final : public sc_core::sc_module, private component {
 public:
  using intx_port =
      sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

  tlm_utils::simple_target_socket<root_complex, 64> cpu{"cpu"};
  tlm_utils::simple_initiator_socket<root_complex, 64> dma{"dma"};
  /// INTA to INTD after the swizzle; level, active high. May stay unbound.
  sc_core::sc_vector<intx_port> intx{"intx", 4};

  /// Errors of the configuration are reported as SC_ERROR.
  root_complex(const sc_core::sc_module_name& name, const root_complex_config& config = {});
  ~root_complex() override;

  /// The port of device `device_number`, which is one of the configured ones.
  port& downstream(unsigned device_number);

  const root_complex_config& config() const noexcept { return config_; }
  const root_complex_statistics& statistics() const noexcept { return statistics_; }
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
};

}  // namespace ivshmem::pcie
