// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "units.h"

namespace ivshmem::sim {

enum class fault_kind : std::uint8_t {
  link_down,
  link_up,
  lose_completions,
  poison_writes,
  node_reset,
  node_leave,
  node_join,
  delay_doorbells,
  partition,
  heal,
};
inline constexpr std::array<std::string_view, 10> fault_names{
    "link_down",  "link_up",   "lose_completions", "poison_writes", "node_reset",
    "node_leave", "node_join", "delay_doorbells",  "partition",     "heal"};

/// One [[fault]] table.
struct fault_config {
  fault_kind kind = fault_kind::link_down;
  unsigned line = 0;
  picoseconds at = 0;  ///< from when all nodes are set up
  /// link_*, lose_*, poison_*: whose links; node_*: indices into scenario::nodes.
  std::vector<unsigned> nodes;
  bool has_switch = false;  ///< the link above a switch instead
  unsigned host = 0;
  unsigned switch_index = 0;
  unsigned count = 1;            ///< lose_completions, poison_writes
  picoseconds latency = 0;       ///< delay_doorbells
  std::vector<unsigned> groups;  ///< partition: the group of each node

  std::string_view name() const { return fault_names[static_cast<std::size_t>(kind)]; }
  bool is_of_link() const noexcept { return kind <= fault_kind::poison_writes; }
  bool is_of_node() const noexcept {
    return kind >= fault_kind::node_reset && kind <= fault_kind::node_join;
  }
};

}  // namespace ivshmem::sim
