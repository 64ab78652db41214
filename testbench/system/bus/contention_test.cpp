// SPDX-License-Identifier: Apache-2.0
//
// Time on a bus with more to do than it can at once, in tlm_cycle.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <vector>

#include "platform.h"

namespace ivshmem::test {
namespace {

using sc_core::sc_time;

platform_config shared_link(unsigned generation, unsigned lanes) {
  platform_config config;
  config.mode = timing_mode::tlm_cycle;
  config.slots = {{{{}, {}}}};
  config.link.generation = generation;
  config.link.lanes = lanes;
  return config;
}

TEST(Contention, TwoReadersShareALinkFairlyAtTheRateOfTheWire) {
  platform bus(shared_link(1, 1));
  bus.run([&] {
    constexpr unsigned piece = 256;
    constexpr unsigned block = 4096;
    constexpr unsigned blocks = 8;
    std::array<sc_time, 2> ends;
    const sc_time start = sc_core::sc_time_stamp();
    const auto reader = [&](std::size_t index) {
      std::vector<unsigned char> data(block);
      for (unsigned i = 0; i < blocks; ++i) {
        sc_time delay;
        bus.access(tlm::TLM_READ_COMMAND, bus.leaves[index].bar[2], data.data(), block, delay);
      }
      ends[index] = sc_core::sc_time_stamp() - start;
    };
    platform::all({[&] { reader(0); }, [&] { reader(1); }});
    const sc_time wire =
        bus.links[0]->serialisation(12, piece) * (2 * blocks * double{block} / piece);
    const sc_time last = std::max(ends[0], ends[1]);
    const sc_time first = std::min(ends[0], ends[1]);
    EXPECT_GE(last, wire) << "faster than the wire";
    EXPECT_LE(last, wire + bus.links[0]->serialisation(12, piece) * 6) << "the wire was idle";
    EXPECT_LE(last - first, bus.links[0]->serialisation(12, piece) * (1.5 * block / piece))
        << "one was served before the other";
  });
}

TEST(Contention, TheLinkCountsPacketsAndBytesOnTheWire) {
  platform bus(shared_link(3, 4));
  bus.run([&] {
    const pcie::link_statistics before = bus.leaves[0].link->statistics();
    bus.write(bus.leaves[0].bar[0], 1);     // 12 + 4
    bus.read(bus.leaves[0].bar[2] + 3, 2);  // 16 + 0, 12 + 8
    std::vector<unsigned char> data(256);
    sc_time delay;
    bus.access(tlm::TLM_WRITE_COMMAND, bus.leaves[0].bar[2], data.data(), 256, delay);  // 16 + 256
    sc_core::wait(10, sc_core::SC_US);
    const pcie::link_statistics& after = bus.leaves[0].link->statistics();
    EXPECT_EQ(after.packets - before.packets, 4U);
    EXPECT_EQ(after.bytes - before.bytes, 16U + 16U + 20U + 272U + 4U * 8U);
  });
}

/// How long the processor waits for each of a row of writes of 256 bytes.
std::vector<sc_time> time_writes(platform& bus, unsigned writes) {
  std::vector<unsigned char> data(256, 0x77);
  std::vector<sc_time> took;
  for (unsigned i = 0; i < writes; ++i) {
    const sc_time start = sc_core::sc_time_stamp();
    sc_time delay;
    bus.access(tlm::TLM_WRITE_COMMAND, bus.leaves[0].bar[2] + 256ULL * i, data.data(), 256, delay);
    took.push_back(sc_core::sc_time_stamp() - start);
  }
  EXPECT_EQ(bus.read(bus.leaves[0].bar[2] + 256ULL * writes - 4), 0x7777'7777U);
  return took;
}

TEST(BackPressure, AFullPostedBufferMakesTheProcessorWriteAtTheRateOfTheWire) {
  platform_config config = shared_link(1, 1);
  config.root.posted_buffer = 2;
  platform bus(config);
  bus.run([&] {
    const std::vector<sc_time> took = time_writes(bus, 20);
    EXPECT_EQ(took[0], sc_core::SC_ZERO_TIME) << "on the wire";
    EXPECT_EQ(took[1], sc_core::SC_ZERO_TIME) << "in the buffer";
    EXPECT_EQ(took[2], sc_core::SC_ZERO_TIME) << "in the buffer";
    EXPECT_THAT(std::vector<sc_time>(took.begin() + 3, took.end()),
                testing::Each(bus.links[0]->serialisation(16, 256)));
  });
}

TEST(BackPressure, WithoutCreditsAWriteWaitsUntilTheDeviceTookTheOneBefore) {
  platform_config config = shared_link(1, 1);
  config.link.credits = {1, 16, 1};
  config.root.posted_buffer = 2;
  platform bus(config);
  bus.run([&] {
    const std::vector<sc_time> took = time_writes(bus, 20);
    const timing_config& device = bus.config.timing;
    const unsigned beats = 256 / device.beat_bytes;
    const sc_time round =
        bus.links[0]->serialisation(16, 256) + config.link.propagation +
        device.clock_period * (beats - 1 + timing::execute_cycles + timing::credit_cycles);
    for (std::size_t i = 8; i < took.size(); ++i) {
      EXPECT_GE(took[i], round);
      EXPECT_LT(took[i], round + device.clock_period) << "the device works on clock edges";
    }
  });
}

TEST(BackPressure, ACompletionThatWaitsForTheWireKeepsItsPlaceBehindMessages) {
  // Two long completions occupy the wire; a message leaves the device, and after it the completion
  // of a read that was executed before.
  platform bus(shared_link(1, 1));
  bus.run([&] {
    bus.program(0, 0, 0x100, 0x1);
    const auto read = [&] {
      std::vector<unsigned char> data(2048);
      sc_time delay;
      bus.access(tlm::TLM_READ_COMMAND, bus.leaves[0].bar[2], data.data(), 2048, delay);
    };
    const auto ring = [&] {
      for (unsigned i = 0; i < 40; ++i) {
        bus.ring(1, 0, 0);
        sc_core::wait(333, sc_core::SC_NS);
      }
    };
    platform::all({read, ring, read});
    sc_core::wait(100, sc_core::SC_US);
  });
  EXPECT_GT(bus.up_order.packets(), 40U);
}

TEST(Credits, OfARequestThatEndsInASwitchGoNoFurther) {
  platform_config config;
  config.mode = timing_mode::tlm_cycle;
  config.slots = {{{{}}}};
  config.links = false;
  platform bus(config);
  bus.run([&] {
    // The payload of the first request is used again: its hops must not be.
    EXPECT_EQ(bus.read(bus.leaves[0].bar[0] + bar0::iv_position.offset), 0U);
    EXPECT_NE(bus.read(bus.ecam(pcie::make_bdf(0, 0, 0), 0)), 0xffff'ffffU);
  });
}

TEST(RootComplex, AReadDoesNotReturnBeforeTheMessagesAheadOfItAreInMemory) {
  platform_config config = shared_link(5, 16);
  config.fabric_latency = sc_core::SC_ZERO_TIME;
  platform bus(config);
  bus.run([&] {
    bus.program(0, 0, 0x100, 0x1234);
    bus.dma_time = {3, sc_core::SC_US};
    const std::uint64_t sent = bus.leaves[0].device->inserted()->statistics().messages;
    bus.ring(0, 0, 0);
    std::uint32_t position = 1;
    while (bus.leaves[0].device->inserted()->statistics().messages == sent) {
      position = static_cast<std::uint32_t>(bus.read(bus.leaves[0].bar[0] + 8));
    }
    position = static_cast<std::uint32_t>(bus.read(bus.leaves[0].bar[0] + 8));
    EXPECT_EQ(position, 0U);
    EXPECT_EQ(bus.ram[0x100], 0x34U) << "the read came back first";
  });
}

TEST(RootComplex, AnAccessInPiecesEndsWithItsLastPiece) {
  // The first piece is refused by the root port at once, the second goes to a device.
  platform_config config;
  config.mode = timing_mode::tlm_cycle;
  config.slots = {{}, {}};
  config.root_ports = true;
  config.links = false;
  platform bus(config);
  bus.run([&] {
    const std::uint64_t first = bus.leaves[1].bar[2];
    bus.write(first, 0x1122'3344);
    for (int i = 0; i < 3; ++i) {
      std::array<std::uint32_t, 128> data{};
      sc_time delay;
      bus.access(tlm::TLM_READ_COMMAND, first - 256, data.data(), 512, delay);
      EXPECT_EQ(data[64], 0x1122'3344U);
    }
  });
}

}  // namespace
}  // namespace ivshmem::test
