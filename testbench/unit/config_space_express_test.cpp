// SPDX-License-Identifier: Apache-2.0
//
// Configuration space with the PCI Express capability.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "ivshmem/model/config_space.h"

namespace ivshmem::test {
namespace {

config_space express_config(device_variant variant, unsigned vectors,
                            unsigned max_payload_bytes = 256) {
  config_space config({variant, vectors, 1ULL << 20U, true, max_payload_bytes});
  config.reset();
  return config;
}

/// Capability IDs in the order of the list.
std::vector<std::uint32_t> capabilities(const config_space& config) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t at = config.read(cfg::capabilities.offset, 1); at != 0 && found.size() < 8;
       at = config.read(at + 1, 1)) {
    found.push_back(config.read(at, 1));
  }
  return found;
}

TEST(PciConfigExpress, AddsOneCapabilityBehindMsix) {
  using ids = std::vector<std::uint32_t>;
  EXPECT_EQ(capabilities(express_config(device_variant::plain, 0)),
            (ids{cfg::express_capability_id}));
  EXPECT_EQ(capabilities(express_config(device_variant::doorbell, 4)),
            (ids{cfg::msix_capability_id, cfg::express_capability_id}));
  EXPECT_EQ(express_config(device_variant::plain, 0).read(cfg::status.offset, 2),
            cfg::status_capabilities);
}

TEST(PciConfigExpress, IsOffByDefault) {
  EXPECT_EQ(capabilities(config_space({})), std::vector<std::uint32_t>{});
  EXPECT_EQ(capabilities(config_space({device_variant::doorbell, 4, 1ULL << 20U, false})),
            std::vector<std::uint32_t>{cfg::msix_capability_id});
}

TEST(PciConfigExpress, ExtendedSpaceIsEmptyNotAbsent) {
  config_space config = express_config(device_variant::doorbell, 4);
  for (const std::uint32_t offset : {0x100U, 0x400U, 0xffcU}) {
    config.write(offset, 4, 0xffff'ffff);
    EXPECT_EQ(config.read(offset, 4), 0U) << "no extended capability";
  }
}

TEST(PciConfigExpress, TheCapabilityIsReadOnlyExceptItsControls) {
  config_space config = express_config(device_variant::doorbell, 4);
  const config_space::image before = config.bytes();
  for (std::uint32_t i = 0; i < cfg::express_capability_bytes; ++i) {
    config.write(cfg::express_capability + i, 1, 0xff);
  }
  constexpr std::uint32_t device_control = cfg::express_capability + 0x08;
  constexpr std::uint32_t link_control = cfg::express_capability + 0x10;
  for (std::uint32_t i = 0; i < cfg::express_capability_bytes; ++i) {
    const std::uint32_t at = cfg::express_capability + i;
    if (at - device_control >= 2 && at - link_control >= 2) {
      EXPECT_EQ(config.read(at, 1), before[at]) << "byte " << i;
    }
  }
  EXPECT_EQ(config.read(device_control, 2), 0x7f3fU) << "with the bit for 256 bytes of payload";
  const std::uint32_t behind = cfg::express_capability + cfg::express_capability_bytes;
  config.write(behind, 4, 0x1234'5678);
  EXPECT_EQ(config.read(behind, 4), 0x1234'5678U) << "scratch again";
}

TEST(PciConfigExpress, ShowsTheMaximumPayloadOfTheLayout) {
  unsigned code = 0;
  for (const unsigned bytes : {128U, 256U, 512U, 1024U, 2048U, 4096U}) {
    const config_space config = express_config(device_variant::plain, 0, bytes);
    EXPECT_EQ(config.read(cfg::device_capabilities.offset, 4), 0x8000U | code) << bytes;
    EXPECT_EQ(config.max_payload_bytes(), 128U) << "after reset [PCIe 7.5.3.4]";
    ++code;
  }
}

TEST(PciConfigExpress, TakesNoLargerPayloadThanItShows) {
  config_space smallest = express_config(device_variant::plain, 0, 128);
  smallest.write(cfg::device_control.offset, 2, 1U << 5U);
  EXPECT_EQ(smallest.read(cfg::device_control.offset, 2), 0U);
  EXPECT_EQ(smallest.max_payload_bytes(), 128U);

  config_space config = express_config(device_variant::plain, 0, 1024);
  for (const auto& [code, bytes] :
       {std::pair{1U, 256U}, std::pair{2U, 512U}, std::pair{3U, 1024U}}) {
    config.write(cfg::device_control.offset, 2, code << 5U);
    EXPECT_EQ(config.max_payload_bytes(), bytes);
  }
  config.write(cfg::device_control.offset, 1, 7U << 5U);
  EXPECT_EQ(config.max_payload_bytes(), 1024U) << "more than it supports is what it supports";
}

TEST(PciConfigExpress, FallsBackTo128BytesWithAReset) {
  config_space config = express_config(device_variant::plain, 0, 1024);
  config.write(cfg::device_control.offset, 2, 3U << 5U);
  config.write(cfg::link_control.offset, 2, 0xff);
  config.reset();
  EXPECT_EQ(config.read(cfg::device_control.offset, 2), cfg::device_control.reset);
  EXPECT_EQ(config.read(cfg::link_control.offset, 2), 0U);
  EXPECT_EQ(config.max_payload_bytes(), 128U);
}

TEST(PciConfigExpress, WithoutItTheLayoutDecides) {
  config_space config({device_variant::plain, 0, 1ULL << 20U, false, 512});
  config.write(cfg::device_control.offset, 2, 0);  // scratch
  EXPECT_EQ(config.max_payload_bytes(), 512U);
}

}  // namespace
}  // namespace ivshmem::test
