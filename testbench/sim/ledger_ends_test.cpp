// SPDX-License-Identifier: Apache-2.0
//
// How doorbells end that meet others, a reset or a removal.
#include "ledger_fixture.h"

namespace ivshmem::sim::test {
namespace {

TEST_F(Ledger, MessageThatLeavesDuringAResetIsDelivered) {
  ring(0);
  books.notified(1, 0, 1000);
  books.was_reset(1);  // decided before, and on its way through the device
  books.message(1, 0, 1003);
  books.received(1, 0, 1010);
  close();
  EXPECT_EQ(b().delivered, 1U);
  EXPECT_EQ(b().dropped(), 0U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, NotificationsThatWaitTogetherHaveTheirOwnEnds) {
  ring(0);
  ring(1);
  ring(2);
  books.notified(1, 0, 1000);
  books.notified(1, 0, 1001);
  books.notified(1, 0, 1002);  // the device has decided none of them
  books.message(1, 0, 1003);
  books.dropped(1, drop_cause::msix_disabled, static_cast<peer_id>(1), 0, 1004);
  books.received(1, 0, 1010);
  close(true);
  EXPECT_EQ(b().delivered, 1U);
  EXPECT_EQ(b().dropped(), 1U);
  EXPECT_EQ(b().pending, 1U);
  EXPECT_EQ(b().merged, 0U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, WhatArrivesAtOneTimeIsPairedByTheSender) {
  for (const unsigned sender : {1U, 0U}) {  // in whichever order it is told
    books.issued(sender, static_cast<peer_id>(1), 0, sender);
    books.rung(sender, static_cast<peer_id>(1), 0, 10, {});
  }
  books.notified(1, 0, 1010);
  books.message(1, 0, 1010);
  books.received(1, 0, 1010);
  close();
  EXPECT_EQ(b().latency.summarise().max, 1010U);
  EXPECT_EQ(b().merged, 1U);
}

TEST_F(Ledger, ResetAndRemovalAreCauses) {
  ring(0);
  books.notified(1, 0, 1000);
  books.was_reset(1);
  ring(2000);
  books.left(1);
  close();
  EXPECT_EQ(b().drops[reset_cause], 1U);
  EXPECT_EQ(b().drops[gone_cause], 1U);
  EXPECT_EQ(b().dropped(), 2U);
  EXPECT_EQ(log.count(), 0U);
}

TEST_F(Ledger, SharedLineDeliversOneAndMergesTheOtherVectors) {
  for (const unsigned vector : {0U, 1U}) {
    books.issued(0, static_cast<peer_id>(1), vector, 0);
    books.rung(0, static_cast<peer_id>(1), vector, 0, {});
  }
  books.notified(1, 1, 1000);
  books.notified(1, 0, 1000);
  books.line_served(1, 1003);
  close();
  EXPECT_EQ(b().delivered, 1U);
  EXPECT_EQ(b().merged, 1U);
  EXPECT_EQ(log.count(), 0U);
}

}  // namespace
}  // namespace ivshmem::sim::test
