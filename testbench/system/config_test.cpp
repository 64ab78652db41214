// SPDX-License-Identifier: Apache-2.0
//
// Configuration space through the ECAM window of the root complex.
#include <gtest/gtest.h>

#include "node.h"

namespace ivshmem::test {
namespace {

constexpr std::uint32_t ones = 0xffff'ffff;

struct Ecam : testing::Test {
  bench platform{with_devices({0, 5})};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  endpoint first{"first", doorbell_of(4), {shared.data(), shared.size()}};
  endpoint fifth{"fifth", device_properties{}, {shared.data(), shared.size()}};

  Ecam() {
    platform.root.downstream(0).bind(first.pcie);
    platform.root.downstream(5).bind(fifth.pcie);
  }
  static pcie::root_complex_config with_devices(std::vector<unsigned> devices) {
    pcie::root_complex_config config;
    config.devices = std::move(devices);
    return config;
  }
  std::uint64_t at(unsigned device, std::uint32_t offset) const {
    return platform.ecam(pcie::make_bdf(0, device, 0), offset);
  }
};

TEST_F(Ecam, EveryDeviceAnswersAtItsNumber) {
  platform.run([&] {
    EXPECT_EQ(platform.read(at(0, 0)), 0x1110'1af4U);
    EXPECT_EQ(platform.read(at(0, cfg::capabilities.offset), 1), cfg::msix_capability);
    EXPECT_EQ(platform.read(at(5, 0)), 0x1110'1af4U);
    EXPECT_EQ(platform.read(at(5, cfg::capabilities.offset), 1), 0U);
  });
}

TEST_F(Ecam, WhatIsNotThereReadsAsOnesAndIgnoresWrites) {
  platform.run([&] {
    EXPECT_EQ(platform.read(at(1, 0)), ones) << "no such device";
    EXPECT_EQ(platform.read(platform.ecam(pcie::make_bdf(0, 0, 1), 0)), ones) << "function 1";
    EXPECT_EQ(platform.read(platform.ecam(pcie::make_bdf(7, 0, 0), 0), 2), 0xffffU) << "bus 7";
    platform.write(at(1, 4), 7);
    EXPECT_EQ(platform.read(at(0, 0x100)), ones) << "conventional: 256 bytes";
  });
}

TEST_F(Ecam, AccessesOfAnySizeAndAlignmentAreCutIntoDwords) {
  platform.run([&] {
    const std::uint64_t scratch = at(0, 0x60);
    platform.write(scratch, 0x8877'6655'4433'2211, 8);
    EXPECT_EQ(platform.read(scratch, 8), 0x8877'6655'4433'2211U);
    EXPECT_EQ(platform.read(scratch + 3, 2), 0x5544U);
    EXPECT_EQ(platform.read(scratch + 1, 4), 0x5544'3322U);
    platform.write(scratch + 2, 0xaabb'ccdd, 4);
    EXPECT_EQ(platform.read(scratch, 8), 0x8877'aabb'ccdd'2211U);
    std::vector<std::uint8_t> whole(256);
    EXPECT_EQ(platform.access(tlm::TLM_READ_COMMAND, at(0, 0), whole.data(), 256),
              tlm::TLM_OK_RESPONSE);
    const config_space::image& image = first.inserted()->config().bytes();
    EXPECT_TRUE(std::equal(whole.begin(), whole.end(), image.begin()));
  });
}

TEST_F(Ecam, ByteEnablesReachTheRegisterOneByOne) {
  platform.run([&] {
    const std::uint64_t scratch = at(0, 0x60);
    std::uint32_t word = 0x4433'2211;
    EXPECT_EQ(platform.access(tlm::TLM_WRITE_COMMAND, scratch, &word, 4, {0xff, 0, 0xff, 0}),
              tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(platform.read(scratch), 0x0033'0011U);
  });
}

TEST_F(Ecam, SizesTheBarsAndKeepsCommandWritableBits) {
  platform.run([&] {
    const pcie::bdf id = pcie::make_bdf(0, 0, 0);
    platform.configure(id, cfg::bar0_reg, ones);
    EXPECT_EQ(platform.config(id, cfg::bar0_reg), ~(bar0::size_bytes - 1));
    platform.configure(id, cfg::bar1_reg, ones);
    EXPECT_EQ(platform.config(id, cfg::bar1_reg), 0xffff'f000U);
    platform.configure(id, cfg::command, ones);
    EXPECT_EQ(platform.config(id, cfg::command), cfg::command_writable);
  });
}

TEST_F(Ecam, DebugReadsAndDoesNotWrite) {
  platform.run([&] {
    std::uint64_t value = 0;
    EXPECT_EQ(platform.debug(tlm::TLM_READ_COMMAND, at(0, 0), value, 4), 4U);
    EXPECT_EQ(value, 0x1110'1af4U);
    value = 0x7;
    platform.debug(tlm::TLM_WRITE_COMMAND, at(0, cfg::command.offset), value, 2);
    EXPECT_EQ(platform.config(pcie::make_bdf(0, 0, 0), cfg::command), 0U);
  });
}

TEST_F(Ecam, IsNoMemoryForDirectAccess) {
  platform.run([&] {
    tlm::tlm_dmi dmi;
    EXPECT_FALSE(platform.direct(at(0, 0), dmi));
    platform.read(at(0, 0));
    EXPECT_FALSE(platform.dmi_allowed);
  });
}

TEST_F(Ecam, ResetOfTheBusReachesEveryDevice) {
  platform.run([&] {
    for (const unsigned device : {0U, 5U}) {
      platform.configure(pcie::make_bdf(0, device, 0), cfg::command, cfg::command_memory);
    }
    platform.root.reset_bus();
    for (const unsigned device : {0U, 5U}) {
      EXPECT_EQ(platform.config(pcie::make_bdf(0, device, 0), cfg::command), 0U);
    }
  });
}

}  // namespace
}  // namespace ivshmem::test
