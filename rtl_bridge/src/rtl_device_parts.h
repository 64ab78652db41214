// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "ivshmem/model/config_space.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/rtl_bridge/tlp_names.h"

namespace ivshmem::rtl {

/// A request from its arrival to its completion, or to the end of a posted one.
struct rtl_device::flight {
  pcie::payload* trans = nullptr;
  std::uint32_t transaction = 0;  // as its completions repeat it
  bool posted = false;
  bool in_buffer = false;             // of the core
  bool finished = false;              // completed, or nothing to complete
  bool timed = false;                 // came by non-blocking transport
  sc_core::sc_event* done = nullptr;  // who waits in b_transport
};

/// What exists only while a device is inserted.
struct rtl_device::parts {
  parts(const device_properties& properties, peer_id id, memory_view memory,
        const core_driver_config& configuration)
      : peers(id, properties.has_peers() ? properties.vectors : 0),
        backing(memory),
        driver(configuration, backing),
        windows({properties.variant, configuration.core.vectors, memory.bytes, properties.express,
                 1U << configuration.core.max_payload_log2}),
        pending(configuration.core.vectors) {}

  flight& take_flight() {
    if (free_flights.empty()) {
      free_flights.push_back(&flights.emplace_back());
    }
    flight& taken = *free_flights.back();
    free_flights.pop_back();
    return taken;
  }

  peer_table peers;
  view_memory backing;
  core_driver driver;
  config_space windows;  // a copy of the registers that say which BAR takes what
  device_statistics statistics;
  std::deque<flight> flights;  // all there ever were
  std::vector<flight*> free_flights;
  recycling_queue<flight*> buffered;         // in the core's request buffer
  std::deque<flight*> waiting;               // non-posted, without completion
  recycling_queue<std::uint16_t> announced;  // vectors of messages on their way out
  std::vector<bool> pending;
  unsigned pending_count = 0;
  bool intx = false;               // level last sent
  bool front_unsupported = false;  // of the request that leaves the buffer next
  bool front_malformed = false;    // the same
  std::uint64_t finished_at = 0;   // in which cycle a request ended last
  std::size_t reported = 0;        // violations
};

}  // namespace ivshmem::rtl
