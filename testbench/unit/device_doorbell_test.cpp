// SPDX-License-Identifier: Apache-2.0
//
// The Doorbell register and who is rung [behaviour 4].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t bell = bar0::doorbell.offset;
constexpr bool with_ioeventfd = true;

device_properties properties(unsigned vectors, bool ioeventfd) {
  device_properties result = doorbell_of(vectors);
  result.ioeventfd = ioeventfd;
  return result;
}

std::uint32_t value(unsigned peer, unsigned vector) { return peer << 16U | vector; }

/// Every test of this suite holds with ioeventfd on and off.
struct DeviceDoorbell : testing::TestWithParam<bool> {
  device_bench bench{properties(4, GetParam()), 2};

  DeviceDoorbell() {
    bench.connect(0, 4);
    bench.connect(2, 4);
    bench.connect(3, 2);
  }
  recorded_calls::lines ring(std::uint32_t word) {
    bench.set(bar0::doorbell, word);
    return bench.calls.take();
  }
  std::uint64_t drops(drop_cause cause) const {
    return bench.dut.statistics().drops[static_cast<std::size_t>(cause)];
  }
};

INSTANTIATE_TEST_SUITE_P(, DeviceDoorbell, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "On" : "Off"; });

TEST_P(DeviceDoorbell, RingsTheVectorOfThePeer) {
  EXPECT_THAT(ring(value(3, 0)), ElementsAre("ring 3.0"));
  EXPECT_THAT(ring(value(3, 1)), ElementsAre("ring 3.1"));
  EXPECT_EQ(bench.dut.statistics().doorbells, 2U);
  EXPECT_EQ(bench.dut.statistics().rung, 2U);
}

TEST_P(DeviceDoorbell, RingsTheDeviceItselfLikeAnyPeer) {
  EXPECT_THAT(ring(value(2, 3)), ElementsAre("ring 2.3"));
}

TEST_P(DeviceDoorbell, Bits8To15AreIgnored) {
  EXPECT_THAT(ring(value(3, 0xff01)), ElementsAre("ring 3.1"));
  EXPECT_THAT(ring(value(3, 0x0100)), ElementsAre("ring 3.0"));
}

TEST_P(DeviceDoorbell, NobodyIsRungSilentlyButCountedByCause) {
  bench.leave(0);
  EXPECT_THAT(ring(value(9, 0)), ElementsAre("drop no_such_peer 9.0"));
  EXPECT_THAT(ring(value(max_peer_id, 255)), ElementsAre("drop no_such_peer 65535.255"));
  EXPECT_THAT(ring(value(3, 2)), ElementsAre("drop no_such_vector 3.2"));
  EXPECT_THAT(ring(value(0, 0)), ElementsAre("drop peer_left 0.0"));
  EXPECT_EQ(drops(drop_cause::no_such_peer), 2U);
  EXPECT_EQ(drops(drop_cause::no_such_vector), 1U);
  EXPECT_EQ(drops(drop_cause::peer_left), 1U);
  EXPECT_EQ(bench.dut.statistics().doorbells, 4U);
  EXPECT_EQ(bench.dut.statistics().rung, 0U);
}

TEST_P(DeviceDoorbell, AVectorIsUsableAsSoonAsItsMessageCame) {
  EXPECT_THAT(ring(value(3, 2)), ElementsAre("drop no_such_vector 3.2"));
  bench.connect(3);
  EXPECT_THAT(ring(value(3, 2)), ElementsAre("ring 3.2"));
}

TEST_P(DeviceDoorbell, APeerThatRejoinedIsRungAgain) {
  bench.leave(3);
  bench.leave(3);
  EXPECT_THAT(ring(value(3, 0)), ElementsAre("drop peer_left 3.0"));
  bench.connect(3);
  EXPECT_THAT(ring(value(3, 0)), ElementsAre("ring 3.0"));
  EXPECT_THAT(ring(value(3, 1)), ElementsAre("drop no_such_vector 3.1"));
}

TEST_P(DeviceDoorbell, AByteWriteAtAnyOfItsFourOffsetsRingsPeer0) {
  for (unsigned i = 0; i < 4; ++i) {
    bench.write(0, bell + i, 0, 1);
    EXPECT_THAT(bench.calls.take(), ElementsAre("ring 0.0")) << i;
  }
}

TEST_P(DeviceDoorbell, AnUnalignedTwoByteWriteRingsTwice) {
  bench.write(0, bell + 1, 0x0302, 2);
  EXPECT_THAT(bench.calls.take(), ElementsAre("ring 0.2", "ring 0.3"));
}

