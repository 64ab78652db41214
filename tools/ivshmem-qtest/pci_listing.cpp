// SPDX-License-Identifier: Apache-2.0
//
// `info pci`, as QEMU prints it.
#include "pci_listing.h"

#include <algorithm>
#include <array>

namespace ivshmem::qtest {

namespace {

listed_function header_of(pc_machine& host, unsigned bus, unsigned slot, unsigned function) {
  const auto read = [&](std::uint32_t offset, unsigned bytes) {
    return host.read_config(bus, slot, function, offset, bytes);
  };
  listed_function made{};
  made.bus = bus;
  made.slot = slot;
  made.function = function;
  made.vendor = read(0x00, 2);
  made.device = read(0x02, 2);
  made.class_code = read(0x0a, 2);
  made.subsystem_vendor = read(0x2c, 2);
  made.subsystem = read(0x2e, 2);
  made.irq = read(0x3c, 1);
  made.irq_pin = read(0x3d, 1);
  return made;
}

listed_function plugged_function(pc_machine& host, const plugged_device& plugged, unsigned bus) {
  const unsigned slot = plugged.place->behind_port ? 0 : plugged.place->slot;
  listed_function made = header_of(host, bus, slot, 0);
  made.id = plugged.request.id;
  made.driver = plugged.request.driver;
  made.class_text = "RAM controller";
  made.plugged = &plugged;
  const config_space config = plugged.config();
  for (unsigned bar = 0; bar < config_space::bar_count; ++bar) {
    if (config.bar_bytes(bar) != 0) {
      const bar_window& window = config.bar(bar);
      made.regions.push_back({bar, false, bar == 2, bar == 2, config.bar_bytes(bar),
                              window.mapped ? std::optional(window.base) : std::nullopt});
    }
  }
  return made;
}

const plugged_device* plugged_at(machine_state& machine, unsigned slot) {
  for (const plugged_device& one : machine.devices.devices()) {
    if (one.place->slot == slot) {
      return &one;
    }
  }
  return nullptr;
}

listed_function bridge_at(pc_machine& host, unsigned bus, unsigned slot) {
  listed_function made = header_of(host, bus, slot, 0);
  made.class_text = "PCI bridge";
  // A type 1 header has no subsystem where a type 0 header has it.
  made.subsystem_vendor = 0;
  made.subsystem = 0;
  std::array<unsigned, 3> buses{};
  for (unsigned i = 0; i < buses.size(); ++i) {
    buses[i] = host.read_config(bus, slot, 0, 0x18 + i, 1);
  }
  made.buses = buses;
  const auto read = [&](std::uint32_t offset, unsigned bytes) -> std::uint64_t {
    return host.read_config(bus, slot, 0, offset, bytes);
  };
  made.windows = {read(0x20, 2) << 16U, (read(0x22, 2) << 16U) | 0xf'ffffU,
                  (read(0x28, 4) << 32U) | ((read(0x24, 2) & 0xfff0U) << 16U),
                  (read(0x2c, 4) << 32U) | ((read(0x26, 2) & 0xfff0U) << 16U) | 0xf'ffffU};
  return made;
}

listed_function root_port_at(machine_state& machine, const root_port& port) {
  const auto secondary = [](const listed_function& bridge) { return (*bridge.buses)[1]; };
  listed_function made = bridge_at(machine.host, 0, port.slot);
  made.id = port.id;
  made.driver = "pcie-root-port";
  listed_function* above = &made;
  if (!port.bridge.empty() && secondary(made) != 0) {
    made.behind.push_back(bridge_at(machine.host, secondary(made), 0));
    above = &made.behind.back();
    above->id = port.bridge;
    above->driver = "pcie-pci-bridge";
  }
  const plugged_device* below = plugged_at(machine, port.slot);
  const bool reached = port.bridge.empty() || above != &made;
  if (below != nullptr && reached && secondary(*above) != 0) {
    above->behind.push_back(plugged_function(machine.host, *below, secondary(*above)));
  }
  return made;
}

}  // namespace

std::vector<listed_function> list_functions(machine_state& machine) {
  std::vector<listed_function> list;
  for (const chipset_function& fixed : machine.host.fixed().functions()) {
    list.push_back(header_of(machine.host, 0, fixed.device, fixed.function));
    list.back().driver = fixed.driver;
    list.back().class_text = fixed.description;
    for (const chipset_region& region : fixed.regions) {
      list.back().regions.push_back(
          {region.bar, region.io, false, false, region.bytes, std::nullopt});
    }
  }
  for (const root_port& port : machine.host.config().root_ports) {
    list.push_back(root_port_at(machine, port));
  }
  for (const plugged_device& plugged : machine.devices.devices()) {
    if (!plugged.place->behind_port) {
      list.push_back(plugged_function(machine.host, plugged, 0));
    }
  }
  std::sort(list.begin(), list.end(), [](const listed_function& a, const listed_function& b) {
    return a.slot != b.slot ? a.slot < b.slot : a.function < b.function;
  });
  return list;
}

}  // namespace ivshmem::qtest
