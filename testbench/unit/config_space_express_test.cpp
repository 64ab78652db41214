// SPDX-License-Identifier: Apache-2.0
//
// Configuration space with the PCI Express capability.
#include <gtest/gtest.h>

#include <vector>

#include "ivshmem/model/config_space.h"

namespace ivshmem::test {
namespace {

config_space express_config(device_variant variant, unsigned vectors) {
  config_space config({variant, vectors, 1ULL << 20U, true});
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
  EXPECT_EQ(config.read(device_control, 2), 0x7fffU);
  const std::uint32_t behind = cfg::express_capability + cfg::express_capability_bytes;
  config.write(behind, 4, 0x1234'5678);
  EXPECT_EQ(config.read(behind, 4), 0x1234'5678U) << "scratch again";
}

}  // namespace
}  // namespace ivshmem::test
