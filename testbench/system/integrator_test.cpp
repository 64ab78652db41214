// SPDX-License-Identifier: Apache-2.0
//
// What the root complex tells an integrator who configured it wrongly.
#include <gtest/gtest.h>

#include "bench.h"
#include "told.h"

namespace ivshmem::test {
namespace {

using pcie::root_complex;
using pcie::root_complex_config;

std::string report_of(const root_complex_config& config) {
  try {
    root_complex root("root", config);
  } catch (const sc_core::sc_report& report) {
    return report.get_msg();
  }
  return "accepted";
}

TEST(RootComplexConfig, DefaultsAreAccepted) { EXPECT_EQ(report_of({}), "accepted"); }

TEST(RootComplexConfig, MaximumPayloadIsAPowerOfTwoFrom128To4096) {
  root_complex_config config;
  for (const unsigned bytes : {0U, 64U, 100U, 192U, 8192U}) {
    config.max_payload_bytes = bytes;
    EXPECT_EQ(report_of(config), "root: max_payload_bytes = " + std::to_string(bytes) +
                                     ": must be 128, 256, 512, 1024, 2048 or 4096");
  }
  config.max_payload_bytes = 4096;
  EXPECT_EQ(report_of(config), "accepted");
}

TEST(RootComplexConfig, WindowsMustNotOverlap) {
  root_complex_config config;
  config.mmio = {{0xc000'0000, 0x1000'0000}, {0xcfff'0000, 0x1000'0000}};
  EXPECT_EQ(report_of(config),
            "root: address ranges at 0xc0000000 and 0xcfff0000 overlap: ECAM and MMIO ranges must "
            "not");
  config.mmio = {{config.ecam.base + 0x1000, 0x1000}};
  EXPECT_NE(report_of(config).find("overlap"), std::string::npos);
  config.mmio = {{config.ecam.base + config.ecam.bytes, 0x1000}};
  EXPECT_EQ(report_of(config), "accepted") << "neighbours do not overlap";
}

TEST(RootComplexConfig, DeviceNumbersAreDifferentAndBelow32) {
  root_complex_config config;
  for (const auto& devices : {std::vector<unsigned>{1, 2, 1}, std::vector<unsigned>{0, 32}}) {
    config.devices = devices;
    EXPECT_EQ(report_of(config), "root: devices: must be different device numbers from 0 to 31");
  }
  config.devices = {31, 0};
  EXPECT_EQ(report_of(config), "accepted");
}

TEST(RootComplexConfig, OnlyConfiguredDevicesHaveAPort) {
  const bench platform;
  pcie::root_complex root("other");
  EXPECT_NO_THROW(root.downstream(0));
  try {
    root.downstream(3);
    ADD_FAILURE() << "no report";
  } catch (const sc_core::sc_report& report) {
    EXPECT_STREQ(report.get_msg(),
                 "other: device 3 has no port: must be a number in root_complex_config::devices");
  }
}

TEST(RootComplexConfig, MayHaveNoDeviceAtAll) {
  root_complex_config config;
  config.devices.clear();
  bench platform(config);
  platform.run([&] {
    EXPECT_EQ(platform.read(platform.root.config().mmio[0].base), 0xffff'ffffU);
    EXPECT_EQ(platform.read(platform.ecam(pcie::make_bdf(0, 0, 0), 0)), 0xffff'ffffU);
    platform.root.reset_bus();
  });
}

TEST(DeviceTiming, IsCheckedWhenTheEndpointIsBuilt) {
  const auto report = [](const timing_config& timing) -> std::string {
    try {
      endpoint device("device", timing);
    } catch (const sc_core::sc_report& error) {
      return text_of(error);
    }
    return "accepted";
  };
  timing_config timing;
  EXPECT_EQ(report(timing), "accepted");
  timing.memory_latency_cycles = 0;
  EXPECT_EQ(report(timing), "memory_latency_cycles = 0: must be 1 or more");
  timing = {};
  for (const unsigned cycles : {0U, 65U}) {
    timing.memory_write_latency_cycles = cycles;
    EXPECT_EQ(report(timing),
              "memory_write_latency_cycles = " + std::to_string(cycles) + ": must be from 1 to 64");
  }
  timing = {};
  for (const unsigned bytes : {0U, 64U, 200U, 8192U}) {
    timing.max_payload_bytes = bytes;
    EXPECT_EQ(report(timing), "max_payload_bytes = " + std::to_string(bytes) +
                                  ": must be 128, 256, 512, 1024, 2048 or 4096");
  }
}

}  // namespace
}  // namespace ivshmem::test
