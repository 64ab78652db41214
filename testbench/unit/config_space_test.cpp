// SPDX-License-Identifier: Apache-2.0
//
// Configuration space: reset values, writable bits, BARs.
#include "ivshmem/model/config_space.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace ivshmem::test {
namespace {

config_space_layout plain() { return {}; }
config_space_layout doorbell(unsigned vectors) {
  return {device_variant::doorbell, vectors, 1ULL << 20U, false};
}
config_space_layout legacy(unsigned vectors) {
  return {device_variant::legacy, vectors, 1ULL << 20U, false};
}

config_space after_reset(const config_space_layout& layout) {
  config_space config(layout);
  config.reset();
  return config;
}

std::uint32_t get(const config_space& config, const reg_desc& reg) {
  return config.read(reg.offset, reg.bytes > 4 ? 4 : reg.bytes);
}
void set(config_space& config, const reg_desc& reg, std::uint32_t value) {
  config.write(reg.offset, reg.bytes > 4 ? 4 : reg.bytes, value);
}

/// Dwords at offsets, as measured [behaviour 1]; what is not listed has the default.
using dwords = std::map<std::uint32_t, std::uint32_t>;

void expect_dwords(const config_space& config, const dwords& listed, std::uint32_t scratch) {
  for (std::uint32_t offset = 0; offset < cfg::size_bytes; offset += 4) {
    const auto found = listed.find(offset);
    const std::uint32_t rest = offset < cfg::first_scratch ? 0 : scratch;
    EXPECT_EQ(config.read(offset, 4), found == listed.end() ? rest : found->second)
        << "offset " << offset;
  }
}

TEST(PciConfig, ShowsTheMeasuredResetValues) {
  dwords expected{{0x00, 0x1110'1af4}, {0x08, 0x0500'0001}, {0x18, 0x0c}, {0x2c, 0x1100'1af4}};
  expect_dwords(after_reset(plain()), expected, 0);

  expected[0x04] = 0x0010'0000;
  expected[0x34] = cfg::msix_capability;
  expected[0x40] = 7U << 16U | cfg::msix_capability_id;
  expected[0x44] = 1;
  expected[0x48] = 0x801;
  expect_dwords(after_reset(doorbell(8)), expected, 0);

  expected[0x08] = 0x0500'0000;  // revision 0
  expected[0x3c] = 0x0000'0100;  // pin A
  expect_dwords(after_reset(legacy(8)), expected, 0);
}

TEST(PciConfig, LegacyWithoutMsiHasAnIntxPinAndNoCapability) {
  expect_dwords(after_reset(legacy(0)),
                {{0x00, 0x1110'1af4},
                 {0x08, 0x0500'0000},
                 {0x18, 0x0c},
                 {0x2c, 0x1100'1af4},
                 {0x3c, 0x0000'0100}},
                0);
}

TEST(PciConfig, TakesExactlyTheWritableBits) {
  config_space config = after_reset(plain());
  dwords expected{{0x00, 0x1110'1af4}, {0x04, 0x0000'0507}, {0x08, 0x0500'0001},
                  {0x0c, 0x0000'00ff}, {0x10, 0xffff'ff00}, {0x18, 0xfff0'000c},
                  {0x1c, 0xffff'ffff}, {0x2c, 0x1100'1af4}, {0x3c, 0x0000'00ff}};
  for (std::uint32_t offset = 0; offset < cfg::size_bytes; offset += 4) {
    config.write(offset, 4, 0xffff'ffff);
  }
  expect_dwords(config, expected, 0xffff'ffff);

  config = after_reset(doorbell(300));
  for (std::uint32_t offset = 0; offset < cfg::size_bytes; offset += 4) {
    config.write(offset, 4, 0xffff'ffff);
  }
  expected[0x04] = 0x0010'0507;
  expected[0x14] = 0xffff'e000;
  expected[0x34] = cfg::msix_capability;
  expected[0x40] = 0xc000'0000 | 299U << 16U | cfg::msix_capability_id;
  expected[0x44] = 1;
  expected[0x48] = 16 * 300 | 1;
  expect_dwords(config, expected, 0xffff'ffff);
}

TEST(PciConfig, WritesOfEverySizeWorkByteByByte) {
  for (const unsigned bytes : {1U, 2U, 4U}) {
    config_space whole = after_reset(doorbell(4));
    config_space single = after_reset(doorbell(4));
    for (std::uint32_t offset = 0; offset < cfg::size_bytes; offset += bytes) {
      const std::uint32_t value = 0x9e37'79b9U * (offset + 1);
      whole.write(offset, bytes, value);
      for (unsigned i = 0; i < bytes; ++i) {
        single.write(offset + i, 1, value >> (8 * i));
      }
    }
    EXPECT_EQ(whole.bytes(), single.bytes());
    EXPECT_EQ(whole.msix_enabled(), single.msix_enabled());
    EXPECT_EQ(whole.bus_master(), single.bus_master());
  }
}

TEST(PciConfig, ReadsAsOnesAndIgnoresWritesPastTheSpace) {
  config_space config = after_reset(doorbell(1));
  const config_space::image before = config.bytes();
  for (const std::uint32_t offset : {0x100U, 0x7fcU, 0xffcU}) {
    config.write(offset, 4, 0);
    EXPECT_EQ(config.read(offset, 4), 0xffff'ffffU);
    EXPECT_EQ(config.read(offset, 1), 0xffU);
  }
  EXPECT_EQ(config.bytes(), before);
}

TEST(PciConfig, SizesBar2ForEveryMemorySize) {
  for (std::uint64_t bytes = min_memory_bytes; bytes <= max_memory_bytes; bytes *= 2) {
    config_space config = after_reset({device_variant::plain, 0, bytes, false});
    config.write(cfg::bar2_reg.offset, 4, 0xffff'ffff);
    config.write(cfg::bar2_reg.offset + 4, 4, 0xffff'ffff);
    const std::uint64_t seen = config.read(cfg::bar2_reg.offset, 4) |
                               std::uint64_t{config.read(cfg::bar2_reg.offset + 4, 4)} << 32U;
    EXPECT_EQ(seen, ~(bytes - 1) | cfg::bar_type_64_prefetch) << bytes;
    EXPECT_EQ(config.bar_bytes(2), bytes);
  }
}

TEST(PciConfig, PlainHasNoBar1) {
  config_space config = after_reset(plain());
  set(config, cfg::bar1_reg, 0xffff'ffff);
  EXPECT_EQ(get(config, cfg::bar1_reg), 0U);
  EXPECT_EQ(config.bar_bytes(1), 0U);
  set(config, cfg::command, cfg::command_memory);
  EXPECT_FALSE(config.bar(1).mapped);
}

TEST(PciConfig, DecodesABarOnlyWithMemoryEnabledAndARealAddress) {
  config_space config = after_reset(doorbell(1));
  set(config, cfg::bar0_reg, 0xfebf'1000);
  set(config, cfg::command, cfg::command_io | cfg::command_master);
  EXPECT_FALSE(config.bar(0).mapped) << "COMMAND.IO maps nothing";
  set(config, cfg::command, cfg::command_memory);
  EXPECT_TRUE(config.bar(0).contains(0xfebf'1000));
  EXPECT_TRUE(config.bar(0).contains(0xfebf'10ff));
  EXPECT_FALSE(config.bar(0).contains(0xfebf'1100));
  EXPECT_FALSE(config.bar(0).contains(0xfebf'0fff));
  EXPECT_FALSE(config.bar(1).mapped) << "address 0 is none";

  set(config, cfg::bar0_reg, 0xffff'ff00);
  EXPECT_FALSE(config.bar(0).mapped) << "its last byte is ffffffff, as while sizing";
  set(config, cfg::bar0_reg, 0xffff'fe00);
  EXPECT_TRUE(config.bar(0).mapped);
  set(config, cfg::bar0_reg, 0);
  EXPECT_FALSE(config.bar(0).mapped);
}

TEST(PciConfig, DecodesTheLastAddressesOfA64BitBarExceptTheVeryLast) {
  config_space config = after_reset(plain());
  set(config, cfg::command, cfg::command_memory);
  config.write(cfg::bar2_reg.offset, 4, 0xfff0'0000);
  EXPECT_TRUE(config.bar(2).contains(0xffff'ffff)) << "the 32-bit limit is not BAR2's";
  config.write(cfg::bar2_reg.offset + 4, 4, 0xffff'ffff);
  EXPECT_FALSE(config.bar(2).mapped);
  config.write(cfg::bar2_reg.offset, 4, 0xffe0'0000);
  EXPECT_TRUE(config.bar(2).contains(0xffff'ffff'ffe0'0000));
  config.write(cfg::bar2_reg.offset, 4, 0);
  config.write(cfg::bar2_reg.offset + 4, 4, 0);
  EXPECT_FALSE(config.bar(2).mapped);
}

TEST(PciConfig, CountsEveryChangeOfAWindowAndNothingElse) {
  config_space config = after_reset(doorbell(1));
  auto changes = [&, last = config.window_changes()]() mutable {
    return std::exchange(last, config.window_changes()) != config.window_changes();
  };
  set(config, cfg::bar0_reg, 0x1000);
  EXPECT_FALSE(changes()) << "not decoded yet";
  set(config, cfg::command, cfg::command_memory);
  EXPECT_TRUE(changes());
  set(config, cfg::command, cfg::command_memory | cfg::command_master);
  set(config, cfg::interrupt_line, 11);
  set(config, cfg::msix_control, cfg::msix_enable);
  EXPECT_FALSE(changes());
  set(config, cfg::bar0_reg, 0x2000);
  EXPECT_TRUE(changes());
  set(config, cfg::bar0_reg, 0x2000);
  EXPECT_FALSE(changes());
  config.reset();
  EXPECT_TRUE(changes());
}

TEST(PciConfig, StartsWithIoAndMemoryEnabledUntilAReset) {
  config_space config(plain());
  EXPECT_EQ(get(config, cfg::command), cfg::command_io | cfg::command_memory);
  config.reset();
  EXPECT_EQ(get(config, cfg::command), 0U);
}

TEST(PciConfig, AConventionalFunctionHasNothingBeyond256Bytes) {
  config_space config = after_reset(doorbell(2));
  for (const std::uint32_t offset : {0x100U, 0x400U, 0xffcU}) {
    config.write(offset, 4, 0);
    EXPECT_EQ(config.read(offset, 4), 0xffff'ffffU) << offset;
  }
}

TEST(PciConfig, RestoreTakesAnImageThatDiffersInWritableBitsOnly) {
  config_space from = after_reset(doorbell(2));
  set(from, cfg::command, cfg::command_memory | cfg::command_master);
  set(from, cfg::bar0_reg, 0x4000);
  set(from, cfg::msix_control, cfg::msix_enable);
  config_space to = after_reset(doorbell(2));
  EXPECT_TRUE(to.restore(from.bytes()));
  EXPECT_EQ(to.bytes(), from.bytes());
  EXPECT_TRUE(to.bar(0).contains(0x4000));
  EXPECT_TRUE(to.msix_enabled() && to.bus_master());
}

TEST(PciConfig, RestoreNamesTheFirstReadOnlyByteThatDiffers) {
  config_space config = after_reset(doorbell(2));
  const config_space::image before = config.bytes();
  const auto vectors = config.restore(after_reset(doorbell(3)).bytes());
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().offset, cfg::msix_control.offset);
  const auto variant = config.restore(after_reset(plain()).bytes());
  ASSERT_FALSE(variant);
  EXPECT_EQ(variant.error().offset, cfg::status.offset);
  EXPECT_EQ(config.bytes(), before) << "nothing changed";
}

}  // namespace
}  // namespace ivshmem::test
