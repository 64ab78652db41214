// SPDX-License-Identifier: Apache-2.0
//
// Packets that are longer or shorter than their headers say: nothing of them is executed, but what
// went before the wrong beat of a write that is too long to wait for its end.
#include "raw_bench.h"

namespace ivshmem::rtl::test {
namespace {

struct RawLength : RawRequest {};

TEST_P(RawLength, AWriteLongerThanItsHeaderSaysIsMalformedAndItsLastBeatIsDropped) {
  send(write(window + 0x40, 16, 40));
  run();
  EXPECT_EQ(malformed, 1u);
  const unsigned good = 16 - GetParam() / 32;  // dwords before the beat that should be the last
  EXPECT_EQ(word(0x40 + 4 * (good - 1)), 0x1111'1111U * good);
  EXPECT_EQ(word(0x40 + 4 * good), 0u);
  EXPECT_EQ(word(0x40 + 64), 0u);
  expect_alive();
}

TEST_P(RawLength, AWriteShorterThanItsHeaderSaysIsMalformedAndItsLastBeatIsDropped) {
  send(write(window + 0x40, 40, 16));
  run();
  EXPECT_EQ(malformed, 1u);
  const unsigned good = 16 - GetParam() / 32;
  EXPECT_EQ(word(0x40 + 4 * (good - 1)), 0x1111'1111U * good);
  EXPECT_EQ(word(0x40 + 4 * good), 0u);
  expect_alive();
}

TEST_P(RawLength, NothingOfAWriteReachesMemoryWhoseFirstBeatIsWrong) {
  const unsigned lanes = GetParam() / 32;
  send(write(window + 0x40, 2, 1));
  send(write(window + 0x40, 1, 2));
  send(write(window + 0x40, lanes, lanes - 1));
  send(write(window + 0x40, lanes - 1, lanes));
  send(write(window + 0x40, lanes, lanes + 1));
  send(write(window + 0x40, 4 * lanes, lanes));
  send(write(window + 0x40, 1, 0));
  run();
  EXPECT_EQ(malformed, 7u);
  EXPECT_EQ(memory.writes, 0u);
  EXPECT_EQ(word(0x40), 0u);
  expect_alive();
}

TEST_P(RawLength, ARegisterWriteOfAnotherLengthThanItsHeaderSaysChangesNothing) {
  constexpr std::uint32_t registers = 0x8000'0000;
  const unsigned lanes = GetParam() / 32;
  send(config_write(cfg::bar0_reg.offset, registers));
  run();
  unsigned expected = 0;
  for (unsigned dwords : {1U, 2U, 4U, 8 * lanes}) {
    for (const int surplus : {-1, 1, 1 - static_cast<int>(dwords), static_cast<int>(dwords), 100}) {
      if (surplus != 0) {
        send(write(registers, dwords, dwords + static_cast<unsigned>(surplus)));
        ++expected;
      }
    }
  }
  run();
  EXPECT_EQ(malformed, expected);
  EXPECT_EQ(doorbells, 0u);
  EXPECT_EQ(driver.core().peek_register(0), 0u);
  EXPECT_EQ(driver.core().peek_register(4), 0u);
  send(write(registers, 2, 2));
  run();
  EXPECT_EQ(driver.core().peek_register(0), 0x1111'1111U);
  EXPECT_EQ(driver.core().peek_register(4), 0x2222'2222U);
  expect_alive();
}

TEST_P(RawLength, ALongRegisterWriteEndsWithTheFirstWrongBeat) {
  constexpr std::uint32_t registers = 0x8000'0000;
  const unsigned lanes = GetParam() / 32;
  if (8 * lanes + 2 > 64) {
    return;  // BAR0 has no room for a longer write
  }
  send(config_write(cfg::bar0_reg.offset, registers));
  send(write(registers, 8 * lanes + 2, lanes));  // the first beat: Doorbell's dword is behind it
  run();
  EXPECT_EQ(malformed, 1u);
  EXPECT_EQ(driver.core().peek_register(0), 0u);
  send(write(registers, 8 * lanes + 2, 2 * lanes));
  run();
  EXPECT_EQ(malformed, 2u);
  EXPECT_EQ(driver.core().peek_register(0), 0x1111'1111U);
  EXPECT_EQ(doorbells, lanes > 2 ? 1u : 0u);
  expect_alive();
}

TEST_P(RawLength, AConfigurationWriteWithMoreThanADwordIsMalformed) {
  raw_tlp tlp = config_write(cfg::interrupt_line.offset, 0x55);
  tlp.payload.resize(64, 0);
  send(tlp);
  run();
  EXPECT_EQ(malformed, 1u);
  EXPECT_TRUE(completions.empty());
  EXPECT_EQ(driver.core().peek_config(cfg::interrupt_line.offset) & 0xffU, 0u);
  expect_alive();
}

TEST_P(RawLength, AReadWithDataBehindItIsMalformed) {
  raw_tlp tlp = read(window, 4);
  tlp.payload.resize(64, 0);
  send(tlp);
  run();
  EXPECT_EQ(malformed, 1u);
  expect_alive();
}

INSTANTIATE_TEST_SUITE_P(Widths, RawLength, testing::Values(64U, 128U, 256U),
                         [](const auto& param) { return std::to_string(param.param) + "bits"; });

}  // namespace
}  // namespace ivshmem::rtl::test
