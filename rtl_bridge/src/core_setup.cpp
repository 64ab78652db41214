// SPDX-License-Identifier: Apache-2.0
//
// The core for a device: what rtl_device and lockstep_device set up alike.
#include "core_setup.h"

#include <cmath>

#include "ivshmem/model/regmap.h"

namespace ivshmem::rtl {

namespace {

unsigned log2_of(std::uint64_t power) {
  unsigned log = 0;
  while (power >> (log + 1) != 0) {
    ++log;
  }
  return log;
}

}  // namespace

result<void, property_error> refused_by_rtl(const device_properties& properties) {
  if (properties.irq_path == interrupt_path::event_loop) {
    return {};
  }
  return property_error{"irq_path", "irqfd",
                        "the RTL has no hypervisor around it: must be event_loop"};
}

core_driver_config straps_of(const device_properties& properties, peer_id id, memory_view memory,
                             const timing_config& timing) {
  core_driver_config made;
  made.core.data_width = 8 * timing.beat_bytes;
  made.core.vectors = properties.has_msix() ? properties.vectors : 0;
  made.core.memory_log2 = log2_of(memory.bytes);
  made.core.legacy = properties.variant == device_variant::legacy;
  made.core.intx = properties.has_intx();
  made.core.express = properties.express;
  made.core.max_payload_log2 = log2_of(timing.max_payload_bytes);
  made.core.iv_position = static_cast<std::uint16_t>(to_int(id));
  made.memory_latency_cycles = timing.memory_latency_cycles;
  made.memory_write_latency_cycles = timing.memory_write_latency_cycles;
  return made;
}

void set_up_hot_plugged(core_driver& driver) {
  raw_tlp& write = driver.requests().next();
  write.header = {static_cast<std::uint32_t>(raw_type::config_write_0) << 24U | 1U, 0x3,
                  cfg::command.offset, 0};
  write.payload.assign(1, cfg::command_io | cfg::command_memory);
  driver.requests().push(0);
  do {
    driver.finish();
  } while (!driver.idle());
}

std::uint64_t picoseconds(const sc_core::sc_time& period) {
  return static_cast<std::uint64_t>(std::llround(period.to_seconds() * 1e12));
}

}  // namespace ivshmem::rtl
