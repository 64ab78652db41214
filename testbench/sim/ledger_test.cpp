// SPDX-License-Identifier: Apache-2.0
//
// Every doorbell ends once.
#include "ledger_fixture.h"

namespace ivshmem::sim::test {
namespace {

TEST_F(Ledger, DeliveredDoorbellHasItsLatency) {
  ring(5);
  books.notified(1, 0, 1005);
  books.message(1, 0, 1005);
  books.received(1, 0, 1010);
  close();
  EXPECT_EQ(b().delivered, 1U);
  EXPECT_EQ(b().latency.summarise().max, 1005U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, DoorbellsThatArriveTogetherMerge) {
  ring(5);
  ring(5);
  ring(6);
  books.notified(1, 0, 1005);
  books.message(1, 0, 1005);
  books.received(1, 0, 1005);
  EXPECT_EQ(b().merged, 1U);
  books.notified(1, 0, 1006);
  books.message(1, 0, 1006);
  books.received(1, 0, 1006);
  close();
  EXPECT_EQ(b().delivered, 2U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, PendingDoorbellMergesOthersAndComesOutLate) {
  ring(0);
  ring(10);
  books.notified(1, 0, 1000);
  books.pending_bits(1, 1);
  books.notified(1, 0, 1010);
  books.message(1, 0, 5000);
  books.received(1, 0, 5000);
  close();
  EXPECT_EQ(b().pended, 1U);
  EXPECT_EQ(b().merged, 1U);
  EXPECT_EQ(b().latency.summarise().max, 5000U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, DoorbellThatFindsMsixOffLeavesThePendingOneAlone) {
  ring(0);
  ring(10);
  books.notified(1, 0, 1000);  // masked: pends
  books.notified(1, 0, 1010);  // MSI-X off
  books.dropped(1, drop_cause::msix_disabled, peer_id{}, 0, 1010);
  books.message(1, 0, 2000);
  books.received(1, 0, 2000);
  close();
  EXPECT_EQ(b().drops[static_cast<std::size_t>(drop_cause::msix_disabled)], 1U);
  EXPECT_EQ(b().delivered, 1U);
  EXPECT_EQ(b().merged, 0U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, PendingAtTheEndIsAccountedIfTheDeviceHoldsIt) {
  ring(0);
  books.notified(1, 0, 1000);
  close(true);
  EXPECT_EQ(b().pending, 1U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, EveryPlaceToLoseADoorbellIsNoticed) {
  ring(0);
  ring(7);
  ring(9);
  books.notified(1, 0, 1000);
  books.message(1, 0, 1000);   // sent, never received
  books.notified(1, 0, 1007);  // arrived, neither sent nor kept
  close(false);                // the third is still under way
  EXPECT_EQ(b().lost, 3U);
  ASSERT_EQ(log.texts().size(), 3U);
  EXPECT_EQ(log.texts()[0],
            "node b vector 0: lost doorbell, rung by a at 9 ps: expected 1 interrupt, seen 0; it "
            "never reached the device");
}

TEST_F(Ledger, DoorbellThatTheDeviceNeverSawIsLost) {
  books.issued(0, static_cast<peer_id>(1), 0, 0);
  close();
  EXPECT_EQ(books.account(0).write_lost, 1U);
  EXPECT_EQ(books.account(0).lost, 0U) << "it was never rung";
  EXPECT_EQ(log.count(), 1U);
}

TEST_F(Ledger, LatencyCountsFromTheWriteNotFromTheDevice) {
  books.issued(0, static_cast<peer_id>(1), 0, 100);
  books.rung(0, static_cast<peer_id>(1), 0, 300, {50, false});
  books.notified(1, 0, 1350);
  books.message(1, 0, 1350);
  books.received(1, 0, 1400);
  close();
  EXPECT_EQ(b().latency.summarise().min, 1300U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, WhatFaultsLoseIsBookedUnderItsCause) {
  const auto peer = static_cast<peer_id>(1);
  for (const bool poisoned : {false, true}) {
    books.issued(0, peer, 0, 0);
    books.write_lost(0, peer, 0, poisoned);
    ring(0);
    books.notified(1, 0, 1000);
    books.message(1, 0, 1000);
    books.message_lost(1, 0, poisoned);
  }
  books.issued(0, peer, 0, 0);
  books.rung(0, peer, 0, 0, {0, true});
  books.write_lost(0, peer, 0, false);  // there is none any more
  books.message_lost(1, 7, false);      // nor such a vector
  close();
  for (const std::size_t cause : {link_down_cause, poisoned_cause}) {
    EXPECT_EQ(books.account(0).drops[cause], 1U);
  }
  for (const std::size_t cause :
       {message_link_down_cause, message_poisoned_cause, partitioned_cause}) {
    EXPECT_EQ(b().drops[cause], 1U);
  }
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, WritesToADeviceThatIsOutOrResetAreExplainedUntilItIsUsableAgain) {
  const auto peer = static_cast<peer_id>(1);
  books.issued(0, peer, 0, 0);  // on its way when the device leaves
  books.left(0);
  books.issued(0, peer, 0, 1);
  books.usable(0);
  books.was_reset(0);
  books.issued(0, peer, 0, 2);
  books.usable(0);
  ring(3);
  books.notified(1, 0, 1003);
  books.message(1, 0, 1003);
  books.received(1, 0, 1003);
  close();
  EXPECT_EQ(books.account(0).drops[sender_gone_cause], 2U);
  EXPECT_EQ(books.account(0).drops[sender_reset_cause], 1U);
  EXPECT_EQ(b().latency.summarise().max, latency) << "of the last write, not of a lost one";
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, WhatIsUnderWayWhenTimeIsUpIsNotLost) {
  ring(4500);  // in the fabric
  ring(0);
  books.notified(1, 0, 1000);
  books.message(1, 0, 4900);  // its message takes long, but not too long
  books.issued(0, static_cast<peer_id>(1), 1, 4901);
  close(false, cut_off);
  EXPECT_EQ(b().under_way, 2U);
  EXPECT_EQ(b().lost, 0U);
  EXPECT_EQ(books.account(0).write_under_way, 1U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, WhatIsOverdueWhenTimeIsUpIsLost) {
  ring(3999);
  ring(0);
  books.notified(1, 0, 1000);
  books.message(1, 0, 4899);
  books.issued(0, static_cast<peer_id>(1), 1, 4899);
  close(false, cut_off);
  EXPECT_EQ(b().lost, 2U);
  EXPECT_EQ(books.account(0).write_lost, 1U);
}

TEST_F(Ledger, WrongAccountIsAFailure) {
  books.rung(0, static_cast<peer_id>(1), 0, 0, {});  // software has written nothing
  books.notified(1, 0, 1000);
  books.message(1, 0, 1000);
  books.received(1, 0, 1000);
  close();
  ASSERT_EQ(log.count(), 1U);
  EXPECT_EQ(log.texts()[0],
            "node a: the account of doorbells is wrong: issued 0 = rung 1 + dropped here 0 + under "
            "way 0 + lost 0; for it 0 = delivered 0 + merged 0 + dropped there 0 + pending 0 + "
            "under way 0 + lost 0");
}

TEST_F(Ledger, WhatNobodyRangIsAFailure) {
  books.notified(1, 0, 1000);
  books.message(1, 1, 1000);
  books.received(1, 0, 1000);
  books.received(1, 77, 1000);
  EXPECT_EQ(log.count(), 4U);
}

}  // namespace
}  // namespace ivshmem::sim::test
