// SPDX-License-Identifier: Apache-2.0
//
// Durations, sizes and counts, from text and to text.
#include "units.h"

#include <gtest/gtest.h>

#include "latency.h"

namespace ivshmem::sim::test {
namespace {

TEST(Units, DurationsNeedAUnitAndWholePicoseconds) {
  EXPECT_EQ(parse_duration("1 us"), microsecond);
  EXPECT_EQ(parse_duration("250ns"), 250 * nanosecond);
  EXPECT_EQ(parse_duration("1.5 us"), 1500 * nanosecond);
  EXPECT_EQ(parse_duration("0.001 ns"), 1U);
  EXPECT_EQ(parse_duration("2 s"), 2 * second);
  for (const char* bad : {"", "5", "us", "1 lightyear", "0.0001 ns", "-1 us", "1 us ", "1. us",
                          "18446744073709551615 s"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Units, SizesAreBinaryAndMayBeBareBytes) {
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("64 KiB"), 65536U);
  EXPECT_EQ(parse_size("1.5 MiB"), 1572864U);
  EXPECT_EQ(parse_size("8GiB"), std::uint64_t{8} << 30U);
  for (const char* bad : {"", "KiB", "64 KB", "1.3 B", "99999999999 GiB"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Units, IntegersAreDecimalOrHexadecimal) {
  EXPECT_EQ(parse_integer("42"), 42U);
  EXPECT_EQ(parse_integer("0x2A"), 42U);
  EXPECT_EQ(parse_integer("0xffffffffffffffff"), ~std::uint64_t{0});
  for (const char* bad : {"", "0x", "4 2", "-1", "12h"}) {
    EXPECT_FALSE(parse_integer(bad)) << bad;
  }
}

TEST(Units, TextsAreReadable) {
  EXPECT_EQ(duration_text(0), "0 ps");
  EXPECT_EQ(duration_text(1'250'000), "1.25 us");
  EXPECT_EQ(size_text(512), "512 B");
  EXPECT_EQ(size_text(std::uint64_t{3} << 19U), "1.5 MiB");
  EXPECT_EQ(count_text(7), "7");
  EXPECT_EQ(count_text(1234567), "1,234,567");
}

TEST(Latency, SummaryIsExactWhateverTheOrder) {
  latency_samples samples;
  EXPECT_EQ(samples.summarise().count, 0U);
  for (const picoseconds latency : {30U, 10U, 10U, 20U}) {
    samples.add(latency);
  }
  latency_samples others;
  others.add(90);
  samples.add(others);
  const auto summary = samples.summarise();
  EXPECT_EQ(summary.count, 5U);
  EXPECT_EQ(summary.min, 10U);
  EXPECT_EQ(summary.median, 20U);
  EXPECT_EQ(summary.max, 90U);
}

}  // namespace
}  // namespace ivshmem::sim::test
