// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "ivshmem/model/timing.h"

namespace ivshmem {

/// How much time a platform models. All components of one platform use the same mode.
enum class timing_mode : std::uint8_t {
  functional,  ///< none: b_transport returns at once with the delay it came with
  tlm_lt,      ///< b_transport adds the unloaded delay of everything on the way
  tlm_cycle,   ///< every TLP leaves the device in an exact clock cycle; contention is modelled
};

/// Clock and surroundings of the device; what happens in which cycle is model/timing.h.
struct device_timing {
  timing_mode mode = timing_mode::functional;
  sc_core::sc_time clock_period{4, sc_core::SC_NS};  ///< 250 MHz
  unsigned beat_bytes = timing::default_beat_bytes;  ///< 8, 16 or 32
  /// Of the memory behind BAR2: read address to first data beat, at least 1.
  unsigned memory_latency_cycles = timing::default_memory_latency_cycles;
  /// Last beat of a write burst to its confirmation, 1 to 64.
  unsigned memory_write_latency_cycles = timing::default_memory_write_latency_cycles;
  /// Longest payload of a TLP: 128, 256, 512, 1024, 2048 or 4096.
  unsigned max_payload_bytes = timing::default_max_payload_bytes;
};

}  // namespace ivshmem
