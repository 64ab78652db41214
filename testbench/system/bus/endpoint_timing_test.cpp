// SPDX-License-Identifier: Apache-2.0
//
// The device's own ports in tlm_cycle: every row of model/timing.h, measured.
#include <gmock/gmock.h>

#include <string_view>

#include "ivshmem/model/timing.h"
#include "platform.h"
#include "requester.h"

namespace ivshmem {
namespace {

using pcie::tlp_of;
using pcie::tlp_type;
using sc_core::sc_time;
using testing::ElementsAre;
using testing::SizeIs;

constexpr std::uint64_t window = 0x10'0000'0000;   // BAR2
constexpr std::uint64_t registers = 0x1000'0000;   // BAR0
constexpr std::uint64_t vectors_at = 0x1001'0000;  // BAR1
constexpr unsigned vectors = 4;

unsigned row(std::string_view event) {
  for (const timing::row& one : timing::rows) {
    if (one.event == event) {
      return one.cycles;
    }
  }
  ADD_FAILURE() << "no such row: " << event;
  return 0;
}

/// A requester directly at the device: what it sends is there at once, on a clock edge.
struct EndpointTiming : testing::Test, endpoint_observer {
  const device_timing settings = timed();
  requester host{"host"};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(1U << 20U);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  endpoint device{"device", properties(), fabric.join(vectors), settings};
  sc_time accessed;
  sc_time rang;
  sc_time notified;
  std::uint64_t address = 0;

  EndpointTiming() {
    host.pcie.bind(device.pcie);
    device.observe(this);
  }
  static device_timing timed() {
    device_timing settings;
    settings.mode = timing_mode::tlm_cycle;
    return settings;
  }
  static device_properties properties() {
    device_properties values;
    values.variant = device_variant::doorbell;
    values.vectors = vectors;
    return values;
  }
  void SetUp() override {
    host.configure(cfg::bar0_reg.offset, 4, registers);
    host.configure(cfg::bar1_reg.offset, 4, vectors_at);
    host.configure(cfg::bar2_reg.offset + 4, 4, window >> 32U);
    host.configure(cfg::command.offset, 2, cfg::command_memory | cfg::command_master);
    host.configure(cfg::msix_control.offset, 2, cfg::msix_enable);
    for (std::uint64_t v = 0; v < vectors; ++v) {
      write(vectors_at + bar1::entry_bytes * v + bar1::entry_data, 0x40 + static_cast<unsigned>(v));
      write(vectors_at + bar1::entry_bytes * v + bar1::entry_control, 0);
    }
    settle();
  }
  void on_access(unsigned, bool, std::uint64_t, std::size_t) override {
    accessed = sc_core::sc_time_stamp();
  }
  void on_doorbell(peer_id, vector_index, const sc_time& delay) override {
    rang = sc_core::sc_time_stamp() + delay;
  }
  void on_notify(vector_index) override { notified = sc_core::sc_time_stamp(); }

