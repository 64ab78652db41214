// SPDX-License-Identifier: Apache-2.0
//
// Requests at a device in tlm_cycle, cycle by cycle, against tables worked out by hand from
// docs/timing.md. Cycles count from the first beat of the first request, accepted in cycle 0.
#include <gmock/gmock.h>

#include <array>

#include "endpoint_bench.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using piece = cycle_log::piece;
using burst = cycle_log::burst;

constexpr std::uint64_t window = endpoint_bench::window;
constexpr std::uint64_t registers = endpoint_bench::registers;
constexpr std::uint64_t vectors_at = endpoint_bench::vectors_at;

timing_config with_payload(unsigned bytes, unsigned beat_bytes = 8) {
  timing_config settings = endpoint_bench::exact(beat_bytes);
  settings.max_payload_bytes = bytes;
  return settings;
}

/// One port is closed until a cycle.
struct closed_until final : stall_pattern {
  stall_port port;
  std::uint64_t open;
  closed_until(stall_port which, std::uint64_t from) : port(which), open(from) {}
  bool ready(stall_port which, std::uint64_t cycle) const override {
    return which != port || cycle >= open;
  }
};

struct DeviceRequests : testing::Test {
  /// A started device. What is sent first is executed in the cycle that the test calls 2.
  struct at_zero : endpoint_bench {
    explicit at_zero(const timing_config& timing = exact(), unsigned vector_count = 4)
        : endpoint_bench(vector_count, timing) {
      start();
      zero = now() + timing::execute_cycles - 2;
    }
    void finish() {
      run(3000);
      for (piece& one : log.completions) {
        one.first -= zero;
        one.last -= zero;
      }
      for (std::vector<burst>* const all : {&log.reads, &log.writes}) {
        for (burst& one : *all) {
          one.address -= zero;
          one.last_data -= one.last_data == 0 ? 0 : zero;
        }
      }
      for (std::uint64_t& one : log.credits) {
        one -= zero;
      }
      for (cycle_log::doorbell& one : log.doorbells) {
        one.cycle -= zero;
      }
    }
    std::uint64_t zero = 0;
  };
};

TEST_F(DeviceRequests, ReadRegistersADwordACycle) {
  at_zero bench;
  bench.send(tlp_type::memory_read, vectors_at, 16);
  bench.finish();
  EXPECT_THAT(bench.log.completions, ElementsAre(piece{4, 16, 0, 8, 9}));
  EXPECT_THAT(bench.log.credits, ElementsAre(6));
}

TEST_F(DeviceRequests, ReadManyRegistersInCompletionsOf128Bytes) {
  at_zero bench;
  bench.send(tlp_type::memory_read, registers, 256);
  bench.finish();
  EXPECT_THAT(bench.log.completions,
              ElementsAre(piece{32, 256, 0, 36, 51}, piece{32, 128, 0, 68, 83}));
  EXPECT_THAT(bench.log.credits, ElementsAre(66));
}

TEST_F(DeviceRequests, AShortCompletionWaitsForTheLongOneBeforeIt) {
  at_zero bench(endpoint_bench::exact(), 16);
  bench.send(tlp_type::memory_read, vectors_at, 132);
  bench.finish();
  EXPECT_THAT(bench.log.completions,
              ElementsAre(piece{32, 132, 0, 36, 51}, piece{1, 4, 0, 52, 52}));
}

