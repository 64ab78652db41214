// SPDX-License-Identifier: Apache-2.0
//
// The device's own ports in tlm_cycle: every row of model/timing.h, measured.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <gmock/gmock.h>

#include "../timing_row.h"
#include "endpoint_bench.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_of;
using pcie::tlp_type;
using sc_core::sc_time;
using testing::ElementsAre;
using testing::SizeIs;

/// The partner takes no completion before a cycle.
struct late_receiver final : stall_pattern {
  std::uint64_t from = 0;
  bool ready(stall_port port, std::uint64_t cycle) const override {
    return port != stall_port::tx_cpl || cycle >= from;
  }
};

struct EndpointTiming : testing::Test, endpoint_bench, endpoint_observer {
  late_receiver stalls;
  sc_time rang;
  sc_time notified;

  EndpointTiming() : endpoint_bench(4) {
    device.observe(this);
    device.stall_with(&stalls);
  }
  void SetUp() override { start(); }
  void on_doorbell(peer_id, vector_index, const sc_time& delay) override {
    rang = sc_core::sc_time_stamp() + delay;
  }
  void on_notify(vector_index) override { notified = sc_core::sc_time_stamp(); }
  sc_time executed() const {
    return settings.clock_period * static_cast<double>(log.credits.back() - timing::credit_cycles);
  }

  double cycles(const sc_time& time) const { return time / settings.clock_period; }
  /// Cycles from sending a request on an edge to its completion.
  double completion(tlp_type type, std::uint64_t where, unsigned bytes) {
    const sc_time start = sc_core::sc_time_stamp();
    root.send(type, where, bytes);
    settle_keeping();
    return root.completions.empty() ? -1 : cycles(root.completions.back().at - start);
  }
  void settle_keeping() { sc_core::sc_start(1, sc_core::SC_US); }
};

TEST_F(EndpointTiming, AConfigurationReadOrWriteIsCompletedAsTheTableSays) {
  const unsigned expected = row("configuration read or write");
  EXPECT_EQ(completion(tlp_type::config_read_0, 0, 4), expected);
  EXPECT_EQ(completion(tlp_type::config_write_0, cfg::cache_line.offset, 1), expected);
}

TEST_F(EndpointTiming, ARegisterReadIsCompletedAsTheTableSays) {
  EXPECT_EQ(completion(tlp_type::memory_read, registers, 4), row("BAR0 read"));
  EXPECT_EQ(completion(tlp_type::memory_read, vectors_at, 4),
            row("BAR1 read (MSI-X table, pending bits)"));
}

