// SPDX-License-Identifier: Apache-2.0
//
// The program itself: its protocol, its monitor, and what it says to mistakes on its command line.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "cases.h"

namespace ivshmem::conformance {
namespace {

machine_setup plain_setup(const std::string& type) {
  machine_setup setup;
  setup.program = QTEST_PROGRAM;
  setup.type = type;
  setup.options = one_device("plain", "on", 0, 1U << 20U);
  return setup;
}

/// Runs the program to its end.
std::pair<std::string, std::vector<std::string>> run(const std::vector<std::string>& options) {
  const temporary_folder folder;
  std::vector<std::string> command{QTEST_PROGRAM};
  command.insert(command.end(), options.begin(), options.end());
  program process(command, folder.path("output"));
  const auto ending = process.ended(milliseconds(60'000));
  return {ending.value_or("still runs"), process.new_lines()};
}

TEST(QtestProgram, MemoryHidesBarsAndBarsHideFirmware) {
  machine host(plain_setup("q35"));
  map_bars(host, false);
  host.write(bar0_base, 4, 0x1234);
  EXPECT_EQ(host.read(bar0_base, 4), 0x1234U);
  host.config_write(device_slot, 0x10, 4, 0x10'0000);  // inside RAM
  host.write(0x10'0000, 4, 0xabcd);
  EXPECT_EQ(host.read(0x10'0000, 4), 0xabcdU);
  host.config_write(device_slot, 0x10, 4, 0xffff'fe00);  // where firmware may be
  EXPECT_EQ(host.read(0xffff'fe00, 4), 0x1234U);
}

TEST(QtestProgram, NobodyAnswersWithZerosInMemoryAndOnesElsewhere) {
  machine host(plain_setup("pc"));
  EXPECT_EQ(host.read(0xc000'0000, 8), 0U);
  EXPECT_EQ(host.config_read(9, 0, 4), 0xffff'ffffU);
  EXPECT_EQ(host.command("inb 0x80"), "0x00ff");
}

TEST(QtestProgram, EcamIsThereOnlyOnQ35AndOnlyWhenSwitchedOn) {
  for (const char* type : {"q35", "pc"}) {
    machine host(plain_setup(type));
    const std::uint64_t id = 0xb000'0000 + (device_slot << 15U);
    EXPECT_EQ(host.read(id, 4), 0U) << type;
    host.config_write(0, 0x60, 4, 0xb000'0001);
    EXPECT_EQ(host.read(id, 4), std::string(type) == "q35" ? 0x1110'1af4U : 0U) << type;
  }
}

TEST(QtestProgram, TheAddressPortTakesOnlyWholeDwords) {
  machine host(plain_setup("pc"));
  host.command("outl 0xcf8 0x80002000");
  host.command("outw 0xcf8 0x1234");
  EXPECT_EQ(host.command("inl 0xcf8"), "0x80002000");
  EXPECT_EQ(host.command("inw 0xcfe"), "0x1110");
}

TEST(QtestProgram, TheAddressPortKeepsTheByteWithinTheDword) {
  machine host(plain_setup("pc"));
  const auto read_at = [&host](std::uint64_t address, const std::string& access) {
    host.command("outl 0xcf8 " + hex(address));
    return host.command(access);
  };
  EXPECT_EQ(read_at(0x8000'2002, "inw 0xcfc"), "0x1110");
  EXPECT_EQ(read_at(0x8000'2001, "inw 0xcfc"), "0x101a");      // across bytes
  EXPECT_EQ(read_at(0x8000'2001, "inb 0xcfe"), "0x0011");      // both offsets: or, no sum
  EXPECT_EQ(read_at(0x8000'20fe, "inl 0xcfc"), "0x0000");      // half of it beyond the function
  EXPECT_EQ(read_at(0x8000'48fe, "inl 0xcfc"), "0xffffffff");  // no function there
}

TEST(QtestProgram, AMachineWithoutPciAnswersWhichMachinesThereAre) {
  machine_setup setup;
  setup.program = QTEST_PROGRAM;
  setup.type = "none";
  machine host(setup);
  std::vector<std::string> aliases;
  const json answer = host.qmp("query-machines");
  for (const json& one : answer["return"]) {
    aliases.push_back(one.value("alias", one["name"].get<std::string>()));
  }
  EXPECT_EQ(aliases, (std::vector<std::string>{"pc", "q35", "isapc", "none"}));
  EXPECT_EQ(host.qmp("device_add", {{"driver", "ivshmem-plain"}})["error"]["desc"],
            "No 'PCI' bus found for device 'ivshmem-plain'");
}

TEST(QtestProgram, BelowAPciBridgeOfQ35ThereIsHotPlug) {
  machine_setup setup;
  setup.program = QTEST_PROGRAM;
  setup.options = {"-object", "memory-backend-ram,id=m,size=1M", "-device", "pcie-root-port,id=p1",
                   "-device", "pcie-pci-bridge,id=b1,bus=p1"};
  machine host(setup);
  const auto add = [&host](const std::string& bus) {
    return host.qmp("device_add",
                    {{"driver", "ivshmem-plain"}, {"id", "iv"}, {"memdev", "m"}, {"bus", bus}});
  };
  EXPECT_EQ(add("pcie.0")["error"]["desc"], "Bus 'pcie.0' does not support hotplugging");
  EXPECT_EQ(add("p1")["error"]["desc"], "Bus 'p1' does not support hotplugging");
  EXPECT_TRUE(add("b1").contains("return"));
  host.config_write(1, 0x18, 4, 0x2'0100);  // bus 1 below the port, 2 below the bridge
  host.command("outl 0xcf8 0x80010018");
  host.command("outl 0xcfc 0x20201");
  host.command("outl 0xcf8 0x80020000");
  EXPECT_EQ(host.command("inl 0xcfc"), "0x11101af4");
  EXPECT_TRUE(host.qmp("device_del", {{"id", "iv"}}).contains("return"));
  EXPECT_EQ(host.qmp("device_del", {{"id", "iv"}})["error"]["desc"],
            "Device iv is already in the process of unplug");
}

TEST(QtestProgram, BlocksAreTransferredInHexAndBase64) {
  machine host(plain_setup("pc"));
  host.command("write 0x2000 3 0xabcd");  // one byte is missing: zero
  EXPECT_EQ(host.command("read 0x2000 3"), "0xabcd00");
  host.command("b64write 0x2000 4 AQIDBA==");
  EXPECT_EQ(host.command("b64read 0x2000 4"), "AQIDBA==");
  host.command("memset 0x2001 2 0x5a");
  EXPECT_EQ(host.command("read 0x2000 4"), "0x015a5a04");
}

TEST(QtestProgram, ALongCommandArrivesInPieces) {
  machine host(plain_setup("pc"));
  std::string bytes;
  for (int i = 0; i < 3000; ++i) {
    bytes += "c3";
  }
  host.command("write 0x3000 3000 0x" + bytes);
  EXPECT_EQ(host.command("read 0x3000 3000"), "0x" + bytes);
}

TEST(QtestProgram, UnknownAndIncompleteCommandsFail) {
  machine host(plain_setup("pc"));
  for (const char* line : {"bogus", "readl", "writel 0x1000", "inb", "read 0 zz", "outl 0xcf8"}) {
    EXPECT_THROW(host.command(line), refused_command) << line;
  }
  EXPECT_EQ(host.command("endianness"), "little");
}

TEST(QtestProgram, UnknownMonitorCommandsAreRefusedByName) {
  machine host(plain_setup("pc"));
  EXPECT_EQ(host.qmp("nope")["error"]["class"], "CommandNotFound");
  EXPECT_EQ(host.qmp("device_del", {{"id", "nope"}})["error"]["desc"], "Device 'nope' not found");
  EXPECT_EQ(host.qmp("device_del")["error"]["desc"], "Parameter 'id' is missing");
  EXPECT_EQ(host.qmp("query-status")["return"]["status"], "prelaunch");
}

TEST(QtestProgram, ASecondDeviceTakesTheNextFreeSlot) {
  machine_setup setup = plain_setup("pc");
  setup.options = {
      "-object", "memory-backend-ram,id=a,size=4k", "-object", "memory-backend-ram,id=b,size=4k",
      "-device", "ivshmem-plain,memdev=a",          "-device", "ivshmem-plain,memdev=b"};
  machine host(setup);
  EXPECT_EQ(host.config_read(2, 0, 4), 0x1110'1af4U);
  EXPECT_EQ(host.config_read(3, 0, 4), 0x1110'1af4U);
  EXPECT_EQ(host.config_read(4, 0, 4), 0xffff'ffffU);
}

TEST(QtestProgram, LoadingASnapshotMovesTheBarsBack) {
  machine_setup setup = plain_setup("pc");
  setup.options.insert(setup.options.end(), {"-drive", "if=none,id=d0,file=unused"});
  machine host(setup);
  map_bars(host, false);
  host.write(bar0_base, 4, 0x1234);
  EXPECT_EQ(host.hmp("savevm s"), "");
  host.config_write(device_slot, 0x10, 4, bar1_base);
  host.write(bar1_base, 4, 0x5678);
  EXPECT_EQ(host.hmp("loadvm s"), "");
  EXPECT_EQ(host.read(bar1_base, 4), 0U);
  EXPECT_EQ(host.read(bar0_base, 4), 0x1234U);
}

TEST(QtestProgram, MistakesOnTheCommandLineAreOneLineAndExitOne) {
  const std::vector<std::vector<std::string>> mistakes{
      {"-bogus", "x"},
      {"-machine", "toaster"},
      {"-m", "3G"},
      {"-m", "lots"},
      {"-qtest"},
      {"disk.img"},
      {"-object", "memory-backend-ram,id=a"},
      {"-object", "memory-backend-ram,id=a,size=1M,colour=red"},
      {"-object", "memory-backend-file,id=a,size=1M,share=maybe,mem-path=/dev/shm/x"},
      {"-chardev", "pipe,id=a"},
      {"-chardev", "null"},
      {"-device", "toaster"},
      {"-object", "memory-backend-ram,id=a,size=1M", "-device", "ivshmem-plain,memdev=a,addr=32"},
      {"-object", "memory-backend-ram,id=a,size=1M", "-device", "ivshmem-plain,memdev=a,addr=0"},
      {"-object", "memory-backend-ram,id=a,size=1M", "-device", "ivshmem-plain,memdev=a,bus=no"},
      {"-device", "pcie-pci-bridge,id=b,bus=p1"},
      {"-incoming", "tcp:nowhere:1"}};
  for (const auto& options : mistakes) {
    const auto [ending, lines] = run(options);
    EXPECT_EQ(ending, "exit 1") << options.back();
    EXPECT_EQ(lines.size(), options.front() == "-incoming" ? 2U : 1U) << options.back();
  }
}

TEST(QtestProgram, AChangedTraceIsNoticed) {
  const temporary_folder folder;
  const std::string copy = folder.path("changed.json");
  std::ifstream from(TRACES "/11-reset-plain.json");
  std::ofstream to(copy);
  bool changed = false;
  for (std::string line; std::getline(from, line);) {
    json operation = json::parse(line);
    if (!changed && operation["op"] == "rd") {
      operation["result"] = hex(number(operation["result"]) ^ 1U);
      changed = true;
    }
    to << operation.dump() << '\n';
  }
  to.close();
  program replay({TRACE_REPLAY, "--program", QTEST_PROGRAM, copy}, folder.path("output"));
  EXPECT_EQ(replay.ended(milliseconds(60'000)), "exit 1");
}

TEST(QtestProgram, ATraceBringsTheFirmwareThatItReads) {
  const temporary_folder folder;
  const std::string copy = folder.path("other_firmware.json");
  std::ifstream from(TRACES "/12-bar-moves.json");
  std::ofstream to(copy);
  bool changed = false;
  for (std::string line; std::getline(from, line);) {
    json operation = json::parse(line);
    if (operation["op"] == "ram_rd" && operation["addr"] == "0xffffff00") {
      operation["result"] = "0x12345678";  // as if recorded with another one
      changed = true;
    }
    to << operation.dump() << '\n';
  }
  to.close();
  EXPECT_TRUE(changed);
  program replay({TRACE_REPLAY, "--program", QTEST_PROGRAM, copy}, folder.path("output"));
  EXPECT_EQ(replay.ended(milliseconds(60'000)), "exit 0");
}

}  // namespace
}  // namespace ivshmem::conformance
