// SPDX-License-Identifier: Apache-2.0
//
// A device's place at a server, with the test as the server at the other end of a socket pair.
#include "ivshmem/tlm/server_seat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Digests as a device of two vectors with ID 1 does, and notes everything.
struct listener final : fabric_client {
  ~listener() override = default;

  peer_table peers{peer_id{1}, 2};
  std::vector<std::string> heard;
  std::function<void()> on_notify;
  qemu_version follows = qemu_version::v7_2;

  qemu_version qemu() const noexcept override { return follows; }
  std::vector<std::string> take() { return std::exchange(heard, {}); }
  server_message_result digest(const server_message& message) override {
    heard.push_back(std::to_string(message.number) + (message.has_descriptor ? "+" : "-"));
    return peers.digest(message);
  }
  void notify(vector_index vector) override {
    heard.push_back("notify " + std::to_string(to_int(vector)));
    if (on_notify) {
      on_notify();
    }
  }
};

struct ServerSeat : testing::Test {
  bench platform;
  unique_fd server_end;
  shared_memory memory = std::move(
      shared_memory::create({memory_backing::memfd, "server_seat_test", min_memory_bytes}).value());
  std::vector<std::string> reports;
  std::unique_ptr<server_seat> fabric;
  listener client;

  static unique_fd bell() { return std::move(create_eventfd().value()); }
  void send(std::int64_t number, int descriptor = -1) {
    ASSERT_TRUE(send_server_message(server_end.get(), number, descriptor));
  }
  /// Handshake for ID 1; `early` are sent as vectors of peer 0 before the shared memory.
  void connect(const std::vector<const unique_fd*>& early = {}) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    server_end.reset(ends[0]);
    send(server_message::protocol_version);
    send(1);
    for (const unique_fd* each : early) {
      send(0, each->get());
    }
    send(server_message::shared_memory, memory.descriptor());
    auto session = handshake(server_client(unique_fd(ends[1])), std::chrono::seconds(60));
    ASSERT_TRUE(session) << to_string(session.error());
    auto made = server_seat::create(std::move(*session),
                                    [this](const std::string& line) { reports.push_back(line); });
    ASSERT_TRUE(made) << to_string(made.error());
    fabric = std::make_unique<server_seat>(std::move(*made));
  }
  void service(unsigned turns = 1) {
    for (unsigned i = 0; i < turns; ++i) {
      fabric->service();
    }
  }
};

TEST_F(ServerSeat, HasTheServersIdAndMemory) {
  connect();
  EXPECT_EQ(to_int(fabric->id()), 1U);
  ASSERT_EQ(fabric->memory().bytes, min_memory_bytes);
  fabric->memory().data[3] = 0x42;
  EXPECT_EQ(memory.data()[3], 0x42U);
}

TEST_F(ServerSeat, AServerThatCannotBeWaitedForIsRefused) {
  unique_fd file(::dup(memory.descriptor()));
  const auto made = server_seat::create(
      {server_client(std::move(file)), peer_id{1}, std::move(memory), {}}, nullptr);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, host_errc::system_call);
  EXPECT_EQ(made.error().os_errno, EPERM);
}

