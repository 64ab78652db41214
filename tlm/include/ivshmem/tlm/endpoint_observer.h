// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <systemc>
#include <vector>

#include "ivshmem/model/msix.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

class device_place;

/// What can be watched on an endpoint: traces, statistics, scoreboards. Calls come in the order of
/// events, at the simulation time `sc_time_stamp()` plus `delay`; an observer changes nothing.
///
/// In tlm_cycle, and of the RTL, on_message and on_intx tell of the TLP that leaves, on_pending and
/// on_drop of the cycle after the decision (evt_valid_o), on_doorbell of db_valid_o.
class endpoint_observer {
 public:
  endpoint_observer() = default;
  endpoint_observer(const endpoint_observer&) = delete;
  endpoint_observer& operator=(const endpoint_observer&) = delete;
  /// Takes itself off the places that it watches.
  virtual ~endpoint_observer();
  virtual void on_access(unsigned /*bar*/, bool /*write*/, std::uint64_t /*offset*/,
                         std::size_t /*bytes*/) {}
  virtual void on_doorbell(peer_id /*peer*/, vector_index /*vector*/,
                           const sc_core::sc_time& /*delay*/) {}
  virtual void on_notify(vector_index /*vector*/) {}
  virtual void on_message(vector_index /*vector*/, const msix_message& /*message*/,
                          const sc_core::sc_time& /*delay*/) {}
  virtual void on_pending(unsigned /*count*/, const sc_core::sc_time& /*delay*/) {}
  virtual void on_intx(bool /*asserted*/, const sc_core::sc_time& /*delay*/) {}
  virtual void on_drop(drop_cause /*cause*/, peer_id /*peer*/, vector_index /*vector*/,
                       const sc_core::sc_time& /*delay*/) {}
  virtual void on_blocked_reentry(unsigned /*bar*/, std::uint32_t /*offset*/) {}
  virtual void on_reset() {}
  /// Only while device::trace_registers() is on.
  virtual void on_register_access(unsigned /*bar*/, bool /*write*/, std::uint32_t /*offset*/,
                                  std::uint32_t /*value*/) {}

 private:
  friend class device_place;

  std::vector<device_place*> watched_;
};

}  // namespace ivshmem
