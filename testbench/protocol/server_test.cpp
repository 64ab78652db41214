// SPDX-License-Identifier: Apache-2.0
//
// What the server sends, to whom and when.
#include "ivshmem/model/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <filesystem>

#include "server_bench.h"
#include "wire.h"

namespace ivshmem::test {
namespace {

using Server = ServerBench;

TEST_F(Server, GreetsWithVersionIdMemoryThenEarlierClientsVectorsThenItsOwn) {
  start(2);
  auto first = connect();
  EXPECT_EQ(read_text(first), "0 0 -1+ 0+ 0+");
  auto second = connect();
  EXPECT_EQ(read_text(second), "0 1 -1+ 0+ 0+ 1+ 1+");
  auto third = connect();
  EXPECT_EQ(read_text(third), "0 2 -1+ 0+ 0+ 1+ 1+ 2+ 2+");
}

TEST_F(Server, TellsEarlierClientsOfANewOneOncePerVector) {
  start(3);
  auto first = connect();
  read_all(first);
  auto second = connect();
  EXPECT_EQ(read_text(first), "1+ 1+ 1+");
}

TEST_F(Server, TellsEverybodyElseWhoLeft) {
  start(1);
  auto first = connect();
  auto third = connect();
  {
    auto second = connect();
    read_all(first);
    read_all(third);
  }
  EXPECT_EQ(read_text(first), "2");
  EXPECT_EQ(read_text(third), "2");
  EXPECT_EQ(running->clients(), 2U);
  EXPECT_EQ(running->statistics().left, 1U);
}

TEST_F(Server, WithoutVectorsNobodyHearsOfAConnectButOfALeave) {
  start(0U);
  auto first = connect();
  EXPECT_EQ(read_text(first), "0 0 -1+");
  {
    auto second = connect();
    EXPECT_EQ(read_text(second), "0 1 -1+");
    EXPECT_EQ(read_text(first), "");
  }
  EXPECT_EQ(read_text(first), "1");
}

TEST_F(Server, EveryVectorRingsItsOwnerAndNobodyElse) {
  start(2);
  auto first = connect();
  auto mine = read_all(first);
  auto second = connect();
  auto theirs = read_all(second);
  auto news = read_all(first);
  ASSERT_EQ(theirs.size(), 7U);
  ASSERT_EQ(news.size(), 2U);

  ASSERT_TRUE(add_to_eventfd(news[1].descriptor.get()));       // client 1, vector 1
  ASSERT_TRUE(add_to_eventfd(theirs[3].descriptor.get(), 5));  // client 0, vector 0
  EXPECT_EQ(take_eventfd(theirs[5].descriptor.get()), 0U);
  EXPECT_EQ(take_eventfd(theirs[6].descriptor.get()), 1U);
  EXPECT_EQ(take_eventfd(mine[3].descriptor.get()), 5U);
  EXPECT_EQ(take_eventfd(mine[4].descriptor.get()), 0U);
}

TEST_F(Server, HandsOutNonBlockingEventfds) {
  start(1);
  auto client = connect();
  const auto got = read_all(client);
  ASSERT_EQ(got.size(), 4U);
  EXPECT_NE(fcntl(got[3].descriptor.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(Server, ClientsShareItsMemory) {
  start(0U);
  auto client = connect();
  auto got = read_all(client);
  ASSERT_EQ(got.size(), 3U);
  auto memory = shared_memory::adopt(std::move(got[2].descriptor));
  ASSERT_TRUE(memory) << to_string(memory.error());
  ASSERT_EQ(memory->size_bytes(), memory_bytes);
  memory->data()[memory_bytes - 1] = 0x5a;
  EXPECT_EQ(running->memory().data()[memory_bytes - 1], 0x5a);
}

TEST_F(Server, DisconnectsAClientThatSendsAByteAndNobodyElse) {
  start(1);
  unique_fd talker = std::move(*connect_socket(folder.path("socket"), std::chrono::seconds{60}));
  auto listener = connect();
  read_all(listener);
  send_piece(talker, "x");
  EXPECT_EQ(read_text(listener), "0");
  EXPECT_EQ(running->statistics().spoke, 1U);
  EXPECT_EQ(running->clients(), 1U);
}

TEST_F(Server, DescriptorsThatAClientSendsDoNotStayOpen) {
  start(1);
  unique_fd talker = std::move(*connect_socket(folder.path("socket"), std::chrono::seconds{60}));
  running->service(0);
  const auto before = open_descriptors();
  send_piece(talker, "x", {talker.get(), talker.get()});
  running->service(0);
  EXPECT_EQ(open_descriptors(), before - 2);  // the connection and its one vector
}

TEST_F(Server, IdsComeAgainOnlyAfterAllOthersWereUsed) {
  start(0U);
  auto resident = connect();
  ASSERT_EQ(read_text(resident), "0 0 -1+");
  for (std::int64_t id = 1; id <= std::int64_t{max_peer_id}; ++id) {
    auto visitor = connect();
    visitor.receive().ok();
    auto greeting = visitor.receive();
    ASSERT_TRUE(greeting && *greeting);
    ASSERT_EQ((*greeting)->message.number, id);
  }
  auto after = connect();
  EXPECT_EQ(read_text(after), "0 1 -1+") << "0 is still taken";
}

TEST_F(Server, StopEndsTheStreamWithoutDisconnectMessagesAndRemovesTheSocket) {
  start(1);
  auto first = connect();
  auto second = connect();
  read_all(first);
  read_all(second);
  running->stop();
  EXPECT_TRUE(folder.empty());
  EXPECT_EQ(running->clients(), 0U);
  running->service(-1);  // returns
  EXPECT_EQ(read_text(first), "");
  EXPECT_TRUE(ended(first));
  EXPECT_TRUE(ended(second));
}

TEST_F(Server, ItsPollDescriptorIsReadableExactlyWhenThereIsWork) {
  start(1);
  pollfd entry{running->poll_descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 0), 0);
  const auto waiting = connect_socket(folder.path("socket"), std::chrono::seconds{60});
  EXPECT_EQ(poll(&entry, 1, 1000), 1);
  running->service(0);
  EXPECT_EQ(poll(&entry, 1, 0), 0);
}

TEST_F(Server, ReportsWhoComesAndGoes) {
  std::vector<server_event::kind> seen;
  auto chosen = options();
  chosen.clients = 1;
  chosen.on_event = [&seen](const server_event& event) { seen.push_back(event.what); };
  start(chosen);
  {
    auto first = connect();
    auto second = connect();
    EXPECT_TRUE(ended(second));
  }
  running->service(0);
  using kind = server_event::kind;
  EXPECT_EQ(seen, (std::vector{kind::connected, kind::refused, kind::left}));
}

TEST_F(Server, TheSocketHasThePermissionsAskedFor) {
  auto chosen = options();
  chosen.socket_mode = 0640;
  start(chosen);
  struct stat status {};
  ASSERT_EQ(stat(chosen.socket_path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
}

}  // namespace
}  // namespace ivshmem::test
