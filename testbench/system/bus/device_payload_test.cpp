// SPDX-License-Identifier: Apache-2.0
//
// Maximum payload: what Device Control allows, a device in tlm_cycle sends and takes, and no more
// [PCIe 2.2.2].
#include <gmock/gmock.h>

#include "endpoint_bench.h"
#include "ivshmem/tlm/pcie/link.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_type;
using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t window = endpoint_bench::window;
constexpr std::uint64_t registers = endpoint_bench::registers;

device_properties express_device() {
  device_properties values = endpoint_bench::doorbell(4);
  values.express = true;
  return values;
}

timing_config with_payload(unsigned bytes) {
  timing_config settings = endpoint_bench::exact();
  settings.max_payload_bytes = bytes;
  return settings;
}

struct DevicePayload : testing::Test {
  struct express_bench : endpoint_bench {
    explicit express_bench(unsigned most = 1024)
        : endpoint_bench(express_device(), with_payload(most)) {
      start();
    }
    void set_payload(unsigned code) {
      root.configure(cfg::device_control.offset, 2, code << 5U);
      settle();
    }
    /// Dwords of each completion of a read of 1 KiB.
    std::vector<unsigned> dwords_read() {
      settle();
      send(tlp_type::memory_read, window, 1024);
      run(2000);
      std::vector<unsigned> dwords;
      for (const cycle_log::piece& one : log.completions) {
        dwords.push_back(one.dwords);
      }
      return dwords;
    }
    /// Bursts at the memory that a write leads to.
    std::size_t bursts_of_write(unsigned bytes) {
      settle();
      send(tlp_type::memory_write, window, bytes);
      run(2000);
      return log.writes.size();
    }
  };
};

TEST_F(DevicePayload, Is128BytesAfterReset) {
  express_bench bench;
  EXPECT_THAT(bench.dwords_read(), testing::AllOf(SizeIs(8), Each(32U)));
  EXPECT_EQ(bench.bursts_of_write(128), 1U);
  EXPECT_EQ(bench.bursts_of_write(132), 0U);
  EXPECT_THAT(bench.log.malformed, SizeIs(1));
}

TEST_F(DevicePayload, IsWhatDeviceControlSays) {
  express_bench bench;
  bench.set_payload(2);
  EXPECT_THAT(bench.dwords_read(), testing::AllOf(SizeIs(2), Each(128U)));
  EXPECT_EQ(bench.bursts_of_write(512), 1U);
  EXPECT_EQ(bench.bursts_of_write(516), 0U);
}

TEST_F(DevicePayload, IsNeverMoreThanTheDeviceSupports) {
  express_bench bench(256);
  bench.set_payload(5);
  EXPECT_THAT(bench.dwords_read(), testing::AllOf(SizeIs(4), Each(64U)));
  EXPECT_EQ(bench.bursts_of_write(260), 0U);
}

TEST_F(DevicePayload, FallsBackWithAReset) {
  express_bench bench;
  bench.set_payload(3);
  bench.device.reset();
  bench.start();
  EXPECT_THAT(bench.dwords_read(), testing::AllOf(SizeIs(8), Each(32U)));
}

TEST_F(DevicePayload, OfTheRequestBehindAWriteOfDeviceControlIsTheNewOne) {
  express_bench bench;
  bench.root.configure(cfg::device_control.offset, 2, 1U << 5U);
  bench.send(tlp_type::memory_write, window, 256, 1);
  bench.root.configure(cfg::device_control.offset, 2, 0);
  bench.send(tlp_type::memory_write, window, 256, 2);
  bench.run(2000);
  EXPECT_THAT(bench.log.writes, SizeIs(1));
  EXPECT_THAT(bench.log.malformed, SizeIs(1));
}

TEST_F(DevicePayload, TooLargeAWriteRingsNoDoorbell) {
  express_bench bench;
  bench.send(tlp_type::memory_write, registers, 132);
  bench.run(2000);
  EXPECT_THAT(bench.log.doorbells, IsEmpty());
  EXPECT_THAT(bench.log.malformed, SizeIs(1));
}

TEST_F(DevicePayload, OfTheDeviceCutsTheCompletionsOnALink) {
  requester root("root");
  std::vector<std::uint8_t> shared(1U << 20U);
  in_process_fabric fabric("fabric", {shared.data(), shared.size()});
  endpoint device("device", express_device(), fabric.join(4), with_payload(1024));
  pcie::link_config config;
  config.mode = timing_mode::tlm_cycle;
  config.max_payload_bytes = 256;
  pcie::link wire("wire", config);
  root.pcie.bind(wire.upstream);
  wire.downstream.bind(device.pcie);
  const auto packets_of_a_read = [&](unsigned code) {
    root.configure(cfg::bar2_reg.offset + 4, 4, window >> 32U);
    root.configure(cfg::command.offset, 2, cfg::command_memory);
    root.configure(cfg::device_control.offset, 2, code << 5U);
    sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_US));
    const std::uint64_t before = wire.statistics().packets;
    root.send(tlp_type::memory_read, window, 512);
    sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_US));
    return wire.statistics().packets - before;
  };
  EXPECT_EQ(packets_of_a_read(0), 1 + 4U) << "one request";
  EXPECT_EQ(packets_of_a_read(1), 1 + 2U);
  EXPECT_EQ(packets_of_a_read(3), 1 + 2U) << "the link's own";
}

TEST_F(DevicePayload, WithoutTheCapabilityIsThatOfTheTiming) {
  endpoint_bench bench(4, with_payload(512));
  bench.start();
  bench.send(tlp_type::memory_write, window, 512);
  bench.send(tlp_type::memory_write, window, 516);
  bench.run(2000);
  EXPECT_THAT(bench.log.writes, SizeIs(1));
  EXPECT_THAT(bench.log.malformed, SizeIs(1));
}

}  // namespace
}  // namespace ivshmem::test
