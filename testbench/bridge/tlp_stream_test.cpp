// SPDX-License-Identifier: Apache-2.0
//
// TLPs as beats of a stream.
#include "ivshmem/rtl_bridge/tlp_stream.h"

#include <gmock/gmock.h>

#include <random>

#include "requests.h"

namespace ivshmem::rtl::test {
namespace {

TEST(TlpStream, APacketHasFirstAndLastBeatAndStrobes) {
  tlp_source source(2);
  source.push(memory_write(0x100, {1, 2, 3}), 5);
  tlp_beat pins;
  EXPECT_EQ(source.due(), 5U);
  EXPECT_FALSE(source.step(4, true, true, pins));
  EXPECT_FALSE(pins.valid);
  EXPECT_TRUE(source.step(5, true, true, pins));
  EXPECT_TRUE(pins.first);
  EXPECT_FALSE(pins.last);
  EXPECT_EQ(pins.strobes, 3U);
  EXPECT_TRUE(source.step(6, true, true, pins));
  EXPECT_FALSE(pins.first);
  EXPECT_TRUE(pins.last);
  EXPECT_EQ(pins.strobes, 1U);
  EXPECT_EQ(pins.data[0], 3U);
  EXPECT_EQ(source.due(), never);
}

TEST(TlpStream, AnOfferedBeatStaysWhetherTheSourceIsWillingOrNot) {
  tlp_source source(2);
  source.push(memory_read(0x100, 1), 0);
  tlp_beat pins;
  EXPECT_FALSE(source.step(0, false, true, pins));
  EXPECT_FALSE(pins.valid);
  EXPECT_FALSE(source.step(1, true, false, pins));
  EXPECT_TRUE(pins.valid);
  EXPECT_FALSE(source.step(2, false, false, pins));
  EXPECT_TRUE(pins.valid);
  EXPECT_TRUE(source.step(3, false, true, pins));
  EXPECT_TRUE(source.empty());
}

TEST(TlpStream, APacketWithoutPayloadIsOneBeatWithoutStrobes) {
  tlp_source source(8);
  source.push(memory_read(0x100, 40), 0);
  tlp_beat pins;
  EXPECT_TRUE(source.step(0, true, true, pins));
  EXPECT_TRUE(pins.first);
  EXPECT_TRUE(pins.last);
  EXPECT_EQ(pins.strobes, 0U);
}

TEST(TlpStream, ANullifiedPacketIsNoPacket) {
  tlp_sink sink;
  tlp_beat pins;
  pins.valid = pins.first = pins.last = pins.nullified = true;
  EXPECT_FALSE(sink.take(pins));
  EXPECT_FALSE(sink.is_open());
}

TEST(TlpStream, WhatGoesInComesOutWithRandomGapsAndStalls) {
  const unsigned seed = 20;
  SCOPED_TRACE(seed);
  std::mt19937 dice(seed);
  for (const unsigned dwords : {2U, 4U, 8U}) {
    tlp_source source(dwords);
    tlp_sink sink;
    std::vector<raw_tlp> sent;
    for (unsigned i = 0; i < 100; ++i) {
      std::vector<std::uint32_t> data(1 + dice() % 40);
      for (std::uint32_t& one : data) {
        one = static_cast<std::uint32_t>(dice());
      }
      sent.push_back(dice() % 3 == 0 ? memory_read(i * 4, 7) : memory_write(i * 4, data));
      source.push(sent.back(), i);
    }
    std::vector<raw_tlp> received;
    tlp_beat pins;
    for (unsigned cycle = 0; !source.empty(); ++cycle) {
      ASSERT_LT(cycle, 100'000U);
      if (source.step(cycle, dice() % 2 == 0, dice() % 2 == 0, pins) && sink.take(pins)) {
        received.push_back(sink.tlp());
      }
    }
    EXPECT_TRUE(received == sent);
  }
}

}  // namespace
}  // namespace ivshmem::rtl::test
