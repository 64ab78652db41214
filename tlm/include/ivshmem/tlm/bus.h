// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "ivshmem/tlm/any_width.h"
#include "ivshmem/tlm/pcie/address_range.h"

namespace ivshmem {

/// A platform bus: any number of base-protocol initiators, targets at address ranges, of any
/// BUSWIDTH. Blocking, debug and direct memory transport; no time. The first range that was mapped
/// wins where ranges overlap; an access must lie within one range.
class bus final : public sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
 public:
  /// Takes any number of initiator sockets.
  any_width_target<tlm::tlm_target_socket<64, tlm::tlm_base_protocol_types, 0>> in{"in"};

  explicit bus(const sc_core::sc_module_name& name);
  ~bus() override;
  const char* kind() const override { return "ivshmem::bus"; }

  enum class addresses : std::uint8_t {
    relative,  ///< the target sees offsets from the start of its range
    absolute,  ///< the target sees the address unchanged
  };

  /// Puts the target socket `socket` at `range`, which is neither empty nor beyond the end of the
  /// address space (SC_ERROR). One socket may be at several ranges.
  template <class Socket>
  void map(const pcie::address_range& range, Socket& socket, addresses seen = addresses::relative) {
    const int output = output_for(&socket);
    if (output == static_cast<int>(bound_.size())) {
      bound_.push_back(&socket);
      out_.bind(socket);
    }
    add(range, output, seen);
  }

 private:
  struct target {
    pcie::address_range range;
    std::uint64_t subtract;
    int output;
  };
  class back_path;

  /// Any number of targets; knows which of them calls back.
  class target_ports : public tlm::tlm_initiator_socket<64, tlm::tlm_base_protocol_types, 0,
                                                        sc_core::SC_ZERO_OR_MORE_BOUND> {
   public:
    target_ports(const char* name, bus& owner);
    using tlm_initiator_socket::get_base_interface;
    tlm::tlm_bw_transport_if<>& get_base_interface() override;

   private:
    bus& owner_;
  };

  /// The index in `out_` that `socket` has, or will have.
  int output_for(const void* socket) const noexcept;
  void add(const pcie::address_range& range, int output, addresses seen);

  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& trans) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) override;
  /// `output`: whose addresses these are.
  void invalidate(int output, sc_dt::uint64 first, sc_dt::uint64 last);
  /// The target that takes the whole access, or nullptr.
  const target* find(const tlm::tlm_generic_payload& trans) const noexcept;

  std::vector<const void*> bound_;                      // in the order of `out_`
  std::vector<std::unique_ptr<back_path>> back_paths_;  // one for each, and before them one for all
  any_width_initiator<target_ports> out_;
  std::vector<target> targets_;
};

}  // namespace ivshmem
