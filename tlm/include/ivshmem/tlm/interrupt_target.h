// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>

#include "ivshmem/tlm/any_width.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem {

/// Where MSI-X messages end: a base-protocol target that hands every aligned 32-bit write to a
/// handler, as the message page of an interrupt controller does. Reads give zero; any other write
/// is a burst error.
///
/// Takes no time itself. A write that is ahead of the simulation by its delay argument reaches the
/// handler when that time has come; any other write reaches it within the call.
class interrupt_target final : public sc_core::sc_module {
 public:
  using handler = std::function<void(std::uint64_t offset, std::uint32_t data)>;

  any_width_target<tlm_utils::simple_target_socket<interrupt_target, 64>> bus{"bus"};

  /// `on_message` gets the address as this target sees it, and the message data. It must not wait.
  interrupt_target(const sc_core::sc_module_name& name, handler on_message);
  const char* kind() const override { return "ivshmem::interrupt_target"; }

  std::uint64_t received() const noexcept { return received_; }

 private:
  struct message {
    std::uint64_t offset;
    std::uint32_t data;
  };

  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void deliver();

  handler on_message_;
  time_queue<message> ahead_;
  sc_core::sc_event due_;
  std::uint64_t received_ = 0;
};

}  // namespace ivshmem
