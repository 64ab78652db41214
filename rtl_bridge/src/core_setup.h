// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ivshmem/model/device_host.h"
#include "ivshmem/model/properties.h"
#include "ivshmem/rtl_bridge/core_driver.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::rtl {

/// The core and its memory for a device, all partners always ready.
inline driver_configuration straps_of(const device_properties& properties, peer_id id,
                                      memory_view memory, const device_timing& timing) {
  const auto log2 = [](std::uint64_t value) {
    unsigned log = 0;
    while (value >> (log + 1) != 0) {
      ++log;
    }
    return log;
  };
  driver_configuration made;
  made.core.data_width = 8 * timing.beat_bytes;
  made.core.vectors = properties.has_msix() ? properties.vectors : 0;
  made.core.memory_log2 = log2(memory.bytes);
  made.core.legacy = properties.variant == device_variant::legacy;
  made.core.intx = properties.has_intx();
  made.core.express = properties.express;
  made.core.max_payload_log2 = log2(timing.max_payload_bytes);
  made.core.iv_position = static_cast<std::uint16_t>(to_int(id));
  made.memory_latency_cycles = timing.memory_latency_cycles;
  made.memory_write_latency_cycles = timing.memory_write_latency_cycles;
  return made;
}

}  // namespace ivshmem::rtl
