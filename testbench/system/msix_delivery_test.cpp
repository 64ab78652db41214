// SPDX-License-Identifier: Apache-2.0
//
// Where MSI-X messages go once they left the device [behaviour 5].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Two devices of two vectors in one fabric; node `a` rings itself.
struct MsixDelivery : testing::Test {
  bench platform{two_devices()};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  endpoint first{"first"};
  endpoint second{"second", doorbell_of(2), fabric.join(2)};
  recording_observer seen;
  node a{platform, 0};
  node b{platform, 1};
  fabric_seat& seat = fabric.join(2);
  unsigned own = static_cast<unsigned>(to_int(seat.id()));

  MsixDelivery() {
    platform.root.downstream(0).bind(first.pcie);
    platform.root.downstream(1).bind(second.pcie);
    first.observe(&seen);
  }
  static pcie::root_complex_config two_devices() {
    pcie::root_complex_config config;
    config.devices = {0, 1};
    return config;
  }
  void run(const std::function<void()>& body, device_properties properties = doorbell_of(2)) {
    ASSERT_TRUE(first.insert(properties, seat));
    platform.run([&] {
      a.start();
      b.start();
      a.msix();
      body();
    });
  }
  void ring(unsigned vector) {
    a.ring(own, vector);
    sc_core::wait(1, sc_core::SC_NS);
  }
};

TEST_F(MsixDelivery, AMessageIsAFourByteWriteToMemory) {
  run([&] {
    a.program(0, 0x1002, 0x1122'3344);
    ring(0);
    EXPECT_THAT(std::vector<int>(platform.ram.data() + 0x1000, platform.ram.data() + 0x1008),
                ElementsAre(0, 0, 0x44, 0x33, 0x22, 0x11, 0, 0))
        << "little endian, at the unaligned address as it is";
    EXPECT_EQ(platform.root.statistics().dma_failed, 0U);
  });
}

TEST_F(MsixDelivery, AMessageReachesTheInterruptController) {
  run([&] {
    a.program(1, bench::msi_base + 0x10, 0x4041);
    ring(1);
    ASSERT_EQ(platform.interrupts.size(), 1U);
    EXPECT_EQ(platform.interrupts[0].offset, 0x10U);
    EXPECT_EQ(platform.interrupts[0].data, 0x4041U);
    EXPECT_EQ(platform.msi.received(), 1U);
  });
}

TEST_F(MsixDelivery, WithoutBusMasteringNothingLeavesTheDevice) {
  run([&] {
    a.program(0, bench::msi_base, 0x40);
    platform.configure(a.id, cfg::command, cfg::command_memory);
    ring(0);
    EXPECT_THAT(platform.interrupts, IsEmpty());
    EXPECT_EQ(platform.read(a.bar1 + bar1::pba_offset(2)), 0U) << "lost, not pended";
  });
}

TEST_F(MsixDelivery, AMessageThatNobodyTakesIsLostAndCounted) {
  run([&] {
    a.program(0, bench::ram_bytes + 0x1000, 0x40);
    ring(0);
    a.program(0, bench::msi_base + 2, 0x40);
    ring(0);
    EXPECT_THAT(platform.interrupts, IsEmpty()) << "the controller wants aligned writes";
    EXPECT_EQ(platform.root.statistics().dma_failed, 2U);
    EXPECT_EQ(a.get(bar0::iv_position), own) << "the device goes on";
  });
}

TEST_F(MsixDelivery, AMessageToTheOwnRegistersWorksFromTheFabric) {
  run([&] {
    a.program(0, a.bar0 + bar0::intr_mask.offset, 0x77);
    a.program(1, a.bar0 + bar0::doorbell.offset, own << 16U);
    ring(1);
    sc_core::wait(1, sc_core::SC_NS);
    EXPECT_EQ(a.get(bar0::intr_mask), 0x77U) << "vector 1 rang vector 0, which wrote the register";
  });
}

TEST_F(MsixDelivery, AMessageToTheOwnRegistersIsRefusedFromInsideAnAccess) {
  run([&] {
    a.program(0, a.bar0 + bar0::intr_mask.offset, 0x77, bar1::control_masked);
    ring(0);
    seen.take();
    a.mask(0, false);
    EXPECT_THAT(seen.take(), testing::Contains("blocked 0+0"));
    EXPECT_EQ(a.get(bar0::intr_mask), 0U);
    EXPECT_EQ(platform.read(a.bar1 + bar1::pba_offset(2)), 0U);
  });
}

TEST_F(MsixDelivery, AMessageToARegisterMustBeAligned) {
  run([&] {
    a.program(0, a.bar0 + bar0::intr_mask.offset + 1, 0x7777'7777);
    ring(0);
    EXPECT_EQ(a.get(bar0::intr_mask), 0U);
    a.program(0, a.bar2 + 1, 0x1122'3344);
    ring(0);
    EXPECT_EQ(platform.read(a.bar2 + 1), 0x1122'3344U) << "shared memory takes it anywhere";
  });
}

TEST_F(MsixDelivery, AMessageReachesAnotherDevicesRegisters) {
  run([&] {
    a.program(0, b.bar0 + bar0::intr_mask.offset, 0x88);
    ring(0);
    EXPECT_EQ(b.get(bar0::intr_mask), 0x88U);
    a.program(0, b.bar0 + bar0::doorbell.offset, own << 16U | 1U);
    a.program(1, bench::msi_base, 0x41);
    ring(0);
    ASSERT_EQ(platform.interrupts.size(), 1U) << "device b rang device a";
    EXPECT_EQ(second.inserted()->statistics().rung, 1U);
  });
}

TEST_F(MsixDelivery, APendingVectorIsSentInsideTheWriteThatUnmasksIt) {
  run([&] {
    a.program(0, bench::msi_base, 0x40, bar1::control_masked);
    ring(0);
    EXPECT_EQ(platform.read(a.bar1 + bar1::pba_offset(2)), 1U);
    a.mask(0, false);
    EXPECT_EQ(platform.interrupts.size(), 1U);
  });
}

TEST_F(MsixDelivery, TheObserverSeesTheWholeWay) {
  run([&] {
    a.program(0, bench::msi_base, 0x40, bar1::control_masked);
    seen.take();
    ring(0);
    a.mask(0, false);
    const std::string doorbell = std::to_string(own) + ".0";
    EXPECT_THAT(seen.take(),
                ElementsAre("write 0+12,4", "doorbell " + doorbell + " at 0", "notify 0 at 0",
                            "pending 1", "write 1+12,4", "message 0=64", "pending 0"));
    a.msix(false);
    ring(0);
    a.ring(9, 0);
    EXPECT_THAT(seen.take(), ElementsAre("write 0+12,4", "doorbell " + doorbell + " at 1",
                                         "notify 0 at 1", "drop msix_disabled " + doorbell,
                                         "write 0+12,4", "drop no_such_peer 9.0"));
  });
}

TEST_F(MsixDelivery, InjectedMessagesReachTheControllerAndNeverMemory) {
  device_properties irqfd = doorbell_of(2);
  irqfd.irq_path = interrupt_path::irqfd;
  run(
      [&] {
        a.program(0, bench::msi_base, 0x40);
        a.program(1, 0x1000, 0x41);
        ring(0);
        EXPECT_EQ(platform.interrupts.size(), 1U);
        ring(1);
        EXPECT_EQ(platform.ram.data()[0x1000], 0U);
        EXPECT_EQ(platform.root.statistics().messages_dropped, 1U);
      },
      irqfd);
}

}  // namespace
}  // namespace ivshmem::test