TEST_P(DeviceDoorbell, AnEightByteWriteRingsWithTheHalfThatIsAtTheRegister) {
  const std::uint64_t word = std::uint64_t{value(3, 1)};
  bench.write(0, bell - 4, word << 32U, 8);
  EXPECT_THAT(bench.calls.take(), ElementsAre("ring 3.1"));
  bench.write(0, bell, word | 0xffff'ffff'0000'0000, 8);
  EXPECT_THAT(bench.calls.take(), ElementsAre("ring 3.1"));
}

TEST_P(DeviceDoorbell, ReadsAsZero) {
  ring(value(3, 1));
  EXPECT_EQ(bench.get(bar0::doorbell), 0U);
}

TEST_P(DeviceDoorbell, NeedsNeitherBusMasteringNorMsix) {
  bench.configure(cfg::command, 0);
  bench.msix_off();
  EXPECT_THAT(ring(value(3, 1)), ElementsAre("ring 3.1"));
}

TEST_P(DeviceDoorbell, EveryWriteRingsOnce) {
  for (unsigned i = 0; i < 9; ++i) {
    EXPECT_THAT(ring(value(3, 1)), ElementsAre("ring 3.1"));
  }
}

TEST(DeviceDoorbellOfPlain, IsIgnored) {
  device_bench plain{device_properties{}};
  plain.set(bar0::doorbell, 0);
  EXPECT_THAT(plain.calls.take(), ElementsAre("drop no_interrupts 0.0"));
}

TEST(DeviceDoorbellCallback, RunsOnlyWhenIoeventfdDidNotMatch) {
  for (const bool ioeventfd : {false, true}) {
    device_bench bench{properties(4, ioeventfd)};
    bench.connect(3, 2);
    bench.dut.trace_registers(true);
    bench.set(bar0::doorbell, value(3, 1));
    if (ioeventfd) {
      EXPECT_THAT(bench.calls.take(), ElementsAre("ring 3.1"));
    } else {
      EXPECT_THAT(bench.calls.take(), ElementsAre("w0+c=30001", "ring 3.1"));
    }
  }
}

struct DeviceDoorbellOf300 : testing::Test {
  static recorded_calls::lines ring(bool ioeventfd, unsigned peer, unsigned vector,
                                    interrupt_path path = interrupt_path::event_loop,
                                    unsigned bytes = 4) {
    device_properties of300 = properties(300, ioeventfd);
    of300.irq_path = path;
    device_bench bench{of300};
    bench.connect(peer, 300);
    bench.write(0, bell, value(peer, vector), bytes);
    return bench.calls.take();
  }
};

TEST_F(DeviceDoorbellOf300, VectorsAbove255NeedIoeventfd) {
  EXPECT_THAT(ring(with_ioeventfd, 5, 299), ElementsAre("ring 5.299"));
  EXPECT_THAT(ring(with_ioeventfd, 5, 256), ElementsAre("ring 5.256"));
  EXPECT_THAT(ring(!with_ioeventfd, 5, 299), ElementsAre("ring 5.43"));
  EXPECT_THAT(ring(!with_ioeventfd, 5, 256), ElementsAre("ring 5.0"));
  EXPECT_THAT(ring(with_ioeventfd, 5, 300), ElementsAre("ring 5.44")) << "no match: decoded";
}

TEST_F(DeviceDoorbellOf300, ShortWritesNeverMatch) {
  EXPECT_THAT(ring(with_ioeventfd, 0, 299, interrupt_path::event_loop, 2),
              ElementsAre("ring 0.43"));
}

TEST_F(DeviceDoorbellOf300, IdsFrom32768NeverMatchOutsideTheKernel) {
  EXPECT_THAT(ring(with_ioeventfd, 32767, 299), ElementsAre("ring 32767.299"));
  EXPECT_THAT(ring(with_ioeventfd, 32768, 299), ElementsAre("ring 32768.43"));
  EXPECT_THAT(ring(with_ioeventfd, 32768, 299, interrupt_path::irqfd),
              ElementsAre("ring 32768.299"));
  EXPECT_THAT(ring(with_ioeventfd, max_peer_id, 7), ElementsAre("ring 65535.7"));
}

TEST(DeviceDoorbellTrace, APlainBarWriteCallsNobodyElse) {
  device_bench bench{doorbell_of(1)};
  bench.write(0, 0x10, 0xffff'ffff);
  EXPECT_THAT(bench.calls.take(), IsEmpty());
}

}  // namespace
}  // namespace ivshmem::test
