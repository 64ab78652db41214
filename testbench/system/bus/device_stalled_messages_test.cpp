// SPDX-License-Identifier: Apache-2.0
//
// A device in tlm_cycle whose messages nobody takes: requests are executed all the same
// [PCIe 2.4.1], and what they owe is sent when there is room.
#include <gmock/gmock.h>

#include "endpoint_bench.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using event = cycle_log::event;

constexpr std::uint64_t vectors_at = endpoint_bench::vectors_at;
constexpr std::uint64_t registers = endpoint_bench::registers;
constexpr std::uint64_t long_time = 1000;

struct closed_messages final : stall_pattern {
  std::uint64_t open = 0;
  std::uint64_t once = 0;  // for one message, before
  bool ready(stall_port port, std::uint64_t cycle) const override {
    return port != stall_port::tx_msg || cycle == once || cycle >= open;
  }
};

std::uint64_t control(unsigned vector) {
  return vectors_at + std::uint64_t{bar1::entry_bytes} * vector + bar1::entry_control;
}

device_properties with_intx() {
  device_properties legacy;
  legacy.variant = device_variant::legacy;
  legacy.msi = legacy.ioeventfd = false;
  return legacy;
}

struct DeviceStalledMessages : testing::Test {
  /// From cycle `zero` on nobody takes messages for a long time.
  struct closed_bench : endpoint_bench {
    explicit closed_bench(const device_properties& properties = doorbell(4))
        : endpoint_bench(properties, exact()) {
      start();
    }
    ~closed_bench() { device.stall_with(nullptr); }
    /// These vectors pend behind their own masks.
    void pend(const std::vector<unsigned>& pending) {
      for (const unsigned vector : pending) {
        write(control(vector), bar1::control_masked);
      }
      settle();
      for (const unsigned vector : pending) {
        ring(vector);
        run(2);
      }
      settle();
    }
    void close() {
      zero = now();
      stalls.open = zero + long_time;
      stalls.once = zero + once;
      device.stall_with(&stalls);
    }
    /// The same, and sixteen messages are under way in cycle zero + 16.
    void fill() {
      close();
      for (unsigned i = 0; i < timing::message_queue; ++i) {
        ring(0);
        run(1);
      }
      log = {};
    }
    unsigned pending() const { return device.inserted()->interrupts().pending_count(); }
    std::uint64_t zero = 0;
    std::uint64_t once = 0;  ///< cycles behind zero
    closed_messages stalls;
  };
};

