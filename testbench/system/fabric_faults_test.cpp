// SPDX-License-Identifier: Apache-2.0
//
// Faults of the in-process fabric.
#include <gtest/gtest.h>

#include <vector>

#include "ivshmem/tlm/in_process_fabric.h"

namespace ivshmem::test {
namespace {

const sc_core::sc_time ns(1, sc_core::SC_NS);

struct ear final : fabric_client {
  ~ear() override = default;

  std::vector<sc_core::sc_time> rung;
  server_message_result digest(const server_message& /*message*/) override {
    return server_message_effect{};
  }
  void notify(vector_index /*vector*/) override { rung.push_back(sc_core::sc_time_stamp()); }
};

struct FabricFaults : testing::Test {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}, 100 * ns};
  fabric_seat& first = fabric.join(1);
  fabric_seat& second = fabric.join(1);
  fabric_seat& third = fabric.join(1);
  ear one, two, three;

  void SetUp() override {
    first.attach(one);
    second.attach(two);
    third.attach(three);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  static void ring(fabric_seat& from, const fabric_seat& to) {
    from.ring(to.id(), vector_index{}, sc_core::SC_ZERO_TIME);
  }
};

TEST_F(FabricFaults, ExtraLatencyDelaysRingsFromNowOn) {
  ring(first, second);
  fabric.set_extra_latency(50 * ns);
  ring(first, third);
  sc_core::sc_start(200 * ns);
  EXPECT_EQ(two.rung, std::vector{100 * ns}) << "under way before";
  EXPECT_EQ(three.rung, std::vector{150 * ns});
  fabric.set_extra_latency(sc_core::SC_ZERO_TIME);
  ring(first, third);
  sc_core::sc_start(200 * ns);
  EXPECT_EQ(three.rung.back(), 300 * ns);
}

TEST_F(FabricFaults, APartitionLosesAndCountsRingsBetweenGroupsOnly) {
  ring(first, second);
  fabric.set_partition({1, 0, 1});
  EXPECT_FALSE(fabric.reaches(first.id(), second.id()));
  EXPECT_TRUE(fabric.reaches(first.id(), third.id()));
  ring(first, second);
  ring(second, third);
  ring(first, third);
  ring(second, second);
  sc_core::sc_start(200 * ns);
  EXPECT_EQ(two.rung.size(), 1U) << "the one under way and the own one merge";
  EXPECT_EQ(three.rung.size(), 1U);
  const fabric_statistics& counted = fabric.statistics();
  EXPECT_EQ(counted.partitioned, 2U);
  EXPECT_EQ(counted.rung, counted.delivered + counted.merged + counted.lost + counted.partitioned);
}

TEST_F(FabricFaults, IdsBeyondTheGroupsAreInGroupZeroAndNothingHeals) {
  fabric.set_partition({1});
  ring(second, third);
  ring(first, third);
  fabric.set_partition({});
  ring(first, second);
  sc_core::sc_start(200 * ns);
  EXPECT_EQ(three.rung.size(), 1U);
  EXPECT_EQ(two.rung.size(), 1U);
  EXPECT_EQ(fabric.statistics().partitioned, 1U);
}

}  // namespace
}  // namespace ivshmem::test