TEST_F(DeviceRequests, ThatAreRefusedNameTheWholeReadInTheirCompletion) {
  at_zero bench;
  bench.send(tlp_type::memory_read, 0x5000'0013, 6);
  bench.send(tlp_type::config_read_1, 0, 4);
  bench.finish();
  EXPECT_THAT(bench.log.completions, ElementsAre(piece{0, 6, 0x13, 5, 5}, piece{0, 4, 0, 6, 6}));
}

TEST_F(DeviceRequests, WriteABeatACycleAndReadsWaitUntilTheWriteIsConfirmed) {
  at_zero bench;
  bench.send(tlp_type::memory_write, window, 64);  // beats 0 to 7, confirmed in 12
  bench.send(tlp_type::memory_read, window, 4);    // beat 8, executed in 13
  bench.finish();
  EXPECT_THAT(bench.log.writes, ElementsAre(burst{0, 64, 3, 10}));
  EXPECT_THAT(bench.log.reads, ElementsAre(burst{0, 4, 14, 0}));
  EXPECT_THAT(bench.log.completions, ElementsAre(piece{1, 4, 0, 23, 23}));
  EXPECT_THAT(bench.log.credits, ElementsAre(10, 14));
}

TEST_F(DeviceRequests, AnUnalignedWriteTakesOneMoreBeatAtTheMemory) {
  at_zero bench;
  bench.send(tlp_type::memory_write, window + 4, 8);
  bench.send(tlp_type::memory_write, window + 0x40, 0);  // touches no memory
  bench.finish();
  EXPECT_THAT(bench.log.writes, ElementsAre(burst{4, 8, 3, 4}));
  EXPECT_THAT(bench.log.credits, ElementsAre(4, 5));
}

TEST_F(DeviceRequests, WriteBurstsAreCutAt1KiB) {
  at_zero bench;
  bench.send(tlp_type::memory_write, window + 0x3e0, 64);
  bench.finish();
  EXPECT_THAT(bench.log.writes, ElementsAre(burst{0x3e0, 32, 3, 6}, burst{0x400, 32, 7, 10}));
}

TEST_F(DeviceRequests, TwoCompletionBeatsOfOneMemoryBeatLeaveOneAfterTheOther) {
  at_zero bench(endpoint_bench::exact(16));
  bench.send(tlp_type::memory_read, window + 4, 20);  // memory beats in 11 and 12
  bench.finish();
  EXPECT_THAT(bench.log.reads, ElementsAre(burst{4, 20, 3, 0}));
  EXPECT_THAT(bench.log.completions, ElementsAre(piece{5, 20, 4, 13, 14}));
}

TEST_F(DeviceRequests, AMemoryReadIsCutAtMultiplesOfTheMaximumPayload) {
  at_zero bench;
  bench.send(tlp_type::memory_read, window + 0xf8, 264);
  bench.finish();
  EXPECT_THAT(bench.log.reads, ElementsAre(burst{0xf8, 8, 3, 0}, burst{0x100, 256, 4, 0}));
  EXPECT_THAT(bench.log.completions,
              ElementsAre(piece{2, 264, 0x78, 12, 12}, piece{64, 256, 0, 13, 44}));
  EXPECT_THAT(bench.log.credits, ElementsAre(4));
}

TEST_F(DeviceRequests, CompletionPiecesOfMemoryAreAtMost1KiB) {
  at_zero bench(with_payload(4096));
  bench.send(tlp_type::memory_read, window, 4096);
  bench.finish();
  EXPECT_THAT(bench.log.completions,
              ElementsAre(piece{256, 4096, 0, 12, 139}, piece{256, 3072, 0, 140, 267},
                          piece{256, 2048, 0, 268, 395}, piece{256, 1024, 0, 396, 523}));
}

TEST_F(DeviceRequests, SixteenCompletionsFillTheQueue) {
  at_zero bench(with_payload(128));
  bench.send(tlp_type::memory_read, window, 4096);  // 32 pieces of 16 beats, the first from 11 on
  bench.finish();
  ASSERT_THAT(bench.log.reads, SizeIs(32));
  EXPECT_EQ(bench.log.reads[15].address, 18U) << "executed in 17";
  EXPECT_EQ(bench.log.reads[16].address, 28U) << "executed in 27, the first was built in 26";
  EXPECT_EQ(bench.log.reads[17].address, 44U);
  EXPECT_EQ(bench.log.completions[31].last, 12U + 32 * 16 - 1) << "the memory never waited";
}

TEST_F(DeviceRequests, PiecesOfADoorbellDwordTakeACycleEach) {
  at_zero bench;
  pcie::payload& trans =
      bench.root.make(tlp_type::memory_write, registers + bar0::doorbell.offset, 4);
  std::array<unsigned char, 4> middle{0, TLM_BYTE_ENABLED, TLM_BYTE_ENABLED, 0};
  trans.set_byte_enable_ptr(middle.data());
  trans.set_byte_enable_length(4);
  bench.root.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
  bench.finish();
  ASSERT_THAT(bench.log.doorbells, SizeIs(2));
  EXPECT_EQ(bench.log.doorbells[0].cycle, 3U);
  EXPECT_EQ(bench.log.doorbells[1].cycle, 4U);
  EXPECT_EQ(bench.log.doorbells[1].value, 0x5a);
  EXPECT_FALSE(bench.log.doorbells[1].is_word);
  EXPECT_THAT(bench.log.credits, ElementsAre(4));
}

TEST_F(DeviceRequests, AFullDoorbellQueueHoldsUpWhoRings) {
  at_zero bench;
  const closed_until stalls(stall_port::doorbell, bench.zero + 50);
  bench.device.stall_with(&stalls);
  for (unsigned i = 0; i < 6; ++i) {
    bench.write(registers + bar0::doorbell.offset, 0x0007'0000 + i);
  }
  bench.finish();
  ASSERT_THAT(bench.log.doorbells, SizeIs(6));
  for (unsigned i = 0; i < 6; ++i) {
    EXPECT_EQ(bench.log.doorbells[i].cycle, 50U + i);
    EXPECT_EQ(to_int(bench.log.doorbells[i].peer), 7U);
    EXPECT_EQ(bench.log.doorbells[i].value, i);
  }
  EXPECT_THAT(bench.log.credits, ElementsAre(3, 4, 5, 6, 52, 53));
  bench.device.stall_with(nullptr);
}

TEST_F(DeviceRequests, ThatAreMalformedAreDroppedWithoutCompletion) {
  at_zero bench;
  bench.send(tlp_type::memory_write, window, 300);        // 38 beats, executed from 2 to 39
  bench.send(tlp_type::memory_read, window + 0xffc, 8);   // beat 38
  bench.send(tlp_type::memory_write, window + 0xff8, 8);  // up to the boundary: well formed
  bench.finish();
  EXPECT_THAT(bench.log.malformed, ElementsAre(bench.zero + 39, bench.zero + 40));
  EXPECT_THAT(bench.log.credits, ElementsAre(40, 41, 42));
  EXPECT_THAT(bench.log.completions, IsEmpty());
  EXPECT_THAT(bench.log.writes, SizeIs(1));
  EXPECT_EQ(bench.device.malformed_requests(), 2U);
  EXPECT_EQ(bench.device.unsupported_requests(), 0U);
  EXPECT_EQ(bench.shared[0], 0U);
}

TEST_F(DeviceRequests, ThatAreShorterThanTheirHeaderEndWithTheWrongBeat) {
  at_zero bench;
  pcie::payload& trans = bench.root.make(tlp_type::memory_write, window, 32);
  std::memset(trans.get_data_ptr(), 0x77, 32);
  pcie::tlp_of(trans).surplus_dwords = -2;  // three beats in place of four
  bench.root.pcie.send_request(trans, sc_core::SC_ZERO_TIME);
  bench.finish();
  EXPECT_THAT(bench.log.malformed, ElementsAre(bench.zero + 4));
  EXPECT_THAT(bench.log.writes, ElementsAre(burst{0, 32, 3, 6}));
  EXPECT_EQ(bench.shared[15], 0x77U);
  EXPECT_EQ(bench.shared[16], 0U);
}

TEST_F(DeviceRequests, AStalledMemoryHoldsUpOnlyWhatNeedsIt) {
  at_zero bench;
  const closed_until stalls(stall_port::w, bench.zero + 40);
  bench.device.stall_with(&stalls);
  bench.send(tlp_type::memory_write, window, 32);  // two beats fit in the queue
  bench.send(tlp_type::memory_read, registers, 4);
  bench.finish();
  EXPECT_THAT(bench.log.writes, ElementsAre(burst{0, 32, 3, 43}));
  EXPECT_THAT(bench.log.credits, ElementsAre(43, 47)) << "beats in 2, 3, 41, 42; confirmed in 45";
  bench.device.stall_with(nullptr);
}

}  // namespace
}  // namespace ivshmem::test
