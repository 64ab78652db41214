// SPDX-License-Identifier: Apache-2.0
//
// The memory behind the AXI4 port: bursts, strobes, responses, latencies.
#include "ivshmem/rtl_bridge/axi_subordinate.h"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <vector>

namespace ivshmem::rtl::test {
namespace {

using testing::ElementsAre;

class AxiSubordinate : public testing::Test {
 protected:
  void address_write(std::uint64_t address, unsigned beats) {
    out.aw = {true, static_cast<std::uint8_t>(beats - 1), 3, 1, address};
  }
  void address_read(std::uint64_t address, unsigned beats) {
    out.ar = {true, static_cast<std::uint8_t>(beats - 1), 3, 1, address};
  }
  void data(std::uint32_t low, bool last, std::uint32_t strobes = 0xff) {
    out.w = {};
    out.w.valid = true;
    out.w.last = last;
    out.w.strobes = strobes;
    out.w.data[0] = low;
  }
  /// One cycle; what the manager offered and saw taken is withdrawn.
  void step(const axi_willing& willing = {}) {
    out.r_ready = out.b_ready = true;
    memory.step(cycle, willing, out, in);
    if (in.r.valid) {
      reads.push_back(cycle);
      values.push_back(in.r.data[0]);
    }
    if (in.b_valid) {
      responses.push_back(cycle);
    }
    out.aw.valid = out.aw.valid && !in.aw_ready;
    out.w.valid = out.w.valid && !in.w_ready;
    out.ar.valid = out.ar.valid && !in.ar_ready;
    ++cycle;
  }
  void drain() {
    while (!memory.idle()) {
      step();
    }
  }

  std::array<std::uint8_t, 256> bytes{};
  view_memory view{{bytes.data(), bytes.size()}};
  axi_subordinate memory{{8, 5, 3}, view};
  core_outputs out;
  core_inputs in;
  std::uint64_t cycle = 0;
  std::vector<std::uint64_t> reads;
  std::vector<std::uint64_t> responses;
  std::vector<std::uint32_t> values;
};

TEST_F(AxiSubordinate, AReadBurstBeginsAfterTheLatencyAndGivesABeatACycle) {
  address_read(0, 3);
  step();
  drain();
  EXPECT_THAT(reads, ElementsAre(5, 6, 7));
}

TEST_F(AxiSubordinate, BurstsUnderWayFollowEachOtherWithoutGap) {
  address_read(0, 3);
  step();
  address_read(8, 1);
  step();
  drain();
  EXPECT_THAT(reads, ElementsAre(5, 6, 7, 8));
}

TEST_F(AxiSubordinate, ALateBurstKeepsItsOwnLatency) {
  address_read(0, 1);
  step();
  drain();
  cycle = 20;
  address_read(0, 1);
  step();
  drain();
  EXPECT_THAT(reads, ElementsAre(5, 25));
}

TEST_F(AxiSubordinate, TheResponseComesAfterAddressAndLastBeat) {
  address_write(0, 2);
  data(1, false);
  step();
  step();
  data(2, true);
  step();
  drain();
  EXPECT_THAT(responses, ElementsAre(5));
}

TEST_F(AxiSubordinate, DataMayComeBeforeItsAddress) {
  data(7, true);
  step();
  EXPECT_EQ(bytes[16], 0);
  step();
  address_write(16, 1);
  step();
  EXPECT_EQ(bytes[16], 7);
  drain();
  EXPECT_THAT(responses, ElementsAre(5));
}

TEST_F(AxiSubordinate, StrobesSelectTheBytes) {
  std::memset(bytes.data(), 0xee, bytes.size());
  address_write(0, 1);
  data(0x0403'0201, true, 0x05);
  step();
  drain();
  EXPECT_THAT(std::vector<int>(bytes.begin(), bytes.begin() + 4), ElementsAre(1, 0xee, 3, 0xee));
}

TEST_F(AxiSubordinate, AnOfferedBeatStaysUntilItIsTaken) {
  address_read(0, 1);
  step();
  cycle = 5;
  out.r_ready = false;
  memory.step(cycle, {}, out, in);
  EXPECT_TRUE(in.r.valid);
  memory.step(++cycle, {true, true, true, false, true}, out, in);
  EXPECT_TRUE(in.r.valid);
  out.r_ready = true;
  memory.step(++cycle, {true, true, true, false, true}, out, in);
  EXPECT_TRUE(in.r.valid);
  EXPECT_TRUE(memory.idle());
}

TEST_F(AxiSubordinate, AnUnwillingChannelTakesNothing) {
  address_read(0, 1);
  address_write(0, 1);
  data(1, true);
  step({false, false, false, true, true});
  EXPECT_TRUE(memory.idle());
  EXPECT_FALSE(in.aw_ready);
  EXPECT_FALSE(in.w_ready);
  EXPECT_FALSE(in.ar_ready);
}

TEST_F(AxiSubordinate, WhatLiesBeyondTheMemoryIsADecodeError) {
  address_read(256, 1);
  step();
  drain();
  EXPECT_EQ(in.r.response, static_cast<std::uint8_t>(axi_response::decode_error));
  address_write(256, 1);
  data(1, true);
  step();
  drain();
  EXPECT_EQ(in.b_response, static_cast<std::uint8_t>(axi_response::decode_error));
}

}  // namespace
}  // namespace ivshmem::rtl::test