TEST_F(EndpointTiming, AnErrorIsCompletedAsTheTableSays) {
  const unsigned expected = row("request that ends as UR or CA");
  EXPECT_EQ(completion(tlp_type::memory_read, 0x5000'0000, 4), expected);
  EXPECT_EQ(completion(tlp_type::config_read_1, 0, 4), expected);
}

TEST_F(EndpointTiming, ASharedMemoryReadIsCompletedAsTheTableSays) {
  EXPECT_EQ(completion(tlp_type::memory_read, window, 4), row("BAR2 read, memory latency 8"));
}

TEST_F(EndpointTiming, ACompletionOfManyBeatsEndsWithItsLast) {
  const unsigned first = row("BAR2 read, memory latency 8");
  EXPECT_EQ(completion(tlp_type::memory_read, window, 64), first + 64 / settings.beat_bytes - 1);
  EXPECT_EQ(completion(tlp_type::memory_read, window + 8, 8), first);
  EXPECT_EQ(completion(tlp_type::memory_read, window + 6, 4), first + 1) << "two memory beats";
  EXPECT_EQ(completion(tlp_type::memory_read, window + 3, 8), first + 1) << "12 bytes";
}

TEST_F(EndpointTiming, AWriteChangesTheDeviceAsTheTableSays) {
  for (const std::uint64_t where : {registers, vectors_at + 16, window}) {
    const sc_time start = sc_core::sc_time_stamp();
    root.send(tlp_type::memory_write, where, 4);
    settle_keeping();
    EXPECT_EQ(cycles(executed() - start), row("any write, each dword"));
  }
  const sc_time start = sc_core::sc_time_stamp();
  root.send(tlp_type::memory_write, window, 64);
  settle_keeping();
  EXPECT_EQ(cycles(executed() - start),
            row("any write, each dword") + 64 / settings.beat_bytes - 1);
}

TEST_F(EndpointTiming, ARequestThatArrivesBetweenEdgesIsTakenOnTheNext) {
  const sc_time start = sc_core::sc_time_stamp();
  root.send(tlp_type::config_read_0, 0, 4, {1, sc_core::SC_PS});
  settle_keeping();
  EXPECT_EQ(cycles(root.completions.back().at - start), 1 + row("configuration read or write"));
}

TEST_F(EndpointTiming, ADoorbellReachesTheFabricAsTheTableSays) {
  const sc_time start = sc_core::sc_time_stamp();
  write(registers + bar0::doorbell.offset, 0);
  settle();
  EXPECT_EQ(cycles(rang - start), row("doorbell write"));
}

TEST_F(EndpointTiming, ANotificationBecomesAMessageAsTheTableSays) {
  write(registers + bar0::doorbell.offset, 0);
  settle_keeping();
  ASSERT_THAT(root.requests, SizeIs(1));
  EXPECT_EQ(cycles(root.requests[0].at - notified), row("notification, unmasked"));
}

TEST_F(EndpointTiming, UnmaskingAPendingVectorSendsItAsTheTableSays) {
  write(vectors_at + bar1::entry_control, bar1::control_masked);
  write(registers + bar0::doorbell.offset, 0);
  settle();
  const sc_time start = sc_core::sc_time_stamp();
  write(vectors_at + bar1::entry_control, 0);
  settle_keeping();
  ASSERT_THAT(root.requests, SizeIs(1));
  EXPECT_EQ(cycles(root.requests[0].at - start), row("unmask of a pending vector"));
}

TEST_F(EndpointTiming, CreditsComeBackAsTheTableSays) {
  const sc_time start = sc_core::sc_time_stamp();
  write(window, 0);
  settle_keeping();
  EXPECT_EQ(cycles(root.credits.back().at - start), row("any request, nothing in its way"));
}

TEST_F(EndpointTiming, MessagesOfOneCauseFollowAsTheTableSays) {
  root.configure(cfg::msix_control.offset, 2, cfg::msix_enable | cfg::msix_function_mask);
  for (unsigned v = 0; v < vectors; ++v) {
    write(registers + bar0::doorbell.offset, v);
  }
  settle();
  const sc_time start = sc_core::sc_time_stamp();
  root.configure(cfg::msix_control.offset, 2, cfg::msix_enable);
  settle_keeping();
  ASSERT_THAT(root.requests, SizeIs(vectors));
  EXPECT_EQ(cycles(root.requests[0].at - start),
            row("function unmask, pending vectors in the first 64"));
  for (unsigned v = 1; v < vectors; ++v) {
    EXPECT_EQ(cycles(root.requests[v].at - root.requests[v - 1].at),
              row("next message of the same cause"));
  }
}

TEST_F(EndpointTiming, OneRequestIsTakenEachCycleAndCompletionsKeepTheOrder) {
  const sc_time start = sc_core::sc_time_stamp();
  root.send(tlp_type::memory_read, window, 4);
  root.send(tlp_type::memory_read, registers, 4);
  root.send(tlp_type::memory_read, window, 4);
  root.send(tlp_type::memory_read, window, 4);
  settle_keeping();
  ASSERT_THAT(root.completions, SizeIs(4));
  const double first = row("BAR2 read, memory latency 8");
  std::vector<double> at;
  for (const requester::event& one : root.completions) {
    at.push_back(cycles(one.at - start));
  }
  EXPECT_THAT(at, ElementsAre(first, first + 1, first + 2, first + 3));
}

TEST_F(EndpointTiming, AFullCompletionQueueHoldsRequestsBack) {
  constexpr unsigned extra = 3;
  const auto start = static_cast<std::uint64_t>(cycles(sc_core::sc_time_stamp()));
  stalls.from = start + 100;
  // Two completions wait at the port; what has no beat built yet keeps its place.
  for (unsigned i = 0; i < timing::completion_queue + timing::output_queue + extra; ++i) {
    root.send(tlp_type::config_read_0, 0, 4);
  }
  sc_core::sc_start(50 * settings.clock_period);
  EXPECT_THAT(root.credits, SizeIs(timing::completion_queue + timing::output_queue))
      << "what is held back keeps its credit";
  settle_keeping();
  ASSERT_THAT(root.completions, SizeIs(timing::completion_queue + timing::output_queue + extra));
  for (std::size_t i = 0; i < root.completions.size(); ++i) {
    EXPECT_EQ(cycles(root.completions[i].at), start + 100 + i) << "one a cycle again";
  }
  root.completions.clear();
  EXPECT_EQ(completion(tlp_type::config_read_0, 0, 4), row("configuration read or write"));
}

TEST_F(EndpointTiming, MessagesDoNotWaitForHeldCompletions) {
  stalls.from = static_cast<std::uint64_t>(cycles(sc_core::sc_time_stamp())) + 1000;
  for (unsigned i = 0; i < timing::completion_queue + timing::output_queue; ++i) {
    root.send(tlp_type::config_read_0, 0, 4);
  }
  settle_keeping();
  static_cast<fabric_seat&>(fabric.join(vectors)).ring(peer_id{0}, vector_index{1}, {});
  settle_keeping();
  ASSERT_THAT(root.requests, SizeIs(1));
  EXPECT_EQ(cycles(root.requests[0].at - notified), row("notification, unmasked"));
}

TEST_F(EndpointTiming, ABlockingReadTakesTheCyclesOfTheTable) {
  sc_time took;
  sc_core::sc_spawn([&] {
    const sc_time begin = sc_core::sc_time_stamp();
    root.transport(tlp_type::memory_read, registers, 4);
    took = sc_core::sc_time_stamp() - begin;
  });
  settle_keeping();
  EXPECT_EQ(cycles(took), row("BAR0 read"));
}

TEST_F(EndpointTiming, ABlockingDoorbellRingsWhenItsAnnotatedTimeHasPassed) {
  const sc_time ahead = 2 * settings.clock_period;
  const sc_time begin = sc_core::sc_time_stamp();
  sc_time left = ahead;
  sc_core::sc_spawn([&] {
    pcie::payload& trans = root.make(tlp_type::memory_write, registers + bar0::doorbell.offset, 4);
    std::fill_n(trans.get_data_ptr(), 4, static_cast<unsigned char>(0));  // the device itself
    root.pcie.send(trans, left);
  });
  settle_keeping();
  EXPECT_EQ(cycles(rang - begin - ahead), row("doorbell write"));
  EXPECT_EQ(left, sc_core::SC_ZERO_TIME);
  EXPECT_GE(notified, rang);
}

TEST_F(EndpointTiming, ADoorbellThatIsDueWhenTheDeviceLeavesStillRings) {
  write(registers + bar0::doorbell.offset, 0);
  run(timing::execute_cycles);
  device.eject();
  EXPECT_NE(rang, sc_core::SC_ZERO_TIME);
}

}  // namespace
}  // namespace ivshmem::test