TEST_F(DeviceStalledMessages, HoldUpNoPostedWrite) {
  closed_bench bench;
  bench.pend({1, 2});
  bench.fill();
  bench.write(control(1), 0);  // accepted in 16, executed in 19
  bench.write(control(2), 0);
  bench.write(control(2), bar1::control_masked);
  bench.write(vectors_at + bar1::entry_bytes + bar1::entry_data, 0x77);
  bench.write(registers + bar0::doorbell.offset, 0x0007'0000);
  bench.send(tlp_type::memory_write, endpoint_bench::window, 4);
  bench.run(100);
  const std::uint64_t zero = bench.zero;
  EXPECT_THAT(bench.log.credits,
              ElementsAre(zero + 20, zero + 21, zero + 22, zero + 23, zero + 24, zero + 25));
  EXPECT_THAT(bench.log.doorbells, SizeIs(1));
  EXPECT_THAT(bench.log.events, IsEmpty());
  EXPECT_EQ(bench.pending(), 2U);
  EXPECT_FALSE(bench.device.is_idle()) << "it owes a message";
}

TEST_F(DeviceStalledMessages, AreOwedAndSentAsThingsAreThen) {
  closed_bench bench;
  bench.pend({1, 2});
  bench.fill();
  bench.write(control(1), 0);
  bench.write(control(2), 0);
  bench.write(control(2), bar1::control_masked);
  bench.write(vectors_at + bar1::entry_bytes + bar1::entry_data, 0x77);
  bench.run(2 * long_time);
  // Room from 1001 on.
  EXPECT_THAT(bench.log.events,
              ElementsAre(event{interrupt_event::sent, 1, bench.zero + long_time + 2}));
  ASSERT_THAT(bench.log.messages, SizeIs(1));
  EXPECT_EQ(bench.log.messages[0].content.data, 0x77U);
  EXPECT_EQ(bench.log.messages[0].cycle, bench.zero + long_time + 16);
  EXPECT_EQ(bench.pending(), 1U) << "vector 2 is masked again";
  EXPECT_TRUE(bench.device.is_idle());
}

TEST_F(DeviceStalledMessages, AreLookedForAnewWhenAVectorIsUnmaskedAgain) {
  closed_bench bench(endpoint_bench::doorbell(128));
  bench.once = 100;
  bench.pend({1, 70});
  bench.fill();
  bench.write(control(1), 0);
  bench.write(control(70), 0);
  bench.run(200);  // the scan has sent vector 1, and stands in the next word
  bench.write(control(70), 0);
  bench.run(2 * long_time);
  // Room from 1001 on, of which the first word takes a cycle.
  EXPECT_THAT(bench.log.events,
              ElementsAre(event{interrupt_event::sent, 1, bench.zero + 102},
                          event{interrupt_event::sent, 70, bench.zero + long_time + 3}));
}

TEST_F(DeviceStalledMessages, AreOwedNoMoreWhenTheFunctionIsMasked) {
  closed_bench bench;
  bench.pend({1});
  bench.fill();
  bench.write(control(1), 0);
  bench.root.configure(cfg::msix_control.offset, 2, cfg::msix_enable | cfg::msix_function_mask);
  bench.run(2 * long_time);
  EXPECT_THAT(bench.log.events, IsEmpty());
  EXPECT_EQ(bench.pending(), 1U);
  bench.root.configure(cfg::msix_control.offset, 2, cfg::msix_enable);
  bench.run(100);
  EXPECT_THAT(bench.log.events, SizeIs(1));
}

TEST_F(DeviceStalledMessages, LetAScanStandStillAndRegistersBeRead) {
  closed_bench bench;
  bench.pend({1, 2});
  bench.fill();
  bench.root.configure(cfg::msix_control.offset, 2, cfg::msix_enable | cfg::msix_function_mask);
  bench.write(control(1), 0);
  bench.write(control(2), 0);
  bench.root.configure(cfg::msix_control.offset, 2, cfg::msix_enable);  // scan from then on
  bench.send(tlp_type::memory_read, vectors_at, 4);
  bench.run(100);
  EXPECT_THAT(bench.log.credits, SizeIs(5));
  EXPECT_THAT(bench.log.completions, SizeIs(3));
  EXPECT_EQ(bench.pending(), 2U);
  bench.run(2 * long_time);
  EXPECT_THAT(bench.log.events,
              ElementsAre(event{interrupt_event::sent, 1, bench.zero + long_time + 2},
                          event{interrupt_event::sent, 2, bench.zero + long_time + 3}));
}

TEST_F(DeviceStalledMessages, HoldUpNoFunctionReset) {
  closed_bench bench;
  bench.pend({1});
  bench.fill();
  bench.write(control(1), 0);
  bench.run(10);
  bench.device.reset();
  bench.run(2 * long_time);
  EXPECT_THAT(bench.log.resets, ElementsAre(bench.zero + 27));
  EXPECT_THAT(bench.log.events, IsEmpty()) << "what was owed is gone";
}

TEST_F(DeviceStalledMessages, AreTheLastLevelOfIntx) {
  closed_bench bench(with_intx());
  bench.write(registers + bar0::intr_mask.offset, 1);
  bench.settle();
  bench.close();
  for (unsigned i = 1; i <= 19; ++i) {  // 16 edges find room, the last three are one
    bench.write(registers + bar0::intr_status.offset, i % 2);
  }
  bench.run(100);
  EXPECT_THAT(bench.log.credits, SizeIs(19)) << "all executed";
  bench.run(2 * long_time);
  ASSERT_THAT(bench.log.messages, SizeIs(17));
  EXPECT_TRUE(bench.log.messages.back().asserted);
  EXPECT_EQ(bench.log.messages.back().cycle, bench.zero + long_time + 16);
}

TEST_F(DeviceStalledMessages, TellNothingOfIntxThatIsWhatItWas) {
  closed_bench bench(with_intx());
  bench.write(registers + bar0::intr_mask.offset, 1);
  bench.settle();
  bench.close();
  for (unsigned i = 1; i <= 18; ++i) {
    bench.write(registers + bar0::intr_status.offset, i % 2);
  }
  bench.run(3 * long_time);
  EXPECT_THAT(bench.log.messages, SizeIs(16)) << "low, as the sixteenth said";
}

}  // namespace
}  // namespace ivshmem::test
