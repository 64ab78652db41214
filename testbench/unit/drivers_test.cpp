// SPDX-License-Identifier: Apache-2.0
//
// What drivers in use rely on: each test goes the way of one driver, on the device alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::uint32_t bar_size(device_bench& bench, const reg_desc& reg) {
  const std::uint32_t before = bench.dut.config_read(reg.offset, 4);
  bench.dut.config_write(reg.offset, 4, 0xffff'ffff);
  const std::uint32_t sized = bench.dut.config_read(reg.offset, 4);
  bench.dut.config_write(reg.offset, 4, before);
  return ~(sized & ~0xfU) + 1;
}

void expect_identity(const device_bench& bench) {
  EXPECT_EQ(bench.config(cfg::vendor_id), 0x1af4U);
  EXPECT_EQ(bench.config(cfg::device_id), 0x1110U);
}

// Linux uio_ivshmem allocates exactly one MSI-X vector, whatever the device has, and never looks
// at BAR0's status then.
TEST(Drivers, LinuxUioUsesOneOfManyMsixVectors) {
  device_bench bench{doorbell_of(8), 3};
  bench.connect(3, 8);
  expect_identity(bench);
  EXPECT_NE(bar_size(bench, cfg::bar0_reg), 0U);
  EXPECT_NE(bar_size(bench, cfg::bar2_reg), 0U);
  bench.msix_masked();
  bench.program(0, 0xfee0'0000, 0x31);
  bench.bus_on();
  bench.msix_on();
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 fee00000=31"));
  bench.notify(5);
  EXPECT_THAT(bench.calls.take(), IsEmpty()) << "stays masked";
}

// Without MSI-X it unmasks after registering its handler, which reads IntrStatus and says "not
// mine" when that is 0: the line may be shared.
TEST(Drivers, LinuxUioHandlesASharedIntxLine) {
  device_properties properties;
  properties.variant = device_variant::legacy;
  properties.msi = properties.ioeventfd = false;
  device_bench bench{properties};
  bench.connect(0, 1);
  EXPECT_EQ(bench.get(bar0::intr_status), 0U) << "not mine";
  bench.set(bar0::intr_mask, 0xffff'ffff);
  bench.notify(0);
  EXPECT_NE(bench.get(bar0::intr_status), 0U) << "mine";
  EXPECT_EQ(bench.get(bar0::intr_status), 0U) << "handled";
  EXPECT_THAT(bench.calls.take(), ElementsAre("intx on", "intx off"));
}

// The "standard" kvm_ivshmem driver reads IntrStatus in every mode, and so drops MSI-X interrupts.
TEST(Drivers, LinuxKvmIvshmemSeesNoStatusWithMsix) {
  device_bench bench;
  bench.connect(0, 4);
  bench.bus_on();
  bench.program(0, 0xfee0'0000, 0x31);
  bench.msix_on();
  bench.notify(0);
  EXPECT_THAT(bench.calls.take(), ElementsAre("message 0 fee00000=31"));
  EXPECT_EQ(bench.get(bar0::intr_status), 0U);
}

// The Windows driver demands a first memory resource of exactly the registers' size, and takes the
// shared memory as resource 1 without interrupts, as resource 2 with them.
TEST(Drivers, WindowsFindsRegistersOf256BytesAndTheMemoryByOrder) {
  device_bench plain{device_properties{}};
  device_bench doorbell;
  EXPECT_EQ(bar_size(plain, cfg::bar0_reg), bar0::size_bytes);
  EXPECT_EQ(bar_size(doorbell, cfg::bar0_reg), bar0::size_bytes);
  EXPECT_EQ(bar_size(plain, cfg::bar1_reg), 0U);
  EXPECT_EQ(bar_size(doorbell, cfg::bar1_reg), 0x1000U);
}

// Zephyr rings (peer, vector) with one 32-bit write and needs as many vectors as the server gave.
TEST(Drivers, ZephyrRingsEveryConfiguredVector) {
  device_bench bench{doorbell_of(2)};
  bench.connect(0, 2);
  bench.connect(1, 2);
  EXPECT_EQ(bench.config(cfg::msix_control) + 1, 2U);
  for (const unsigned vector : {0U, 1U}) {
    bench.set(bar0::doorbell, 1U << 16U | vector);
  }
  EXPECT_THAT(bench.calls.take(), ElementsAre("ring 1.0", "ring 1.1"));
}

// NuttX recognises the doorbell variant by BAR1, has two nodes and kicks with `peer << 16`.
TEST(Drivers, NuttxTellsTheVariantsByBar1AndKicksTheOtherNode) {
  device_bench plain{device_properties{}};
  EXPECT_EQ(bar_size(plain, cfg::bar1_reg), 0U);
  device_bench node{doorbell_of(1), 1};
  EXPECT_NE(bar_size(node, cfg::bar1_reg), 0U);
  node.connect(0, 1);
  const auto own = static_cast<std::uint32_t>(node.get(bar0::iv_position));
  ASSERT_LE(own, 1U);
  node.set(bar0::doorbell, (1 - own) << 16U);
  EXPECT_THAT(node.calls.take(), ElementsAre("ring 0.0"));
}

// Looking Glass, rpmsg and memnic poll: BAR2 of the plain device is all they use.
TEST(Drivers, PollingDriversNeedTheSharedMemoryOnly) {
  device_bench bench{device_properties{}};
  expect_identity(bench);
  bench.write(2, 0x10, 0x0123'4567'89ab'cdef, 8);
  EXPECT_EQ(bench.read(2, 0x10, 8), 0x0123'4567'89ab'cdefU);
  EXPECT_EQ(bench.read(2, min_memory_bytes - 1, 1), 0U);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
}

// uio_pci_generic maps BAR0 to BAR2 as files and matches on the ID alone; it wants an interrupt
// line register that keeps what firmware wrote.
TEST(Drivers, GenericUioKeepsTheFirmwaresInterruptLine) {
  device_bench bench{device_properties{}};
  expect_identity(bench);
  bench.configure(cfg::interrupt_line, 11);
  EXPECT_EQ(bench.config(cfg::interrupt_line), 11U);
  EXPECT_EQ(bench.config(cfg::interrupt_pin), 0U) << "no INTx: the pin says so";
}

}  // namespace
}  // namespace ivshmem::test
