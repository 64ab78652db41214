// SPDX-License-Identifier: Apache-2.0
//
// MSI-X table and pending bits for any number of vectors, on the device [behaviour 1, behaviour 2].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "device_bench.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;

/// As measured on the real device.
struct layout {
  unsigned vectors;
  std::uint32_t pba_offset;
  std::uint32_t pba_bytes;
  std::uint32_t bar_bytes;
};
constexpr std::array layouts{layout{1, 0x800, 8, 0x1000},
                             layout{2, 0x800, 8, 0x1000},
                             layout{63, 0x800, 8, 0x1000},
                             layout{64, 0x800, 8, 0x1000},
                             layout{65, 0x800, 16, 0x1000},
                             layout{127, 0x800, 16, 0x1000},
                             layout{128, 0x800, 16, 0x1000},
                             layout{129, 0x810, 24, 0x1000},
                             layout{254, 0xfe0, 32, 0x1000},
                             layout{255, 0xff0, 32, 0x2000},
                             layout{508, 0x1fc0, 64, 0x2000},
                             layout{509, 0x1fd0, 64, 0x4000},
                             layout{1016, 0x3f80, 128, 0x4000},
                             layout{1017, 0x3f90, 128, 0x8000},
                             layout{2032, 0x7f00, 256, 0x8000},
                             layout{2033, 0x7f10, 256, 0x1'0000},
                             layout{max_vectors, 0x8000, 256, 0x1'0000}};

template <class Body>
void for_each_layout(Body body) {
  for (const layout& each : layouts) {
    SCOPED_TRACE(each.vectors);
    body(each);
  }
}

TEST(Bar1Layout, IsTheMeasuredOne) {
  for_each_layout([](const layout& expected) {
    EXPECT_EQ(bar1::pba_offset(expected.vectors), expected.pba_offset);
    EXPECT_EQ(bar1::pba_bytes(expected.vectors), expected.pba_bytes);
    EXPECT_EQ(bar1::size_bytes(expected.vectors), expected.bar_bytes);
  });
}

TEST(Bar1Layout, ConfigurationSpaceShowsIt) {
  for_each_layout([](const layout& expected) {
    device_bench bench{doorbell_of(expected.vectors)};
    EXPECT_EQ(bench.config(cfg::msix_control), expected.vectors - 1);
    EXPECT_EQ(bench.config(cfg::msix_table), 1U);
    EXPECT_EQ(bench.config(cfg::msix_pba), expected.pba_offset | 1U);
    bench.configure(cfg::bar1_reg, 0xffff'ffff);
    EXPECT_EQ(bench.config(cfg::bar1_reg), ~(expected.bar_bytes - 1));
  });
}

TEST(Bar1Layout, TheLastEntryIsStorageAndWhatFollowsIsNot) {
  for_each_layout([](const layout& expected) {
    device_bench bench{doorbell_of(expected.vectors)};
    const std::uint32_t last = bench.entry_offset(expected.vectors - 1);
    EXPECT_EQ(bench.read(1, last + bar1::entry_control), bar1::control_masked);
    bench.write(1, last, 0x1122'3344'5566'7788, 8);
    EXPECT_EQ(bench.read(1, last, 8), 0x1122'3344'5566'7788U);
    for (std::uint32_t at = bar1::table_bytes(expected.vectors); at < expected.bar_bytes; at += 8) {
      bench.write(1, at, ~std::uint64_t{0}, 8);
      ASSERT_EQ(bench.read(1, at, 8), 0U) << "gap or pending bits at " << hex(at);
    }
    EXPECT_EQ(bench.read(1, expected.bar_bytes, 8), 0U);
  });
}

TEST(Bar1Layout, EveryVectorHasItsPendingBit) {
  for_each_layout([](const layout& expected) {
    device_bench bench{doorbell_of(expected.vectors)};
    bench.connect(0, expected.vectors);
    bench.msix_masked();
    for (const unsigned vector : {0U, expected.vectors / 2, expected.vectors - 1}) {
      bench.notify(vector);
      const std::uint64_t word = bench.read(1, expected.pba_offset + vector / 64 * 8, 8);
      EXPECT_EQ((word >> (vector % 64)) & 1U, 1U) << vector;
      EXPECT_EQ(bench.peek(1, expected.pba_offset + vector / 64 * 8, 8), word);
    }
  });
}

TEST(Bar1Layout, TheLastVectorIsDelivered) {
  for_each_layout([](const layout& expected) {
    const unsigned last = expected.vectors - 1;
    device_bench bench{doorbell_of(expected.vectors)};
    bench.connect(0, expected.vectors);
    bench.bus_on();
    bench.program(last, 0xfee0'0000, 0x41);
    bench.msix_masked();
    bench.notify(last);
    bench.msix_on();
    EXPECT_THAT(bench.calls.take(),
                ElementsAre("message " + std::to_string(last) + " fee00000=41"));
  });
}

TEST(Bar1Layout, ReleaseIsAscendingOverAllWords) {
  device_bench bench{doorbell_of(max_vectors)};
  bench.connect(0, max_vectors);
  bench.bus_on();
  recorded_calls::lines expected;
  for (const unsigned vector : {0U, 63U, 64U, 127U, 128U, 2047U}) {
    bench.program(vector, 0x1000, vector);
    expected.push_back("message " + std::to_string(vector) + " 1000=" + hex(vector));
  }
  bench.msix_masked();
  for (const unsigned vector : {2047U, 128U, 0U, 64U, 127U, 63U}) {
    bench.notify(vector);
  }
  bench.msix_on();
  EXPECT_EQ(bench.calls.take(), expected);
}

TEST(Bar1Access, BytesAndWordsOfTheTableAreDropped) {
  device_bench bench{doorbell_of(2)};
  const std::uint32_t data = bench.entry_offset(1, bar1::entry_data);
  bench.write(1, data, 0x1234'5678);
  for (const unsigned bytes : {1U, 2U}) {
    for (std::uint32_t i = 0; i < 4; i += bytes) {
      bench.write(1, data + i, 0xffff, bytes);
      EXPECT_EQ(bench.read(1, data + i, bytes), 0U);
    }
  }
  EXPECT_EQ(bench.read(1, data), 0x1234'5678U);
}

TEST(Bar1Access, AnUnalignedAccessKeepsOnlyItsWholeDwords) {
  device_bench bench{doorbell_of(1)};
  bench.write(1, bar1::entry_address_low, 0x1111'1111'2222'2222, 8);
  bench.write(1, bar1::entry_address_low + 2, 0x3333'3333'4444'4444, 8);
  EXPECT_EQ(bench.read(1, bar1::entry_address_low, 8), 0x3333'4444'2222'2222U)
      << "2 bytes dropped, 4 stored, 2 dropped";
  EXPECT_EQ(bench.read(1, bar1::entry_address_low + 2, 8), 0x3333'4444'0000U);
}

TEST(Bar1Access, AnEightByteAccessIsTwoCallbacksLowFirst) {
  device_bench bench{doorbell_of(1)};
  bench.dut.trace_registers(true);
  bench.write(1, 0, 0x0000'0001'0000'0002, 8);
  bench.read(1, bench.pba_offset(), 8);
  EXPECT_THAT(bench.calls.take(), ElementsAre("w1+0=2", "w1+4=1", "r1+800=0", "r1+804=0"));
}

}  // namespace
}  // namespace ivshmem::test
