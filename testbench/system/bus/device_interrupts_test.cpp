// SPDX-License-Identifier: Apache-2.0
//
// Notifications, scans and function resets of a device in tlm_cycle, cycle by cycle, against tables
// worked out by hand from docs/timing.md.
#include <gmock/gmock.h>

#include <array>

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

struct closed_messages final : stall_pattern {
  std::uint64_t open = 0;
  bool ready(stall_port port, std::uint64_t cycle) const override {
    return port != stall_port::tx_msg || cycle >= open;
  }
};

struct DeviceInterrupts : testing::Test {
  static std::uint64_t control(unsigned vector) {
    return vectors_at + std::uint64_t{bar1::entry_bytes} * vector + bar1::entry_control;
  }
  /// A device with `vectors` vectors, of which some are pending behind the function mask.
  struct masked : endpoint_bench {
    masked(unsigned vector_count, const std::vector<unsigned>& pending)
        : endpoint_bench(vector_count) {
      start();
      root.configure(cfg::msix_control.offset, 2, cfg::msix_enable | cfg::msix_function_mask);
      run(20);
      for (const unsigned vector : pending) {
        ring(vector);
        run(2);
      }
      settle();
    }
    void unmask() { root.configure(cfg::msix_control.offset, 2, cfg::msix_enable); }
    std::vector<std::uint64_t> message_cycles() const {
      std::vector<std::uint64_t> found;
      for (const cycle_log::message& one : log.messages) {
        found.push_back(one.cycle);
      }
      return found;
    }
  };
};

TEST_F(DeviceInterrupts, OneNotificationIsAcceptedEachCycleHighestVectorFirst) {
  masked bench(4, {});
  bench.unmask();
  bench.settle();
  const std::uint64_t zero = bench.now();
  bench.ring(1);
  bench.ring(3);
  bench.run(100);
  EXPECT_THAT(bench.log.notifications, ElementsAre(zero, zero + 1));
  EXPECT_THAT(bench.message_cycles(), ElementsAre(zero + 3, zero + 4));
  EXPECT_THAT(bench.log.events, ElementsAre(event{interrupt_event::sent, 3, zero + 1},
                                            event{interrupt_event::sent, 1, zero + 2}));
  EXPECT_EQ(bench.log.messages[0].content.data, 0x43U);
}

TEST_F(DeviceInterrupts, NotificationsWaitForRequestsThatTouchInterrupts) {
  masked bench(4, {});
  const std::uint64_t zero = bench.now();
  bench.send(tlp_type::memory_read, vectors_at, 16);  // in execution from 3 to 6
  bench.send(tlp_type::config_read_0, 0, 4);          // and 7
  bench.send(tlp_type::memory_read, registers, 16);   // 8 to 11 hold nothing up
  bench.run(3);
  bench.ring(2);
  bench.run(100);
  EXPECT_THAT(bench.log.notifications, ElementsAre(zero + 8));
  EXPECT_THAT(bench.log.events, ElementsAre(event{interrupt_event::pended, 2, zero + 9}));
}

TEST_F(DeviceInterrupts, SixteenMessagesFillTheQueue) {
  masked bench(4, {});
  bench.unmask();
  bench.settle();
  const std::uint64_t zero = bench.now();
  closed_messages stalls;
  stalls.open = zero + 100;
  bench.device.stall_with(&stalls);
  for (unsigned i = 0; i < 17; ++i) {
    bench.ring(0);
    bench.run(1);
  }
  bench.send(tlp_type::config_read_0, 0, 4);
  bench.send(tlp_type::memory_read, registers, 4);
  bench.run(200);
  ASSERT_THAT(bench.log.notifications, SizeIs(17));
  EXPECT_EQ(bench.log.notifications[15], zero + 15);
  EXPECT_EQ(bench.log.notifications[16], zero + 101);
  ASSERT_THAT(bench.log.completions, SizeIs(2));
  EXPECT_EQ(bench.log.completions[0].first, zero + 20 + 3) << "waits for no room";
  EXPECT_EQ(bench.log.messages[16].cycle, zero + 116);
  bench.device.stall_with(nullptr);
}

TEST_F(DeviceInterrupts, AScanTakesACycleForEachMessageAndEachWordWithout) {
  masked bench(256, {130, 0, 1});
  const std::uint64_t zero = bench.now();
  bench.unmask();                                    // executed in 3; scan from 4 to 8
  bench.send(tlp_type::memory_read, registers, 4);   // 5: behind the write, not the scan
  bench.send(tlp_type::memory_read, vectors_at, 4);  // 9
  bench.run(3);
  bench.ring(255);  // 10
  bench.run(100);
  EXPECT_THAT(bench.message_cycles(), ElementsAre(zero + 7, zero + 8, zero + 10, zero + 13));
  EXPECT_THAT(bench.log.events, ElementsAre(event{interrupt_event::sent, 0, zero + 5},
                                            event{interrupt_event::sent, 1, zero + 6},
                                            event{interrupt_event::sent, 130, zero + 8},
                                            event{interrupt_event::sent, 255, zero + 11}));
  EXPECT_THAT(bench.log.credits, ElementsAre(zero + 4, zero + 6, zero + 10));
}

TEST_F(DeviceInterrupts, AScanWithoutMasterLosesMessagesInTheSameCycles) {
  masked bench(4, {1, 2});
  bench.root.configure(cfg::command.offset, 2, cfg::command_memory);
  bench.settle();
  const std::uint64_t zero = bench.now();
  bench.unmask();
  bench.run(100);
  EXPECT_THAT(bench.log.events, ElementsAre(event{interrupt_event::lost_master_off, 1, zero + 5},
                                            event{interrupt_event::lost_master_off, 2, zero + 6}));
  EXPECT_THAT(bench.log.messages, IsEmpty());
}

