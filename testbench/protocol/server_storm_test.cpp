// SPDX-License-Identifier: Apache-2.0
//
// The server while many clients come and go.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "server_bench.h"
#include "wire.h"

namespace ivshmem::test {
namespace {

constexpr unsigned vectors = 3;

/// A client and what it has been told.
struct visitor {
  unique_fd socket;
  server_message_reader reader;
  std::vector<server_message> heard;
};

class ServerStorm : public ServerBench, public testing::WithParamInterface<unsigned> {
 protected:
  void read(visitor& from) {
    for (;;) {
      auto received = from.reader.read(from.socket.get());
      if (!received || !*received) {
        return;
      }
      from.heard.push_back((*received)->message);
    }
  }

  // Vectors of each client that `from` believes in.
  static std::map<std::int64_t, unsigned> view(const visitor& from) {
    std::map<std::int64_t, unsigned> known;
    for (std::size_t i = 3; i < from.heard.size(); ++i) {
      const auto& message = from.heard[i];
      if (message.has_descriptor) {
        ++known[message.number];
      } else {
        EXPECT_EQ(known.erase(message.number), 1U) << message.number << " left without having come";
      }
    }
    return known;
  }
};

TEST_P(ServerStorm, AfterAnyComingAndGoingEverybodyKnowsExactlyWhoIsThere) {
  std::mt19937 random{GetParam()};
  RecordProperty("seed", static_cast<int>(GetParam()));
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  start(vectors);
  std::vector<visitor> present;
  for (unsigned step = 0; step < 400; ++step) {
    const auto choice = random() % 10;
    const std::size_t who = present.empty() ? 0 : random() % present.size();
    if (choice < 4 && present.size() < 24) {
      auto socket = connect_socket(folder.path("socket"), std::chrono::seconds{60});
      ASSERT_TRUE(socket) << to_string(socket.error());
      present.push_back({std::move(*socket), {}, {}});
    } else if (choice < 6 && !present.empty()) {
      if (choice == 5) {
        send_piece(present[who].socket, "garbage", {present[who].socket.get()});
      }
      present.erase(present.begin() + static_cast<std::ptrdiff_t>(who));
    } else if (choice < 8 && !present.empty()) {
      read(present[who]);
    } else {
      running->service(0);
    }
  }
  for (unsigned i = 0; i < 20; ++i) {
    running->service(0);
    for (auto& each : present) {
      read(each);
    }
  }

  std::map<std::int64_t, unsigned> expected;
  for (const auto& each : present) {
    ASSERT_GE(each.heard.size(), 3U);
    EXPECT_EQ(each.heard[0].number, server_message::protocol_version);
    EXPECT_EQ(each.heard[2].number, server_message::shared_memory);
    expected[each.heard[1].number] = vectors;
  }
  EXPECT_EQ(expected.size(), present.size()) << "an ID was given twice";
  for (const auto& each : present) {
    EXPECT_EQ(view(each), expected);
  }
  EXPECT_EQ(running->clients(), present.size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, ServerStorm, testing::Range(1U, 9U));

}  // namespace
}  // namespace ivshmem::test
