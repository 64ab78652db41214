// SPDX-License-Identifier: Apache-2.0
//
// Random requests at a device in tlm_cycle under random stalls: every cycle is the one that a
// literal, cycle-by-cycle reading of docs/timing.md gives.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "device_stepper.h"
#include "endpoint_bench.h"

namespace ivshmem::test {
namespace {

using kind = device_stepper::kind;
using pcie::tlp_type;

struct never_stalled final : stall_pattern {
  bool ready(stall_port, std::uint64_t) const override { return true; }
};

struct run_config {
  unsigned seed;
  unsigned beat_bytes;
  unsigned max_payload_bytes;
  unsigned memory_latency;
  unsigned write_latency;
  unsigned stalled;   // percent
  unsigned busyness;  // percent of requests that follow at once
};

struct RandomRequests : testing::TestWithParam<run_config> {
  std::mt19937 random{GetParam().seed};

  unsigned up_to(unsigned most) { return static_cast<unsigned>(random() % (most + 1)); }
  timing_config timing() const {
    timing_config settings = endpoint_bench::exact(GetParam().beat_bytes);
    settings.max_payload_bytes = GetParam().max_payload_bytes;
    settings.memory_latency_cycles = GetParam().memory_latency;
    settings.memory_write_latency_cycles = GetParam().write_latency;
    return settings;
  }
  /// Where and how long, in dwords, within `limit` dwords of one 4 KiB page.
  device_stepper::request draw(kind what, unsigned limit, unsigned longest) {
    const unsigned dwords = 1 + up_to(std::min(limit, up_to(3) == 0 ? longest : 20U) - 1);
    return {what, 0, up_to(limit - dwords), dwords};
  }
  device_stepper::request draw() {
    const unsigned payload = GetParam().max_payload_bytes / 4;
    switch (up_to(9)) {
      case 0:
        return draw(kind::refused_read, 1024, 1024);
      case 1:
        return draw(kind::refused_write, 1024, payload);
      case 2:
        return {kind::config_read, 0, 0, 1};
      case 3:
        return draw(kind::register_read, 64, 64);
      case 4:
        return {kind::register_write, 0, 0, 1 + up_to(2)};  // in front of the doorbell
      case 5:
        return {kind::doorbell, 0, bar0::doorbell.offset / 4, 1};
      case 6:
      case 7:
        return draw(kind::memory_read, 1024, 1024);
      default:
        return draw(kind::memory_write, 1024, payload);
    }
  }
  static std::uint64_t address(const device_stepper::request& one) {
    switch (one.what) {
      case kind::refused_read:
      case kind::refused_write:
        return 0x5000'0000 + std::uint64_t{4} * one.first_dword;
      case kind::memory_read:
      case kind::memory_write:
        return endpoint_bench::window + std::uint64_t{4} * one.first_dword;
      case kind::config_read:
        return 0;
      default:
        return endpoint_bench::registers + std::uint64_t{4} * one.first_dword;
    }
  }
  static tlp_type type(kind what) {
    switch (what) {
      case kind::config_read:
        return tlp_type::config_read_0;
      case kind::refused_read:
      case kind::register_read:
      case kind::memory_read:
        return tlp_type::memory_read;
      default:
        return tlp_type::memory_write;
    }
  }
};

TEST_P(RandomRequests, TakeExactlyTheCyclesOfTheContract) {
  RecordProperty("seed", static_cast<int>(GetParam().seed));
  const random_stalls random_pattern(GetParam().seed, GetParam().stalled);
  const never_stalled free_pattern;
  const bool free = GetParam().stalled == 0;
  endpoint_bench bench(4, timing());
  bench.start();
  bench.device.stall_with(free ? nullptr : &random_pattern);
  device_stepper reference(timing(),
                           free ? static_cast<const stall_pattern&>(free_pattern) : random_pattern);
  const std::uint64_t zero = bench.now();
  std::uint64_t free_from = zero;
  unsigned after = 0;
  constexpr unsigned requests = 400;
  for (unsigned i = 0; i < requests; ++i) {
    device_stepper::request one = draw();
    const bool write = type(one.what) == tlp_type::memory_write;
    one.arrives = std::max(zero + after, free_from);
    const unsigned beat_dwords = GetParam().beat_bytes / 4;
    free_from = one.arrives + (write ? (one.dwords + beat_dwords - 1) / beat_dwords : 1);
    reference.add(one);
    bench.send(type(one.what), address(one), 4 * one.dwords, after);
    after = static_cast<unsigned>(one.arrives - zero);
    after += up_to(99) < GetParam().busyness ? 0 : up_to(300);
  }
  reference.run(zero);
  bench.run(reference.credits.back() - zero + 20'000);

  ASSERT_EQ(bench.log.credits.size(), requests);
  EXPECT_EQ(bench.log.credits, reference.credits) << "seed " << GetParam().seed;
  std::vector<device_stepper::span> completions;
  for (const cycle_log::piece& one : bench.log.completions) {
    completions.push_back({one.first, one.last});
  }
  EXPECT_EQ(completions, reference.completions) << "seed " << GetParam().seed;
  std::vector<device_stepper::span> writes;
  for (const cycle_log::burst& one : bench.log.writes) {
    writes.push_back({one.address, one.last_data});
  }
  EXPECT_EQ(writes, reference.writes) << "seed " << GetParam().seed;
  std::vector<std::uint64_t> reads;
  for (const cycle_log::burst& one : bench.log.reads) {
    reads.push_back(one.address);
  }
  EXPECT_EQ(reads, reference.reads) << "seed " << GetParam().seed;
  std::vector<std::uint64_t> doorbells;
  for (const cycle_log::doorbell& one : bench.log.doorbells) {
    doorbells.push_back(one.cycle);
  }
  EXPECT_EQ(doorbells, reference.doorbells) << "seed " << GetParam().seed;
  bench.device.stall_with(nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    All, RandomRequests,
    testing::Values(run_config{1, 8, 256, 8, 2, 0, 90}, run_config{2, 16, 128, 8, 2, 0, 100},
                    run_config{3, 32, 4096, 1, 1, 0, 95}, run_config{4, 8, 256, 8, 2, 20, 90},
                    run_config{5, 16, 512, 3, 64, 50, 95}, run_config{6, 32, 128, 8, 2, 80, 95},
                    run_config{7, 8, 1024, 30, 7, 40, 50}, run_config{8, 16, 4096, 1, 1, 10, 99},
                    run_config{9, 32, 256, 8, 2, 5, 100}, run_config{10, 8, 128, 1, 2, 95, 90}),
    [](const auto& one) { return "Seed" + std::to_string(one.param.seed); });

}  // namespace
}  // namespace ivshmem::test
