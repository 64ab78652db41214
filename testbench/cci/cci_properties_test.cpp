// SPDX-License-Identifier: Apache-2.0
//
// A device's properties come from a broker of Accellera CCI.
#include "ivshmem/tlm/cci_properties.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cci_configuration>
#include <string>
#include <systemc>
#include <vector>

#include "ivshmem/model/property_table.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "told.h"

namespace ivshmem::test {
namespace {

/// A platform as in the comment of cci_properties.
struct platform : sc_core::sc_module {
  cci_properties parameters{"device"};
  endpoint device;

  platform(const sc_core::sc_module_name& name, fabric_seat& seat)
      : sc_module(name), device("device", parameters.lock(), seat) {}
};

/// A module whose parameters nobody has taken yet.
struct open_platform : sc_core::sc_module {
  cci_properties parameters;

  explicit open_platform(const sc_core::sc_module_name& name,
                         const device_properties& defaults = {})
      : sc_module(name), parameters("device", defaults) {}
};

struct CciProperties : testing::Test {
  cci_utils::broker global{"global"};
  cci::cci_broker_handle broker{
      cci::cci_register_broker(global).create_broker_handle(cci::cci_originator("the test"))};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};

  void preset(const std::string& name, const cci::cci_value& value) {
    broker.set_preset_cci_value("platform.device." + name, value);
  }
  cci::cci_param_untyped_handle handle(const std::string& name) {
    return broker.get_param_handle("platform.device." + name);
  }
  std::string of(const std::string& name) { return handle(name).get_cci_value().to_json(); }
};

std::string text(const char* words) { return words; }

TEST_F(CciProperties, AreOneParameterForEachRowWithItsDefault) {
  const open_platform all("platform");
  std::vector<std::string> names;
  for (const auto& parameter : broker.get_param_handles()) {
    names.emplace_back(parameter.name());
  }
  EXPECT_EQ(names.size(), property_table.size());
  for (const property_row& row : property_table) {
    const std::string name(row.name);
    EXPECT_EQ(std::count(names.begin(), names.end(), "platform.device." + name), 1) << name;
    EXPECT_EQ(handle(name).get_description(), row.text);
    EXPECT_TRUE(handle(name).is_default_value()) << name;
    EXPECT_EQ(row.get(all.parameters.values()), row.get(device_properties{})) << name;
  }
  EXPECT_EQ(of("vectors"), "1");
  EXPECT_EQ(of("ioeventfd"), "true");
  EXPECT_EQ(of("variant"), "\"plain\"");
}

TEST_F(CciProperties, SayWhatTheyTakeInTheirMetadata) {
  const open_platform all("platform");
  const cci::cci_value_map vectors = handle("vectors").get_metadata();
  EXPECT_EQ(vectors.at("least").get_list()[0].to_json(), "1");
  EXPECT_EQ(vectors.at("most").get_list()[0].to_json(), "2048");
  EXPECT_EQ(vectors.at("variants").get_list()[0].to_json(), R"(["doorbell","legacy"])");
  const cci::cci_value_map qemu = handle("qemu").get_metadata();
  EXPECT_EQ(qemu.at("choices").get_list()[0].to_json(), R"(["7.2","11.1"])");
  EXPECT_FALSE(qemu.has_entry("most"));
}

TEST_F(CciProperties, PresetValuesReachTheDevice) {
  preset("variant", cci::cci_value(text("doorbell")));
  preset("vectors", cci::cci_value(2048));
  preset("ioeventfd", cci::cci_value(false));
  preset("master", cci::cci_value(text("auto")));
  preset("qemu", cci::cci_value(text("11.1")));
  preset("vectrs", cci::cci_value(3));
  const platform all("platform", fabric.join(max_vectors));
  const device_properties& has = all.device.properties();
  EXPECT_EQ(has.variant, device_variant::doorbell);
  EXPECT_EQ(has.vectors, 2048U);
  EXPECT_FALSE(has.ioeventfd);
  EXPECT_EQ(has.master, master_mode::automatic);
  EXPECT_EQ(has.qemu, qemu_version::v11_1);
  EXPECT_TRUE(handle("vectors").is_preset_value());
  const auto left = broker.get_unconsumed_preset_values();
  ASSERT_EQ(left.size(), 1U) << "what nobody took is named";
  EXPECT_EQ(left[0].first, "platform.device.vectrs");
}

TEST_F(CciProperties, DefaultsAreThoseOfThePlatform) {
  device_properties mine;
  mine.variant = device_variant::doorbell;
  mine.vectors = 7;
  preset("express", cci::cci_value(true));
  const open_platform all("platform", mine);
  EXPECT_EQ(all.parameters.values().vectors, 7U);
  EXPECT_EQ(all.parameters.values().variant, device_variant::doorbell);
  EXPECT_TRUE(all.parameters.values().express);
  EXPECT_EQ(handle("vectors").get_default_cci_value().to_json(), "7");
}

TEST_F(CciProperties, ADeviceWithIntxHasNoIoeventfdUnlessItIsAskedFor) {
  preset("variant", cci::cci_value(text("legacy")));
  preset("msi", cci::cci_value(false));
  {
    const platform all("platform", fabric.join(1));
    EXPECT_TRUE(all.device.properties().has_intx());
    EXPECT_FALSE(all.device.properties().ioeventfd);
  }
  preset("ioeventfd", cci::cci_value(true));
  EXPECT_EQ(told([&] { platform("platform", fabric.join(1)); }),
            "ioeventfd = on: ioeventfd/irqfd requires MSI: must be off");
}

TEST_F(CciProperties, APresetThatThePropertyDoesNotTakeIsAnErrorOfTheDevice) {
  const std::string vectors = "The number of MSI-X vectors is invalid: must be from 1 to 2048";
  const struct {
    std::string name;
    cci::cci_value value;
    std::string told;
  } wrong[] = {
      {"vectors", cci::cci_value(0), "vectors = 0: " + vectors},
      {"vectors", cci::cci_value(2049), "vectors = 2049: " + vectors},
      {"vectors", cci::cci_value(-1), "vectors = -1: " + vectors},
      {"vectors", cci::cci_value(1.5), "vectors = 1.5: " + vectors},
      {"vectors", cci::cci_value(text("two\nlines")), "vectors = \"two\\nlines\": " + vectors},
      {"ioeventfd", cci::cci_value(1), "ioeventfd = 1: must be off or on"},
      {"variant", cci::cci_value(text("bell")),
       "variant = \"bell\": must be plain, doorbell or legacy"},
      {"variant", cci::cci_value(1), "variant = 1: must be plain, doorbell or legacy"},
      {"qemu", cci::cci_value(11.1), "qemu = 11.1: must be 7.2 or 11.1"},
  };
  unsigned number = 0;
  for (const auto& one : wrong) {
    const std::string here = "platform" + std::to_string(number++);
    broker.set_preset_cci_value(here + ".device." + one.name, one.value);
    EXPECT_EQ(told([&] { const open_platform all(here.c_str()); }), one.told);
  }
}

TEST_F(CciProperties, AMereMessageLeavesTheDefault) {
  sc_core::sc_report_handler::set_actions(report_type::parameter, sc_core::SC_DO_NOTHING);
  preset("variant", cci::cci_value(text("doorbell")));
  preset("vectors", cci::cci_value(0));
  preset("qemu", cci::cci_value(8));
  const platform all("platform", fabric.join(1));
  EXPECT_EQ(sc_core::sc_report_handler::get_count(report_type::parameter), 2);
  EXPECT_EQ(all.device.properties().vectors, 1U);
  EXPECT_EQ(all.device.properties().qemu, qemu_version::v7_2);
  EXPECT_EQ(of("vectors"), "1") << "the parameter says what the device has";
}

TEST_F(CciProperties, MayBeSetUntilADeviceTakesThem) {
  open_platform all("platform");
  handle("vectors").set_cci_value(cci::cci_value(16));
  EXPECT_EQ(all.parameters.values().vectors, 16U);
  EXPECT_EQ(told([&] { handle("vectors").set_cci_value(cci::cci_value(4096)); }),
            "vectors = 4096: The number of MSI-X vectors is invalid: must be from 1 to 2048");
  EXPECT_EQ(told([&] { handle("master").set_cci_value(cci::cci_value(text("maybe"))); }),
            "master = \"maybe\": must be off, on or auto");
  EXPECT_EQ(all.parameters.lock().vectors, 16U);
  EXPECT_EQ(all.parameters.lock().vectors, 16U) << "again";
}

TEST_F(CciProperties, CannotBeChangedOnceADeviceHasTakenThem) {
  preset("variant", cci::cci_value(text("doorbell")));
  const platform all("platform", fabric.join(1));
  for (const property_row& row : property_table) {
    EXPECT_TRUE(handle(std::string(row.name)).is_locked()) << row.name;
  }
  const auto refused = [&] {
    return told([&] { handle("vectors").set_cci_value(cci::cci_value(4)); });
  };
  EXPECT_NE(refused().find("locked"), std::string::npos) << "before the end of elaboration";
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_NE(refused().find("locked"), std::string::npos) << "after it";
  EXPECT_EQ(of("vectors"), "1");
  EXPECT_EQ(all.device.properties().vectors, 1U);
}

/// A module that keeps its parameters from everybody outside.
struct closed_platform : sc_core::sc_module {
  cci_utils::consuming_broker inner{"inner"};
  cci::cci_broker_handle registered{cci::cci_register_broker(inner)};  // before the parameters
  cci_properties parameters{"device"};
  std::size_t inside;

  explicit closed_platform(const sc_core::sc_module_name& name)
      : sc_module(name), inside(registered.get_param_handles().size()) {}
};

TEST_F(CciProperties, BelongToTheBrokerOfTheirModule) {
  const closed_platform all("platform");
  EXPECT_EQ(all.inside, property_table.size());
  EXPECT_TRUE(broker.get_param_handles().empty());
}

TEST_F(CciProperties, OfADeviceOutsideAllModulesBeginWithItsName) {
  broker.set_preset_cci_value("device.express", cci::cci_value(true));
  cci_properties parameters("device");
  const endpoint device("device", parameters.lock(), {shared.data(), shared.size()});
  EXPECT_TRUE(device.properties().express);
  EXPECT_EQ(broker.get_param_handle("device.express").get_cci_value().to_json(), "true");
}

}  // namespace
}  // namespace ivshmem::test
