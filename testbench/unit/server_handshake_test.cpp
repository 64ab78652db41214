// SPDX-License-Identifier: Apache-2.0
//
// The handshake without a socket.
#include "ivshmem/model/server_handshake.h"

#include <gtest/gtest.h>

#include <vector>

namespace ivshmem::test {
namespace {

using state = server_handshake::state;
using action = server_handshake::action;

constexpr bool with_descriptor = true;

struct ServerHandshake : testing::Test {
  server_handshake handshake;

  void feed(const std::vector<server_message>& messages) {
    for (const auto& each : messages) {
      ASSERT_TRUE(handshake.feed(each));
    }
  }
  std::string refusal(const server_message& message) {
    const auto answer = handshake.feed(message);
    EXPECT_FALSE(answer);
    EXPECT_EQ(handshake.current(), state::failed);
    return answer ? "accepted" : to_string(answer.error());
  }
};

TEST_F(ServerHandshake, GoesFromVersionToIdToMemoryToRunning) {
  EXPECT_EQ(handshake.current(), state::expect_version);
  EXPECT_EQ(*handshake.feed({0, false}), action::none);
  EXPECT_EQ(handshake.current(), state::expect_id);
  EXPECT_EQ(*handshake.feed({65535, false}), action::none);
  EXPECT_EQ(handshake.current(), state::expect_memory);
  EXPECT_EQ(to_int(handshake.id()), 65535U);
  EXPECT_EQ(*handshake.feed({-1, with_descriptor}), action::memory);
  EXPECT_EQ(handshake.current(), state::running);
}

TEST_F(ServerHandshake, OtherPeersBeforeTheMemoryAreTheDevicesMatter) {
  feed({{0, false}, {5, false}});
  EXPECT_EQ(*handshake.feed({0, with_descriptor}), action::device);
  EXPECT_EQ(*handshake.feed({65535, with_descriptor}), action::device);
  EXPECT_EQ(*handshake.feed({4, false}), action::device);
  EXPECT_EQ(handshake.current(), state::expect_memory);
}

TEST_F(ServerHandshake, EverythingAfterTheMemoryIsTheDevicesMatter) {
  feed({{0, false}, {5, false}, {-1, with_descriptor}});
  for (const std::int64_t number : {-2L, -1L, 0L, 5L, 65535L, 65536L}) {
    EXPECT_EQ(*handshake.feed({number, with_descriptor}), action::device);
    EXPECT_EQ(*handshake.feed({number, false}), action::device);
  }
  EXPECT_EQ(handshake.current(), state::running);
}

TEST_F(ServerHandshake, RefusesAnotherVersion) {
  EXPECT_EQ(refusal({1, false}), "server sent version 1, expecting 0");
}

TEST_F(ServerHandshake, RefusesAnotherVersionWithADescriptorAsAVersion) {
  EXPECT_EQ(refusal({-1, with_descriptor}), "server sent version -1, expecting 0");
}

TEST_F(ServerHandshake, RefusesAVersionWithADescriptor) {
  EXPECT_EQ(refusal({0, with_descriptor}), "server sent invalid version message");
}

TEST_F(ServerHandshake, RefusesAnIdThatIsNoneOrHasADescriptor) {
  const std::vector<server_message> bad{{-1, false}, {65536, false}, {0, with_descriptor}};
  for (const auto& id : bad) {
    handshake = {};
    feed({{0, false}});
    EXPECT_EQ(refusal(id), "server sent invalid ID message");
  }
}

TEST_F(ServerHandshake, RefusesNumbersOutOfRangeBeforeTheMemory) {
  feed({{0, false}, {0, false}});
  EXPECT_EQ(refusal({-2, with_descriptor}), "server sent invalid message -2");
  handshake = {};
  feed({{0, false}, {0, false}});
  EXPECT_EQ(refusal({65536, false}), "server sent invalid message 65536");
}

TEST_F(ServerHandshake, RefusesMemoryWithoutADescriptor) {
  feed({{0, false}, {0, false}});
  EXPECT_EQ(refusal({-1, false}),
            "can't determine size of shared memory sent by server: Bad file descriptor");
}

TEST_F(ServerHandshake, RefusesTheDevicesOwnIdBeforeTheMemory) {
  feed({{0, false}, {7, false}});
  EXPECT_EQ(refusal({7, false}), "invalid peer 7");
  handshake = {};
  feed({{0, false}, {7, false}});
  EXPECT_EQ(refusal({7, with_descriptor}),
            "server sent an eventfd for the device's own ID 7 before the shared memory");
}

}  // namespace
}  // namespace ivshmem::test
