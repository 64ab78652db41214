// SPDX-License-Identifier: Apache-2.0
//
// A client against random messages, cut at random.
#include <gtest/gtest.h>

#include <random>

#include "ivshmem/model/server_client.h"
#include "scratch.h"
#include "wire.h"

namespace ivshmem::test {
namespace {

class ClientStorm : public testing::TestWithParam<unsigned> {
 protected:
  ClientStorm() { RecordProperty("seed", static_cast<int>(GetParam())); }

  std::mt19937_64 random{GetParam()};

  /// Mostly numbers that mean something, sometimes any.
  std::int64_t number() {
    switch (random() % 8) {
      case 0:
        return -1;
      case 1:
        return static_cast<std::int64_t>(random());
      case 2:
        return 65535 + static_cast<std::int64_t>(random() % 2);
      case 3:
        return -2;
      default:
        return static_cast<std::int64_t>(random() % 4);
    }
  }
};

TEST_P(ClientStorm, AnyCutOfTheStreamGivesTheSameMessages) {
  socket_pair pair;
  server_client client{std::move(pair.theirs)};
  const unique_fd memory = memory_object(4096);
  const auto before = open_descriptors();
  for (unsigned round = 0; round < 2000; ++round) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + ", round " + std::to_string(round));
    const std::int64_t sent = number();
    const std::string bytes = wire_bytes(sent);
    bool with_descriptor = false;
    std::size_t done = 0;
    std::optional<received_server_message> got;
    while (done < bytes.size()) {
      ASSERT_FALSE(got) << "complete too early";
      const std::size_t length = 1 + random() % (bytes.size() - done);
      const std::vector<int> descriptors(random() % 4, memory.get());
      with_descriptor = with_descriptor || !descriptors.empty();
      send_piece(pair.ours, bytes.substr(done, length), descriptors);
      done += length;
      auto received = client.receive();
      ASSERT_TRUE(received) << to_string(received.error());
      got = std::move(*received);
    }
    ASSERT_TRUE(got);
    ASSERT_EQ(got->message.number, sent);
    ASSERT_EQ(got->message.has_descriptor, with_descriptor);
    ASSERT_EQ(static_cast<bool>(got->descriptor), with_descriptor);
  }
  EXPECT_EQ(open_descriptors(), before);
}

// Order of the checks as in [behaviour 8], written down a second time.
host_errc refusal(const server_message& version, const server_message& id,
                  const server_message& last) {
  if (version.number != 0) {
    return host_errc::server_version;
  }
  if (version.has_descriptor) {
    return host_errc::server_version_message;
  }
  if (id.has_descriptor || id.number < 0 || id.number > 65535) {
    return host_errc::server_id_message;
  }
  if (last.number == -1) {
    return host_errc::server_memory_message;
  }
  if (last.number < 0 || last.number > 65535) {
    return host_errc::server_message;
  }
  return last.has_descriptor ? host_errc::server_own_vector_early : host_errc::server_own_peer;
}

TEST_P(ClientStorm, AnyMessagesEndInASessionOrInTheRightError) {
  const unique_fd memory = memory_object(4096);
  const auto before = open_descriptors();
  for (unsigned round = 0; round < 500; ++round) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + ", round " + std::to_string(round));
    socket_pair pair;
    // The first two are right most of the time, so that the storm gets past them.
    std::vector<server_message> sent{{random() % 4 == 0 ? number() : 0, random() % 16 == 0},
                                     {random() % 4 == 0 ? number() : 3, random() % 16 == 0}};
    for (unsigned i = 0; i < 12; ++i) {
      sent.push_back({number(), random() % 2 == 0});
    }
    for (const auto& message : sent) {
      send_number(pair.ours, message.number,
                  message.has_descriptor ? std::vector<int>{memory.get()} : std::vector<int>{});
    }
    pair.ours.reset();
    const auto session =
        handshake(server_client{std::move(pair.theirs)}, std::chrono::milliseconds{60000});

    // The message that decides: the first after the ID that is not a matter of the device.
    std::size_t last = 2;
    while (last < sent.size() && sent[last].number >= 0 && sent[last].number <= 65535 &&
           sent[last].number != sent[1].number) {
      ++last;
    }
    const bool greeted = sent[0].number == 0 && !sent[0].has_descriptor && sent[1].number >= 0 &&
                         sent[1].number <= 65535 && !sent[1].has_descriptor;
    if (greeted && last == sent.size()) {
      ASSERT_FALSE(session);
      EXPECT_EQ(session.error().code, host_errc::server_closed);
    } else if (greeted && sent[last].number == -1 && sent[last].has_descriptor) {
      ASSERT_TRUE(session) << to_string(session.error());
      EXPECT_EQ(session->early.size(), last - 2);
      EXPECT_EQ(to_int(session->id), sent[1].number);
    } else {
      ASSERT_FALSE(session);
      EXPECT_EQ(session.error().code,
                refusal(sent[0], sent[1], sent[std::min(last, sent.size() - 1)]))
          << to_string(session.error());
    }
  }
  EXPECT_EQ(open_descriptors(), before);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ClientStorm, testing::Range(1U, 6U));

}  // namespace
}  // namespace ivshmem::test
