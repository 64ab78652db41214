// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "units.h"

namespace ivshmem::sim {

enum class topology_kind : std::uint8_t {
  direct,  ///< each node has a root complex of its own
  tree,    ///< the nodes of a host are behind switches below one root complex
};
inline constexpr std::array<std::string_view, 2> topology_names{"direct", "tree"};

/// One [topology] table.
struct topology_config {
  topology_kind kind = topology_kind::direct;
  unsigned ports = 8;           ///< of a switch, downstream
  unsigned nodes_per_host = 1;  ///< behind one root complex
  bool has_links = false;       ///< direct without links: endpoints sit on the root complex
  unsigned generation = 3;      ///< of the links, as are the next three
  unsigned lanes = 4;
  picoseconds propagation = 5 * nanosecond;
  unsigned max_payload_bytes = 256;
  picoseconds switch_latency = 100 * nanosecond;
};

/// Who is below whom in the tree of one host. Switches are numbered level by level from the root,
/// nodes in the order in which enumeration finds them.
struct tree_plan {
  /// The port of a switch that a link leads to.
  struct place {
    unsigned above = 0;  ///< index into `switches`
    unsigned port = 0;
  };
  struct switch_plan {
    place at;  ///< not of switch 0, which is below the root port
    unsigned ports = 0;
  };
  std::vector<switch_plan> switches;  ///< from the root down
  std::vector<place> nodes;

  /// Bus numbers that enumeration gives out: one for bus 0, below the root port, in each switch,
  /// and below each of its ports.
  unsigned buses() const noexcept;
};

inline constexpr unsigned max_buses = 256;           ///< of one segment [PCIe 7.2.2]
inline constexpr unsigned default_tree_nodes = 120;  ///< behind one root complex

/// As few levels as `nodes` need on switches with `ports` ports each, which is 2 or more.
tree_plan plan_tree(unsigned nodes, unsigned ports);

/// The most nodes, up to `limit`, whose tree fits into one segment.
unsigned most_tree_nodes(unsigned ports, unsigned limit);

/// Name of a switch: "host0.switch2".
std::string switch_name(unsigned host, unsigned index);

}  // namespace ivshmem::sim
