// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "host.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "journal.h"
#include "ledger.h"
#include "scenario.h"
#include "turn_order.h"

namespace ivshmem::sim {

/// Interrupts of one vector that reached software, and who waits for the next one.
struct interrupt_line {
  std::uint64_t count = 0;
  sc_core::sc_event* waiter = nullptr;
};

/// One computer: ivshmem endpoint, and a driver whose every access goes through TLM by way of its
/// slot in a host. Accesses must come from a thread of the simulation.
///
/// Sources: node.cpp (slot and interrupts), node_driver.cpp (the driver), node_memory.cpp (shared
/// memory).
class node final : public sc_core::sc_module, private endpoint_observer {
 public:
  /// `settings` and what else is referred to outlive the node.
  node(const sc_core::sc_module_name& name, const node_config& settings, unsigned index,
       host& where, unsigned slot, const timing_config& timing, device_view view,
       in_process_fabric& fabric, memory_view memory, doorbell_ledger& ledger, journal& entries,
       turn_order& turns);
  SC_HAS_PROCESS(node);

  /// Everything the endpoint reports goes to `trace` too.
  void trace_to(endpoint_observer* observer) noexcept { trace_ = observer; }

  const node_config& settings() const noexcept { return settings_; }
  unsigned index() const noexcept { return index_; }
  peer_id peer() const noexcept { return peer_; }
  access_counters& counters() noexcept { return counters_; }
  tlm::tlm_fw_transport_if<>& processor() noexcept { return *cpu_.operator->(); }
  device_place& place() noexcept { return *place_; }
  const device_place* hardware() const noexcept;  ///< nullptr while there is none

  /// Sets the device up as firmware and driver do, at the addresses that it got when its host was
  /// first set up: every vector unmasked. The error is one line.
  result<void, std::string> bring_up();
  /// Whether that was done since the device was last reset or put in.
  bool is_set_up() const noexcept { return set_up_; }
  /// Gives a program that will act on this node its turns.
  void add_program(const sc_core::sc_process_handle& program) { turns_.add(host_, program); }
  /// Interrupt `data` of the slot's message page.
  void interrupt(std::uint32_t data);
  /// A fault of a link did something to a packet; true when it was one of this node.
  bool lost(const pcie::payload& trans, pcie::link_loss how);

  // One access of 1, 2, 4 or 8 bytes to a BAR or config_space.
  std::uint64_t read(unsigned space, std::uint64_t offset, unsigned bytes);
  void write(unsigned space, std::uint64_t offset, std::uint64_t value, unsigned bytes);

  void read_memory(std::uint64_t offset, void* to, std::uint64_t bytes);
  void write_memory(std::uint64_t offset, const void* from, std::uint64_t bytes);
  std::uint64_t load64(std::uint64_t offset);
  void store64(std::uint64_t offset, std::uint64_t value);

  void ring(peer_id peer, unsigned vector);
  /// Whether a doorbell for `vector` of `other` arrives there, as far as the variants go.
  bool can_ring(const node& other, unsigned vector) const noexcept;
  void set_masked(unsigned vector, bool masked);
  void set_msix(bool enabled, bool function_masked);
  void set_bus_master(bool on);

  void reset_device();
  void take_out();
  void put_in();
  /// Where `vector` arrives: all vectors share one line on a node with INTx.
  interrupt_line& line(unsigned vector) { return lines_[lines_.size() == 1 ? 0 : vector]; }
  /// Lets whoever waits for an interrupt look whether one was missed.
  void wake_waiters();
  /// Calls `hook(at)` for every doorbell to `vector` of `peer` that leaves the device, in `at`.
  void on_ring(peer_id peer, unsigned vector, std::function<void(picoseconds at)> hook);
  /// Calls `hook(vector)` for every interrupt, before anybody is woken.
  void on_interrupt(std::function<void(unsigned)> hook) { hook_ = std::move(hook); }

 private:
  class device_access;
  void on_doorbell(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override;
  void on_notify(vector_index vector) override;
  void on_message(vector_index vector, const msix_message& message,
                  const sc_core::sc_time& delay) override;
  void on_pending(unsigned count, const sc_core::sc_time& delay) override;
  void on_intx(bool asserted, const sc_core::sc_time& delay) override;
  void on_drop(drop_cause cause, peer_id peer, vector_index vector,
               const sc_core::sc_time& delay) override;
  void on_reset() override;

  void issue(std::uint64_t offset, std::uint64_t value, unsigned bytes);
  void insert();
  void serve_intx();
  void raise(unsigned vector);
  void hear();
  std::uint64_t address_of(unsigned space, std::uint64_t offset) const noexcept;
  void transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes);
  std::uint8_t* direct(std::uint64_t offset, std::uint64_t bytes);
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);

  const node_config& settings_;
  unsigned index_;
  host& host_;
  unsigned slot_;
  peer_id peer_{};
  in_process_fabric& fabric_;
  doorbell_ledger& ledger_;
  journal& journal_;
  turn_order& turns_;
  memory_view memory_;
  fabric_seat* seat_ = nullptr;
  endpoint_observer* trace_ = nullptr;

  tlm_utils::simple_initiator_socket<node, 64> cpu_{"cpu"};
  std::unique_ptr<device_place> place_;

  std::vector<std::uint32_t> unheard_;  // interrupts, until software's turn to hear of them
  sc_core::sc_event hearing_;
  std::vector<interrupt_line> lines_;
  std::function<void(unsigned)> hook_;
  std::unordered_map<std::uint32_t, std::function<void(picoseconds)>> ring_hooks_;
  access_counters counters_;
  bool set_up_ = false;
  std::uint64_t config_base_ = 0;
  std::array<std::uint64_t, 3> bar_base_{};
  std::uint64_t direct_first_ = 1;  // offsets in BAR2; empty when first > last
  std::uint64_t direct_last_ = 0;
  std::uint8_t* direct_data_ = nullptr;
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> payloads_;  // not in use now
};

}  // namespace ivshmem::sim
