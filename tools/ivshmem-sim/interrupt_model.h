// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "ivshmem/model/properties.h"
#include "units.h"

namespace ivshmem::sim {

/// What interrupts a node must see, worked out from what software did and nothing else: the
/// expectation of the random workload [behaviour 5].
///
/// Works as long as no doorbell arrives at the very time of an access.
class interrupt_model {
 public:
  interrupt_model(const device_properties& properties, picoseconds fabric_latency);

  /// Somebody rings `vector` at `now`.
  void ring(unsigned vector, picoseconds now);
  /// Everything that arrives until `now`.
  void advance(picoseconds now);

  // Accesses of the node's software, at `now`; call before the access is made.
  void set_masked(unsigned vector, bool masked, picoseconds now);
  void set_msix(bool enabled, bool function_masked, picoseconds now);
  void set_bus_master(bool on, picoseconds now);
  /// A read of pending bits; returns those of vectors 32 * dword and up.
  std::uint32_t read_pending(unsigned dword, picoseconds now);

  bool masked(unsigned vector) const { return vectors_[vector].masked; }
  unsigned vectors() const noexcept { return static_cast<unsigned>(vectors_.size()); }
  std::uint64_t interrupts(unsigned vector) const { return vectors_[vector].interrupts; }
  /// When the latest interrupt of `vector` was due.
  picoseconds latest(unsigned vector) const { return vectors_[vector].latest; }
  std::uint64_t drops(drop_cause cause) const { return drops_[static_cast<std::size_t>(cause)]; }

 private:
  struct arrival {
    picoseconds due;
    unsigned vector;
  };
  struct vector_state {
    std::uint64_t interrupts = 0;
    picoseconds latest = 0;
    picoseconds last_arrival = 0;
    bool masked = false;
    bool pending = false;
    bool latched = false;
  };

  bool silent(const vector_state& v) const { return !enabled_ || function_masked_ || v.masked; }
  void arrive(const arrival& what);
  void send(vector_state& v, bool injected, picoseconds now);
  void release(vector_state& v, picoseconds now);
  void collect();

  bool msix_;
  bool in_kernel_;
  picoseconds latency_;
  std::deque<arrival> under_way_;
  std::vector<vector_state> vectors_;  // one for an INTx line
  bool enabled_ = true;
  bool function_masked_ = false;
  bool bus_master_ = true;
  std::array<std::uint64_t, drop_cause_count> drops_{};
};

}  // namespace ivshmem::sim
