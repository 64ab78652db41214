// SPDX-License-Identifier: Apache-2.0
//
// Recorded single cases that need a whole machine: hot-plug, PCI Express, IDs.
#include <algorithm>
#include <set>
#include <sstream>
#include <thread>

#include "cases.h"

namespace ivshmem::conformance {

namespace {

constexpr unsigned hot_slot = 8;
constexpr std::uint64_t ecam_base = 0xb000'0000;

json hotplug_plain(const case_program& program) {
  machine_setup setup;
  setup.program = program.path;
  setup.type = "pc";
  setup.options = {"-object", "memory-backend-ram,id=m0,size=1M"};
  machine host(setup);
  const auto add = [&](const char* id, const char* address) {
    return host.qmp("device_add",
                    {{"driver", "ivshmem-plain"}, {"id", id}, {"memdev", "m0"}, {"addr", address}});
  };
  json got{{"device_add", add("iv0", "0x8")}};
  got["cfg"] = config_dwords(host, hot_slot, {0, 4, 8, 0x10, 0x18, 0x3c});
  got["second_device_add_same_memdev"] = add("iv1", "0x9");
  got["object_del_while_used"] = host.qmp("object-del", {{"id", "m0"}});
  host.config_write(hot_slot, 0x10, 4, bar0_base);
  host.config_write(hot_slot, 4, 2, 2);
  host.write(bar0_base, 4, 0xabcd);
  got["IntrMask"] = hex(host.read(bar0_base, 4));
  got["device_del"] = host.qmp("device_del", {{"id", "iv0"}});
  host.settle();
  got["cfg0_after_device_del"] = hex(host.config_read(hot_slot, 0, 4));
  host.command("outl 0xae08 " + hex(1U << hot_slot));
  host.settle();
  got["cfg0_after_acpi_eject"] = hex(host.config_read(hot_slot, 0, 4));
  got["BAR0_after_eject"] = hex(host.read(bar0_base, 4));
  got["object_del_after"] = host.qmp("object-del", {{"id", "m0"}});
  got["stderr"] = host.lines();
  return got;
}

void remove_doorbell(machine& host, json& got) {
  host.command("outl 0xae08 " + hex(1U << hot_slot));
  host.settle();
  got["cfg0_after_acpi_eject"] = hex(host.config_read(hot_slot, 0, 4));
  got["chardev_remove_at_once"] = host.qmp("chardev-remove", {{"id", "c0"}});
  std::this_thread::sleep_for(milliseconds(500));
  host.settle();
  got["chardev_remove_later"] = host.qmp("chardev-remove", {{"id", "c0"}});
  got["stderr"] = host.lines();
}

json hotplug_doorbell(const case_program& program, bool peer_leaves) {
  machine_setup setup;
  setup.program = program.path;
  setup.type = "pc";
  setup.with_server = true;
  machine host(setup);
  const json address{{"type", "unix"}, {"data", {{"path", host.folder("iv")}}}};
  const json backend{{"type", "socket"}, {"data", {{"addr", address}, {"server", false}}}};
  json got{{"chardev_add", host.qmp("chardev-add", {{"id", "c0"}, {"backend", backend}})}};
  host.accept_at_server(0);
  for (const auto& [number, name] : std::vector<std::pair<int, json>>{
           {0, nullptr}, {2, nullptr}, {-1, "shm"}, {0, "e0.0"}, {2, "e2.0"}}) {
    host.server().send(0, number, name);
  }
  got["device_add"] =
      host.qmp("device_add",
               {{"driver", "ivshmem-doorbell"}, {"id", "iv0"}, {"chardev", "c0"}, {"addr", "0x8"}});
  host.settle(6);
  got["cfg"] = config_dwords(host, hot_slot, {0, 4, 8, 0x10, 0x14, 0x18, 0x34, 0x3c, 0x40});
  host.config_write(hot_slot, 0x10, 4, bar0_base);
  host.config_write(hot_slot, 0x14, 4, bar1_base);
  host.config_write(hot_slot, 4, 2, 6);
  host.write(bar1_base, 4, message_base);
  host.write(bar1_base + 8, 4, 0x1234);
  host.write(bar1_base + 12, 4, 0);
  host.config_write(hot_slot, 0x42, 2, 0x8000);
  got["IVPosition"] = hex(host.read(bar0_base + 8, 4));
  host.server().ring("e2.0", 1);
  host.settle();
  got["msi"] = host.messages();
  if (peer_leaves) {
    host.server().send(0, 0, nullptr);
    host.settle(5);
  }
  got["device_del"] = host.qmp("device_del", {{"id", "iv0"}});
  try {
    remove_doorbell(host, got);
  } catch (const program_ended& error) {
    std::istringstream text(error.what());
    std::string line;
    std::getline(text, line);
    got["died"] = line;
    got["stderr"] = json::array();
    while (std::getline(text, line)) {
      got["stderr"].push_back(line);
    }
  }
  return got;
}

/// Register of a root port; machine::config_write sees functions of bus 0.
void open_ecam(machine& host) { host.config_write(0, 0x60, 4, ecam_base | 1); }

json dwords_at(machine& host, std::uint64_t base, const std::vector<unsigned>& offsets) {
  json got = json::object();
  for (const unsigned offset : offsets) {
    got[hex(offset)] = hex(host.read(base + offset, 4));
  }
  return got;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    while (!line.empty() && line.back() == ' ') {
      line.pop_back();
    }
    if (!line.empty()) {
      lines.push_back(line);
    }
  }
  return lines;
}

json behind_root_port(const case_program& program) {
  machine_setup setup;
  setup.program = program.path;
  setup.before = {"-device", "pcie-root-port,id=rp0,chassis=1,slot=1,addr=0x10", "-device",
                  "pcie-root-port,id=rp1,chassis=2,slot=2,addr=0x11"};
  setup.options = {"-object",  "memory-backend-memfd,id=m0,size=1M,share=on",
                   "-device",  "ivshmem-plain,id=iv0,memdev=m0,addr=0x0,bus=rp0",
                   "-chardev", "socket,id=c1,path=@/iv",
                   "-device",  "ivshmem-doorbell,id=iv1,chardev=c1,vectors=2,addr=0x0,bus=rp1"};
  setup.with_server = true;
  setup.server_init = {lone_init(0, 2)};
  machine host(setup);
  host.config_write(0x10, 0x18, 4, 0x0001'0100);
  host.config_write(0x11, 0x18, 4, 0x0002'0200);
  host.config_write(0x10, 4, 2, 7);
  host.config_write(0x11, 4, 2, 7);
  open_ecam(host);
  std::vector<unsigned> offsets;
  for (unsigned offset = 0; offset < 0x50; offset += 4) {
    offsets.push_back(offset);
  }
  offsets.insert(offsets.end(), {0xfc, 0x100, 0x104, 0x200, 0xffc});
  json got;
  const std::string kinds[] = {"plain", "doorbell"};
  for (unsigned i = 0; i < 2; ++i) {
    const std::uint64_t ecam = ecam_base + (std::uint64_t{i + 1} << 20U);
    got[kinds[i]] = dwords_at(host, ecam, offsets);
    for (const unsigned offset : {0x100U, 0xfcU}) {
      host.write(ecam + offset, 4, 0x1234'5678);
      got[kinds[i] + "_ecam_" + hex(offset) + "_after_write"] = hex(host.read(ecam + offset, 4));
    }
    const std::pair<unsigned, unsigned> accesses[] = {{0, 1}, {2, 2},    {0xfd, 1},
                                                      {0, 8}, {0xff, 1}, {0xfe, 4}};
    json values = json::array();
    for (const auto& [offset, bytes] : accesses) {
      values.push_back(hex(host.read(ecam + offset, bytes)));
    }
    got[kinds[i] + "_ecam_byte_word"] = values;
  }
  got["device1_on_port_absent"] = hex(host.read(ecam_base + (1U << 20U) + (1U << 15U), 4));
  const auto lines = split_lines(host.hmp("info pci"));
  got["hmp_info_pci"] = std::vector<std::string>(
      lines.end() - std::min<std::ptrdiff_t>(30, static_cast<std::ptrdiff_t>(lines.size())),
      lines.end());
  got["log"] = host.lines();
  return got;
}

json secondary_bus_reset(const case_program& program) {
  machine_setup setup;
  setup.program = program.path;
  setup.before = {"-device", "pcie-root-port,id=rp0,chassis=1,slot=1,addr=0x10"};
  setup.options = {"-chardev", "socket,id=c0,path=@/iv", "-device",
                   "ivshmem-doorbell,id=iv0,chardev=c0,vectors=2,addr=0x0,bus=rp0"};
  setup.with_server = true;
  setup.server_init = {lone_init(0, 2)};
  machine host(setup);
  constexpr unsigned port = 0x10;
  constexpr std::uint64_t ecam = ecam_base + (1U << 20U);
  host.config_write(port, 0x18, 4, 0x0001'0100);
  host.config_write(port, 0x20, 4, 0xfe00'fe00);
  host.config_write(port, 0x04, 2, 7);
  open_ecam(host);
  const auto map = [&] {
    host.write(ecam + 0x10, 4, bar0_base);
    host.write(ecam + 0x14, 4, bar1_base);
    host.write(ecam + 4, 2, 6);
  };
  map();
  host.write(bar0_base, 4, 0x1234);
  host.write(bar0_base + 4, 4, 0x5678);
  host.write(bar1_base, 4, message_base);
  host.write(bar1_base + 12, 4, 0);
  host.write(ecam + 0x60, 4, 0xdead'beef);
  host.write(ecam + 0x42, 2, 0x8000);
  host.server().ring("e0.0", 1);
  host.settle();
  json got;
  json& before = got["before"];
  before["mask"] = hex(host.read(bar0_base, 4));
  before["msi"] = host.messages();
  before["cfg"] = dwords_at(host, ecam, {4, 0x10, 0x40, 0x60});
  host.config_write(port, 0x3e, 2, 0x40);
  host.config_write(port, 0x3e, 2, 0);
  got["after_cfg"] = dwords_at(host, ecam, {0, 4, 0x10, 0x14, 0x18, 0x40, 0x60});
  map();
  json& after = got["after_regs"];
  after["mask_status"] = hex(host.read(bar0_base, 8));
  after["ivposition"] = hex(host.read(bar0_base + 8, 4));
  after["table0"] = host.command("read " + hex(bar1_base) + " 16");
  got["log"] = host.lines();
  return got;
}

json functions(machine& host, unsigned first_slot, unsigned last_slot) {
  json found = json::array();
  const json reply = host.qmp("query-pci");
  for (const json& bus : reply["return"]) {
    for (const json& device : bus["devices"]) {
      if (device["slot"] >= first_slot && device["slot"] <= last_slot) {
        found.push_back(device);
      }
    }
  }
  return found;
}

json listings(const case_program& program) {
  machine_setup setup;
  setup.program = program.path;
  setup.options = {"-object",  "memory-backend-memfd,id=m0,size=1M,share=on",
                   "-device",  "ivshmem-plain,id=iv0,memdev=m0,addr=0x4",
                   "-chardev", "socket,id=c1,path=@/iv",
                   "-device",  "ivshmem-doorbell,id=iv1,chardev=c1,vectors=3,addr=0x5"};
  setup.with_server = true;
  setup.server_init = {lone_init(0, 3)};
  machine host(setup);
  map_bars(host, false);
  json got{{"query_pci", functions(host, 4, 5)}};
  std::string tree = host.hmp("info qtree");
  tree.erase(0, tree.find("dev: ivshmem"));
  auto lines = split_lines(tree);
  lines.resize(std::min<std::size_t>(lines.size(), 32));
  got["qtree"] = lines;
  std::set<std::string> regions;
  for (std::string line : split_lines(host.hmp("info mtree"))) {
    line.erase(0, line.find_first_not_of(' '));
    if (line.find("ivsh") != std::string::npos || line.find("msix") != std::string::npos) {
      regions.insert(line);
    }
  }
  got["mtree"] = regions;
  return got;
}

/// Whether a BAR is mapped, as query-pci tells, for each recorded setting.
json mapping_corners(const case_program& program, const json& recorded) {
  machine_setup setup;
  setup.program = program.path;
  setup.options = one_device("doorbell", "", 1, 0);
  setup.with_server = true;
  setup.server_init = {lone_init(0, 1)};
  machine host(setup);
  json cases = json::array();
  for (const json& one : recorded["cases"]) {
    if (one.contains("log")) {
      cases.push_back({{"log", host.lines()}});
      continue;
    }
    const std::uint64_t bar2 = number(one["written"][2]);
    host.config_write(device_slot, 0x10, 4, number(one["written"][0]));
    host.config_write(device_slot, 0x14, 4, number(one["written"][1]));
    host.config_write(device_slot, 0x18, 4, bar2 & 0xffff'ffffU);
    host.config_write(device_slot, 0x1c, 4, bar2 >> 32U);
    host.config_write(device_slot, 4, 2, number(one["command"]));
    json mapped = json::array();
    const json found = functions(host, device_slot, device_slot);
    for (const json& region : found[0]["regions"]) {
      const std::int64_t address = region["address"];
      const std::string text = address < 0
                                   ? "0x-" + hex(~static_cast<std::uint64_t>(address) + 1).substr(2)
                                   : hex(static_cast<std::uint64_t>(address));
      mapped.push_back(address == -1 ? json(nullptr) : json(text));
    }
    cases.push_back(
        {{"command", one["command"]}, {"written", one["written"]}, {"mapped_at", mapped}});
    host.config_write(device_slot, 4, 2, 0);
  }
  return {{"cases", cases}};
}

}  // namespace

json run_hotplug_case(const case_program& program, const json& recorded) {
  const std::string name = recorded["case"];
  return name == "hotplug/plain-pc"
             ? hotplug_plain(program)
             : hotplug_doorbell(program, name == "hotplug/doorbell-pc-after-peer-left");
}

json run_pcie_case(const case_program& program, const json& recorded) {
  return recorded["case"] == "pcie/behind-root-port" ? behind_root_port(program)
                                                     : secondary_bus_reset(program);
}

json run_listing_case(const case_program& program, const json& recorded) {
  return recorded["case"] == "ids/bar-mapping-corners" ? mapping_corners(program, recorded)
                                                       : listings(program);
}

}  // namespace ivshmem::conformance
