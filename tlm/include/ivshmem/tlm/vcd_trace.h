// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem {

/// Writes what endpoints do as a Value Change Dump [IEEE 1364 18.2], event by event: no clock, no
/// host time, no pointer, so the same simulation gives the same bytes.
///
/// Each node is a scope with these variables; `event` is one that only happens:
///   doorbell (event), doorbell_peer, doorbell_vector   rung by this node
///   notify (event), notify_vector                      arrived from the fabric
///   message (event), message_vector                    MSI-X message sent upstream
///   pending                                            pending bits set
///   intx                                               level of INTx
///   irq                                                idle, pending or intx, as text
///   drop (event), drop_cause, drop_peer, drop_vector   cause as drop_cause names it
/// At one time the nodes come in their order, each with its variables in theirs, and drops in the
/// order of drop_cause: the order in which the kernel ran the processes does not show. Several
/// events of one kind at one time are written one after the other; a viewer shows the last. What
/// happens at one time is held until it is over. Text variables are an extension that GTKWave
/// reads.
class vcd_trace {
 public:
  /// `out` outlives the trace. The caller checks its state afterwards.
  explicit vcd_trace(std::ostream& out);
  ~vcd_trace();
  vcd_trace(const vcd_trace&) = delete;
  vcd_trace& operator=(const vcd_trace&) = delete;

  /// The observer of a new node; lives as long as the trace. `name` is one word of printable ASCII
  /// characters. Before start() (SC_ERROR).
  endpoint_observer& add_node(const std::string& name);
  /// Writes declarations and initial values. The first event and finish() see to it otherwise.
  void start();
  /// Writes what is still to come and the final time.
  void finish();

  /// Writes a GTKWave view of the dump `vcd_file`: for the first `most_nodes` nodes all signals.
  void write_view(std::ostream& out, const std::string& vcd_file, std::size_t most_nodes) const;

 private:
  class node;
  struct change {
    sc_core::sc_time at;
    const node* source;
    std::uint8_t kind;
    std::uint32_t value;
    std::uint32_t peer;
  };

  void record(const change& what);
  /// All that happens at the earliest time that is not written yet.
  void write_next_time();
  void move_to(const sc_core::sc_time& time);

  std::ostream& out_;
  std::vector<std::unique_ptr<node>> nodes_;
  time_queue<change> waiting_;  // not yet written
  std::vector<change> batch_;   // of one time
  sc_core::sc_time written_;
  bool started_ = false;
};

}  // namespace ivshmem
