// SPDX-License-Identifier: Apache-2.0
//
// The in-process fabric with clients that only listen.
#include "ivshmem/tlm/in_process_fabric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "bench.h"
#include "told.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const sc_core::sc_time ns(1, sc_core::SC_NS);
const sc_core::sc_time latency = 100 * ns;

/// Notes server messages as "<number>+" or "<number>-", notifications with their time in ns.
struct listener final : fabric_client {
  ~listener() override = default;

  std::vector<std::string> heard;
  std::function<void(unsigned)> on_notify;
  qemu_version follows = qemu_version::v7_2;

  qemu_version qemu() const noexcept override { return follows; }
  std::vector<std::string> take() { return std::exchange(heard, {}); }
  server_message_result digest(const server_message& message) override {
    heard.push_back(std::to_string(message.number) + (message.has_descriptor ? "+" : "-"));
    return server_message_effect{};
  }
  void notify(vector_index vector) override {
    heard.push_back(std::to_string(to_int(vector)) + " at " +
                    std::to_string(static_cast<int>(sc_core::sc_time_stamp() / ns)));
    if (on_notify) {
      on_notify(to_int(vector));
    }
  }
};

struct Fabric : testing::Test {
  bench platform;
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}, latency};
  fabric_seat& first = fabric.join(2);
  fabric_seat& second = fabric.join(2);
  listener one;
  listener two;

  void attach_both() {
    first.attach(one);
    second.attach(two);
    one.take();
    two.take();
  }
  static void ring(fabric_seat& from, unsigned peer, unsigned vector,
                   const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) {
    from.ring(static_cast<peer_id>(peer), static_cast<vector_index>(vector), delay);
  }
};

TEST_F(Fabric, IdsCountUpInTheOrderOfJoining) {
  EXPECT_EQ(to_int(first.id()), 0U);
  EXPECT_EQ(to_int(second.id()), 1U);
  EXPECT_EQ(to_int(fabric.join(1).id()), 2U);
  EXPECT_EQ(first.memory().data, shared.data());
  EXPECT_EQ(second.memory().bytes, shared.size());
}

TEST_F(Fabric, ConnectsAsTheStockServerDoes) {
  second.attach(two);
  EXPECT_THAT(two.take(), ElementsAre("1+", "1+")) << "its own vectors";
  first.attach(one);
  EXPECT_THAT(one.take(), ElementsAre("1+", "1+", "0+", "0+")) << "earlier peers, then itself";
  EXPECT_THAT(two.take(), ElementsAre("0+", "0+")) << "the new peer, once a vector";
  EXPECT_EQ(fabric.connected(), 2U);
}

TEST_F(Fabric, APeerThatLeavesIsAnnouncedToAllOthers) {
  attach_both();
  second.detach();
  second.detach();
  EXPECT_THAT(one.take(), ElementsAre("1-"));
  EXPECT_THAT(two.take(), IsEmpty());
  EXPECT_EQ(fabric.connected(), 1U);
}

TEST_F(Fabric, ARingArrivesExactlyTheLatencyLater) {
  attach_both();
  platform.run([&] {
    sc_core::wait(7 * ns);
    ring(first, 1, 1);
    sc_core::wait(latency - ns);
    EXPECT_THAT(two.heard, IsEmpty());
    sc_core::wait(2 * ns);
    EXPECT_THAT(two.heard, ElementsAre("1 at 107"));
    EXPECT_THAT(one.heard, IsEmpty());
  });
}

TEST_F(Fabric, TheCallersDelayCountsToo) {
  attach_both();
  platform.run([&] {
    ring(first, 1, 0, 30 * ns);
    ring(first, 1, 1, 10 * ns);
    sc_core::wait(1, sc_core::SC_US);
    EXPECT_THAT(two.heard, ElementsAre("1 at 110", "0 at 130"));
  });
}

TEST_F(Fabric, WithoutLatencyItArrivesInTheNextDeltaCycle) {
  in_process_fabric instant("instant", {shared.data(), shared.size()});
  instant.join(1).attach(one);
  one.take();
  platform.run([&] {
    instant.statistics();
    ring(instant.join(1), 0, 0);
    EXPECT_THAT(one.heard, IsEmpty()) << "not inside the ring";
    sc_core::wait(sc_core::SC_ZERO_TIME);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    EXPECT_THAT(one.heard, ElementsAre("0 at 0"));
  });
}

