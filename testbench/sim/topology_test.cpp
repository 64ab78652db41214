// SPDX-License-Identifier: Apache-2.0
//
// Which switches a tree of nodes needs.
#include "topology.h"

#include <gtest/gtest.h>

namespace ivshmem::sim::test {
namespace {

TEST(TreePlan, OneSwitchIsEnoughWhileItHasPorts) {
  const tree_plan plan = plan_tree(4, 4);
  ASSERT_EQ(plan.switches.size(), 1U);
  EXPECT_EQ(plan.switches[0].ports, 4U);
  EXPECT_EQ(plan.nodes[3].port, 3U);
  EXPECT_EQ(plan.buses(), 7U) << "bus 0, below the root port, in the switch, four links";
}

TEST(TreePlan, ANodeMoreMakesAnotherLevel) {
  const tree_plan plan = plan_tree(5, 4);
  ASSERT_EQ(plan.switches.size(), 3U);
  EXPECT_EQ(plan.switches[0].ports, 2U);
  EXPECT_EQ(plan.switches[2].ports, 1U) << "no port without something below it";
  EXPECT_EQ(plan.switches[2].at.port, 1U);
  EXPECT_EQ(plan.nodes[4].above, 2U);
}

TEST(TreePlan, EveryNodeHasAPlaceOfItsOwnAndTheWayUpEndsAtSwitchZero) {
  for (const unsigned ports : {2U, 3U, 8U, 32U}) {
    for (unsigned nodes = 1; nodes <= 120; ++nodes) {
      const tree_plan plan = plan_tree(nodes, ports);
      ASSERT_EQ(plan.nodes.size(), nodes);
      std::vector<unsigned> used(plan.switches.size());
      for (const tree_plan::place& node : plan.nodes) {
        ASSERT_EQ(node.port, used[node.above]++);
      }
      for (std::size_t i = 1; i < plan.switches.size(); ++i) {
        ASSERT_LT(plan.switches[i].at.above, i);
        ASSERT_EQ(plan.switches[i].at.port, used[plan.switches[i].at.above]++);
      }
      for (std::size_t i = 0; i < plan.switches.size(); ++i) {
        ASSERT_EQ(used[i], plan.switches[i].ports);
        ASSERT_LE(used[i], ports);
      }
    }
  }
}

TEST(TreePlan, MostNodesFillTheSegment) {
  for (const unsigned ports : {2U, 4U, 8U, 16U, 32U}) {
    const unsigned most = most_tree_nodes(ports, max_buses);
    EXPECT_LE(plan_tree(most, ports).buses(), max_buses);
    EXPECT_GT(plan_tree(most + 1, ports).buses(), max_buses);
  }
  EXPECT_EQ(most_tree_nodes(8, 5), 5U);
}

}  // namespace
}  // namespace ivshmem::sim::test
