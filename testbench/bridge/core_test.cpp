// SPDX-License-Identifier: Apache-2.0
//
// The verilated core behind its transactors, in plain C++.
#include <gmock/gmock.h>

#include <array>
#include <cstring>

#include "core_bench.h"
#include "ivshmem/model/config_space.h"

namespace ivshmem::rtl::test {
namespace {

using testing::ElementsAre;

class EveryWidth : public testing::TestWithParam<unsigned> {};

TEST_P(EveryWidth, TheConfigurationSpaceIsThatOfTheModel) {
  core_bench bench(doorbell_core(GetParam()));
  config_space_layout layout;
  layout.variant = device_variant::doorbell;
  layout.msix_vectors = 4;
  layout.memory_bytes = 4096;
  const config_space model(layout);
  for (std::uint32_t offset = 0; offset < 256; offset += 4) {
    const std::uint32_t realized = offset == cfg::command.offset ? 3U : 0U;  // until a reset
    const std::uint32_t read = bench.read_config(offset);
    EXPECT_EQ(read, model.read(offset, 4) & ~realized) << offset;
    EXPECT_EQ(bench.driver.core().peek_config(offset), read) << offset;
  }
}

TEST_P(EveryWidth, WhatIsWrittenToMemoryIsReadBack) {
  core_bench bench(doorbell_core(GetParam()));
  bench.place();
  std::vector<std::uint32_t> data(37);
  for (unsigned i = 0; i < data.size(); ++i) {
    data[i] = 0x0101'0101U * i;
  }
  bench.push(memory_write(0x10'0014, data));
  bench.push(memory_read(0x10'0014, 37, 5));
  bench.run();
  std::vector<std::uint32_t> read;
  for (const raw_tlp& piece : bench.completions) {
    read.insert(read.end(), piece.payload.begin(), piece.payload.end());
  }
  EXPECT_EQ(read, data);
  EXPECT_EQ(bench.done, 2U);
}

TEST_P(EveryWidth, StallsOnEveryPortChangeNothingButTheTime) {
  const random_stalls stalls(3, 60);
  core_bench fast(doorbell_core(GetParam()));
  core_bench slow(doorbell_core(GetParam()), &stalls);
  for (core_bench* bench : {&fast, &slow}) {
    bench->place();
    for (unsigned i = 0; i < 20; ++i) {
      // A write may pass the reads before it, so it goes elsewhere.
      bench->push(memory_write(0x10'0800 + 4 * i, {i, i + 1, i + 2}));
      bench->push(memory_read(0x10'0000 + 4 * i, 3 + 4 * i, i));
      bench->push(memory_write(0x1'000c, {0x0003'0002}));
    }
    bench->run();
  }
  EXPECT_TRUE(fast.completions == slow.completions);
  EXPECT_EQ(fast.doorbells.size(), 20U);
  EXPECT_EQ(slow.doorbells.size(), 20U);
  EXPECT_EQ(fast.bytes, slow.bytes);
  EXPECT_GT(slow.driver.cycle(), fast.driver.cycle());
}

TEST_P(EveryWidth, After255BurstsAWriteWaitsForAConfirmation) {
  constexpr unsigned latency = 600;
  constexpr unsigned writes = 300;
  core_bench bench(doorbell_core(GetParam()), nullptr, latency);
  bench.place();
  const std::uint64_t begin = bench.driver.cycle();
  std::array<std::uint32_t, writes> wanted{};
  for (unsigned i = 0; i < writes; ++i) {
    wanted[i] = i + 1;
    bench.push(memory_write(0x10'0000 + 4 * i, {wanted[i]}));
  }
  bench.run();
  EXPECT_EQ(std::memcmp(bench.bytes.data(), wanted.data(), sizeof wanted), 0);
  // Were there room for all, they would be confirmed after writes + latency cycles.
  EXPECT_GT(bench.driver.cycle() - begin, 2 * latency);
}

INSTANTIATE_TEST_SUITE_P(Core, EveryWidth, testing::Values(64U, 128U, 256U));

TEST(Core, ADoorbellCarriesWhatWasWritten) {
  core_bench bench(doorbell_core());
  bench.place();
  bench.push(memory_write(0x1'000c, {0x8003'0102}));
  bench.push(memory_write(0x1'000c, {0x8003'0102}, 0x3));
  bench.run();
  ASSERT_EQ(bench.doorbells.size(), 2U);
  EXPECT_EQ(bench.doorbells[0].peer, 0x8003);
  EXPECT_EQ(bench.doorbells[0].value, 0x0102);
  EXPECT_TRUE(bench.doorbells[0].word);
  EXPECT_EQ(bench.doorbells[1].peer, 0);
  EXPECT_FALSE(bench.doorbells[1].word);
}

TEST(Core, ANotificationOfAnUnmaskedVectorBecomesAMessage) {
  core_bench bench(doorbell_core());
  bench.place();
  bench.push(memory_write(0x2'0010, {0xfee0'0000, 0, 0x42, 0}));
  bench.push(config_write(0x40, 0x8000'0000, 0xc));
  bench.run();
  bench.driver.notify(1, bench.driver.cycle());
  bench.run();
  ASSERT_EQ(bench.messages.size(), 1U);
  EXPECT_EQ(address_of(bench.messages[0].header), 0xfee0'0000U);
  EXPECT_THAT(bench.messages[0].payload, ElementsAre(0x42U));
}

/// Messages leave every 16 cycles.
struct slow_messages final : stall_pattern {
  bool ready(stall_port port, std::uint64_t cycle) const override {
    return port != stall_port::tx_msg || cycle % 16 == 0;
  }
};

/// Vectors that all pend behind the function mask, and messages that leave slowly.
struct CorePendingVectors : testing::Test {
  static constexpr unsigned vectors = 32;
  slow_messages slow;
  core_bench bench{doorbell_core(64, vectors), &slow};

  void SetUp() override {
    bench.place();
    for (unsigned v = 0; v < vectors; ++v) {
      bench.push(memory_write(0x2'0000 + 16 * v, {0xfee0'0000, 0, v, 0}));
    }
    bench.push(config_write(0x40, 0xc000'0000, 0xc));
    bench.run();
    for (unsigned v = 0; v < vectors; ++v) {
      bench.driver.notify(static_cast<std::uint16_t>(v), bench.driver.cycle());
    }
    bench.run();
    EXPECT_TRUE(bench.messages.empty());
  }
  void expect_all() const {
    ASSERT_EQ(bench.messages.size(), vectors);
    for (unsigned v = 0; v < vectors; ++v) {
      EXPECT_THAT(bench.messages[v].payload, ElementsAre(v));
    }
  }
};

TEST_F(CorePendingVectors, AScanWaitsForRoomForItsMessages) {
  bench.push(config_write(0x40, 0x8000'0000, 0xc));
  bench.run();
  expect_all();
}

TEST_F(CorePendingVectors, AFunctionMaskEndsAScanThatWaitsForRoom) {
  bench.push(config_write(0x40, 0x8000'0000, 0xc));
  bench.push(config_write(0x40, 0xc000'0000, 0xc));
  bench.run();
  EXPECT_LT(bench.messages.size(), vectors);
  EXPECT_GE(bench.messages.size(), 16U);
  bench.push(config_write(0x40, 0x8000'0000, 0xc));
  bench.run();
  expect_all();
}

TEST(Core, PeeksShowTheStateWithoutChangingIt) {
  core_bench bench(doorbell_core());
  bench.place();
  bench.push(memory_write(0x1'0000, {0x1234, 0x5678}));
  bench.push(memory_write(0x2'0010, {1, 2, 3, 1}));
  bench.push(config_write(0x40, 0x8000'0000, 0xc));
  bench.run();
  bench.driver.notify(1, bench.driver.cycle());
  bench.run();
  const verilated_core& core = bench.driver.core();
  EXPECT_EQ(core.peek_register(0), 0x1234U);
  EXPECT_EQ(core.peek_register(4), 0x5678U);
  EXPECT_EQ(core.peek_register(4), 0x5678U);
  EXPECT_EQ(core.peek_register(8), 7U);
  EXPECT_EQ(core.peek_table(0x18), 3U);
  EXPECT_EQ(core.peek_pending(0), 2U);
  EXPECT_EQ(core.peek_table(0x40), 0U);
  EXPECT_EQ(core.peek_config(0x10), 0x1'0000U);
}

TEST(Core, AFunctionResetClearsRegistersAndTable) {
  core_bench bench(doorbell_core());
  bench.place();
  bench.push(memory_write(0x1'0000, {0x1234}));
  bench.push(memory_write(0x2'0010, {1, 2, 3, 0}));
  bench.run();
  bench.driver.function_reset(bench.driver.cycle());
  bench.run();
  EXPECT_EQ(bench.driver.core().peek_register(0), 0U);
  EXPECT_EQ(bench.driver.core().peek_table(0x10), 0U);
  EXPECT_EQ(bench.driver.core().peek_table(0x1c), 1U);
  EXPECT_EQ(bench.driver.core().peek_config(4) & 0xffffU, 0U);
}

}  // namespace
}  // namespace ivshmem::rtl::test
