// SPDX-License-Identifier: Apache-2.0
//
// The hypervisor kernel's interrupt path, step by step as measured with KVM [behaviour 5, irqfd].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

device_properties irqfd_of(unsigned vectors) {
  device_properties properties = doorbell_of(vectors);
  properties.irq_path = interrupt_path::irqfd;
  return properties;
}

struct DeviceIrqfd : testing::Test {
  device_bench bench{irqfd_of(4)};

  DeviceIrqfd() {
    bench.connect(0, 4);
    bench.bus_on();
  }
};

// The recording "seq", column kvm: pending bits after each step.
TEST_F(DeviceIrqfd, FollowsTheRecordedSequence) {
  EXPECT_EQ(bench.pba(), 0U) << "reset";
  bench.notify(0);
  EXPECT_EQ(bench.pba(), 0U) << "ring vector 0 with MSI-X disabled";
  bench.msix_on();
  EXPECT_EQ(bench.pba(), 1U) << "enable MSI-X, vector 0 still masked";
  EXPECT_EQ(bench.pba(), 1U) << "same, second read";
  bench.msix_off();
  bench.program(0, 0xfee0'0000, 0x40);
  bench.msix_on();
  EXPECT_EQ(bench.pba(), 0U) << "vector 0 unmasked while disabled, then enabled";
  bench.notify(1);
  EXPECT_EQ(bench.pba(), 2U) << "ring masked vector 1";
  bench.mask(1, false);
  EXPECT_EQ(bench.pba(), 0U) << "unmask vector 1 (pending)";
  bench.msix_masked();
  bench.notify(0);
  bench.notify(2);
  EXPECT_EQ(bench.pba(), 5U) << "function mask; ring 0 and 2";
  bench.configure(cfg::msix_control, cfg::msix_function_mask);
  bench.notify(3);
  EXPECT_EQ(bench.pba(), 5U) << "disabled; ring 3";
  bench.msix_masked();
  EXPECT_EQ(bench.pba(), 0xdU) << "enabled + function mask again";
  bench.configure(cfg::command, cfg::command_memory);
  bench.mask(0, false);
  bench.msix_on();
  EXPECT_EQ(bench.pba(), 0xcU) << "bus master off, function unmask";
  bench.bus_on();
  bench.dut.reset();
  bench.bus_on();
  bench.notify(2);
  bench.msix_masked();
  EXPECT_EQ(bench.pba(), 4U) << "reset; ring 2 while disabled; enable + function mask";
}

// The recording "partial": the hypervisor aborts where a vector without an eventfd is unmasked;
// the model goes on [behaviour 12].
TEST_F(DeviceIrqfd, UnmaskingAVectorThatWasNeverSetUpIsHarmless) {
  device_bench partial{irqfd_of(4)};
  partial.connect(0, 1);
  partial.bus_on();
  partial.msix_on();
  partial.mask(1, false);
  partial.mask(1, true);
  partial.msix_off();
  partial.mask(1, false);
  partial.msix_on();
  EXPECT_THAT(partial.calls.take(), IsEmpty());
  partial.notify(1);
  EXPECT_THAT(partial.calls.take(), ElementsAre("drop no_such_vector 0.1"));
}

TEST_F(DeviceIrqfd, AnUnmaskedVectorIsInjectedWithoutBusMastering) {
  bench.program(0, 0xfee0'0000, 0x40);
  bench.msix_on();
  bench.configure(cfg::command, 0);
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("inject 0 fee00000=40"));
}

TEST_F(DeviceIrqfd, ARingWhileDisabledIsKeptAndInjectedOnceEnabledAndUnmasked) {
  bench.program(0, 0xfee0'0000, 0x40);
  bench.notify(0);
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
  bench.msix_on();
  EXPECT_THAT(bench.calls.take(), ElementsAre("inject 0 fee00000=40")) << "one for both rings";
  EXPECT_EQ(bench.dut.statistics().merged, 1U);
}

TEST_F(DeviceIrqfd, ARingWhileMaskedIsInjectedOnUnmask) {
  bench.program(0, 0xfee0'0000, 0x40, bar1::control_masked);
  bench.msix_on();
  bench.notify(0);
  bench.mask(0, false);
  EXPECT_THAT(bench.calls.take(), ElementsAre("inject 0 fee00000=40"));
}

TEST_F(DeviceIrqfd, OnceReadInThePbaItIsAMessageOfTheDevice) {
  bench.program(0, 0xfee0'0000, 0x40, bar1::control_masked);
  bench.msix_on();
  bench.notify(0);
  EXPECT_EQ(bench.pba(), 1U);
  bench.mask(0, false);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 fee00000=40"));
}

TEST_F(DeviceIrqfd, PeekShowsTheKeptRingAsTheReadWouldAndMovesNothing) {
  bench.msix_masked();
  bench.notify(2);
  EXPECT_EQ(bench.peek(1, bench.pba_offset(), 8), 4U);
  EXPECT_EQ(bench.dut.interrupts().pending_count(), 0U);
  EXPECT_EQ(bench.pba(), 4U);
  EXPECT_EQ(bench.dut.interrupts().pending_count(), 1U);
}

TEST_F(DeviceIrqfd, AResetKeepsRingsThatAreStillInTheirEventfds) {
  bench.notify(3);
  bench.dut.reset();
  bench.msix_masked();
  EXPECT_EQ(bench.pba(), 8U);
}

}  // namespace
}  // namespace ivshmem::test
