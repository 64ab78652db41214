// SPDX-License-Identifier: Apache-2.0
//
// Commands of QEMU's human monitor.
#include "human_monitor.h"

#include <fmt/format.h>

#include <algorithm>

#include "ivshmem/model/property_table.h"
#include "pci_listing.h"

namespace ivshmem::qtest {

namespace {

using json = nlohmann::ordered_json;

constexpr std::uint64_t unmapped = ~std::uint64_t{0};

std::string info_pci(const listed_function& one) {
  std::string text =
      fmt::format("  Bus {:2}, device {:3}, function {}:\n", one.bus, one.slot, one.function);
  text += fmt::format("    {}: PCI device {:04x}:{:04x}\n", one.class_text, one.vendor, one.device);
  if (one.subsystem_vendor != 0 || one.subsystem != 0) {
    text += fmt::format("      PCI subsystem {:04x}:{:04x}\n", one.subsystem_vendor, one.subsystem);
  }
  if (one.irq_pin != 0) {
    text +=
        fmt::format("      IRQ {}, pin {}\n", one.irq, static_cast<char>('A' + one.irq_pin - 1));
  }
  if (one.buses) {
    text += fmt::format("      BUS {}.\n      secondary bus {}.\n      subordinate bus {}.\n",
                        (*one.buses)[0], (*one.buses)[1], (*one.buses)[2]);
    text +=
        fmt::format("      memory range [0x{:08x}, 0x{:08x}]\n", one.windows[0], one.windows[1]);
    text += fmt::format("      prefetchable memory range [0x{:08x}, 0x{:08x}]\n", one.windows[2],
                        one.windows[3]);
  }
  for (const listed_region& region : one.regions) {
    const std::uint64_t base = region.address.value_or(unmapped);
    if (region.io) {
      text += fmt::format("      BAR{}: I/O at 0x{:04x} [0x{:04x}].\n", region.bar, base,
                          base + region.bytes - 1);
    } else {
      text += fmt::format("      BAR{}: {} bit{} memory at 0x{:08x} [0x{:08x}].\n", region.bar,
                          region.wide ? 64 : 32, region.prefetch ? " prefetchable" : "", base,
                          base + region.bytes - 1);
    }
  }
  text += fmt::format("      id \"{}\"\n", one.id);
  for (const listed_function& behind : one.behind) {
    text += info_pci(behind);
  }
  return text;
}

std::string qtree_node(const listed_function& one) {
  std::string text = fmt::format("      dev: {}, id \"{}\"\n", one.driver, one.id);
  if (one.plugged != nullptr) {
    const device_request& request = one.plugged->request;
    const device_properties& properties = request.properties;
    if (properties.variant == device_variant::doorbell) {
      text += fmt::format("        chardev = \"{}\"\n        vectors = {} (0x{:x})\n",
                          request.chardev, properties.vectors, properties.vectors);
      text += fmt::format("        ioeventfd = {}\n", properties.ioeventfd);
    }
    text +=
        fmt::format("        master = \"{}\"\n", row_of(property::master).value_text(properties));
  }
  text += fmt::format("        addr = {:02x}.{}\n", one.slot, one.function);
  // Properties of every PCI device, at the values that cannot be changed here.
  text +=
      "        romfile = \"\"\n        romsize = 4294967295 (0xffffffff)\n"
      "        rombar = 1 (0x1)\n        multifunction = false\n"
      "        x-pcie-lnksta-dllla = true\n        x-pcie-extcap-init = true\n"
      "        failover_pair_id = \"\"\n        acpi-index = 0 (0x0)\n";
  text += fmt::format(
      "        class {}, addr {:02x}:{:02x}.{}, pci id {:04x}:{:04x} (sub {:04x}:{:04x})\n",
      one.class_text, one.bus, one.slot, one.function, one.vendor, one.device, one.subsystem_vendor,
      one.subsystem);
  for (const listed_region& region : one.regions) {
    const std::uint64_t base = region.address.value_or(unmapped);
    text += fmt::format("        bar {}: {} at 0x{:x} [0x{:x}]\n", region.bar,
                        region.io ? "i/o" : "mem", base, base + region.bytes - 1);
  }
  for (const listed_function& behind : one.behind) {
    text += qtree_node(behind);
  }
  return text;
}

std::string info_qtree(machine_state& machine) {
  const bool q35 = machine.host.config().q35;
  std::string text =
      fmt::format("bus: main-system-bus\n  type System\n    bus: {}\n      type {}\n",
                  q35 ? "pcie.0" : "pci.0", q35 ? "PCIE" : "PCI");
  auto list = list_functions(machine);
  // The youngest comes first: devices of options in their order, then the machine's own.
  const auto age = [&](const listed_function& one) {
    const auto& devices = machine.devices.devices();
    std::size_t number = 0;
    while (number < devices.size() && &devices[number] != one.plugged) {
      ++number;
    }
    return one.plugged != nullptr ? number + 1 : 0;
  };
  std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
    return age(a) != age(b)   ? age(a) > age(b)
           : a.slot != b.slot ? a.slot > b.slot
                              : a.function > b.function;
  });
  for (const listed_function& one : list) {
    text += qtree_node(one);
  }
  return text;
}

