// SPDX-License-Identifier: Apache-2.0
//
// Hostile clients and commands, signals, and options with QEMU's spelling.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "qtest_run.h"

namespace ivshmem::conformance {
namespace {

machine_setup plain_setup() { return setup_of(one_device("plain", "on", 0, 1U << 20U)); }

TEST(QtestRobustness, JsonThatIsNestedTooDeepIsRefusedOnce) {
  machine host(plain_setup());
  // As text: json objects are copied by recursion, which takes a large stack.
  const auto nested = [](std::size_t depth) {
    return R"({"execute": "query-status", "arguments": {"id": )" + std::string(depth, '[') +
           std::string(depth, ']') + "}}";
  };
  EXPECT_EQ(host.qmp_line(nested(3001))["error"]["desc"], "JSON nesting depth limit exceeded");
  EXPECT_EQ(host.qmp("query-status")["return"]["status"], "prelaunch");
  EXPECT_TRUE(host.qmp_line(nested(1001)).contains("return"));
}

TEST(QtestRobustness, ACommandThatDoesNotReadFailsTheMigrationOnly) {
  machine host(plain_setup());
  map_bars(host, false);
  host.command("memset " + hex(bar2_base) + " 0x100000 0x5a");  // more than a pipe holds
  EXPECT_TRUE(host.qmp("migrate", {{"uri", "exec:true"}}).contains("return"));
  EXPECT_EQ(host.qmp("query-migrate")["return"]["status"], "failed");
  const std::string file = host.folder("state");
  EXPECT_TRUE(host.qmp("migrate", {{"uri", "exec:cat > " + file}}).contains("return"));
  EXPECT_EQ(host.qmp("query-migrate")["return"]["status"], "completed");
  EXPECT_GT(std::filesystem::file_size(file), 1U << 20U);
}

TEST(QtestRobustness, TheMigrationCommandHasTheSignalsOfAShell) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "/proc is not mounted: nobody tells the signals of a command";
  }
  machine host(plain_setup());
  const std::string file = host.folder("masks");
  host.qmp("migrate", {{"uri", "exec:cat /proc/self/status > " + file + "; cat > /dev/null"}});
  std::ifstream in(file);
  int seen = 0;
  for (std::string line; std::getline(in, line);) {
    const bool is_mask = line.rfind("SigBlk", 0) == 0 || line.rfind("SigIgn", 0) == 0;
    const std::uint64_t mask = is_mask ? std::stoull(line.substr(8), nullptr, 16) : 0;
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGXFSZ}) {
      EXPECT_EQ(mask >> (signal - 1) & 1U, 0U) << line;
    }
    seen += is_mask ? 1 : 0;
  }
  EXPECT_EQ(seen, 2);
}

TEST(QtestRobustness, ASignalEndsTheWaitForACommand) {
  for (const char* command : {"exec:exec sleep 1000", "exec:cat > /dev/null; exec sleep 1000"}) {
    const temporary_folder folder;
    const std::string path = folder.path("qmp");
    program process(
        {QTEST_PROGRAM, "-qmp", "unix:" + path + ",server=on,wait=off", "-object",
         "memory-backend-ram,id=m,size=1M", "-device", "ivshmem-plain,memdev=m,master=on"},
        folder.path("output"));
    auto client = connect_socket(path, patience);
    while (!client && !process.ended()) {
      client = connect_socket(path, patience);
    }
    ASSERT_TRUE(client);
    const std::string text =
        R"({"execute":"qmp_capabilities"} {"execute":"migrate","arguments":{"uri":")" +
        std::string(command) + "\"}}";
    ASSERT_EQ(::send(client->get(), text.data(), text.size(), 0), ssize_t(text.size()));
    process.signal(SIGTERM);
    EXPECT_EQ(process.ended(patience), "exit 0") << command;
  }
}

TEST(QtestRobustness, ASignalEndsTheWaitForAClient) {
  for (const std::string option : {"-qmp", "-qtest", "-chardev"}) {
    const temporary_folder folder;
    const std::string path = folder.path("socket");
    program process({QTEST_PROGRAM, option,
                     option == "-chardev" ? "socket,id=c,server=on,path=" + path
                                          : "unix:" + path + ",server=on"},
                    folder.path("output"));
    while (!std::filesystem::exists(path)) {
      ASSERT_FALSE(process.ended());
    }
    process.signal(SIGTERM);
    EXPECT_EQ(process.ended(patience), "exit 0") << option;
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST(QtestRobustness, ASignalEndsTheWaitForAClientThatDoesNotRead) {
  const temporary_folder folder;
  const std::string path = folder.path("qmp");
  program process({QTEST_PROGRAM, "-qmp", "unix:" + path + ",server=on,wait=off"},
                  folder.path("output"));
  auto client = connect_socket(path, patience);
  while (!client && !process.ended()) {
    client = connect_socket(path, patience);
  }
  ASSERT_TRUE(client);
  std::string text = R"({"execute":"qmp_capabilities"})";
  for (int i = 0; i < 3000; ++i) {
    text += R"({"execute":"query-machines"})";  // answers of 1.5 MB
  }
  // What does not fit is what nobody would read.
  static_cast<void>(::send(client->get(), text.data(), text.size(), MSG_DONTWAIT));
  process.signal(SIGTERM);
  EXPECT_EQ(process.ended(patience), "exit 0");
}

TEST(QtestRobustness, FirmwareThatNeverEndsIsRefused) {
  const temporary_folder folder;
  const std::string pipe = folder.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& file : {std::string("/dev/zero"), pipe, folder.path()}) {
    EXPECT_NE(refusal({"-bios", file}).find("could not load PC BIOS"), std::string::npos) << file;
  }
  std::ofstream(folder.path("large")) << std::string((16U << 20U) + 1, 'x');
  EXPECT_NE(refusal({"-bios", folder.path("large")}).find("must be 16 MiB or less"),
            std::string::npos);
}

TEST(QtestRobustness, NothingIsReadAndClocksDoNotOverflow) {
  machine host(plain_setup());
  EXPECT_THROW(host.command("read 0x0 0"), refused_command);
  EXPECT_THROW(host.command("b64read 0x0 0"), refused_command);
  EXPECT_EQ(host.command("memset 0x0 0 0x1"), "");
  EXPECT_EQ(host.command("clock_step 0x7fffffffffffffff"), "9223372036854775807");
  EXPECT_EQ(host.command("clock_step 1"), "9223372036854775807");
  EXPECT_EQ(host.command("clock_set 5"), "9223372036854775807");
}

}  // namespace
}  // namespace ivshmem::conformance
