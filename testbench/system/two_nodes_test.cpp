// SPDX-License-Identifier: Apache-2.0
//
// The product's main job: nodes share memory and ring each other's doorbells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const sc_core::sc_time ns(1, sc_core::SC_NS);
const sc_core::sc_time latency = 100 * ns;

/// Two nodes; vector v of node n sends 0x40 + 0x10 * n + v.
struct TwoNodes : testing::Test {
  bench platform{two_devices()};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}, latency};
  fabric_seat& seat_a = fabric.join(4);
  fabric_seat& seat_b = fabric.join(4);
  endpoint device_a{"a", doorbell_of(4), seat_a};
  endpoint device_b{"b"};
  node a{platform, 0};
  node b{platform, 1};

  TwoNodes() {
    platform.root.downstream(0).bind(device_a.pcie);
    platform.root.downstream(1).bind(device_b.pcie);
  }
  static pcie::root_complex_config two_devices() {
    pcie::root_complex_config config;
    config.devices = {0, 1};
    return config;
  }
  static void set_up(const node& each, unsigned number, unsigned vectors = 4) {
    each.start();
    for (unsigned v = 0; v < vectors; ++v) {
      each.program(v, bench::msi_base, 0x40 + 0x10 * number + v);
    }
    each.msix();
  }
  void run(const std::function<void()>& body) {
    ASSERT_TRUE(device_b.insert(doorbell_of(4), seat_b));
    platform.run([&] {
      set_up(a, 0);
      set_up(b, 1);
      body();
    });
  }
  std::vector<std::uint32_t> interrupts() {
    std::vector<std::uint32_t> data;
    for (const bench::interrupt& each : std::exchange(platform.interrupts, {})) {
      data.push_back(each.data);
    }
    return data;
  }
  std::uint64_t drops(endpoint& at, drop_cause cause) {
    return at.inserted()->statistics().drops[static_cast<std::size_t>(cause)];
  }
};

