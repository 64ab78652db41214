// SPDX-License-Identifier: Apache-2.0
//
// The retired `ivshmem` device, revision 0 [ivshmem.c:ivshmem_update_irq, behaviour 12].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

device_properties legacy(bool msi) {
  device_properties properties;
  properties.variant = device_variant::legacy;
  properties.vectors = 2;
  properties.msi = msi;
  properties.ioeventfd = msi;
  return properties;
}

/// msi=off, both own vectors set up.
struct DeviceLegacyIntx : testing::Test {
  device_bench bench{legacy(false), 1};

  DeviceLegacyIntx() { bench.connect(1, 2); }
  bool status_bit() const { return (bench.config(cfg::status) & cfg::status_interrupt) != 0; }
};

TEST_F(DeviceLegacyIntx, APeersInterruptSetsIntrStatusTo1) {
  bench.set(bar0::intr_status, 0xff00);
  bench.notify(1);
  EXPECT_EQ(bench.get(bar0::intr_status), 1U) << "replaced, whatever the vector";
}

TEST_F(DeviceLegacyIntx, ThePinFollowsStatusAndMask) {
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), IsEmpty()) << "the mask is 0 after reset";
  bench.set(bar0::intr_mask, 1);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx on"));
  bench.set(bar0::intr_mask, 2);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx off"));
  bench.set(bar0::intr_status, 2);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx on"));
  EXPECT_EQ(bench.get(bar0::intr_status), 2U);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx off")) << "the read cleared it";
  EXPECT_EQ(bench.dut.statistics().intx_edges, 2U);
}

TEST_F(DeviceLegacyIntx, OnlyChangesOfTheLevelAreReported) {
  bench.set(bar0::intr_mask, 1);
  bench.notify(0);
  bench.notify(0);
  bench.set(bar0::intr_status, 3);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx on"));
  EXPECT_TRUE(bench.dut.intx());
}

TEST_F(DeviceLegacyIntx, TheStatusRegisterShowsTheLevel) {
  bench.set(bar0::intr_mask, 1);
  EXPECT_FALSE(status_bit());
  bench.notify(0);
  EXPECT_TRUE(status_bit());
  bench.configure(cfg::status, 0xffff);
  EXPECT_TRUE(status_bit()) << "read-only";
  bench.get(bar0::intr_status);
  EXPECT_FALSE(status_bit());
}

TEST_F(DeviceLegacyIntx, IntxDisableGatesTheWireAndNotTheStatusBit) {
  bench.set(bar0::intr_mask, 1);
  bench.notify(0);
  bench.calls.take();
  bench.configure(cfg::command, cfg::command_intx_disable);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx off"));
  EXPECT_TRUE(status_bit());
  bench.configure(cfg::command, 0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx on"));
}

TEST_F(DeviceLegacyIntx, NeedsNeitherMemoryDecodingNorBusMastering) {
  bench.set(bar0::intr_mask, 1);
  bench.configure(cfg::command, 0);
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx on"));
}

TEST_F(DeviceLegacyIntx, AResetTakesTheInterruptBack) {
  bench.set(bar0::intr_mask, 1);
  bench.notify(0);
  bench.calls.take();
  bench.dut.reset();
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx off"));
  EXPECT_FALSE(status_bit());
}

TEST_F(DeviceLegacyIntx, RingsPeersThroughTheDecoder) {
  bench.connect(5, 2);
  bench.set(bar0::doorbell, 5U << 16U | 1U);
  EXPECT_THAT(bench.calls.take(), ElementsAre("ring 5.1"));
}

TEST_F(DeviceLegacyIntx, AVectorThatWasNeverSetUpIsDropped) {
  bench.notify(2);
  EXPECT_THAT(bench.calls.take(), ElementsAre("drop no_such_vector 1.2"));
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
}

TEST_F(DeviceLegacyIntx, HasNoBar1) {
  EXPECT_EQ(bench.dut.config().bar_bytes(1), 0U);
  bench.write(1, 0, 0xffff'ffff);
  EXPECT_EQ(bench.read(1, 0, 8), 0U);
}

TEST(DeviceLegacyMsix, InterruptsByMessageAndNeverByItsPin) {
  device_bench bench{legacy(true), 1};
  bench.connect(1, 2);
  bench.bus_on();
  bench.program(1, 0x1000, 0x41);
  bench.msix_on();
  bench.set(bar0::intr_mask, 0xffff'ffff);
  bench.notify(1);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 1 1000=41"));
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
  bench.set(bar0::intr_status, 1);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
  EXPECT_EQ(bench.config(cfg::interrupt_pin), 1U) << "the device lies";
  EXPECT_EQ(bench.config(cfg::revision), 0U);
}

TEST(DeviceLegacyMsix, WithMsixDisabledANotificationIsLost) {
  device_bench bench{legacy(true)};
  bench.connect(0, 2);
  bench.set(bar0::intr_mask, 1);
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("drop msix_disabled 0.0"));
}

}  // namespace
}  // namespace ivshmem::test
