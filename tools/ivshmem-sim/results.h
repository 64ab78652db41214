// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

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

/// Everything a run says about itself; report and statistics are made of this alone.
struct run_result {
  std::string title;
  std::string model;
  std::uint64_t seed = 0;
  std::vector<std::string> workloads;  ///< names, in the order of the file
  std::uint64_t memory_bytes = 0;
  picoseconds fabric_latency = 0;

  std::vector<node_result> nodes;
  node_result total;
  picoseconds simulated = 0;
  bool reached_limit = false;
  std::uint64_t failures = 0;
  std::vector<std::string> failure_texts;  ///< the first run_log::most_kept

  double elaboration_seconds = 0;  ///< wall clock
  double run_seconds = 0;          ///< wall clock
};

/// Adds up `nodes` into `total`.
void add_up(run_result& result);

/// The summary as text, for people.
std::string report_text(const run_result& result);
/// The statistics as JSON, schema in docs/user.md.
std::string statistics_text(const run_result& result);

}  // namespace ivshmem::sim
