// SPDX-License-Identifier: Apache-2.0
//
// Machine reset and secondary bus reset [behaviour 6].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct DeviceReset : testing::Test {
  device_bench bench{doorbell_of(2), 7};

  DeviceReset() {
    bench.connect(7, 2);
    bench.connect(1, 2);
    for (std::uint32_t offset = 0; offset < cfg::size_bytes; offset += 4) {
      bench.dut.config_write(offset, 4, 0xa5a5'a5a5);
    }
    bench.bus_on();
    bench.msix_masked();
    bench.program(0, 0x1000, 0x42);
    bench.notify(0);
    bench.set(bar0::intr_mask, 3);
    bench.set(bar0::intr_status, 3);
    bench.memory[5] = 0x77;
  }
};

TEST_F(DeviceReset, ClearsWhatTheGuestProgrammed) {
  ASSERT_EQ(bench.pba(), 1U);
  bench.dut.reset();
  EXPECT_EQ(bench.config(cfg::command), 0U);
  EXPECT_EQ(bench.config(cfg::cache_line), 0U);
  EXPECT_EQ(bench.config(cfg::interrupt_line), 0U);
  EXPECT_EQ(bench.config(cfg::bar0_reg), 0U);
  EXPECT_EQ(bench.config(cfg::bar1_reg), 0U);
  EXPECT_EQ(bench.dut.config_read(cfg::bar2_reg.offset, 4), cfg::bar_type_64_prefetch);
  EXPECT_EQ(bench.dut.config_read(cfg::bar2_reg.offset + 4, 4), 0U);
  EXPECT_EQ(bench.config(cfg::msix_control), 1U) << "enable and mask are gone, the size stays";
  EXPECT_EQ(bench.get(bar0::intr_mask), 0U);
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
  EXPECT_EQ(bench.pba(), 0U);
  for (unsigned vector = 0; vector < 2; ++vector) {
    EXPECT_EQ(bench.read(1, bench.entry_offset(vector), 8), 0U);
    EXPECT_EQ(bench.read(1, bench.entry_offset(vector, bar1::entry_data)), 0U);
    EXPECT_EQ(bench.read(1, bench.entry_offset(vector, bar1::entry_control)), 1U);
  }
}

TEST_F(DeviceReset, KeepsScratchIdMemoryAndPeers) {
  bench.dut.reset();
  for (std::uint32_t offset = cfg::msix_capability + 12; offset < cfg::size_bytes; offset += 4) {
    EXPECT_EQ(bench.dut.config_read(offset, 4), 0xa5a5'a5a5U) << offset;
  }
  EXPECT_EQ(bench.get(bar0::iv_position), 7U);
  EXPECT_EQ(bench.read(2, 5, 1), 0x77U);
  bench.calls.take();
  bench.set(bar0::doorbell, 1U << 16U | 1U);
  EXPECT_THAT(bench.calls.take(), ElementsAre("ring 1.1"));
}

TEST_F(DeviceReset, SendsNothingThatWasPending) {
  bench.dut.reset();
  EXPECT_THAT(bench.calls.take(), IsEmpty());
  bench.bus_on();
  bench.program(0, 0x1000, 0x42);
  bench.msix_on();
  EXPECT_THAT(bench.calls.take(), IsEmpty());
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 1000=42")) << "own vectors are kept";
}

TEST_F(DeviceReset, ARingBetweenResetAndEnableIsLost) {
  bench.dut.reset();
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("drop msix_disabled 7.0"));
  bench.msix_masked();
  EXPECT_EQ(bench.pba(), 0U);
}

TEST_F(DeviceReset, ClosesTheBarWindows) {
  bench.configure(cfg::bar0_reg, 0xfebf'0000);
  ASSERT_TRUE(bench.dut.config().bar(0).mapped);
  bench.dut.reset();
  for (unsigned bar = 0; bar < config_space::bar_count; ++bar) {
    EXPECT_FALSE(bench.dut.config().bar(bar).mapped);
  }
}

TEST_F(DeviceReset, CountersGoOn) {
  const std::uint64_t before = bench.dut.statistics().notifications;
  bench.dut.reset();
  EXPECT_EQ(bench.dut.statistics().notifications, before);
}

TEST(DeviceHotPlug, StartsWithCommand3UntilTheFirstReset) {
  device_properties properties;
  properties.hot_plugged = true;
  device_bench bench{properties};
  EXPECT_EQ(bench.config(cfg::command), cfg::command_io | cfg::command_memory);
  bench.dut.reset();
  EXPECT_EQ(bench.config(cfg::command), 0U);
  EXPECT_EQ(device_bench{device_properties{}}.config(cfg::command), 0U) << "cold plugged";
}

TEST(DevicePlainReset, KeepsItsScratchFromTheFirstByteOn) {
  device_bench bench{device_properties{}};
  bench.dut.config_write(cfg::first_scratch, 4, 0x1234'5678);
  bench.dut.reset();
  EXPECT_EQ(bench.dut.config_read(cfg::first_scratch, 4), 0x1234'5678U);
}

}  // namespace
}  // namespace ivshmem::test
