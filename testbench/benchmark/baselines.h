// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/pcie/enumeration.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace ivshmem::test {

/// What every measurement is a multiple of: an initiator bound to a target that switches on the
/// address, and one payload that both use again and again.
struct bare_pair : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<bare_pair, 64> from{"from"};
  tlm_utils::simple_target_socket<bare_pair, 64> to{"to"};

  explicit bare_pair(const sc_core::sc_module_name& name);

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  std::uint32_t mask_ = 0;
  std::uint32_t status_ = 0;
  std::uint32_t doorbells_ = 0;
};

/// Bare four-phase non-blocking pair: BEGIN_REQ, END_REQ, BEGIN_RESP, END_RESP, with the response
/// one cycle after the request, timed by one event.
struct bare_four_phase : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<bare_four_phase, 64> from{"from"};
  tlm_utils::simple_target_socket<bare_four_phase, 64> to{"to"};

  explicit bare_four_phase(const sc_core::sc_module_name& name);
  /// One transaction from a thread.
  void transact(tlm::tlm_generic_payload& trans);

 private:
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  void respond();
  tlm::tlm_generic_payload* current_ = nullptr;
  sc_core::sc_event request_;
  sc_core::sc_event done_;
};

/// A processor socket, a root complex, and below it `hops` switches with links, then an endpoint.
struct node : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<node, 64> cpu{"cpu"};
  pcie::root_complex root;
  endpoint device;
  interrupt_target interrupts;
  std::uint64_t messages = 0;
  sc_core::sc_event interrupted;
  std::uint64_t bar[3] = {};

  node(const sc_core::sc_module_name& name, timing_mode mode, unsigned hops, fabric_seat& seat,
       unsigned vectors);
  /// Enumerates and switches interrupts on. After elaboration; from a thread in tlm_cycle.
  void start();
  void access(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes);
  void write32(std::uint64_t address, std::uint32_t value) {
    access(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value);
  }

 private:
  tlm::tlm_generic_payload trans_;  // used again and again, as the baselines' are
  std::vector<std::unique_ptr<pcie::link>> links_;
  std::vector<std::unique_ptr<pcie::packet_switch>> switches_;
};

}  // namespace ivshmem::test
