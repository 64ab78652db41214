// SPDX-License-Identifier: Apache-2.0
//
// server_seat against a server that sends what was recorded.
#include "ivshmem/tlm/server_seat.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../protocol/wire.h"

namespace ivshmem::test {
namespace {

constexpr unsigned vectors = 4;
constexpr std::int64_t own = 3;
constexpr std::int64_t peer = 7;
constexpr std::int64_t memory_bytes = 4096;

/// A device that remembers what its fabric told it.
struct recording_client final : fabric_client {
  ~recording_client() override = default;

  peer_table peers{static_cast<peer_id>(own), vectors};
  std::vector<unsigned> notified;
  unsigned digested = 0;

  server_message_result digest(const server_message& message) override {
    ++digested;
    return peers.digest(message);
  }
  void notify(vector_index vector) override { notified.push_back(to_int(vector)); }
};

bool is_open_elsewhere(const unique_fd& write_end_of_pipe_reader) {
  pollfd entry{write_end_of_pipe_reader.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;  // no hang-up: somebody holds the other end
}

unique_fd eventfd(int flags = EFD_NONBLOCK) { return unique_fd(::eventfd(0, flags | EFD_CLOEXEC)); }

class ServerSeat : public testing::Test {
 protected:
  void send(std::int64_t number) { send_number(wire.theirs, number); }
  void send(std::int64_t number, const unique_fd& descriptor) {
    send_number(wire.theirs, number, {descriptor.get()});
  }
  /// The handshake, with whatever the test sends before the memory already in the socket.
  void introduce() {
    send(0);
    send(own);
  }
  void start() {
    send(-1, memory);
    auto session = handshake(server_client(std::move(wire.ours)), std::chrono::seconds(60));
    ASSERT_TRUE(session) << to_string(session.error());
    auto made = server_seat::create(std::move(*session),
                                    [this](const std::string& line) { lines.push_back(line); });
    ASSERT_TRUE(made) << to_string(made.error());
    fabric.emplace(std::move(*made));
    fabric->attach(device);
  }
  bool has_something_to_do() const {
    pollfd entry{fabric->poll_descriptor(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }
  void serve_all() {
    for (int turn = 0; turn < 20 && has_something_to_do(); ++turn) {
      fabric->service();
    }
  }

  socket_pair wire;
  unique_fd memory = memory_object(memory_bytes);
  recording_client device;
  std::vector<std::string> lines;
  std::optional<server_seat> fabric;
};

TEST_F(ServerSeat, IdAndMemoryAreTheServers) {
  introduce();
  start();
  EXPECT_EQ(to_int(fabric->id()), own);
  EXPECT_EQ(fabric->memory().bytes, static_cast<std::uint64_t>(memory_bytes));
  fabric->memory().data[9] = 0x5a;
  char byte = 0;
  ASSERT_EQ(::pread(memory.get(), &byte, 1, 9), 1);
  EXPECT_EQ(byte, 0x5a);
}

TEST_F(ServerSeat, MessagesBeforeTheMemoryReachTheDeviceOnAttach) {
  const unique_fd bell = eventfd();
  introduce();
  send(peer, bell);
  start();
  EXPECT_EQ(device.peers.vectors(static_cast<peer_id>(peer)), 1U);
  EXPECT_TRUE(fabric->early_server_messages());
}

TEST_F(ServerSeat, ARefusedMessageBeforeTheMemoryEndsTheAttachAndIsKept) {
  const unique_fd bell = eventfd();
  introduce();
  for (unsigned i = 0; i < vectors + 2; ++i) {
    send(peer, bell);
  }
  start();
  ASSERT_FALSE(fabric->early_server_messages());
  EXPECT_EQ(fabric->early_server_messages().error().text(),
            "Too many eventfd received, device has 4 vectors");
  EXPECT_EQ(device.digested, vectors + 1);
  EXPECT_TRUE(lines.empty());
}

TEST_F(ServerSeat, ATurnReadsOneMessage) {
  introduce();
  start();
  send(8);
  send(9);
  fabric->service();
  EXPECT_EQ(device.digested, 1U);
  fabric->service();
  EXPECT_EQ(device.digested, 2U);
  EXPECT_FALSE(has_something_to_do());
}

TEST_F(ServerSeat, OwnVectorsComeHighestFirstAndOnceForAnyCount) {
  introduce();
  start();
  std::vector<unique_fd> bells;
  for (unsigned i = 0; i < vectors; ++i) {
    bells.push_back(eventfd());
    send(own, bells.back());
  }
  serve_all();
  for (const unsigned vector : {1U, 3U, 0U}) {
    ASSERT_TRUE(add_to_eventfd(bells[vector].get(), 5));
  }
  fabric->service();
  EXPECT_EQ(device.notified, (std::vector<unsigned>{3, 1, 0}));
  fabric->service();
  EXPECT_EQ(device.notified.size(), 3U);
}

TEST_F(ServerSeat, AnOwnVectorThatWasRungBeforeItArrivedNotifies) {
  const unique_fd bell = eventfd();
  ASSERT_TRUE(add_to_eventfd(bell.get()));
  introduce();
  start();
  send(own, bell);
  serve_all();
  EXPECT_EQ(device.notified, std::vector<unsigned>{0});
}

TEST_F(ServerSeat, ARingAddsOneToThePeersEventfd) {
  const unique_fd bell = eventfd();
  introduce();
  start();
  send(peer, bell);
  serve_all();
  fabric->ring(static_cast<peer_id>(peer), vector_index{}, sc_core::SC_ZERO_TIME);
  fabric->ring(static_cast<peer_id>(peer), vector_index{}, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(take_eventfd(bell.get()), 2U);
}

TEST_F(ServerSeat, ARefusedMessageIsReportedInTheDevicesWordsAndItsDescriptorClosed) {
  introduce();
  start();
  socket_pair pipe;
  send(70000, pipe.theirs);
  pipe.theirs.reset();
  EXPECT_TRUE(is_open_elsewhere(pipe.ours));
  serve_all();
  EXPECT_EQ(lines, std::vector<std::string>{"server sent invalid message 70000"});
  EXPECT_FALSE(is_open_elsewhere(pipe.ours));
}

TEST_F(ServerSeat, AcceptedDescriptorsBecomeNonBlocking) {
  const unique_fd bell = eventfd(0);
  introduce();
  start();
  send(peer, bell);
  serve_all();
  EXPECT_NE(::fcntl(bell.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(ServerSeat, APeerThatLeftReleasesItsDescriptorsAndMayComeBack) {
  socket_pair first;
  const unique_fd bell = eventfd();
  introduce();
  start();
  send(peer, first.theirs);
  first.theirs.reset();
  send(peer);
  send(peer);
  serve_all();
  EXPECT_FALSE(is_open_elsewhere(first.ours));
  send(peer, bell);
  serve_all();
  fabric->ring(static_cast<peer_id>(peer), vector_index{}, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(take_eventfd(bell.get()), 1U);
  EXPECT_TRUE(lines.empty());
}

TEST_F(ServerSeat, AfterTheServersEndOwnVectorsStillRing) {
  const unique_fd bell = eventfd();
  introduce();
  start();
  send(own, bell);
  wire.theirs.reset();
  serve_all();
  EXPECT_TRUE(fabric->server_gone());
  EXPECT_FALSE(has_something_to_do());
  ASSERT_TRUE(add_to_eventfd(bell.get()));
  serve_all();
  EXPECT_EQ(device.notified, std::vector<unsigned>{0});
  EXPECT_TRUE(lines.empty());
}

TEST_F(ServerSeat, ADescriptorThatCannotBeWaitedForNeverRings) {
  const unique_fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  introduce();
  start();
  send(own, null);
  serve_all();
  EXPECT_TRUE(device.notified.empty());
  EXPECT_FALSE(has_something_to_do());
}

TEST_F(ServerSeat, ADetachedFabricLeavesTheServerAndHasNothingToDo) {
  const unique_fd bell = eventfd();
  introduce();
  start();
  send(own, bell);
  serve_all();
  fabric->detach();
  ASSERT_TRUE(add_to_eventfd(bell.get()));
  EXPECT_FALSE(has_something_to_do());
  char byte = 0;
  EXPECT_EQ(::read(wire.theirs.get(), &byte, 1), 0);
}

}  // namespace
}  // namespace ivshmem::test