TEST_F(ServerSeat, HandsOverWhatCameBeforeTheMemoryAndRingsIt) {
  const unique_fd first = bell();
  const unique_fd second = bell();
  connect({&first, &second});
  fabric->attach(client);
  EXPECT_THAT(client.take(), ElementsAre("0+", "0+"));
  fabric->ring(peer_id{0}, vector_index{1}, sc_core::SC_ZERO_TIME);
  fabric->ring(peer_id{0}, vector_index{1}, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(take_eventfd(first.get()), 0U);
  EXPECT_EQ(take_eventfd(second.get()), 2U) << "each ring adds one";
  EXPECT_TRUE(fabric->early_server_messages());
}

TEST_F(ServerSeat, TooManyEarlyVectorsAreReportedOnce) {
  const unique_fd one = bell();
  connect({&one, &one, &one});
  fabric->attach(client);
  ASSERT_FALSE(fabric->early_server_messages());
  EXPECT_EQ(fabric->early_server_messages().error().text(),
            "Too many eventfd received, device has 2 vectors");
}

TEST_F(ServerSeat, OneTurnReadsOneMessageAndThenTheRungVectorsHighestFirst) {
  connect();
  fabric->attach(client);
  const unique_fd first = bell();
  const unique_fd second = bell();
  send(1, first.get());
  send(1, second.get());
  service();
  EXPECT_THAT(client.take(), ElementsAre("1+"));
  service();
  EXPECT_THAT(client.take(), ElementsAre("1+"));
  ASSERT_TRUE(add_to_eventfd(first.get(), 5));
  ASSERT_TRUE(add_to_eventfd(second.get()));
  service(2);
  EXPECT_THAT(client.take(), ElementsAre("notify 1", "notify 0")) << "any count is one";
}

TEST_F(ServerSeat, ACounterThatIsNotZeroWhenItComesNotifiesAtOnce) {
  connect();
  fabric->attach(client);
  const unique_fd own = bell();
  ASSERT_TRUE(add_to_eventfd(own.get()));
  send(1, own.get());
  service(2);
  EXPECT_THAT(client.take(), ElementsAre("1+", "notify 0"));
}

TEST_F(ServerSeat, RefusedMessagesAreReportedInTheDevicesWords) {
  connect();
  fabric->attach(client);
  const unique_fd some = bell();
  send(-2, some.get());
  send(-1, some.get());
  send(1);
  service(3);
  EXPECT_THAT(reports,
              ElementsAre("server sent invalid message -2",
                          "server sent unexpected shared memory message", "invalid peer 1"));
}

TEST_F(ServerSeat, AfterQemu11TheVectorRungLastComesFirst) {
  connect();
  client.follows = qemu_version::v11_1;
  fabric->attach(client);
  const unique_fd own[] = {bell(), bell()};
  send(1, own[0].get());
  send(1, own[1].get());
  service(2);
  client.take();
  for (const unsigned last : {0U, 1U, 0U}) {  // what was rung before must not decide
    ASSERT_TRUE(add_to_eventfd(own[1 - last].get()));
    ASSERT_TRUE(add_to_eventfd(own[last].get()));
    service();
    EXPECT_EQ(client.take().front(), "notify " + std::to_string(last));
  }
  ASSERT_TRUE(add_to_eventfd(own[0].get()));
  server_end.reset();
  service();
  EXPECT_TRUE(fabric->server_gone());
}

TEST_F(ServerSeat, APeerMayLeaveAndComeBack) {
  const unique_fd before = bell();
  const unique_fd after = bell();
  connect({&before});
  fabric->attach(client);
  send(0);
  send(0);
  send(0, after.get());
  service(3);
  EXPECT_THAT(client.take(), ElementsAre("0+", "0-", "0-", "0+"));
  fabric->ring(peer_id{0}, vector_index{0}, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(take_eventfd(before.get()), 0U);
  EXPECT_EQ(take_eventfd(after.get()), 1U);
}

TEST_F(ServerSeat, TheEndOfTheServerStopsNeitherPeersNorOwnVectors) {
  const unique_fd other = bell();
  connect({&other});
  fabric->attach(client);
  const unique_fd own = bell();
  send(1, own.get());
  service();
  server_end.reset();
  service(2);
  EXPECT_TRUE(fabric->server_gone());
  client.take();
  ASSERT_TRUE(add_to_eventfd(own.get()));
  service();
  EXPECT_THAT(client.take(), ElementsAre("notify 0"));
  fabric->ring(peer_id{0}, vector_index{0}, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(take_eventfd(other.get()), 1U);
  EXPECT_THAT(reports, IsEmpty());
}

TEST_F(ServerSeat, AfterDetachNothingIsHeard) {
  connect();
  fabric->attach(client);
  const unique_fd own = bell();
  send(1, own.get());
  service();
  fabric->detach();
  fabric->detach();
  client.take();
  ASSERT_TRUE(add_to_eventfd(own.get()));
  service();
  EXPECT_THAT(client.take(), IsEmpty());
  EXPECT_EQ(fabric->memory().bytes, min_memory_bytes) << "stays mapped";
}

TEST_F(ServerSeat, ADeviceMayBeTakenOutByItsOwnInterrupt) {
  connect();
  fabric->attach(client);
  const unique_fd first = bell();
  const unique_fd second = bell();
  send(1, first.get());
  send(1, second.get());
  service(2);
  client.take();
  client.on_notify = [&] { fabric->detach(); };
  ASSERT_TRUE(add_to_eventfd(first.get()));
  ASSERT_TRUE(add_to_eventfd(second.get()));
  service();
  EXPECT_THAT(client.take(), ElementsAre("notify 1")) << "and the rest is nobody's any more";
}

}  // namespace
}  // namespace ivshmem::test