std::string info_mtree(machine_state& machine) {
  const auto row = [](std::uint64_t base, std::uint64_t bytes, int priority,
                      const std::string& kind, const std::string& name) {
    return fmt::format("    {:016x}-{:016x} (prio {}, {}): {}\n", base, base + bytes - 1, priority,
                       kind, name);
  };
  std::string text;
  for (const plugged_device& one : machine.devices.devices()) {
    text +=
        fmt::format("address-space: {}\n  {:016x}-{:016x} (prio 0, i/o): bus master container\n\n",
                    one.request.driver, 0, unmapped);
  }
  text +=
      fmt::format("address-space: memory\n  {:016x}-{:016x} (prio 0, i/o): system\n", 0, unmapped);
  text += row(0, machine.host.config().ram_bytes, 0, "ram", "ram-below-4g");
  for (const plugged_device& one : machine.devices.devices()) {
    const config_space config = one.config();
    const std::string memory = one.memory != nullptr ? one.memory->id : "ivshmem.bar2";
    const std::string names[] = {"ivshmem-mmio", one.request.driver + "-msix", memory};
    for (unsigned bar = 0; bar < config_space::bar_count; ++bar) {
      if (config.bar(bar).mapped) {
        text += row(config.bar(bar).base, config.bar_bytes(bar), 1, bar == 2 ? "ram" : "i/o",
                    names[bar]);
      }
    }
  }
  return text;
}

std::string save_snapshot(machine_state& machine, const std::string& name) {
  if (const auto possible = check_migratable(machine); !possible) {
    return "Error: " + possible.error() + "\n";
  }
  if (!machine.options.has_drive) {
    return "Error: no block device can store vmstate for snapshot\n";
  }
  machine.snapshots[name] = save_machine(machine);
  return "";
}

std::string load_snapshot(machine_state& machine, const std::string& name) {
  if (!machine.options.has_drive) {
    return "Error: no block device supports snapshots\n";
  }
  const auto found = machine.snapshots.find(name);
  if (found == machine.snapshots.end()) {
    return "Error: Snapshot '" + name + "' does not exist in one or more devices\n";
  }
  load_machine(machine, found->second);
  return "";
}

/// QEMU ends the lines of its human monitor with CR LF.
std::string with_carriage_returns(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '\n' ? "\r\n" : std::string(1, c);
  }
  return out;
}

std::string answer(machine_state& machine, const std::string& line) {
  const std::size_t space = line.find(' ');
  const std::string command = line.substr(0, space);
  const std::string argument = space == std::string::npos ? "" : line.substr(space + 1);
  if (line == "info pci") {
    std::string text;
    for (const listed_function& one : list_functions(machine)) {
      text += info_pci(one);
    }
    return text;
  }
  if (line == "info qtree") {
    return info_qtree(machine);
  }
  if (line == "info mtree") {
    return info_mtree(machine);
  }
  if (line == "info status") {
    return fmt::format("VM status: {}\n", machine.is_running() ? "running" : "paused");
  }
  if (command == "savevm" && !argument.empty()) {
    return save_snapshot(machine, argument);
  }
  if (command == "loadvm" && !argument.empty()) {
    return load_snapshot(machine, argument);
  }
  return "unknown command: '" + line + "'\n";
}

json region_json(const listed_region& region) {
  json made;
  if (!region.io) {
    made["prefetch"] = region.prefetch;
    made["mem_type_64"] = region.wide;
  }
  made["bar"] = region.bar;
  made["size"] = region.bytes;
  made["address"] = static_cast<std::int64_t>(region.address.value_or(unmapped));
  made["type"] = region.io ? "io" : "memory";
  return made;
}

json function_json(const listed_function& one) {
  json made;
  made["irq_pin"] = one.irq_pin;
  made["bus"] = one.bus;
  made["qdev_id"] = one.id;
  if (one.irq_pin != 0) {
    made["irq"] = one.irq;
  }
  made["slot"] = one.slot;
  made["class_info"] = {{"class", one.class_code}, {"desc", one.class_text}};
  made["id"] = {{"device", one.device},
                {"subsystem-vendor", one.subsystem_vendor},
                {"vendor", one.vendor},
                {"subsystem", one.subsystem}};
  if (one.buses) {
    json devices = json::array();
    for (const listed_function& behind : one.behind) {
      devices.push_back(function_json(behind));
    }
    made["pci_bridge"] = {{"bus",
                           {{"number", (*one.buses)[0]},
                            {"secondary", (*one.buses)[1]},
                            {"subordinate", (*one.buses)[2]}}},
                          {"devices", devices}};
  }
  made["function"] = one.function;
  made["regions"] = json::array();
  for (const listed_region& region : one.regions) {
    made["regions"].push_back(region_json(region));
  }
  return made;
}

}  // namespace

std::string human_command(machine_state& machine, const std::string& line) {
  return with_carriage_returns(answer(machine, line));
}

json query_pci(machine_state& machine) {
  json devices = json::array();
  for (const listed_function& one : list_functions(machine)) {
    devices.push_back(function_json(one));
  }
  return json::array({{{"bus", 0}, {"devices", devices}}});
}

}  // namespace ivshmem::qtest