TEST_F(TwoNodes, PassAMessageThroughTheMemoryAndRingForIt) {
  run([&] {
    EXPECT_EQ(a.get(bar0::iv_position), 0U);
    EXPECT_EQ(b.get(bar0::iv_position), 1U);
    platform.write(a.bar2 + 0x100, 0x0123'4567'89ab'cdef, 8);
    a.ring(1, 2);
    sc_core::wait(latency + ns);
    EXPECT_THAT(interrupts(), ElementsAre(0x52));
    EXPECT_EQ(platform.read(b.bar2 + 0x100, 8), 0x0123'4567'89ab'cdefU);
    b.ring(0, 3);
    sc_core::wait(latency + ns);
    EXPECT_THAT(interrupts(), ElementsAre(0x43));
  });
}

TEST_F(TwoNodes, TheInterruptComesExactlyTheLatencyAfterTheWrite) {
  run([&] {
    const sc_core::sc_time rung = sc_core::sc_time_stamp();
    a.ring(1, 0);
    sc_core::wait(2 * latency);
    ASSERT_EQ(platform.interrupts.size(), 1U);
    EXPECT_EQ(platform.interrupts[0].at, rung + latency);
  });
}

TEST_F(TwoNodes, AProcessorAheadOfTimeRingsAtItsOwnTime) {
  run([&] {
    const sc_core::sc_time rung = sc_core::sc_time_stamp();
    a.set(bar0::doorbell, 1U << 16U, 30 * ns);
    sc_core::wait(2 * latency);
    ASSERT_EQ(platform.interrupts.size(), 1U);
    EXPECT_EQ(platform.interrupts[0].at, rung + 30 * ns + latency);
  });
}

TEST_F(TwoNodes, ManyRingsAtOnceAreOneInterruptAVectorHighestFirst) {
  run([&] {
    for (const unsigned vector : {0U, 3U, 0U, 1U, 3U}) {
      a.ring(1, vector);
    }
    sc_core::wait(latency + ns);
    EXPECT_THAT(interrupts(), ElementsAre(0x53, 0x51, 0x50));
  });
}

TEST_F(TwoNodes, OfManyRingsAtOnceTheLastComesFirstAfterQemu11) {
  run([&] {
    device_b.eject();
    device_properties properties = doorbell_of(4);
    properties.qemu = qemu_version::v11_1;
    ASSERT_TRUE(device_b.insert(properties, seat_b));
    set_up(b, 1);
    for (const unsigned vector : {0U, 3U, 0U, 1U, 3U}) {
      a.ring(1, vector);
    }
    sc_core::wait(latency + ns);
    EXPECT_THAT(interrupts(), ElementsAre(0x51, 0x53, 0x50));
  });
}

TEST_F(TwoNodes, ARingToANodeThatWasTakenOutIsDroppedAndOneUnderWayIsLost) {
  run([&] {
    a.ring(1, 0);
    device_b.eject();
    sc_core::wait(latency + ns);
    EXPECT_EQ(fabric.statistics().lost, 1U);
    a.ring(1, 0);
    EXPECT_EQ(drops(device_a, drop_cause::peer_left), 1U);
    a.ring(2, 0);
    EXPECT_EQ(drops(device_a, drop_cause::no_such_peer), 1U);
    a.ring(0, 4);
    EXPECT_EQ(drops(device_a, drop_cause::no_such_vector), 1U);
    EXPECT_EQ(fabric.statistics().rung, 1U);
    EXPECT_THAT(interrupts(), IsEmpty());
  });
}

TEST_F(TwoNodes, ANodeThatComesBackIsRungAgain) {
  run([&] {
    device_b.eject();
    EXPECT_EQ(platform.config(b.id, cfg::vendor_id), 0xffffU);
    ASSERT_TRUE(device_b.insert(doorbell_of(4), seat_b));
    set_up(b, 1);
    a.ring(1, 1);
    sc_core::wait(latency + ns);
    EXPECT_THAT(interrupts(), ElementsAre(0x51));
    EXPECT_EQ(b.get(bar0::iv_position), 1U) << "under its old ID";
  });
}

TEST_F(TwoNodes, ADeviceWithFewerVectorsThanItsSeatDropsTheRest) {
  ASSERT_TRUE(device_b.insert(doorbell_of(2), seat_b));
  platform.run([&] {
    set_up(a, 0);
    set_up(b, 1, 2);
    a.ring(1, 3);
    sc_core::wait(latency + ns);
    EXPECT_EQ(drops(device_b, drop_cause::no_such_vector), 1U);
    EXPECT_THAT(interrupts(), IsEmpty());
  });
}

/// 300 vectors: what lies above 255 is reached only by ioeventfd.
struct ManyVectors : testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(, ManyVectors, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "On" : "Off"; });

TEST_P(ManyVectors, AreRungUpToTheLastOneWithIoeventfdAndModulo256Without) {
  std::vector<std::uint8_t> shared(min_memory_bytes);
  bench platform;
  in_process_fabric fabric("fabric", {shared.data(), shared.size()}, latency);
  device_properties properties = doorbell_of(300);
  properties.ioeventfd = GetParam();
  endpoint dut("dut", properties, fabric.join(300));
  platform.root.downstream(0).bind(dut.pcie);
  const node cpu(platform, 0);
  platform.run([&] {
    cpu.start();
    for (unsigned v = 0; v < 300; ++v) {
      cpu.program(v, bench::msi_base, v);
    }
    cpu.msix();
    for (unsigned v = 0; v < 300; ++v) {
      cpu.ring(0, v);
      sc_core::wait(latency + ns);
      ASSERT_EQ(platform.interrupts.size(), v + 1);
      EXPECT_EQ(platform.interrupts.back().data, GetParam() ? v : v % 256);
    }
  });
}

}  // namespace
}  // namespace ivshmem::test
