// SPDX-License-Identifier: Apache-2.0
//
// Options as QEMU 7.2 takes and refuses them; the texts are its own.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "qtest_run.h"

namespace ivshmem::conformance {
namespace {

constexpr const char* memory = "memory-backend-ram,id=m,size=1M";
constexpr const char* name_refused = "Parameter 'id' expects an identifier";

std::vector<std::string> device_options(const std::string& more) {
  return {"-object", memory, "-device", "ivshmem-plain,memdev=m," + more};
}

/// A machine with one plain device that has `more` options.
machine_setup device_with(const std::string& more) { return setup_of(device_options(more)); }

/// refusal() without its beginning, which repeats the last option.
std::string reason(const std::vector<std::string>& options) {
  const std::string line = refusal(options);
  const std::string again = options[options.size() - 2] + " " + options.back() + ": ";
  const std::size_t at = line.find(again);
  return at == std::string::npos ? line : line.substr(at + again.size());
}

std::string device_refusal(const std::string& more) { return reason(device_options(more)); }

TEST(QtestOptions, AddressesAreHexadecimal) {
  const std::vector<std::pair<std::string, unsigned>> good{
      {"10", 16}, {"b", 11}, {"1f", 31}, {"08", 8}, {"0x6.0x0", 6}, {"6.0", 6}, {" 5", 5}};
  for (const auto& [text, slot] : good) {
    machine host(device_with("addr=" + text));
    EXPECT_EQ(host.config_read(slot, 0, 4), 0x1110'1af4U) << text;
  }
  for (const std::string bad : {"20", "6.8", "5x", "05.", "-1", "+5", "", "0x"}) {
    EXPECT_EQ(device_refusal("addr=" + bad),
              "Property 'ivshmem-plain.addr' doesn't take value '" + bad + "'");
  }
  EXPECT_EQ(device_refusal("addr=6.1"),
            "Property 'ivshmem-plain.addr' = 6.1: the device has one function: must be function 0");
}

TEST(QtestOptions, APropertyThatDoesNothingIsOneThatChangesNothing) {
  for (const char* good : {"multifunction=off", "romfile=", "rombar=0", "romsize=4096",
                           "acpi-index=5", "x-pcie-lnksta-dllla=off"}) {
    machine host(device_with(good));
    EXPECT_EQ(host.config_read(2, 0, 4), 0x1110'1af4U) << good;
  }
  const std::vector<std::pair<std::string, std::string>> bad{
      {"multifunction=on",
       "Parameter 'multifunction' = on: the device has one function: must be off"},
      {"multifunction=maybe", "Parameter 'multifunction' expects 'on' or 'off'"},
      {"romfile=x", "Parameter 'romfile' = x: not supported: must be empty"},
      {"rombar=x", "Parameter 'rombar' expects integer"},
      {"romsize=3", "ROM size 3 is not a power of two"},
      {"acpi-index=x", "Parameter 'acpi-index' expects integer"},
      {"failover_pair_id=x", "Parameter 'failover_pair_id' = x: not supported: must be empty"}};
  for (const auto& [option, text] : bad) {
    EXPECT_EQ(device_refusal(option), text);
  }
}

TEST(QtestOptions, NamesAreIdentifiers) {
  const auto is_refused = [](const std::string& line) {
    const std::string end = name_refused;
    return line.size() >= end.size() && line.substr(line.size() - end.size()) == end;
  };
  for (const std::string name : {"1a", "a/b", "\xff", "", "a b", "\xc3\xa4"}) {
    EXPECT_TRUE(is_refused(device_refusal("id=" + name))) << name;
    EXPECT_TRUE(is_refused(reason({"-object", "memory-backend-ram,size=1M,id=" + name})));
    EXPECT_TRUE(is_refused(reason({"-chardev", "null,id=" + name})));
    EXPECT_TRUE(is_refused(reason({"-machine", "q35", "-device", "pcie-root-port,id=" + name})));
  }
  machine host(device_with("id=a.b_c-1"));
  EXPECT_EQ(host.qmp("device_add", {{"driver", "ivshmem-plain"}, {"id", "?"}})["error"]["desc"],
            name_refused);
}

TEST(QtestOptions, NamesAreGivenOnce) {
  const std::string port = "pcie-root-port,id=a";
  EXPECT_EQ(reason({"-machine", "q35", "-object", memory, "-device", port, "-device",
                    "ivshmem-plain,memdev=m,id=a"}),
            "Duplicate ID 'a' for device");
  EXPECT_EQ(reason({"-machine", "q35", "-device", port, "-device", port}),
            "Duplicate ID 'a' for device");
  EXPECT_EQ(reason({"-machine", "q35", "-device", port, "-device", "pcie-pci-bridge,id=a,bus=a"}),
            "Duplicate ID 'a' for device");
  EXPECT_EQ(reason({"-object", memory, "-object", memory}), "Duplicate ID 'm' for object");
  EXPECT_EQ(reason({"-chardev", "null,id=x", "-chardev", "null,id=x"}),
            "Duplicate ID 'x' for chardev");
}

TEST(QtestOptions, MemoryBackendsTakeWhatQemuTakes) {
  const temporary_folder folder;
  const std::string file = "memory-backend-file,share=on,size=1M,id=m,mem-path=" + folder.path("m");
  for (const std::string& kind :
       std::vector<std::string>{memory, "memory-backend-memfd,id=m,size=1M", file}) {
    for (const std::string more :
         {"prealloc-threads=2", "policy=default", "x-use-canonical-path-for-ramblock-id=on",
          "prealloc=on", "merge=off", "dump=off", "reserve=off", "policy=bind,host-nodes=0"}) {
      machine_setup setup = device_with("addr=4");
      setup.options[1] = kind;
      setup.options[1].append(",").append(more);
      machine host(setup);
      EXPECT_EQ(host.config_read(4, 0, 4), 0x1110'1af4U) << setup.options[1];
    }
    EXPECT_NE(reason({"-object", kind + ",prealloc-threads=0"}).find("doesn't take value '0'"),
              std::string::npos);
    EXPECT_EQ(reason({"-object", kind + ",merge=x"}), "Parameter 'merge' expects 'on' or 'off'");
    EXPECT_EQ(reason({"-object", kind + ",policy=foo"}),
              "Parameter 'policy' does not accept value 'foo'");
    EXPECT_EQ(reason({"-object", kind + ",policy=bind"}), "host-nodes must be set for policy bind");
    EXPECT_NE(reason({"-object", kind + ",host-nodes=0"}).find("host-nodes must be empty"),
              std::string::npos);
  }
  for (const std::string more : {"discard-data=off", "pmem=on", "readonly=off", "align=1M"}) {
    machine_setup setup = device_with("addr=4");
    setup.options[1] = file;
    setup.options[1].append(",").append(more);
    EXPECT_EQ(machine(setup).config_read(4, 0, 4), 0x1110'1af4U) << more;
    EXPECT_EQ(reason({"-object", std::string(memory) + "," + more}),
              "Invalid parameter '" + more.substr(0, more.find('=')) + "'");
  }
  EXPECT_EQ(reason({"-object", file + ",readonly=on"}),
            "Parameter 'readonly' = on: read-only memory is not supported: must be off");
}

TEST(QtestOptions, TheQemuThatIsFollowedIsAnOptionOrInTheEnvironment) {
  EXPECT_EQ(refusal({"-qemu", "8"}), "-qemu 8: QEMU '8': must be 7.2 or 11.1");
  machine_setup setup = device_with("addr=4");
  EXPECT_EQ(machine(setup).version(), "7.2.0");
  setup.qemu = "11.1";
  EXPECT_EQ(machine(setup).version(), "11.1.0");
  setup.before = {"-qemu", "7.2"};
  EXPECT_EQ(machine(setup).version(), "7.2.0") << "the option comes first";
}

// `share` is off unless it is given [backends/hostmem-file.c].
TEST(QtestOptions, AFileThatIsNotSharedKeepsItsContents) {
  const temporary_folder folder;
  for (const std::string share : {"", ",share=off", ",share=on"}) {
    machine_setup setup = device_with("addr=4");
    setup.options[1] = "memory-backend-file,size=1M,id=m,mem-path=" + folder.path("m") + share;
    machine host(setup);
    map_bars(host, false);
    host.write(bar2_base, 4, 0x1234'5678);
    EXPECT_EQ(host.read(bar2_base, 4), 0x1234'5678U) << share;
    host.qmp("quit");
    EXPECT_EQ(host.process().ended(patience), "exit 0");
    std::ifstream in(folder.path("m"), std::ios::binary);
    EXPECT_EQ(in.get(), share == ",share=on" ? 0x78 : 0) << share;
  }
}

TEST(QtestOptions, DiscardedDataAreGoneAtTheEnd) {
  const temporary_folder folder;
  for (const bool discard : {false, true}) {
    machine_setup setup = device_with("addr=4");
    setup.options[1] = "memory-backend-file,share=on,size=1M,id=m,mem-path=" + folder.path("m") +
                       (discard ? ",discard-data=on" : "");
    machine host(setup);
    map_bars(host, false);
    host.write(bar2_base, 4, 0x1234'5678);
    host.qmp("quit");
    EXPECT_EQ(host.process().ended(patience), "exit 0");
    std::ifstream in(folder.path("m"), std::ios::binary);
    EXPECT_EQ(in.get(), discard ? 0 : 0x78);
  }
}

}  // namespace
}  // namespace ivshmem::conformance
