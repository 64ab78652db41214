// SPDX-License-Identifier: Apache-2.0
//
// Cores side by side: in time, in threads, in a waveform.
#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "core_bench.h"

namespace ivshmem::rtl::test {
namespace {

TEST(Core, SkippedIdleCyclesChangeNothing) {
  core_bench walked(doorbell_core());
  core_bench skipped(doorbell_core());
  walked.place();
  skipped.place();
  const std::uint64_t later = walked.driver.cycle() + 1000;
  while (walked.driver.cycle() != later) {
    walked.driver.finish();
  }
  skipped.driver.skip_to(later);
  for (core_bench* bench : {&walked, &skipped}) {
    bench->push(memory_read(0x1'0008, 1));
    bench->push(memory_read(0x10'0000, 40));
    bench->run();
  }
  EXPECT_EQ(walked.at, skipped.at);
  EXPECT_TRUE(walked.completions == skipped.completions);
}

TEST(Core, AnAssertionThatFailsIsCountedByItsOwnCore) {
  verilated_core broken(doorbell_core());
  verilated_core other(doorbell_core());
  broken.in.b_valid = true;  // the response to no write
  for (unsigned i = 0; i < 10; ++i) {
    broken.clock();
    other.clock();
  }
  EXPECT_NE(broken.failed_assertions(), 0U);
  EXPECT_EQ(other.failed_assertions(), 0U);
}

TEST(Core, AResetInAPacketForgetsItAndTheNextRequestWaitsForTheSweep) {
  constexpr unsigned vectors = 64;
  constexpr unsigned enough = 1000;
  verilated_core core(doorbell_core(64, vectors));
  for (unsigned i = 0; i < enough && core.out().busy; ++i) {
    core.clock();
  }
  ASSERT_TRUE(core.out().request_ready);
  core.in.completion_ready = true;
  core.in.request.valid = core.in.request.first = true;
  core.in.request.strobes = 0x3;
  core.in.request.header = memory_write(0x10'0000, {1, 2, 3, 4}).header;
  core.clock();
  core.reset();
  core.in.request.last = true;
  core.in.request.strobes = 0;
  core.in.request.header = config_read(0).header;
  unsigned waited = 0;
  for (; waited < enough && !core.out().request_ready; ++waited) {
    core.clock();
  }
  EXPECT_GT(waited, vectors - 4);
  EXPECT_LE(waited, vectors);
  core.clock();
  core.in.request.valid = false;
  for (unsigned i = 0; i < enough && !core.out().completion.valid; ++i) {
    core.clock();
  }
  EXPECT_TRUE(core.out().completion.first && core.out().completion.last);
  EXPECT_EQ(core.out().completion.data[0], 0x1110'1af4U);
  EXPECT_EQ(core.failed_assertions(), 0U);
}

TEST(Core, CoresOfSeveralThreadsKnowNothingOfEachOther) {
  std::array<std::vector<std::uint64_t>, 4> at;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < at.size(); ++i) {
    threads.emplace_back([&at, i] {
      core_bench bench(doorbell_core(64U << (i % 2)));
      bench.place();
      for (unsigned k = 0; k < 50; ++k) {
        bench.push(memory_read(0x10'0000, 1 + k));
      }
      bench.run();
      at[i] = bench.at;
    });
  }
  for (std::thread& one : threads) {
    one.join();
  }
  EXPECT_EQ(at[0], at[2]);
  EXPECT_EQ(at[1], at[3]);
  EXPECT_NE(at[0], at[1]);
}

TEST(Core, AWaveformIsAWindowThatOpensAndCloses) {
  if (!features().waveform) {
    GTEST_SKIP() << "built without IVSHMEM_RTL_TRACE";
  }
  const std::string file = testing::TempDir() + "core_test_window.fst";
  core_config traced = doorbell_core();
  traced.waveform = true;
  core_bench bench(traced);
  bench.place();
  ASSERT_TRUE(bench.driver.core().open_waveform(file, 4000));
  bench.push(memory_read(0x1'0008, 1));
  bench.run();
  bench.driver.core().close_waveform();
  EXPECT_GT(std::filesystem::file_size(file), 100U);
  std::filesystem::remove(file);
  EXPECT_FALSE(bench.driver.core().open_waveform("/nonexistent/folder/x.fst", 4000));
  core_bench plain(doorbell_core());
  EXPECT_FALSE(plain.driver.core().open_waveform(file, 4000));
}

}  // namespace
}  // namespace ivshmem::rtl::test
