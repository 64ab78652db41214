// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>

namespace ivshmem {

/// Where MSI-X messages end: a base-protocol target that hands every aligned 32-bit write to a
/// handler, as the message page of an interrupt controller does. Reads give zero; any other write
/// is a burst error. No time.
class interrupt_target final : public sc_core::sc_module {
 public:
  using handler = std::function<void(std::uint64_t offset, std::uint32_t data)>;

  tlm_utils::simple_target_socket<interrupt_target, 64> bus{"bus"};

  /// `on_message` gets the address as this target sees it, and the message data. It runs inside
  /// the write that carried the message and must not wait.
  interrupt_target(const sc_core::sc_module_name& name, handler on_message);

  std::uint64_t received() const noexcept { return received_; }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);

  handler on_message_;
  std::uint64_t received_ = 0;
};

}  // namespace ivshmem
