// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <systemc>
#include <tlm>

#include "ivshmem/tlm/any_width.h"

namespace ivshmem {

/// Random-access memory as a base-protocol target: any length, byte enables, streaming width, DMI
/// and debug transport; no time. Host pages are used only once they are written.
class memory final : public sc_core::sc_module {
 public:
  any_width_target<tlm_utils::simple_target_socket<memory, 64>> bus{"bus"};

  /// `bytes` of zeros from address 0.
  memory(const sc_core::sc_module_name& name, std::uint64_t bytes);
  const char* kind() const override { return "ivshmem::memory"; }

  std::uint8_t* data() noexcept { return data_.get(); }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct release {
    void operator()(std::uint8_t* data) const noexcept { std::free(data); }
  };

  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& trans);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi);
  bool inside(const tlm::tlm_generic_payload& trans, std::uint64_t bytes) const noexcept;

  std::uint64_t bytes_;
  std::unique_ptr<std::uint8_t, release> data_;
};

}  // namespace ivshmem
