// SPDX-License-Identifier: Apache-2.0
//
// BAR0 as measured [behaviour 3].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t mask = bar0::intr_mask.offset;
constexpr std::uint32_t status = bar0::intr_status.offset;
constexpr std::uint32_t position = bar0::iv_position.offset;
constexpr std::uint32_t bell = bar0::doorbell.offset;

struct DeviceRegisters : testing::Test {
  device_bench bench{doorbell_of(4), 0x1234};
};

TEST_F(DeviceRegisters, EveryRegisterStartsAtItsResetValue) {
  EXPECT_EQ(bench.get(bar0::intr_mask), bar0::intr_mask.reset);
  EXPECT_EQ(bench.get(bar0::intr_status), bar0::intr_status.reset);
  EXPECT_EQ(bench.get(bar0::iv_position), 0x1234U);
  EXPECT_EQ(bench.get(bar0::doorbell), 0U);
}

TEST_F(DeviceRegisters, MaskAndStatusHold32Bits) {
  bench.set(bar0::intr_mask, 0xdead'beef);
  bench.set(bar0::intr_status, 0xcafe'f00d);
  EXPECT_EQ(bench.get(bar0::intr_mask), 0xdead'beefU);
  EXPECT_EQ(bench.get(bar0::intr_status), 0xcafe'f00dU);
}

TEST_F(DeviceRegisters, AReadOfIntrStatusClearsAll32Bits) {
  bench.set(bar0::intr_status, 0xffff'ffff);
  EXPECT_EQ(bench.read(0, status, 1), 0xffU) << "bits 7..0";
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
}

TEST_F(DeviceRegisters, AWriteOfIntrStatusIsPlainStorageNotWriteOneToClear) {
  bench.set(bar0::intr_status, 0xff);
  bench.set(bar0::intr_status, 0x0f);
  EXPECT_EQ(bench.get(bar0::intr_status), 0x0fU);
}

TEST_F(DeviceRegisters, AReadMatchesTheExactOffsetOnly) {
  bench.set(bar0::intr_mask, 0xffff'ffff);
  bench.set(bar0::intr_status, 0xffff'ffff);
  for (std::uint32_t offset = 0; offset < bar0::size_bytes; ++offset) {
    if (offset != mask && offset != status && offset != position) {
      EXPECT_EQ(bench.read(0, offset, 1), 0U) << offset;
    }
  }
  EXPECT_EQ(bench.get(bar0::intr_status), 0xffff'ffffU) << "none of these touched it";
}

TEST_F(DeviceRegisters, AByteWriteAnywhereInARegisterReplacesAll32Bits) {
  for (unsigned i = 0; i < 4; ++i) {
    bench.set(bar0::intr_mask, 0xffff'ffff);
    bench.set(bar0::intr_status, 0xffff'ffff);
    bench.write(0, mask + i, 0x40 + i, 1);
    bench.write(0, status + i, 0x50 + i, 1);
    EXPECT_EQ(bench.get(bar0::intr_mask), 0x40 + i);
    EXPECT_EQ(bench.get(bar0::intr_status), 0x50 + i);
  }
}

TEST_F(DeviceRegisters, RegistersAreNotAliased) {
  for (std::uint32_t offset = 0x10; offset < bar0::size_bytes; offset += 4) {
    bench.write(0, offset, 0xffff'ffff);
  }
  EXPECT_EQ(bench.get(bar0::intr_mask), 0U);
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
}

TEST_F(DeviceRegisters, IvPositionIsReadOnlyAndSurvivesAReset) {
  bench.set(bar0::iv_position, 0xffff'ffff);
  EXPECT_EQ(bench.get(bar0::iv_position), 0x1234U);
  bench.dut.reset();
  EXPECT_EQ(bench.get(bar0::iv_position), 0x1234U);
}

TEST_F(DeviceRegisters, IvPositionShowsTheHighestId) {
  device_bench highest{doorbell_of(1), max_peer_id};
  EXPECT_EQ(highest.get(bar0::iv_position), max_peer_id);
}

TEST_F(DeviceRegisters, AnEightByteReadIsTwoRegisters) {
  bench.set(bar0::intr_mask, 0x1111'2222);
  bench.set(bar0::intr_status, 0x3333'4444);
  EXPECT_EQ(bench.read(0, mask, 8), 0x3333'4444'1111'2222U);
  EXPECT_EQ(bench.get(bar0::intr_status), 0U) << "cleared";
}

TEST_F(DeviceRegisters, AnUnalignedReadIsPiecesEachMatchedExactly) {
  bench.set(bar0::intr_mask, 0xffff'ffff);
  bench.set(bar0::intr_status, 0x8877'6655);
  bench.dut.trace_registers(true);
  EXPECT_EQ(bench.read(0, mask + 1, 4), 0x5500'0000U);
  EXPECT_THAT(bench.calls.take(), ElementsAre("r0+1=0", "r0+2=0", "r0+4=88776655"));
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
}

TEST_F(DeviceRegisters, AnUnalignedWriteIsPiecesEachReplacingARegister) {
  bench.dut.trace_registers(true);
  bench.write(0, mask + 1, 0x4433'2211);
  EXPECT_THAT(bench.calls.take(), ElementsAre("w0+1=11", "w0+2=3322", "w0+4=44"));
  bench.dut.trace_registers(false);
  EXPECT_EQ(bench.get(bar0::intr_mask), 0x3322U);
  EXPECT_EQ(bench.get(bar0::intr_status), 0x44U);
}

TEST_F(DeviceRegisters, MaskAndStatusGateNothing) {
  bench.connect(0x1234);
  bench.bus_on();
  bench.program(0, 0x1000, 0x42);
  bench.msix_on();
  bench.set(bar0::intr_mask, 0);
  bench.set(bar0::intr_status, 0);
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 1000=42")) << "no gate before MSI-X";
  EXPECT_EQ(bench.get(bar0::intr_status), 0U) << "and nothing is noted in IntrStatus";
  bench.set(bar0::intr_mask, 0xffff'ffff);
  bench.set(bar0::intr_status, 0xffff'ffff);
  EXPECT_THAT(bench.calls.take(), IsEmpty()) << "no INTx";
  EXPECT_EQ(bench.config(cfg::status) & cfg::status_interrupt, 0U);
}

TEST_F(DeviceRegisters, AnAccessAcrossTheEndIsCutThere) {
  std::array<std::uint8_t, 16> data{};
  data.fill(0xee);
  bench.dut.read(0, bar0::size_bytes - 4, data.data(), data.size());
  EXPECT_EQ(data, (std::array<std::uint8_t, 16>{}));
  bench.dut.write(0, bar0::size_bytes - 4, data.data(), data.size());
  EXPECT_EQ(bench.read(0, bar0::size_bytes, 8), 0U);
  EXPECT_EQ(bench.read(0, std::uint64_t{1} << 40U, 8), 0U);
}

TEST_F(DeviceRegisters, PeekShowsWhatAReadWouldWithoutClearing) {
  bench.set(bar0::intr_mask, 0x1111'2222);
  bench.set(bar0::intr_status, 0x3333'4444);
  bench.dut.trace_registers(true);
  for (unsigned i = 0; i < 2; ++i) {
    EXPECT_EQ(bench.peek(0, mask, 8), 0x3333'4444'1111'2222U);
    EXPECT_EQ(bench.peek(0, status + 1, 4), 0x3400'0000U) << "IVPosition's low byte";
  }
  EXPECT_THAT(bench.calls.take(), IsEmpty()) << "not even a traced access";
  EXPECT_EQ(bench.dut.intr_status(), 0x3333'4444U);
}

TEST_F(DeviceRegisters, TheRegisterShortcutsDoWhatAFourByteAccessDoes) {
  bench.connect(3);
  bench.dut.write_register(mask, 5);
  bench.dut.write_register(status, 6);
  bench.dut.write_register(bell, 3U << 16U);
  EXPECT_THAT(bench.calls.take(), ElementsAre("ring 3.0"));
  EXPECT_EQ(bench.dut.read_register(mask), 5U);
  EXPECT_EQ(bench.dut.read_register(status), 6U);
  EXPECT_EQ(bench.dut.read_register(status), 0U);
}

TEST_F(DeviceRegisters, PlainReadsIvPosition0) {
  device_bench plain{device_properties{}};
  EXPECT_EQ(plain.get(bar0::iv_position), 0U);
  plain.set(bar0::intr_mask, 0xffff'ffff);
  plain.set(bar0::intr_status, 1);
  EXPECT_EQ(plain.get(bar0::intr_status), 1U);
  EXPECT_THAT(plain.calls.take(), IsEmpty());
}

}  // namespace
}  // namespace ivshmem::test
