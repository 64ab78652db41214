// SPDX-License-Identifier: Apache-2.0
//
// The handshake over a socket.
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "ivshmem/model/server.h"
#include "ivshmem/model/server_client.h"
#include "scratch.h"
#include "wire.h"

namespace ivshmem::test {
namespace {

using namespace std::chrono_literals;

/// A server that has sent what a test gave it and then closes or keeps silent.
struct Handshake : testing::Test {
  socket_pair pair;
  unique_fd memory = memory_object(4096);
  const unique_fd& server = pair.ours;

  result<server_session> perform(std::chrono::milliseconds timeout = 60s) {
    return handshake(server_client{std::move(pair.theirs)}, timeout);
  }
  std::string error_text(std::chrono::milliseconds timeout = 60s) {
    const auto session = perform(timeout);
    EXPECT_FALSE(session);
    return session ? "" : to_string(session.error());
  }
  void greet() { send_piece(server, wire_bytes(0) + wire_bytes(5)); }
};

TEST_F(Handshake, GivesIdMemoryAndWhatCameBefore) {
  greet();
  send_number(server, 3, {memory.get()});
  send_number(server, 4);
  send_number(server, -1, {memory.get()});
  send_number(server, 5, {memory.get()});
  auto session = perform();
  ASSERT_TRUE(session) << to_string(session.error());
  EXPECT_EQ(to_int(session->id), 5U);
  EXPECT_EQ(session->memory.size_bytes(), 4096U);
  ASSERT_EQ(session->early.size(), 2U);
  EXPECT_EQ(session->early[0].message.number, 3);
  EXPECT_TRUE(session->early[0].descriptor);
  EXPECT_EQ(session->early[1].message.number, 4);

  auto next = session->client.receive();
  ASSERT_TRUE(next && *next) << "what follows the shared memory waits for the device";
  EXPECT_EQ((*next)->message.number, 5);
}

TEST_F(Handshake, AServerThatClosesAfterTheMemoryIsAccepted) {
  greet();
  send_number(server, -1, {memory.get()});
  pair.ours.reset();
  EXPECT_TRUE(perform());
}

TEST_F(Handshake, TheEndOfTheStreamBeforeTheMemoryIsAnError) {
  greet();
  pair.ours.reset();
  EXPECT_EQ(error_text(), "server closed the connection, 0 bytes into a message");
}

TEST_F(Handshake, TheEndOfTheStreamWithinAMessageIsAnError) {
  send_piece(server, wire_bytes(0) + "12345");
  pair.ours.reset();
  EXPECT_EQ(error_text(), "server closed the connection, 5 bytes into a message");
}

TEST_F(Handshake, ASilentServerTimesOut) {
  greet();
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(error_text(50ms), "server did not finish the handshake within 50 ms");
  EXPECT_GE(std::chrono::steady_clock::now() - before, 50ms);
}

TEST_F(Handshake, AServerThatTalksWithoutEndTimesOutToo) {
  greet();
  std::thread talker{[this] {
    const std::string bytes = wire_bytes(3);
    while (send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
    }
  }};
  EXPECT_EQ(error_text(50ms), "server did not finish the handshake within 50 ms");
  talker.join();
}

TEST_F(Handshake, AByteAtATimeIsAccepted) {
  std::thread sender{[this] {
    for (const char byte : wire_bytes(0) + wire_bytes(5)) {
      send_piece(server, std::string{byte});
    }
    send_number(server, -1, {memory.get()});
  }};
  const auto session = perform();
  sender.join();
  EXPECT_TRUE(session) << to_string(session.error());
}

TEST_F(Handshake, VersionIdAndMemoryInOneSendAreRefusedAsAVersionMessage) {
  send_piece(server, wire_bytes(0) + wire_bytes(5) + wire_bytes(-1), {memory.get()});
  EXPECT_EQ(error_text(), "server sent invalid version message");
}

TEST_F(Handshake, BadSharedMemoryIsRefusedWithTheDevicesText) {
  const auto text_for = [](int descriptor) {
    socket_pair connection;
    send_piece(connection.ours, wire_bytes(0) + wire_bytes(5));
    send_number(connection.ours, -1, {descriptor});
    const auto session = handshake(server_client{std::move(connection.theirs)}, 5s);
    return session ? "accepted" : to_string(session.error());
  };
  EXPECT_EQ(text_for(memory_object(0).get()),
            "memory size 0x0 must be equal to or larger than page size 0x1000");
  EXPECT_EQ(text_for(memory_object(5000).get()),
            "backing store size 0x1388 does not match 'size' option 0x2000");
  EXPECT_EQ(text_for(memory_object(12288).get()),
            "memory size 12288 of server's memory: must be a power of two "
            "from 4096 to 8589934592");
}

TEST_F(Handshake, LeavesNoDescriptorOpenWhicheverWayItEnds) {
  const auto before = open_descriptors();
  for (const std::int64_t last : {-1, -2, 5}) {
    socket_pair connection;
    send_piece(connection.ours, wire_bytes(0) + wire_bytes(5));
    send_number(connection.ours, 3, {memory.get()});
    send_number(connection.ours, last, {memory.get(), memory.get()});
    EXPECT_EQ(handshake(server_client{std::move(connection.theirs)}, 5s).ok(), last == -1);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(ConnectAndHandshake, MeetsOurServer) {
  const scratch_folder folder;
  server_config options;
  options.socket_path = folder.path("socket");
  options.memory.size_bytes = 1U << 20U;
  options.vectors = 2;
  auto running = server::create(options);
  ASSERT_TRUE(running) << to_string(running.error());
  std::thread loop{[&running] {
    while (running->statistics().messages_sent < 5) {
      running->service(10);
    }
  }};
  auto session = connect_and_handshake(options.socket_path);
  loop.join();
  ASSERT_TRUE(session) << to_string(session.error());
  EXPECT_EQ(to_int(session->id), 0U);
  EXPECT_EQ(session->memory.size_bytes(), options.memory.size_bytes);
  EXPECT_TRUE(session->early.empty());
}

TEST(ConnectAndHandshake, WithoutAServerSaysWhere) {
  const scratch_folder folder;
  const auto session = connect_and_handshake(folder.path("socket"));
  ASSERT_FALSE(session);
  EXPECT_EQ(to_string(session.error()),
            "connect to '" + folder.path("socket") + "': No such file or directory");
}

}  // namespace
}  // namespace ivshmem::test
