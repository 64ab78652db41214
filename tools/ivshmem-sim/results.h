// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ivshmem/tlm/device_view.h"
#include "ledger.h"
#include "node.h"

namespace ivshmem::sim {

/// What one node did, or all of them together.
struct node_result {
  std::string name;
  std::string variant;
  access_counters accesses;
  node_account doorbells;
  latency_samples::summary latency;
};

/// What faults of links did, packets that are no doorbells included.
struct link_losses {
  std::uint64_t lost_writes = 0;
  std::uint64_t failed_requests = 0;
  std::uint64_t lost_completions = 0;
  std::uint64_t poisoned = 0;

  bool any() const noexcept {
    return (lost_writes | failed_requests | lost_completions | poisoned) != 0;
  }
};

/// Everything a run says about itself; report and statistics are made of this alone.
struct run_result {
  std::string title;
  device_view view = device_view::functional;
  std::string topology;
  std::uint64_t hosts = 0;
  std::uint64_t faults = 0;  ///< of the scenario
  std::uint64_t seed = 0;
  std::vector<std::string> workloads;  ///< names, in the order of the file
  std::uint64_t memory_bytes = 0;
  picoseconds fabric_latency = 0;

  std::vector<node_result> nodes;
  node_result total;
  link_losses links;
  picoseconds set_up = 0;             ///< when all nodes were set up
  std::uint64_t set_up_accesses = 0;  ///< until then, of `total.accesses`
  picoseconds simulated = 0;
  bool reached_limit = false;
  int signal = 0;       ///< that stopped the simulation, or 0
  comparison lockstep;  ///< zero with another view
  std::uint64_t failures = 0;
  std::vector<std::string> failure_texts;  ///< the first run_log::most_kept

  std::uint64_t consequences = 0;
  std::vector<std::string> consequence_texts;  ///< the first run_log::most_kept

  // Of the simulator, different each time.
  double elaboration_seconds = 0;  ///< building the platform
  double set_up_seconds = 0;       ///< enumeration and drivers
  double run_seconds = 0;
  std::uint64_t node_bytes = 0;  ///< memory a node, without shared memory

  /// Wall time of a doorbell with everything that the workload does for it; 0 without doorbells.
  double doorbell_ns() const noexcept {
    const std::uint64_t rung = total.doorbells.rung;
    return rung == 0 ? 0 : run_seconds * 1e9 / static_cast<double>(rung);
  }
};

/// Adds up `nodes` into `total`.
void add_up(run_result& result);

/// The summary as text, for people.
std::string report_text(const run_result& result);
/// The statistics as JSON, schema in docs/user.md.
std::string statistics_text(const run_result& result);

}  // namespace ivshmem::sim
