// SPDX-License-Identifier: Apache-2.0
//
// The parts of a platform are configured by a broker of Accellera CCI.
#include "ivshmem/tlm/cci_config.h"

#include <gtest/gtest.h>

#include <cci_configuration>
#include <string>
#include <systemc>

#include "ivshmem/tlm/cci_properties.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/pcie/root_complex.h"
#include "told.h"

namespace ivshmem::test {
namespace {

/// A module with the parameters of one part.
template <class Config>
struct platform : sc_core::sc_module {
  cci_config<Config> parameters;

  explicit platform(const sc_core::sc_module_name& name, const Config& defaults = {})
      : sc_module(name), parameters("part", defaults) {}
};

struct CciConfig : testing::Test {
  cci_utils::broker global{"global"};
  cci::cci_broker_handle broker{
      cci::cci_register_broker(global).create_broker_handle(cci::cci_originator("the test"))};

  void preset(const std::string& name, const cci::cci_value& value) {
    broker.set_preset_cci_value("platform.part." + name, value);
  }
  cci::cci_param_untyped_handle handle(const std::string& name) {
    return broker.get_param_handle("platform.part." + name);
  }

  template <class Config>
  void rows_are_parameters(const Config& usual);
  template <class Config>
  void presets_reach_their_members(const Config& usual);
};

template <class Config>
void CciConfig::rows_are_parameters(const Config& usual) {
  const platform<Config> all("platform");
  EXPECT_EQ(broker.get_param_handles().size(), rows_of<Config>().size());
  for (const config_row<Config>& row : rows_of<Config>()) {
    const cci::cci_param_untyped_handle made = handle(std::string(row.name));
    EXPECT_EQ(made.get_description(), row.text);
    EXPECT_TRUE(made.is_default_value()) << row.name;
    EXPECT_EQ(row.get(all.parameters.values()), row.get(usual)) << row.name;
  }
}

template <class Config>
void CciConfig::presets_reach_their_members(const Config& usual) {
  for (const config_row<Config>& changed : rows_of<Config>()) {
    const std::uint64_t was = changed.get(usual);
    const bool is_time = changed.kind == parameter_kind::duration;
    const std::uint64_t other = is_time                ? was + 1'000'000
                                : was == changed.least ? changed.most
                                                       : changed.least;
    cci::cci_value value(static_cast<std::uint32_t>(other));
    if (is_time) {
      value = cci::cci_value(time_of(other));
    } else if (changed.kind == parameter_kind::choice) {
      value = cci::cci_value(changed.value_text(other));
    }
    preset(std::string(changed.name), value);
    platform<Config> all("platform");
    const Config has = all.parameters.lock();
    for (const config_row<Config>& row : rows_of<Config>()) {
      EXPECT_EQ(row.get(has), &row == &changed ? other : row.get(usual))
          << changed.name << " was preset, read: " << row.name;
    }
    preset(std::string(changed.name), handle(std::string(changed.name)).get_default_cci_value());
  }
}

TEST_F(CciConfig, IsOneParameterForEachRowWithItsDefault) {
  rows_are_parameters(timing_config{});
  rows_are_parameters(pcie::link_config{});
  rows_are_parameters(pcie::packet_switch_config{});
  rows_are_parameters(pcie::root_complex_config{});
}

TEST_F(CciConfig, EachPresetValueReachesItsMember) {
  presets_reach_their_members(timing_config{});
  presets_reach_their_members(pcie::link_config{});
  presets_reach_their_members(pcie::packet_switch_config{});
  presets_reach_their_members(pcie::root_complex_config{});
}

TEST_F(CciConfig, WrongValuesAreErrorsOfThePart) {
  preset("beat_bytes", cci::cci_value(12));
  EXPECT_EQ(told([] { const platform<timing_config> all("platform"); }),
            "beat_bytes = 12: must be 8, 16 or 32");
  preset("beat_bytes", cci::cci_value(16));
  preset("clock_period", cci::cci_value(sc_core::SC_ZERO_TIME));
  EXPECT_NE(told([] { const platform<timing_config> all("platform"); }).find("must be above 0"),
            std::string::npos);
  preset("clock_period", cci::cci_value(std::string("soon")));
  EXPECT_EQ(told([] { const platform<timing_config> all("platform"); }),
            "clock_period = \"soon\": must be above 0");
  preset("clock_period", cci::cci_value(std::string("8 ns")));
  preset("memory_latency_cycles", cci::cci_value(std::uint64_t{1} << 32U));
  EXPECT_EQ(told([] { const platform<timing_config> all("platform"); }),
            "memory_latency_cycles = 4294967296: must be 1 or more");
  preset("memory_latency_cycles", cci::cci_value(3));
  const platform<timing_config> all("platform");
  EXPECT_EQ(all.parameters.values().clock_period, sc_core::sc_time(8, sc_core::SC_NS));
  EXPECT_EQ(told([&] { handle("mode").set_cci_value(cci::cci_value(std::string("rtl"))); }),
            "mode = \"rtl\": must be functional, tlm_lt or tlm_cycle");
}

TEST_F(CciConfig, WhatHasNoRowIsThatOfTheDefaults) {
  pcie::root_complex_config mine;
  mine.devices = {0, 3};
  mine.mmio = {{0x4000'0000, 0x1000'0000}};
  mine.posted_buffer = 4;
  platform<pcie::root_complex_config> all("platform", mine);
  const pcie::root_complex_config has = all.parameters.lock();
  EXPECT_EQ(has.devices, mine.devices);
  ASSERT_EQ(has.mmio.size(), 1U);
  EXPECT_EQ(has.mmio[0].base, 0x4000'0000U);
  EXPECT_EQ(has.posted_buffer, 4U);
}

/// A device with both kinds of parameters under its name, as in the comment of cci_config.
struct device_platform : sc_core::sc_module {
  cci_config<timing_config> timing{"part"};
  cci_properties properties{"part"};
  endpoint device;

  device_platform(const sc_core::sc_module_name& name, memory_view memory)
      : sc_module(name), device("part", properties.lock(), memory, timing.lock()) {}
};

TEST_F(CciConfig, StandBesideTheProperties) {
  preset("express", cci::cci_value(true));
  preset("mode", cci::cci_value(std::string("tlm_cycle")));
  preset("max_payload_bytes", cci::cci_value(512));
  std::vector<std::uint8_t> shared(min_memory_bytes);
  const device_platform all("platform", {shared.data(), shared.size()});
  EXPECT_TRUE(all.device.properties().express);
  EXPECT_EQ(all.timing.values().mode, timing_mode::tlm_cycle);
  EXPECT_EQ(all.timing.values().max_payload_bytes, 512U);
  EXPECT_TRUE(broker.get_unconsumed_preset_values().empty());
  EXPECT_NE(told([&] {
              handle("mode").set_cci_value(cci::cci_value(std::string("tlm_lt")));
            }).find("locked"),
            std::string::npos);
}

}  // namespace
}  // namespace ivshmem::test
