// SPDX-License-Identifier: Apache-2.0
//
// Who is connected, after any server message.
#include "ivshmem/model/peer_table.h"

#include <gtest/gtest.h>

namespace ivshmem::test {
namespace {

constexpr peer_id own{7};
constexpr unsigned vectors = 2;

struct PeerTable : testing::Test {
  peer_table table{own, vectors};

  server_message_result connect(std::int64_t number) { return table.digest({number, true}); }
  server_message_result leave(std::int64_t number) { return table.digest({number, false}); }
  void joins(std::int64_t number) { EXPECT_TRUE(connect(number)); }
  void leaves(std::int64_t number) { EXPECT_TRUE(leave(number)); }
  std::string refused_connect(std::int64_t number) { return refusal(connect(number)); }
  std::string refused_leave(std::int64_t number) { return refusal(leave(number)); }
  static std::string refusal(const server_message_result& result) {
    return result ? "accepted" : result.error().text();
  }
  unsigned count(unsigned id) const { return table.vectors(static_cast<peer_id>(id)); }
  bool left(unsigned id) const { return table.has_left(static_cast<peer_id>(id)); }
};

TEST_F(PeerTable, TheNthConnectMessageIsVectorNMinus1) {
  for (unsigned v = 0; v < vectors; ++v) {
    const server_message_result added = connect(3);
    ASSERT_TRUE(added);
    EXPECT_EQ(added->what, server_message_effect::kind::peer_vector_added);
    EXPECT_EQ(to_int(added->peer), 3U);
    EXPECT_EQ(to_int(added->vector), v);
    EXPECT_EQ(count(3), v + 1) << "usable at once";
  }
}

TEST_F(PeerTable, OwnVectorsAreToldFromOthers) {
  const server_message_result added = connect(7);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->what, server_message_effect::kind::own_vector_added);
  EXPECT_EQ(table.own_vectors(), 1U);
}

TEST_F(PeerTable, ConnectsOfTwoPeersMayInterleave) {
  joins(1);
  joins(2);
  EXPECT_EQ(to_int(connect(1)->vector), 1U);
  EXPECT_EQ(to_int(connect(2)->vector), 1U);
}

TEST_F(PeerTable, MoreVectorsThanTheDeviceHasAreRefused) {
  for (const std::int64_t id : {3, 7}) {
    joins(id);
    joins(id);
    const server_message_result refused = connect(id);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, server_message_error::kind::too_many_vectors);
    EXPECT_EQ(refused.error().text(), "Too many eventfd received, device has 2 vectors");
    EXPECT_EQ(count(static_cast<unsigned>(id)), vectors) << "goes on with what it has";
  }
}

TEST_F(PeerTable, AnIntroductionIsManyConnects) {
  table.introduce(static_cast<peer_id>(40'000), 2);
  EXPECT_EQ(table.vectors(static_cast<peer_id>(40'000)), 2U);
  ASSERT_TRUE(connect(3));
  table.introduce(static_cast<peer_id>(3), 100);  // the device has fewer vectors
  EXPECT_FALSE(connect(3));
  const unsigned most = table.vectors(static_cast<peer_id>(3));
  ASSERT_TRUE(leave(3));
  table.introduce(static_cast<peer_id>(3), 0);
  EXPECT_TRUE(table.has_left(static_cast<peer_id>(3)));
  table.introduce(static_cast<peer_id>(3), most);
  EXPECT_EQ(table.vectors(static_cast<peer_id>(3)), most);
}

TEST_F(PeerTable, ADisconnectTakesAllVectors) {
  joins(3);
  joins(3);
  const server_message_result gone = leave(3);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->what, server_message_effect::kind::peer_left);
  EXPECT_EQ(to_int(gone->peer), 3U);
  EXPECT_EQ(count(3), 0U);
  EXPECT_TRUE(left(3));
}

TEST_F(PeerTable, ADisconnectOfANeverSeenPeerIsAccepted) {
  EXPECT_TRUE(leave(4));
  EXPECT_FALSE(left(4)) << "it never was there";
  EXPECT_TRUE(leave(60000)) << "beyond the table too";
}

// The real device corrupts its memory in the next two [behaviour 7, behaviour 12].
TEST_F(PeerTable, ASecondDisconnectIsNoOperation) {
  joins(3);
  leaves(3);
  EXPECT_TRUE(leave(3));
  EXPECT_TRUE(left(3));
  EXPECT_EQ(count(3), 0U);
}

TEST_F(PeerTable, APeerMayRejoinUnderItsOldId) {
  joins(3);
  joins(3);
  leaves(3);
  EXPECT_EQ(to_int(connect(3)->vector), 0U) << "counts from 0 again";
  EXPECT_EQ(count(3), 1U);
  EXPECT_FALSE(left(3));
}

TEST_F(PeerTable, TheOwnDisconnectIsRefused) {
  joins(7);
  EXPECT_EQ(refused_leave(7), "invalid peer 7");
  EXPECT_EQ(table.own_vectors(), 1U);
}

TEST_F(PeerTable, ASecondSharedMemoryIsRefused) {
  EXPECT_EQ(refused_connect(-1), "server sent unexpected shared memory message");
  EXPECT_EQ(refused_leave(-1), "server sent unexpected shared memory message");
}

TEST_F(PeerTable, NumbersOutOfRangeAreRefused) {
  EXPECT_EQ(refused_connect(-2), "server sent invalid message -2");
  EXPECT_EQ(refused_leave(65536), "server sent invalid message 65536");
  EXPECT_FALSE(connect(INT64_MIN));
  EXPECT_FALSE(leave(INT64_MAX));
  EXPECT_EQ(table.capacity(), 16U) << "and do not make the table grow";
}

TEST_F(PeerTable, GrowsFrom16ToTheHighestIdSeen) {
  EXPECT_EQ(table.capacity(), 16U);
  joins(15);
  EXPECT_EQ(table.capacity(), 16U);
  joins(16);
  EXPECT_EQ(table.capacity(), 17U);
  joins(max_peer_id);
  EXPECT_EQ(table.capacity(), 65536U);
  EXPECT_EQ(count(max_peer_id), 1U);
  EXPECT_EQ(count(15), 1U) << "kept";
}

TEST_F(PeerTable, AnIdBeyondTheTableIsNotConnected) {
  EXPECT_EQ(count(max_peer_id), 0U);
  EXPECT_FALSE(left(max_peer_id));
}

TEST(PeerTableOfMostVectors, Takes2048AndNotOneMore) {
  peer_table table{own, max_vectors};
  for (unsigned v = 0; v < max_vectors; ++v) {
    ASSERT_TRUE(table.digest({3, true}));
  }
  EXPECT_FALSE(table.digest({3, true}));
  EXPECT_EQ(table.vectors(peer_id{3}), max_vectors);
}

TEST(PeerTableOfPlain, RefusesEveryVector) {
  peer_table table{peer_id{}, 0};
  EXPECT_FALSE(table.digest({1, true}));
  EXPECT_EQ(table.vectors(peer_id{1}), 0U);
}

}  // namespace
}  // namespace ivshmem::test
