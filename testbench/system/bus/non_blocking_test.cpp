// SPDX-License-Identifier: Apache-2.0
//
// A non-blocking initiator at the root complex with several accesses under way. That they keep the
// protocol, base_protocol_checker says; that they keep their order, random_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "../bench.h"
#include "modes.h"
#include "platform.h"

namespace ivshmem::test {
namespace {

using sc_core::sc_time;

platform_config non_blocking(timing_mode mode) {
  platform_config config;
  config.mode = mode;
  config.non_blocking = true;
  return config;
}

/// How long `count` reads of leaf 0 take that are all wanted now.
sc_time time_of_reads(platform& bus, unsigned count) {
  const sc_time start = sc_core::sc_time_stamp();
  const std::uint64_t id = bus.leaves[0].bar[0] + bar0::iv_position.offset;
  platform::all(std::vector<std::function<void()>>(count, [&] { EXPECT_EQ(bus.read(id), 0U); }));
  return sc_core::sc_time_stamp() - start;
}

TEST(NonBlocking, ReadsOverlapAsThoseOfThreadsDo) {
  platform bus(non_blocking(timing_mode::tlm_cycle));
  bus.run([&] {
    const sc_time one = time_of_reads(bus, 1);
    EXPECT_LT(time_of_reads(bus, 16), one * 4);
  });
}

TEST(NonBlocking, DelaysOfTlmLtPassSideBySide) {
  platform bus(non_blocking(timing_mode::tlm_lt));
  bus.run([&] {
    const sc_time one = time_of_reads(bus, 1);
    EXPECT_GT(one, sc_core::SC_ZERO_TIME);
    EXPECT_LE(time_of_reads(bus, 16), one);  // it may begin nearer to a clock edge
  });
}

TEST(NonBlocking, AWriteIsAcceptedWhenThereIsRoomForIt) {
  platform_config config = non_blocking(timing_mode::tlm_cycle);
  config.root.posted_buffer = 1;
  platform bus(config);
  bus.run([&] {
    constexpr unsigned count = 8;
    std::array<sc_time, count> ends;
    std::vector<std::function<void()>> writes;
    for (unsigned i = 0; i < count; ++i) {
      writes.emplace_back([&, i] {
        bus.write(bus.leaves[0].bar[2] + std::uint64_t{4} * i, i);
        ends[i] = sc_core::sc_time_stamp();
      });
    }
    platform::all(writes);
    std::sort(ends.begin(), ends.end());
    for (unsigned i = 2; i < count; ++i) {  // one is on the wire, one in the buffer
      EXPECT_GT(ends[i], ends[i - 1]) << "write " << i << " did not wait for the one before";
    }
    bus.read(bus.leaves[0].bar[2]);
    for (unsigned i = 0; i < count; ++i) {
      EXPECT_EQ(bus.shared[std::size_t{4} * i], i);
    }
  });
}

using NonBlockingModes = ModeTest;

TEST_P(NonBlockingModes, WhatNobodyAnswersEndsWithAnErrorIfTheBoardSaysSo) {
  platform_config config = non_blocking(GetParam());
  config.root.unclaimed = pcie::unclaimed_access::error;
  platform bus(config);
  bus.run([&] {
    std::uint32_t value = 0;
    sc_time delay;
    const std::uint64_t nowhere = bus.root.config().mmio[0].base + 0x0fff'0000;
    EXPECT_EQ(bus.access(tlm::TLM_READ_COMMAND, nowhere, &value, 4, delay),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
}

INSTANTIATE_MODES(NonBlockingModes);

TEST(NonBlocking, APayloadWithoutMemoryManagerIsReported) {
  bench board;
  board.run([&] {
    tlm::tlm_generic_payload trans;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_time delay;
    try {
      board.cpu->nb_transport_fw(trans, phase, delay);
      ADD_FAILURE() << "no report";
    } catch (const sc_core::sc_report& report) {
      EXPECT_EQ(report.get_msg(),
                std::string("bench.root: ") +
                    "non-blocking transport: the payload has no memory manager [TLM-2.0 14.5]");
    }
  });
}

}  // namespace
}  // namespace ivshmem::test
