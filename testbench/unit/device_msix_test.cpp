// SPDX-License-Identifier: Apache-2.0
//
// From a notification to a message or a pending bit, by way of the event loop [behaviour 5].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Four own vectors; vector v sends 0x40 + v to 0x1000 + 0x10 * v once it is unmasked.
struct DeviceMsix : testing::Test {
  device_bench bench{doorbell_of(4)};

  DeviceMsix() {
    bench.connect(0, 4);
    bench.bus_on();
    for (unsigned v = 0; v < 4; ++v) {
      bench.program(v, 0x1000 + 0x10 * v, 0x40 + v);
    }
    bench.msix_on();
  }
  recorded_calls::lines notify(unsigned vector) {
    bench.notify(vector);
    return bench.calls.take();
  }
  std::uint64_t drops(drop_cause cause) const {
    return bench.dut.statistics().drops[static_cast<std::size_t>(cause)];
  }
};

TEST_F(DeviceMsix, AnUnmaskedVectorSendsItsMessage) {
  EXPECT_THAT(notify(2), ElementsAre("message 2 1020=42"));
  EXPECT_EQ(bench.pba(), 0U);
  EXPECT_EQ(bench.dut.statistics().messages, 1U);
}

TEST_F(DeviceMsix, TheAddressHas64BitsAndKeepsItsLowOnes) {
  bench.program(0, 0xffff'ffff'fee0'0003, 0xffff'ffff);
  EXPECT_THAT(notify(0), ElementsAre("message 0 fffffffffee00003=ffffffff"));
}

TEST_F(DeviceMsix, WithMsixDisabledANotificationIsLost) {
  bench.msix_off();
  EXPECT_THAT(notify(0), ElementsAre("drop msix_disabled 0.0"));
  EXPECT_EQ(bench.pba(), 0U);
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
  bench.msix_on();
  EXPECT_THAT(bench.calls.take(), IsEmpty());
  EXPECT_EQ(drops(drop_cause::msix_disabled), 1U);
}

TEST_F(DeviceMsix, AMaskedVectorPendsAndComesOutWhenUnmasked) {
  bench.mask(1, true);
  EXPECT_THAT(notify(1), IsEmpty());
  EXPECT_EQ(bench.pba(), 2U);
  bench.mask(1, false);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 1 1010=41"));
  EXPECT_EQ(bench.pba(), 0U);
}

TEST_F(DeviceMsix, ASecondNotificationOfAPendingVectorMerges) {
  bench.mask(1, true);
  notify(1);
  notify(1);
  EXPECT_EQ(bench.dut.statistics().pended, 1U);
  EXPECT_EQ(bench.dut.statistics().merged, 1U);
  bench.mask(1, false);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 1 1010=41")) << "one message";
}

TEST_F(DeviceMsix, TheFunctionMaskPendsEveryVectorAndReleasesInAscendingOrder) {
  bench.msix_masked();
  for (const unsigned v : {3U, 0U, 2U}) {
    notify(v);
  }
  EXPECT_EQ(bench.pba(), 0xdU);
  bench.mask(2, true);
  bench.msix_on();
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 1000=40", "message 3 1030=43"));
  EXPECT_EQ(bench.pba(), 4U) << "vector 2 is masked by itself";
}

TEST_F(DeviceMsix, UnmaskingWhileFunctionMaskedOrDisabledSendsNothing) {
  bench.mask(0, true);
  notify(0);
  bench.msix_masked();
  bench.mask(0, false);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
  bench.mask(0, true);
  bench.msix_off();
  bench.mask(0, false);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
  EXPECT_EQ(bench.pba(), 1U);
}

TEST_F(DeviceMsix, PendingBitsSurviveADisableAndComeOutOnTheNextEnable) {
  bench.mask(0, true);
  notify(0);
  bench.msix_off();
  EXPECT_EQ(bench.pba(), 1U);
  bench.mask(0, false);
  bench.msix_on();
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 1000=40"));
  EXPECT_EQ(bench.pba(), 0U);
}

TEST_F(DeviceMsix, TheMessageHasTheAddressAndDataOfTheMomentOfRelease) {
  bench.mask(0, true);
  notify(0);
  bench.write(1, bench.entry_offset(0, bar1::entry_address_low), 0x2000);
  bench.write(1, bench.entry_offset(0, bar1::entry_data), 0x99);
  bench.mask(0, false);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 2000=99"));
}

