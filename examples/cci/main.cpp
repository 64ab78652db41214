// SPDX-License-Identifier: Apache-2.0
//
// Devices whose properties and timing come from outside, as parameters of Accellera CCI:
//
//   cci platform.first.vectors=4 'platform.first.qemu="11.1"' 'platform.second.clock_period="8 ns"'
//
// presets these values at the global broker, builds the platform, and lists all parameters. Values
// are in CCI's spelling, JSON.
#include <cci_configuration>
#include <cstdio>
#include <string>
#include <systemc>

#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/cci_config.h"
#include "ivshmem/tlm/cci_properties.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"

namespace {

using namespace ivshmem;

/// What the devices are where nobody says otherwise.
device_properties doorbell() {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  return properties;
}

class platform final : public sc_core::sc_module {
 public:
  platform(const sc_core::sc_module_name& name, in_process_fabric& fabric)
      : sc_module(name),
        first_("first", first_properties_.lock(), fabric.join(first_properties_.values().vectors),
               first_timing_.lock()),
        second_("second", second_properties_.lock(),
                fabric.join(second_properties_.values().vectors), second_timing_.lock()) {}

 private:
  // Each before its device, with the device's name.
  cci_properties first_properties_{"first", doorbell()};
  cci_config<timing_config> first_timing_{"first"};
  cci_properties second_properties_{"second", doorbell()};
  cci_config<timing_config> second_timing_{"second"};
  endpoint first_;
  endpoint second_;
};

/// Presets `name=value`.
void preset(cci::cci_broker_handle& broker, const std::string& argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos) {
    SC_REPORT_ERROR("cci", (argument + ": must be name=value").c_str());
    return;
  }
  broker.set_preset_cci_value(argument.substr(0, equals),
                              cci::cci_value::from_json(argument.substr(equals + 1)));
}

void list(const cci::cci_broker_handle& broker) {
  for (const cci::cci_param_untyped_handle& one : broker.get_param_handles()) {
    std::printf("%-44s %-12s %s%s\n", one.name(), one.get_cci_value().to_json().c_str(),
                one.is_preset_value() ? "(preset) " : "", one.get_description().c_str());
  }
  for (const auto& [name, value] : broker.get_unconsumed_preset_values()) {
    std::printf("%s: no such parameter\n", name.c_str());
  }
}

}  // namespace

int sc_main(int argc, char** argv) {
  cci::cci_register_broker(new cci_utils::broker("global"));
  cci::cci_broker_handle broker = cci::cci_get_global_broker(cci::cci_originator("cci"));
  for (int i = 1; i < argc; ++i) {
    preset(broker, argv[i]);
  }
  shared_memory_config options;
  options.size_bytes = 1U << 20U;
  const auto memory = shared_memory::create(options);
  if (!memory) {
    std::fprintf(stderr, "cci: %s\n", to_string(memory.error()).c_str());
    return 1;
  }
  in_process_fabric fabric("fabric", {memory->data(), memory->size_bytes()});
  const platform all("platform", fabric);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  list(broker);
  return broker.get_unconsumed_preset_values().empty() ? 0 : 1;
}