TEST_F(DeviceInterrupts, AnUnmaskedVectorThatIsPendingIsSentInTheCycleOfTheWrite) {
  masked bench(4, {});
  bench.unmask();
  bench.write(control(3), bar1::control_masked);
  bench.settle();
  bench.ring(3);
  bench.run(2);
  bench.ring(3);
  bench.settle();
  const std::uint64_t zero = bench.now();
  bench.write(control(3), 0);
  bench.run(100);
  EXPECT_THAT(bench.message_cycles(), ElementsAre(zero + 6));
  EXPECT_THAT(bench.log.events, ElementsAre(event{interrupt_event::sent, 3, zero + 4}));
}

TEST_F(DeviceInterrupts, WhatBecameOfANotificationIsTold) {
  masked bench(4, {2});
  std::uint64_t zero = bench.now();
  bench.ring(2);
  bench.run(100);
  EXPECT_THAT(bench.log.events, ElementsAre(event{interrupt_event::merged, 2, zero + 1}));
  bench.root.configure(cfg::msix_control.offset, 2, 0);
  bench.settle();
  zero = bench.now();
  bench.ring(1);
  bench.run(100);
  EXPECT_THAT(bench.log.events,
              ElementsAre(event{interrupt_event::lost_msix_disabled, 1, zero + 1}));
}

TEST_F(DeviceInterrupts, AFunctionResetOfAnIdleDeviceHappensACycleLaterAndSweepsTheTable) {
  masked bench(4, {});
  const std::uint64_t zero = bench.now();
  bench.send(tlp_type::memory_read, registers, 4);  // would be executed in 3
  bench.device.reset();
  bench.ring(0);  // still in the cycle of its arrival
  bench.run(1);
  bench.ring(1);
  bench.run(100);
  EXPECT_FALSE(bench.device.inserted()->config().msix_enabled());
  EXPECT_THAT(bench.log.resets, ElementsAre(zero + 1));
  EXPECT_THAT(bench.log.notifications, ElementsAre(zero, zero + 6)) << "swept from 2 to 5";
  ASSERT_THAT(bench.log.completions, SizeIs(1));
  EXPECT_EQ(bench.log.completions[0].first, zero + 6 + 3);
  EXPECT_EQ(bench.log.completions[0].dwords, 0U) << "memory space is off";
}

TEST_F(DeviceInterrupts, AFunctionResetWaitsForTheRequestInExecutionAndNoOther) {
  masked bench(4, {});
  const std::uint64_t zero = bench.now();
  bench.send(tlp_type::memory_read, registers, 16);  // in execution from 3 to 6
  bench.send(tlp_type::memory_read, registers, 4);   // would be from 7 on
  bench.run(3);
  bench.device.reset();
  bench.device.reset();  // the same one
  EXPECT_TRUE(bench.device.inserted()->config().msix_enabled());
  bench.run(100);
  EXPECT_THAT(bench.log.resets, ElementsAre(zero + 7));
  ASSERT_THAT(bench.log.completions, SizeIs(2));
  EXPECT_EQ(bench.log.completions[0].dwords, 4U);
  EXPECT_EQ(bench.log.completions[1].dwords, 0U);
  EXPECT_EQ(bench.log.completions[1].first, zero + 12 + 3);
}

TEST_F(DeviceInterrupts, EveryPieceInBar0IsACauseOfAnIntxMessage) {
  device_properties legacy;
  legacy.variant = device_variant::legacy;
  legacy.msi = legacy.ioeventfd = false;
  endpoint_bench bench(legacy, endpoint_bench::exact());
  bench.start();
  bench.write(registers + bar0::intr_mask.offset, 0x0000'0001);
  bench.settle();
  const std::uint64_t zero = bench.now();
  bench.send(tlp_type::memory_read, registers + bar0::iv_position.offset, 4);  // in 3
  bench.send(tlp_type::memory_read, registers + bar0::iv_position.offset, 4);  // in 4
  bench.run(3);
  bench.ring(0);  // 5: IntrStatus = 1
  bench.run(18);
  // Two pieces, executed in 24 and 25: the mask becomes 0, then 1.
  pcie::payload& trans = bench.root.make(tlp_type::memory_write, registers, 4);
  std::array<unsigned char, 4> enables{TLM_BYTE_ENABLED, TLM_BYTE_ENABLED, 0, TLM_BYTE_ENABLED};
  trans.set_byte_enable_ptr(enables.data());
  trans.set_byte_enable_length(4);
  const std::array<unsigned char, 4> masks{0, 0, 0, 1};
  std::copy(masks.begin(), masks.end(), trans.get_data_ptr());
  bench.root.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
  bench.run(100);
  EXPECT_THAT(bench.log.notifications, ElementsAre(zero + 5));
  ASSERT_THAT(bench.log.messages, SizeIs(3));
  const std::array<std::uint64_t, 3> at{5 + 3, 24 + 3, 25 + 3};
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_TRUE(bench.log.messages[i].is_intx);
    EXPECT_EQ(bench.log.messages[i].asserted, i != 1);
    EXPECT_EQ(bench.log.messages[i].cycle, zero + at[i]);
  }
  EXPECT_THAT(bench.log.events, IsEmpty()) << "INTx has none";
}

}  // namespace
}  // namespace ivshmem::test