TEST_F(DeviceMsix, AnEightByteWriteOfDataAndControlStoresDataFirst) {
  bench.mask(0, true);
  notify(0);
  bench.write(1, bench.entry_offset(0, bar1::entry_data), 0x77, 8);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 1000=77"));
}

TEST_F(DeviceMsix, WithoutBusMasteringAMessageIsLostNotPended) {
  bench.configure(cfg::command, cfg::command_memory);
  EXPECT_THAT(notify(0), ElementsAre("drop bus_master_off 0.0"));
  EXPECT_EQ(bench.pba(), 0U);
  bench.mask(1, true);
  notify(1);
  bench.mask(1, false);
  EXPECT_THAT(bench.calls.take(), ElementsAre("drop bus_master_off 0.1"));
  EXPECT_EQ(bench.pba(), 0U) << "the bit is cleared all the same";
  EXPECT_EQ(drops(drop_cause::bus_master_off), 2U);
}

TEST_F(DeviceMsix, MemoryDecodingAndIntxDisableDoNotMatter) {
  bench.configure(cfg::command, cfg::command_master | cfg::command_intx_disable);
  EXPECT_THAT(notify(0), ElementsAre("message 0 1000=40"));
}

TEST_F(DeviceMsix, ControlWrittenByByteOrWordOrDwordIsTheSame) {
  const auto enabled = [&] { return bench.dut.config().msix_enabled(); };
  const std::uint32_t top = cfg::msix_control.offset + 1;
  bench.dut.config_write(top, 1, 0);
  EXPECT_FALSE(enabled());
  bench.dut.config_write(top, 1, cfg::msix_enable >> 8U);
  EXPECT_TRUE(enabled());
  bench.dut.config_write(cfg::msix_capability, 4, 0);
  EXPECT_FALSE(enabled());
  bench.dut.config_write(cfg::msix_capability, 4, std::uint32_t{cfg::msix_enable} << 16U);
  EXPECT_TRUE(enabled());
}

TEST_F(DeviceMsix, ThePendingBitsAreReadOnly) {
  bench.write(1, bench.pba_offset(), ~std::uint64_t{0}, 8);
  EXPECT_EQ(bench.pba(), 0U);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
}

TEST_F(DeviceMsix, ANotificationOfAVectorThatWasNeverSetUpIsDropped) {
  device_bench partial{doorbell_of(4)};
  partial.connect(0, 2);
  partial.notify(2);
  EXPECT_THAT(partial.calls.take(), ElementsAre("drop no_such_vector 0.2"));
}

TEST_F(DeviceMsix, AMessageToTheOwnRegistersWorksFromTheEventLoop) {
  bench.calls.on_message = [&](const msix_message& message) {
    bench.write(0, message.address & 0xffU, message.data);
  };
  bench.program(0, bar0::intr_mask.offset, 0x1234);
  bench.program(1, bar0::doorbell.offset, 0x0000'0002);
  notify(0);
  EXPECT_EQ(bench.get(bar0::intr_mask), 0x1234U);
  EXPECT_THAT(notify(1), ElementsAre("message 1 c=2", "ring 0.2"));
}

TEST_F(DeviceMsix, AMessageToTheOwnRegistersIsRefusedFromInsideAnAccess) {
  bench.calls.on_message = [&](const msix_message& message) {
    bench.write(0, message.address & 0xffU, message.data);
  };
  bench.program(0, bar0::intr_status.offset, 0x1234, bar1::control_masked);
  notify(0);
  bench.mask(0, false);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 4=1234", "blocked 0+4"));
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);

  bench.mask(0, true);
  notify(0);
  bench.msix_masked();
  bench.mask(0, false);
  bench.msix_on();
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 4=1234"))
      << "a configuration write is no access to the device's memory";
  EXPECT_EQ(bench.get(bar0::intr_status), 0x1234U);
}

TEST_F(DeviceMsix, ReservedControlBitsAreStoredAndDoNotMask) {
  const std::uint32_t control = bench.entry_offset(0, bar1::entry_control);
  bench.write(1, control, 0xffff'fffe);
  EXPECT_EQ(bench.read(1, control), 0xffff'fffeU);
  EXPECT_THAT(notify(0), ElementsAre("message 0 1000=40"));
}

}  // namespace
}  // namespace ivshmem::test
