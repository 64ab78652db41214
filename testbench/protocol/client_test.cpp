// SPDX-License-Identifier: Apache-2.0
//
// What a client takes from its socket.
#include "ivshmem/model/server_client.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "scratch.h"
#include "wire.h"

namespace ivshmem::test {
namespace {

/// Same open file?
bool same_file(const unique_fd& a, const unique_fd& b) {
  struct stat first {};
  struct stat second {};
  return fstat(a.get(), &first) == 0 && fstat(b.get(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

struct ServerClient : testing::Test {
  socket_pair pair;
  server_client client{std::move(pair.theirs)};
  const unique_fd& server = pair.ours;

  /// The next message; fails the test if it is not complete.
  received_server_message next() {
    auto received = client.receive();
    EXPECT_TRUE(received && *received);
    return received && *received ? std::move(**received) : received_server_message{};
  }
  bool nothing_yet() {
    const auto received = client.receive();
    return received.ok() && !received->has_value();
  }
};

TEST_F(ServerClient, YieldsOneMessagePerCall) {
  EXPECT_TRUE(nothing_yet());
  send_piece(server, wire_bytes(1) + wire_bytes(-1) + wire_bytes(INT64_MIN));
  EXPECT_EQ(next().message.number, 1);
  EXPECT_EQ(next().message.number, -1);
  EXPECT_EQ(next().message.number, INT64_MIN);
  EXPECT_TRUE(nothing_yet());
}

TEST_F(ServerClient, PutsASplitMessageTogetherWithADescriptorOnAnyByte) {
  const unique_fd memory = memory_object(4096);
  const std::string bytes = wire_bytes(0x0102030405060708);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    for (const bool on_first : {true, false}) {
      const std::vector<int> with{memory.get()};
      send_piece(server, bytes.substr(0, cut), on_first ? with : std::vector<int>{});
      EXPECT_TRUE(nothing_yet());
      send_piece(server, bytes.substr(cut), on_first ? std::vector<int>{} : with);
      const auto got = next();
      EXPECT_EQ(got.message.number, 0x0102030405060708);
      EXPECT_TRUE(got.message.has_descriptor);
      EXPECT_TRUE(same_file(got.descriptor, memory)) << "cut at " << cut;
    }
  }
}

TEST_F(ServerClient, OfSeveralDescriptorsInOneMessageKeepsTheFirstAndClosesTheOthers) {
  const unique_fd first = memory_object(4096);
  const unique_fd second = memory_object(4096);
  const auto before = open_descriptors();
  send_number(server, 7, {first.get(), second.get(), second.get()});
  {
    const auto got = next();
    EXPECT_TRUE(same_file(got.descriptor, first));
    EXPECT_NE(fcntl(got.descriptor.get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_EQ(open_descriptors(), before + 1);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ServerClient, TakesAsManyDescriptorsAsAMessageCanCarry) {
  const unique_fd memory = memory_object(4096);
  send_number(server, 7, std::vector<int>(253, memory.get()));
  EXPECT_TRUE(same_file(next().descriptor, memory));
}

TEST_F(ServerClient, ASecondDescriptorBeforeTheEighthByteReplacesTheFirst) {
  const unique_fd first = memory_object(4096);
  const unique_fd second = memory_object(4096);
  const auto before = open_descriptors();
  send_piece(server, wire_bytes(7).substr(0, 4), {first.get()});
  EXPECT_TRUE(nothing_yet());
  send_piece(server, wire_bytes(7).substr(4), {second.get()});
  EXPECT_TRUE(same_file(next().descriptor, second));
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ServerClient, OfTwoMessagesInOneSendTheFirstHasTheDescriptor) {
  const unique_fd memory = memory_object(4096);
  send_piece(server, wire_bytes(1) + wire_bytes(2), {memory.get()});
  EXPECT_TRUE(next().message.has_descriptor);
  EXPECT_FALSE(next().message.has_descriptor);
}

TEST_F(ServerClient, TheEndOfTheStreamIsReportedEveryTimeWithTheBytesInHand) {
  send_piece(server, wire_bytes(7) + "abc");
  pair.ours.reset();
  EXPECT_EQ(next().message.number, 7);
  EXPECT_TRUE(nothing_yet());
  for (int again = 0; again < 2; ++again) {
    const auto end = client.receive();
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, host_errc::server_closed);
    EXPECT_EQ(end.error().value, 3);
  }
}

TEST_F(ServerClient, ADescriptorThatCannotBeOpenedIsAnErrorAndTheNextMessageIsRead) {
  const unique_fd memory = memory_object(4096);
  send_number(server, 7, {memory.get()});
  send_number(server, 8);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto lost = client.receive();
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, host_errc::server_descriptor_lost);
  EXPECT_EQ(lost.error().value, 7);
  EXPECT_EQ(next().message.number, 8);
}

}  // namespace
}  // namespace ivshmem::test
