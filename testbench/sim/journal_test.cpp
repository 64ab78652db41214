// SPDX-License-Identifier: Apache-2.0
//
// Entries come into the ledger in the order of time.
#include "journal.h"

#include <gtest/gtest.h>

#include <string>

namespace ivshmem::sim::test {
namespace {

picoseconds time_now = 0;
picoseconds clock_now() { return time_now; }

struct Journal : testing::Test {
  std::string entered;
  void SetUp() override { time_now = 0; }
  auto letter(char which) {
    return [this, which] { entered += which; };
  }
};

TEST_F(Journal, EntriesWaitUntilNothingCanComeBeforeThem) {
  journal all(true, clock_now);
  all.add(30, journal::entry::outcome, 0, letter('c'));
  time_now = 10;
  all.add(10, journal::entry::notification, 0, letter('a'));
  EXPECT_EQ(entered, "");  // another may come for time 10
  time_now = 20;
  all.add(20, journal::entry::notification, 0, letter('b'));
  EXPECT_EQ(entered, "a");
  all.close();
  EXPECT_EQ(entered, "abc");
}

TEST_F(Journal, AtOneTimeKindAndNodeDecide) {
  journal all(true, clock_now);
  all.add(5, journal::entry::interrupt, 0, letter('e'));
  all.add(5, journal::entry::ring, 2, letter('c'));
  all.add(5, journal::entry::ring, 1, letter('a'));
  all.add(5, journal::entry::ring, 1, letter('b'));
  all.add(5, journal::entry::notification, 0, letter('d'));
  all.close();
  EXPECT_EQ(entered, "abcde");
}

TEST_F(Journal, WithoutWaitingEachIsEnteredAtOnce) {
  journal all(false, clock_now);
  all.add(30, journal::entry::outcome, 0, letter('a'));
  EXPECT_EQ(entered, "a");
}

}  // namespace
}  // namespace ivshmem::sim::test
