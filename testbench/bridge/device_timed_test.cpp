// SPDX-License-Identifier: Apache-2.0
//
// rtl_device in tlm_cycle: its own clock, exact and only when it has to run.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>

#include "rtl_device_bench.h"

namespace ivshmem::rtl::test {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

/// The log of a random stream of requests, notifications and resets.
std::string random_run(const rtl_device_config& options) {
  static std::array<std::uint8_t, 8192> bytes{};
  bytes = {};
  rtl_device_bench bench(timing_mode::tlm_cycle, options);
  EXPECT_TRUE(bench.device.insert(doorbell(4), {bytes.data(), bytes.size()}));
  bench.run([&] {
    constexpr unsigned seed = 11;
    std::mt19937 engine(seed);
    const auto dice = [&engine] { return static_cast<unsigned>(engine()); };
    bench.place();
    bench.unmask(0x42);
    for (unsigned i = 0; i < 300; ++i) {
      const sc_core::sc_time ahead(static_cast<double>(dice() % 9), sc_core::SC_NS);
      const std::uint32_t value = dice();
      switch (dice() % 6) {
        case 0:
          bench.post(pcie::tlp_type::memory_write,
                     rtl_device_bench::bar2_base + std::uint64_t{4} * (dice() % 64), value,
                     4 + dice() % 60 * 4, ahead);
          break;
        case 1:
          bench.post(pcie::tlp_type::memory_read, rtl_device_bench::bar2_base + dice() % 1024, 0,
                     1 + dice() % 900, ahead);
          break;
        case 2:
          bench.post(pcie::tlp_type::memory_read, rtl_device_bench::bar0_base + 8, 0, 4, ahead);
          break;
        case 3:
          bench.post(pcie::tlp_type::config_read_0, 0x40, 0, 2, ahead);
          break;
        case 4:
          bench.post(pcie::tlp_type::memory_write, rtl_device_bench::bar0_base + 12, value, 4,
                     ahead);
          break;
        default:
          bench.post(pcie::tlp_type::memory_read, 0xdead'0000, 0, 4, ahead);
      }
      if (dice() % 4 == 0) {
        sc_core::wait(static_cast<double>(dice() % 1500), sc_core::SC_NS);
      }
      if (dice() % 64 == 0) {
        bench.device.reset();
        sc_core::wait(1, sc_core::SC_US);
        bench.place();
      }
    }
  });
  bench.device.driver()->check_end();
  EXPECT_THAT(bench.device.driver()->violations().texts(), IsEmpty());
  std::string log;
  for (const std::string& line : bench.log) {
    log += line + '\n';
  }
  return log;
}

/// The same in a process of its own: SystemC elaborates once.
std::string random_run_apart(const rtl_device_config& options) {
  int ends[2] = {};
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string log = random_run(options);
    for (std::size_t done = 0; done < log.size();) {
      const ssize_t written = ::write(ends[1], log.data() + done, log.size() - done);
      if (written <= 0) {
        ::_exit(1);
      }
      done += static_cast<std::size_t>(written);
    }
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  ::close(ends[1]);
  std::string log;
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = ::read(ends[0], block.data(), block.size())) > 0;) {
    log.append(block.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return log;
}

TEST(RtlDeviceTimed, ARegisterReadTakesTheCyclesOfTheContract) {
  std::array<std::uint8_t, 4096> bytes{};
  rtl_device_bench bench(timing_mode::tlm_cycle);
  ASSERT_TRUE(bench.device.insert(doorbell(), {bytes.data(), bytes.size()}));
  bench.run([&] {
    bench.place();
    sc_core::wait(sc_core::sc_time(1001, sc_core::SC_NS) - sc_core::sc_time_stamp());
    bench.log.clear();
    // Arrives at 1003 ns, enters at the edge at 1004 ns.
    bench.post(pcie::tlp_type::memory_read, rtl_device_bench::bar0_base + 8, 0, 4,
               sc_core::sc_time(2, sc_core::SC_NS));
  });
  const auto executed = 1004 + 4 * timing::execute_cycles;
  const auto at = 1004 + 4 * timing::register_cycles;
  ASSERT_EQ(bench.log.size(), 2U);
  EXPECT_THAT(bench.log[0],
              StartsWith(std::to_string(executed + 4 * timing::credit_cycles) + " ns credit"));
  EXPECT_THAT(bench.log[1], StartsWith(std::to_string(at) + " ns completion"));
}

TEST(RtlDeviceTimed, TheDeviceSleepsWhileNothingHappens) {
  std::array<std::uint8_t, 4096> bytes{};
  rtl_device_bench bench(timing_mode::tlm_cycle);
  ASSERT_TRUE(bench.device.insert(doorbell(), {bytes.data(), bytes.size()}));
  bench.run([&] { bench.place(); });
  EXPECT_FALSE(sc_core::sc_pending_activity());
}

TEST(RtlDeviceTimed, SkippedIdleCyclesHaveNoEffectOnTheTrace) {
  rtl_device_config walk;
  walk.skip_idle = false;
  const std::string walked = random_run_apart(walk);
  const std::string skipped = random_run({});
  EXPECT_GT(skipped.size(), 10'000U);
  EXPECT_TRUE(walked == skipped);
}

TEST(RtlDeviceTimed, LookingAheadHasNoEffectOnTheTrace) {
  rtl_device_config strict;
  strict.batch_cycles = 1;
  const std::string one = random_run_apart(strict);
  EXPECT_TRUE(one == random_run({}));
}

TEST(RtlDeviceTimed, StallsReachThePorts) {
  const random_stalls stalls(5, 50);
  rtl_device_config slow;
  slow.stalls = &stalls;
  const std::string stalled = random_run_apart(slow);
  const std::string fast = random_run({});
  EXPECT_GT(stalled.size(), 10'000U);
  EXPECT_TRUE(stalled != fast);
}

TEST(RtlDeviceTimed, AnEjectedDeviceAnswersWhatIsUnderWay) {
  std::array<std::uint8_t, 4096> bytes{};
  rtl_device_bench bench(timing_mode::tlm_cycle);
  ASSERT_TRUE(bench.device.insert(doorbell(), {bytes.data(), bytes.size()}));
  bench.run([&] {
    bench.place();
    bench.log.clear();
    bench.post(pcie::tlp_type::memory_read, rtl_device_bench::bar0_base + 8, 0, 4,
               sc_core::SC_ZERO_TIME);
    bench.post(pcie::tlp_type::memory_write, rtl_device_bench::bar0_base, 1, 4,
               sc_core::SC_ZERO_TIME);
    sc_core::wait(4, sc_core::SC_NS);
    bench.device.eject();
  });
  EXPECT_EQ(bench.log.size(), 3U);  // two credits, one completion
}

/// Last time in an FST file, from its header: the block's kind and length, then first and last
/// time, most significant byte first.
std::uint64_t last_time_of(const std::string& path) {
  constexpr std::size_t at = 1 + 8 + 8;
  std::ifstream file(path, std::ios::binary);
  std::array<char, at + 8> header{};
  file.read(header.data(), header.size());
  std::uint64_t time = 0;
  for (std::size_t i = at; i < header.size(); ++i) {
    time = time << 8U | static_cast<unsigned char>(header[i]);
  }
  return time;
}

TEST(RtlDeviceTimed, AWaveformCountsPicosecondsWhateverTheTimeResolutionIs) {
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  const std::string path = testing::TempDir() + "rtl_device_resolution.fst";
  std::array<std::uint8_t, 4096> bytes{};
  rtl_device_config config;
  config.waveform = true;
  rtl_device_bench bench(timing_mode::tlm_cycle, config);
  ASSERT_TRUE(bench.device.insert(doorbell(), {bytes.data(), bytes.size()}));
  bench.run([&] {
    ASSERT_TRUE(bench.device.open_waveform(path));
    bench.place();
    bench.device.close_waveform();
  });
  const double picoseconds = sc_core::sc_time_stamp().to_seconds() * 1e12;
  EXPECT_NEAR(static_cast<double>(last_time_of(path)), picoseconds, 2 * 4000);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace ivshmem::rtl::test
