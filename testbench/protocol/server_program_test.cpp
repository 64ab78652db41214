// SPDX-License-Identifier: Apache-2.0
//
// The program ivshmem-server as its user sees it: output, exit codes, what it leaves behind.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "child.h"
#include "ivshmem/model/server_client.h"
#include "scratch.h"

namespace ivshmem::test {
namespace {

struct ServerProgram : testing::Test {
  scratch_folder folder;
  std::string socket = folder.path("socket");

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {SERVER_PROGRAM, "-S", socket});
    return arguments;
  }

  static std::string line_of(child& program) {
    std::string line;
    EXPECT_TRUE(program.read_line(line, 60'000)) << "no output";
    return line;
  }

  /// Starts it with `arguments`, expects one line and `code`; returns the line.
  std::string fails(std::vector<std::string> arguments, int code) {
    child program{command(std::move(arguments)), true};
    std::string line = line_of(program);
    std::string more;
    EXPECT_FALSE(program.read_line(more, 60'000)) << "more than one line: " << more;
    EXPECT_EQ(program.wait(), code) << line;
    return line;
  }
};

TEST_F(ServerProgram, SaysWhenItIsReadyAndEndsCleanlyOnSignals) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    child program{command({"-l", "64K", "-n", "3"})};
    EXPECT_EQ(line_of(program),
              "listening on " + socket + ", memfd of 65536 bytes, 3 vectors per client");
    auto session = connect_and_handshake(socket);
    ASSERT_TRUE(session) << to_string(session.error());
    EXPECT_EQ(session->memory.size_bytes(), 65536U);
    program.signal_it(number);
    EXPECT_EQ(program.wait(), 0);
    EXPECT_TRUE(folder.empty());
  }
}

TEST_F(ServerProgram, WithVerbosePrintsWhoComesAndGoes) {
  child program{command({"-v"})};
  line_of(program);
  { const auto session = connect_and_handshake(socket); }
  EXPECT_EQ(line_of(program), "client 0: connected");
  EXPECT_EQ(line_of(program), "client 0: left");
}

TEST_F(ServerProgram, RemovesTheMemoryThatItCreatedAndKeepsTheOneThatItFound) {
  const std::string file = folder.path("memory");
  for (const bool existed : {false, true}) {
    if (existed) {
      shared_memory_config options;
      options.backing = memory_backing::file;
      options.name = file;
      options.size_bytes = 65536;
      ASSERT_TRUE(shared_memory::create(options));
    }
    child program{command({"-m", file, "-l", existed ? "0" : "64K"})};
    EXPECT_EQ(line_of(program), "listening on " + socket + ", file '" + file + "' of 65536 bytes" +
                                    (existed ? " with its old contents" : "") +
                                    ", 1 vectors per client");
    program.signal_it(SIGTERM);
    EXPECT_EQ(program.wait(), 0);
    EXPECT_EQ(std::filesystem::exists(file), existed);
  }
}

TEST_F(ServerProgram, StartsAgainAfterItWasKilled) {
  {
    child program{command({})};
    line_of(program);
    program.signal_it(SIGKILL);
    EXPECT_EQ(program.wait(), 128 + SIGKILL);
  }
  EXPECT_TRUE(std::filesystem::exists(socket));
  child again{command({})};
  EXPECT_EQ(line_of(again).substr(0, 12), "listening on");
}

TEST_F(ServerProgram, SaysWhenTheMemoryHasOldContents) {
  const std::string file = folder.path("memory");
  for (const int number : {SIGKILL, SIGTERM}) {
    child program{command({"-m", file, "-l", "64K"})};
    std::string expected = "listening on ";
    expected.append(socket).append(", file '").append(file).append("' of 65536 bytes");
    expected.append(number == SIGTERM ? " with its old contents" : "");
    EXPECT_EQ(line_of(program), expected + ", 1 vectors per client");
    program.signal_it(number);
    program.wait();
  }
}

TEST_F(ServerProgram, ALogReaderThatStopsStopsNobody) {
  child program{command({"-v"})};
  line_of(program);  // and no other: its output may be some hundred KB
  for (int i = 0; i < 6000; ++i) {
    ASSERT_TRUE(connect_and_handshake(socket)) << i;
  }
  program.signal_it(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
}

TEST_F(ServerProgram, ALogReaderThatGoesStopsNobody) {
  child program{command({"-v"})};
  line_of(program);
  program.stop_reading();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(connect_and_handshake(socket)) << i;
  }
  program.signal_it(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
}

TEST_F(ServerProgram, BadUsageIsOneLineAndExitCode2) {
  EXPECT_EQ(fails({"-n", "2049"}, 2), "ivshmem-server: --vectors: '2049': must be from 0 to 2048");
  EXPECT_EQ(fails({"-n", "many"}, 2), "ivshmem-server: --vectors: 'many': must be from 0 to 2048");
  EXPECT_EQ(fails({"-l", "3M"}, 2),
            "ivshmem-server: memory size 3145728: must be a power of two "
            "from 4096 to 8589934592");
  EXPECT_EQ(fails({"-l", "16G"}, 2),
            "ivshmem-server: memory size 17179869184: must be a power of two from "
            "4096 to 8589934592");
  fails({"--nonsense"}, 2);
  fails({"-M", "a", "-m", "b"}, 2);
  fails({"-M", "a/b"}, 2);
  fails({"--mode", "8"}, 2);
  fails({"--read-deadline", "soon"}, 2);
  EXPECT_TRUE(folder.empty());
}

TEST_F(ServerProgram, ARunTimeFailureIsOneLineAndExitCode1) {
  const std::string good = std::exchange(socket, folder.path("no/socket"));
  EXPECT_EQ(fails({}, 1),
            "ivshmem-server: bind socket '" + socket + "': No such file or directory");
  socket = good;
  child first{command({})};
  line_of(first);
  EXPECT_EQ(fails({}, 1), "ivshmem-server: socket path '" + socket +
                              "': another server answers there: each server needs its own path");
}

}  // namespace
}  // namespace ivshmem::test
