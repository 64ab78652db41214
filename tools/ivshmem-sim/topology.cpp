// SPDX-License-Identifier: Apache-2.0
//
// Which node is behind which switch.
#include "topology.h"

#include <algorithm>

namespace ivshmem::sim {

tree_plan plan_tree(unsigned nodes, unsigned ports) {
  std::vector<unsigned> levels;  // parts of each level, nodes first
  for (levels.push_back(nodes); levels.size() < 2 || levels.back() > 1;) {
    levels.push_back((levels.back() + ports - 1) / ports);
  }
  tree_plan plan;
  unsigned first_above = 0;
  for (std::size_t level = levels.size() - 1; level > 0; --level) {
    const auto first = static_cast<unsigned>(plan.switches.size());
    for (unsigned i = 0; i < levels[level]; ++i) {
      const unsigned below = std::min(ports, levels[level - 1] - i * ports);
      plan.switches.push_back({{first_above + i / ports, i % ports}, below});
    }
    first_above = first;
  }
  for (unsigned i = 0; i < nodes; ++i) {
    plan.nodes.push_back({first_above + i / ports, i % ports});
  }
  return plan;
}

unsigned tree_plan::buses() const noexcept {
  unsigned count = 2;
  for (const switch_plan& one : switches) {
    count += 1 + one.ports;
  }
  return count;
}

unsigned most_tree_nodes(unsigned ports, unsigned limit) {
  unsigned nodes = limit;
  while (plan_tree(nodes, ports).buses() > max_buses) {
    --nodes;
  }
  return nodes;
}

std::string switch_name(unsigned host, unsigned index) {
  return "host" + std::to_string(host) + ".switch" + std::to_string(index);
}

}  // namespace ivshmem::sim
