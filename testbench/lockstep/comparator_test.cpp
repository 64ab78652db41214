// SPDX-License-Identifier: Apache-2.0
//
// The comparator: what is announced and confirmed, and each kind of difference.
#include "ivshmem/rtl_bridge/lockstep_comparator.h"

#include <gtest/gtest.h>

namespace ivshmem::rtl::test {
namespace {

lockstep_item item_at(std::uint64_t first, std::uint64_t last,
                      const std::vector<std::uint32_t>& data = {}) {
  lockstep_item item;
  item.first = first;
  item.last = last;
  item.fields = {1, 2, 3, 4};
  item.data = data;
  return item;
}

struct LockstepComparator : testing::Test {
  lockstep_comparator compared;

  void announce(lockstep_port port, const lockstep_item& item) {
    compared.announce(port) = item;
    compared.announced(port);
  }
  /// What the difference between the two in cycle 10 is called; empty: none.
  std::string difference(const lockstep_item& model, const lockstep_item& rtl) {
    announce(lockstep_port::completion, model);
    compared.confirm(lockstep_port::completion, rtl, 10);
    compared.end_cycle(10);
    return compared.is_different() ? compared.difference().field : "";
  }
};

TEST_F(LockstepComparator, EqualItemsInTheirCyclesAreNoDifference) {
  EXPECT_EQ(difference(item_at(8, 10, {5, 6}), item_at(8, 10, {5, 6})), "");
  EXPECT_EQ(compared.count(lockstep_port::completion), 1u);
  EXPECT_EQ(compared.next_due(), ~std::uint64_t{0});
}

TEST_F(LockstepComparator, EveryFieldCounts) {
  lockstep_item other = item_at(10, 10);
  other.fields[1] = 7;
  EXPECT_EQ(difference(item_at(10, 10), other), "header DW1");
  EXPECT_EQ(compared.difference().cycle, 10u);
}

TEST_F(LockstepComparator, TheFirstBeatsCycleCounts) {
  EXPECT_EQ(difference(item_at(9, 10), item_at(8, 10)), "cycle");
}

TEST_F(LockstepComparator, TheLastBeatsCycleCounts) {
  EXPECT_EQ(difference(item_at(8, 11), item_at(8, 10)), "cycle of the last beat");
}

TEST_F(LockstepComparator, TheLengthOfThePayloadCounts) {
  EXPECT_EQ(difference(item_at(8, 10, {1}), item_at(8, 10, {1, 2})), "payload dwords");
}

TEST_F(LockstepComparator, EveryDwordOfThePayloadCounts) {
  EXPECT_EQ(difference(item_at(8, 10, {1, 2, 3}), item_at(8, 10, {1, 6, 3})), "data dword 1");
}

TEST_F(LockstepComparator, BytesThatNobodyAskedForDoNotCount) {
  lockstep_item model = item_at(8, 10, {0x0000'0011, 0x22, 0x3300'0000});
  model.first_mask = 0x0000'00ff;
  model.last_mask = 0xff00'0000;
  EXPECT_EQ(difference(model, item_at(8, 10, {0x5555'5511, 0x22, 0x3355'5555})), "");
}

TEST_F(LockstepComparator, BytesThatWereAskedForCount) {
  lockstep_item model = item_at(8, 10, {0x0000'0011});
  model.first_mask = 0x0000'00ff;
  EXPECT_EQ(difference(model, item_at(8, 10, {0x10})), "data dword 0");
}

TEST_F(LockstepComparator, StrobesCountAndSoDoTheBytesUnderThemOnly) {
  lockstep_item model = item_at(10, 10, {0x11, 0x2222});
  model.strobes = {1, 3};
  lockstep_item same = item_at(10, 10, {0xff11, 0xffff'2222});
  same.strobes = {1, 3};
  EXPECT_EQ(difference(model, same), "");
  lockstep_item other = same;
  other.strobes = {1, 7};
  EXPECT_EQ(difference(model, other), "strobes of dword 1");
}

TEST_F(LockstepComparator, WhatTheRtlDoesNotDoInItsCycleIsADifference) {
  announce(lockstep_port::doorbell, item_at(20, 20));
  compared.end_cycle(19);
  EXPECT_FALSE(compared.is_different());
  compared.end_cycle(20);
  ASSERT_TRUE(compared.is_different());
  EXPECT_EQ(compared.difference().rtl, "nothing");
  EXPECT_EQ(compared.difference().cycle, 20u);
}

TEST_F(LockstepComparator, WhatOnlyTheRtlDoesIsADifference) {
  compared.confirm(lockstep_port::message, item_at(5, 5), 5);
  ASSERT_TRUE(compared.is_different());
  EXPECT_EQ(compared.difference().model, "nothing");
}

TEST_F(LockstepComparator, PortsDoNotStandInForEachOther) {
  announce(lockstep_port::credit, item_at(5, 5));
  compared.confirm(lockstep_port::malformed, item_at(5, 5), 5);
  EXPECT_TRUE(compared.is_different());
}

TEST_F(LockstepComparator, OnlyTheFirstDifferenceIsKept) {
  compared.confirm(lockstep_port::message, item_at(5, 5), 5);
  compared.confirm(lockstep_port::doorbell, item_at(6, 6), 6);
  EXPECT_EQ(compared.difference().port, lockstep_port::message);
}

TEST_F(LockstepComparator, WhatIsForgottenIsNotDue) {
  announce(lockstep_port::credit, item_at(5, 5));
  compared.forget();
  compared.end_cycle(9);
  EXPECT_FALSE(compared.is_different());
}

TEST_F(LockstepComparator, TheLastItemsOfEveryPortAreTold) {
  for (std::uint64_t cycle = 1; cycle <= 20; ++cycle) {
    announce(lockstep_port::doorbell, item_at(cycle, cycle));
    compared.confirm(lockstep_port::doorbell, item_at(cycle, cycle), cycle);
  }
  const std::string text = compared.last_items();
  EXPECT_EQ(text.find("doorbell: cycle 14:"), std::string::npos);
  EXPECT_NE(text.find("doorbell: cycle 15:"), std::string::npos);
  EXPECT_NE(text.find("doorbell: cycle 20: peer 0x1, value 0x2, word 0x3"), std::string::npos);
}

}  // namespace
}  // namespace ivshmem::rtl::test
