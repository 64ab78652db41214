// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "ivshmem/model/pci_config.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/rtl_bridge/tlp_codec.h"

namespace ivshmem::rtl {

/// What exists only while a device is inserted.
struct rtl_device::parts {
  parts(const device_properties& wanted, peer_id id, memory_view view,
        const driver_configuration& configuration)
      : properties(wanted),
        peers(id, wanted.has_peers() ? wanted.vectors : 0),
        memory(view),
        backing(view),
        driver(configuration, backing),
        pending(configuration.core.vectors) {}

  /// A request from its arrival to its completion, or to the end of a posted one.
  struct flight {
    pcie::payload* trans = nullptr;
    bool in_buffer = false;             // of the core
    bool finished = false;              // completed, or nothing to complete
    bool timed = false;                 // came by non-blocking transport
    sc_core::sc_event* done = nullptr;  // who waits in b_transport, tlm_cycle only
  };
  struct message {
    raw_tlp tlp;
    sc_core::sc_time delay;
  };

  flight& take_flight() {
    if (free_flights.empty()) {
      free_flights.push_back(&flights.emplace_back());
    }
    flight& taken = *free_flights.back();
    free_flights.pop_back();
    return taken;
  }

  const device_properties properties;
  peer_table peers;
  const memory_view memory;
  view_memory backing;
  core_driver driver;
  device_statistics statistics;
  fabric_seat* seat = nullptr;
  std::deque<flight> flights;  // all there ever were
  std::vector<flight*> free_flights;
  recycling_queue<flight*> buffered;         // in the core's request buffer
  std::deque<flight*> waiting;               // non-posted, without completion
  recycling_queue<std::uint16_t> announced;  // vectors of messages on their way out
  std::vector<message> outbox;               // functional and tlm_lt: to be sent
  std::vector<bool> pending;
  unsigned pending_count = 0;
  std::array<bar_window, pci_config::bar_count> windows{};
  bool routed = false;                  // somebody remembers the window of BAR2
  bool intx = false;                    // level last sent
  bool front_unsupported = false;       // of the request that leaves the buffer next
  bool front_malformed = false;         // the same
  bool looked = false;                  // outputs of this cycle are taken
  bool asleep = true;                   // the clock stands
  sc_core::sc_time delay;               // functional and tlm_lt: of the access under way
  std::uint64_t start = 0;              // its first cycle
  std::uint64_t finished_at = 0;        // and its last
  std::vector<const void*> messengers;  // processes whose message waits upstream, inside an access
  std::size_t reported = 0;             // violations
};

}  // namespace ivshmem::rtl
