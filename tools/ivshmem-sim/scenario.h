// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "faults.h"
#include "ivshmem/model/properties.h"
#include "ivshmem/model/result.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/model/timing.h"
#include "ivshmem/tlm/device_view.h"
#include "script.h"
#include "topology.h"
#include "units.h"

namespace ivshmem::sim {

/// A mistake in a scenario or script: one line, `FILE:LINE: what`. The readers throw it to
/// load_scenario(), which returns it.
class scenario_error : public std::runtime_error {
 public:
  scenario_error(const std::string& file, unsigned line, const std::string& what)
      : std::runtime_error(file + ":" + std::to_string(line) + ": " + what) {}
};

struct node_config {
  std::string name;
  std::string group;  ///< `name` of the [[node]] table; equal to name for a single node
  device_properties properties;
  bool dmi = true;  ///< shared memory through direct memory access where it is granted
  unsigned line = 0;
};

enum class workload_kind : std::uint8_t {
  pingpong,
  stream,
  broadcast,
  ring,
  all_to_all,
  random,
  script,
};
inline constexpr std::array<std::string_view, 7> workload_names{
    "pingpong", "stream", "broadcast", "ring", "all_to_all", "random", "script"};

/// One [[workload]] table. Which of the values a kind uses: docs/user.md.
struct workload_config {
  workload_kind kind = workload_kind::pingpong;
  unsigned line = 0;
  std::vector<unsigned> nodes;  ///< indices into scenario::nodes
  unsigned vector = 0;
  std::uint64_t count = 0;  ///< rounds, laps or operations
  std::uint64_t bytes = 0;
  std::uint64_t block_bytes = 0;
  unsigned slots = 0;
  picoseconds start = 0;
  picoseconds gap = 0;             ///< simulated time spent on one step
  picoseconds poll = 0;            ///< between two looks, where there is no interrupt to wait for
  std::uint64_t offset = 0;        ///< of the region in shared memory
  std::uint64_t region_bytes = 0;  ///< used from `offset` on; 0: none
  script program;

  std::string_view name() const { return workload_names[static_cast<std::size_t>(kind)]; }
};

/// The [platform] table.
struct platform_config {
  device_view view = device_view::functional;
  picoseconds clock = 4 * nanosecond;
  unsigned beat_bytes = timing::default_beat_bytes;
  unsigned memory_latency = timing::default_memory_latency_cycles;
};

struct scenario {
  std::string file;
  std::string title;
  std::uint64_t seed = 1;
  shared_memory_config memory;
  unsigned memory_line = 1;
  picoseconds fabric_latency = microsecond;
  picoseconds time_limit = 10 * second;
  platform_config platform;
  topology_config topology;
  std::vector<node_config> nodes;
  std::vector<workload_config> workloads;
  std::vector<fault_config> faults;  ///< by time

  /// Root complexes.
  unsigned hosts() const noexcept {
    return (static_cast<unsigned>(nodes.size()) + topology.nodes_per_host - 1) /
           topology.nodes_per_host;
  }
};

/// Bytes of shared memory that `workload` needs.
std::uint64_t region_bytes(const workload_config& workload);

/// Reads and checks a scenario file and the scripts it names. `view` replaces the one
/// in the file.
result<scenario, scenario_error> load_scenario(const std::string& file,
                                               std::optional<device_view> view = std::nullopt);

}  // namespace ivshmem::sim
