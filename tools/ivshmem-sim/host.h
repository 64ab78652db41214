// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "ivshmem/tlm/bus.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "ivshmem/tlm/pcie/enumeration.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/pcie/root_complex.h"
#include "ivshmem/tlm/time_queue.h"
#include "scenario.h"

namespace ivshmem::sim {

/// A simulated host: a root complex with everything between it and its nodes, who have a slot each:
/// a processor bus, links and switches, and an interrupt controller with one message page a slot.
class host final : public sc_core::sc_module {
 public:
  /// `interrupt(slot, data)`: an MSI-X message reached the page of a slot.
  using interrupt_handler = std::function<void(unsigned slot, std::uint32_t data)>;
  /// A fault of a link did something to a packet.
  using loss_handler = std::function<void(const pcie::payload&, pcie::link_loss)>;

  host(const sc_core::sc_module_name& name, const scenario& settings, unsigned slots,
       interrupt_handler on_interrupt, loss_handler on_loss);
  SC_HAS_PROCESS(host);

  /// Binds the processor of a slot.
  template <class Socket>
  void connect(Socket& cpu) {
    if (bus_ == nullptr) {
      cpu.bind(root_.cpu);
    } else {
      cpu.bind(bus_->in);
    }
  }
  /// Where the endpoint of a slot belongs.
  pcie::port& place(unsigned slot);
  /// The interrupt line that INTA of a slot ends at.
  sc_core::sc_signal<bool>& interrupt_line(unsigned slot);

  /// The firmware: numbers the buses and places all BARs. The error is one line.
  result<void, std::string> enumerate(tlm::tlm_blocking_transport_if<>& cpu);
  /// What enumerate() found in a slot.
  const pcie::enumerated_function& function(unsigned slot) const { return functions_[slot]; }
  bool is_enumerated() const noexcept { return !functions_.empty(); }

  /// How long a packet may take.
  const sc_core::sc_time& completion_timeout() const noexcept {
    return root_.config().completion_timeout;
  }
  std::uint64_t ecam_base() const noexcept { return root_.config().ecam.base; }
  std::uint64_t message_address(unsigned slot) const noexcept {
    return root_.config().msi.base + std::uint64_t{slot} * page_bytes;
  }
  /// The slot whose message page has `address`, or one that does not exist.
  unsigned slot_of_message(std::uint64_t address) const noexcept {
    return static_cast<unsigned>((address - root_.config().msi.base) / page_bytes);
  }

  /// The link above a slot, or nullptr where there is none.
  pcie::link* slot_link(unsigned slot);
  pcie::link& switch_link(unsigned index) { return *switch_links_[index]; }
  /// All links together.
  pcie::link_statistics link_statistics() const;

 private:
  static constexpr std::uint64_t page_bytes = 4096;

  struct message {
    unsigned slot;
    std::uint32_t data;
  };

  static pcie::root_complex_config map_of(const scenario& settings, unsigned slots);
  std::unique_ptr<pcie::link> make_link(const std::string& name);
  void build_tree();
  void take_message(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void deliver_messages();

  const scenario& settings_;
  const timing_mode mode_;
  const interrupt_handler on_interrupt_;
  const loss_handler on_loss_;
  pcie::root_complex root_;
  tlm_utils::simple_target_socket<host, 64> messages_{"messages"};
  sc_core::sc_vector<sc_core::sc_signal<bool>> lines_{"lines", 4};
  std::unique_ptr<bus> bus_;  // only with several slots
  std::unique_ptr<pcie::bridge> root_port_;
  tree_plan plan_;
  std::vector<std::unique_ptr<pcie::packet_switch>> switches_;
  std::vector<std::unique_ptr<pcie::link>> switch_links_;  // above each switch
  std::vector<std::unique_ptr<pcie::link>> slot_links_;
  std::vector<pcie::enumerated_function> functions_;  // by slot
  time_queue<message> announced_;                     // messages ahead of the simulation time
  sc_core::sc_event due_;
};

}  // namespace ivshmem::sim