  void write(std::uint64_t where, std::uint32_t value) {
    pcie::payload& trans = host.make(tlp_type::memory_write, where, 4);
    std::memcpy(trans.get_data_ptr(), &value, sizeof value);
    host.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
  }
  void settle() {
    sc_core::sc_start(1, sc_core::SC_US);
    host.completions.clear();
    host.requests.clear();
  }
  double cycles(const sc_time& time) const { return time / settings.clock_period; }
  /// Cycles from sending a request on an edge to its completion.
  double completion(tlp_type type, std::uint64_t where, unsigned bytes) {
    const sc_time start = sc_core::sc_time_stamp();
    host.send(type, where, bytes);
    settle_keeping();
    return host.completions.empty() ? -1 : cycles(host.completions.back().at - start);
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
  EXPECT_EQ(completion(tlp_type::memory_read, window + 6, 4), first) << "8 bytes of whole dwords";
  EXPECT_EQ(completion(tlp_type::memory_read, window + 3, 8), first + 1) << "12 bytes";
}

TEST_F(EndpointTiming, AWriteChangesTheDeviceAsTheTableSays) {
  for (const std::uint64_t where : {registers, vectors_at + 16, window}) {
    const sc_time start = sc_core::sc_time_stamp();
    host.send(tlp_type::memory_write, where, 4);
    settle();
    EXPECT_EQ(cycles(accessed - start), row("any write"));
  }
  const sc_time start = sc_core::sc_time_stamp();
  host.send(tlp_type::memory_write, window, 64);
  settle();
  EXPECT_EQ(cycles(accessed - start), row("any write") + 64 / settings.beat_bytes - 1);
}

TEST_F(EndpointTiming, ARequestThatArrivesBetweenEdgesIsTakenOnTheNext) {
  const sc_time start = sc_core::sc_time_stamp();
  host.send(tlp_type::config_read_0, 0, 4, {1, sc_core::SC_PS});
  settle_keeping();
  EXPECT_EQ(cycles(host.completions.back().at - start), 1 + row("configuration read or write"));
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
  ASSERT_THAT(host.requests, SizeIs(1));
  EXPECT_EQ(cycles(host.requests[0].at - notified), row("notification, unmasked"));
}

TEST_F(EndpointTiming, UnmaskingAPendingVectorSendsItAsTheTableSays) {
  write(vectors_at + bar1::entry_control, bar1::control_masked);
  write(registers + bar0::doorbell.offset, 0);
  settle();
  const sc_time start = sc_core::sc_time_stamp();
  write(vectors_at + bar1::entry_control, 0);
  settle_keeping();
  ASSERT_THAT(host.requests, SizeIs(1));
  EXPECT_EQ(cycles(host.requests[0].at - start), row("unmask of a pending vector"));
}

TEST_F(EndpointTiming, MessagesOfOneCauseFollowAsTheTableSays) {
  host.configure(cfg::msix_control.offset, 2, cfg::msix_enable | cfg::msix_function_mask);
  for (unsigned v = 0; v < vectors; ++v) {
    write(registers + bar0::doorbell.offset, v);
  }
  settle();
  host.configure(cfg::msix_control.offset, 2, cfg::msix_enable);
  settle_keeping();
  ASSERT_THAT(host.requests, SizeIs(vectors));
  for (unsigned v = 1; v < vectors; ++v) {
    EXPECT_EQ(cycles(host.requests[v].at - host.requests[v - 1].at),
              row("next message of the same cause"));
  }
}

TEST_F(EndpointTiming, OneRequestIsTakenEachCycleAndCompletionsKeepTheOrder) {
  const sc_time start = sc_core::sc_time_stamp();
  host.send(tlp_type::memory_read, window, 4);
  host.send(tlp_type::memory_read, registers, 4);
  host.send(tlp_type::memory_read, window, 4);
  host.send(tlp_type::memory_read, window, 4);
  settle_keeping();
  ASSERT_THAT(host.completions, SizeIs(4));
  const double first = row("BAR2 read, memory latency 8");
  std::vector<double> at;
  for (const requester::event& one : host.completions) {
    at.push_back(cycles(one.at - start));
  }
  EXPECT_THAT(at, ElementsAre(first, first + 1, first + 2, first + 3));
}

TEST_F(EndpointTiming, AFullCompletionQueueHoldsRequestsBack) {
  host.accepts_completions = false;
  constexpr unsigned extra = 3;
  for (unsigned i = 0; i < timing::completion_queue + extra; ++i) {
    host.send(tlp_type::config_read_0, 0, 4);
  }
  const std::size_t before = host.credits.size();
  settle_keeping();
  EXPECT_THAT(host.completions, SizeIs(timing::completion_queue));
  EXPECT_EQ(host.credits.size() - before, timing::completion_queue)
      << "what is held back keeps its credit";
  for (unsigned i = 1; i <= extra; ++i) {
    const sc_time start = sc_core::sc_time_stamp();
    host.accept_one();
    settle_keeping();
    ASSERT_THAT(host.completions, SizeIs(timing::completion_queue + i));
    EXPECT_EQ(cycles(host.completions.back().at - start),
              row("configuration read or write") - timing::execute_cycles)
        << "it was ready to be executed";
  }
  for (unsigned i = 0; i < timing::completion_queue; ++i) {
    host.accept_one();
  }
  host.accepts_completions = true;
  host.completions.clear();
  EXPECT_EQ(completion(tlp_type::config_read_0, 0, 4), row("configuration read or write"));
}

TEST_F(EndpointTiming, MessagesDoNotWaitForHeldCompletions) {
  host.accepts_completions = false;
  for (unsigned i = 0; i < timing::completion_queue + 1; ++i) {
    host.send(tlp_type::config_read_0, 0, 4);
  }
  settle_keeping();
  static_cast<fabric_seat&>(fabric.join(vectors)).ring(peer_id{0}, vector_index{1}, {});
  settle_keeping();
  ASSERT_THAT(host.requests, SizeIs(1));
  EXPECT_EQ(cycles(host.requests[0].at - notified), row("notification, unmasked"));
}

}  // namespace
}  // namespace ivshmem
