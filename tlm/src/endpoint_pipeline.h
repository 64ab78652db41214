// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <systemc>

#include "ivshmem/tlm/endpoint.h"

namespace ivshmem {

/// The device's ports in tlm_cycle: when a request is executed, its completion leaves and a message
/// leaves, in exact cycles of the device clock [docs/timing.md].
class endpoint::pipeline {
 public:
  explicit pipeline(endpoint& owner);

  const sc_core::sc_event& due() const noexcept { return due_; }

  /// A request's first beat is there `delay` from now.
  void request(pcie::payload& trans, const sc_core::sc_time& delay);
  /// Executes what is due now.
  void step();
  /// A completion left the queue for good.
  void completion_gone();
  /// How long from now the next message leaves, whose cause is `delay` from now.
  sc_core::sc_time message_delay(const sc_core::sc_time& delay);

 private:
  using ticks = std::uint64_t;  // of the simulation's time resolution

  struct operation {
    pcie::payload* trans;
    ticks execute;
  };

  ticks now() const { return sc_core::sc_time_stamp().value(); }
  ticks on_edge(ticks time) const { return (time + period_ - 1) / period_ * period_; }
  static sc_core::sc_time as_time(ticks time) { return sc_core::sc_time::from_value(time); }
  void run(pcie::payload& trans);
  void arm();

  endpoint& owner_;
  const ticks period_;
  sc_core::sc_event due_;
  std::deque<operation> queue_;
  ticks request_free_ = 0;     // next edge on which a first request beat is taken
  ticks completion_free_ = 0;  // next edge on which a first completion beat can leave
  ticks message_free_ = 0;     // the same for messages
  unsigned completions_ = 0;   // not yet gone
  bool held_ = false;          // the completion queue is full
};

}  // namespace ivshmem
