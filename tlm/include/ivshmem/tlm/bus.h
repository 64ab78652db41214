// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

#include "ivshmem/tlm/pcie/address_range.h"

namespace ivshmem {

/// A platform bus: any number of base-protocol initiators, targets at address ranges. Blocking,
/// debug and direct memory transport; no time. The first range that was mapped wins where ranges
/// overlap; an access must lie within one range.
class bus final : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<bus, 64> in{"in"};
  tlm_utils::multi_passthrough_initiator_socket<bus, 64> out{"out"};

  explicit bus(const sc_core::sc_module_name& name);

  enum class addresses : std::uint8_t {
    relative,  ///< the target sees offsets from the start of its range
    absolute,  ///< the target sees the address unchanged
  };

  /// Puts `socket` at `range`, which is neither empty nor beyond the end of the address space
  /// (SC_ERROR). One socket may be at several ranges.
  template <class Socket>
  void map(const pcie::address_range& range, Socket& socket, addresses seen = addresses::relative) {
    const int output = output_for(&socket);
    if (output == static_cast<int>(bound_.size())) {
      bound_.push_back(&socket);
      out.bind(socket);
    }
    add(range, output, seen);
  }

 private:
  struct target {
    pcie::address_range range;
    std::uint64_t subtract;
    int output;
  };

  /// The index in `out` that `socket` has, or will have.
  int output_for(const void* socket) const noexcept;
  void add(const pcie::address_range& range, int output, addresses seen);

  void b_transport(int id, tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  unsigned transport_dbg(int id, tlm::tlm_generic_payload& trans);
  bool get_direct_mem_ptr(int id, tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int id, sc_dt::uint64 first, sc_dt::uint64 last);
  /// The target that takes the whole access, or nullptr.
  const target* find(const tlm::tlm_generic_payload& trans) const noexcept;

  std::vector<const void*> bound_;  // in the order of `out`
  std::vector<target> targets_;
};

}  // namespace ivshmem