TEST_F(Fabric, RingsOfOneVectorThatArriveTogetherAreOneNotification) {
  attach_both();
  platform.run([&] {
    for (int i = 0; i < 9; ++i) {
      ring(first, 1, 0);
    }
    sc_core::wait(latency + ns);
    EXPECT_THAT(two.heard, ElementsAre("0 at 100"));
    EXPECT_EQ(fabric.statistics().rung, 9U);
    EXPECT_EQ(fabric.statistics().delivered, 1U);
    EXPECT_EQ(fabric.statistics().merged, 8U);
  });
}

TEST_F(Fabric, VectorsThatArriveTogetherComeHighestFirst) {
  attach_both();
  fabric_seat& eight = fabric.join(8);
  listener many;
  eight.attach(many);
  many.take();
  platform.run([&] {
    for (const unsigned vector : {3U, 0U, 7U, 1U, 6U, 2U, 5U, 4U}) {
      ring(first, 2, vector);
    }
    sc_core::wait(latency + ns);
    EXPECT_THAT(many.heard, ElementsAre("7 at 100", "6 at 100", "5 at 100", "4 at 100", "3 at 100",
                                        "2 at 100", "1 at 100", "0 at 100"));
  });
}

TEST_F(Fabric, AfterQemu11TheVectorRungLastComesFirst) {
  attach_both();
  fabric_seat& eight = fabric.join(8);
  listener many;
  many.follows = qemu_version::v11_1;
  eight.attach(many);
  many.take();
  two.take();
  platform.run([&] {
    for (const unsigned vector : {3U, 0U, 7U, 3U, 1U}) {
      ring(first, 2, vector);
    }
    ring(first, 1, 0);
    ring(first, 1, 1);
    sc_core::wait(latency + ns);
    EXPECT_THAT(many.heard, ElementsAre("1 at 100", "7 at 100", "0 at 100", "3 at 100"));
    EXPECT_THAT(two.heard, ElementsAre("1 at 100", "0 at 100")) << "each device as its own QEMU";
    EXPECT_EQ(fabric.statistics().merged, 1U);
  });
}

TEST_F(Fabric, ARingToAPeerThatLeftMeanwhileIsCountedLost) {
  attach_both();
  platform.run([&] {
    ring(first, 1, 0);
    sc_core::wait(latency / 2);
    second.detach();
    sc_core::wait(latency);
    EXPECT_THAT(two.heard, IsEmpty());
    EXPECT_EQ(fabric.statistics().lost, 1U);
    EXPECT_EQ(fabric.statistics().delivered, 0U);
  });
}

TEST_F(Fabric, ARejoinedPeerDoesNotHearRingsOfItsFormerLife) {
  attach_both();
  listener reborn;
  platform.run([&] {
    ring(first, 1, 0);
    second.detach();
    second.attach(reborn);
    reborn.take();
    sc_core::wait(latency + ns);
    EXPECT_THAT(reborn.heard, IsEmpty()) << "a new connection has new eventfds";
    EXPECT_EQ(fabric.statistics().lost, 1U);
    ring(first, 1, 0);
    sc_core::wait(latency + ns);
    EXPECT_EQ(reborn.heard.size(), 1U);
  });
}

TEST_F(Fabric, ANotificationMayRingAgainAtOnce) {
  attach_both();
  two.on_notify = [&](unsigned vector) { ring(second, 0, vector); };
  platform.run([&] {
    ring(first, 1, 1);
    sc_core::wait(3 * latency);
    EXPECT_THAT(one.heard, ElementsAre("1 at 200"));
  });
}

TEST_F(Fabric, RefusesImpossibleNumbersOfVectors) {
  const auto text = [&](unsigned vectors) {
    try {
      fabric.join(vectors);
    } catch (const sc_core::sc_report& report) {
      return text_of(report);
    }
    return std::string("accepted");
  };
  EXPECT_EQ(text(0), "vectors = 0: The number of MSI-X vectors is invalid: must be from 1 to 2048");
  EXPECT_EQ(text(2049),
            "vectors = 2049: The number of MSI-X vectors is invalid: must be from 1 to 2048");
  EXPECT_EQ(text(2048), "accepted");
}

}  // namespace
}  // namespace ivshmem::test
