// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "ivshmem/model/memory_view.h"
#include "ivshmem/model/properties.h"
#include "ivshmem/rtl_bridge/core_driver.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem::rtl {

/// What the RTL cannot do, of properties that a device may have.
result<void, property_error> refused_by_rtl(const device_properties& properties);

/// The core and its memory for a device, all partners always ready.
core_driver_config straps_of(const device_properties& properties, peer_id id, memory_view memory,
                             const timing_config& timing);

/// Leaves the core as after realization, before any reset [behaviour 1]. Passes cycles.
void set_up_hot_plugged(core_driver& driver);

/// Of a clock period, whatever the simulation's time resolution is.
std::uint64_t picoseconds(const sc_core::sc_time& period);

}  // namespace ivshmem::rtl
