// SPDX-License-Identifier: Apache-2.0
//
// One memory, one socket: one server.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "server_bench.h"

namespace ivshmem::test {
namespace {

struct ServerMemory : ServerBench {
  server_config with(memory_backing backing, const std::string& socket) const {
    auto chosen = options();
    chosen.socket_path = folder.path(socket);
    chosen.memory.backing = backing;
    chosen.memory.remove = true;
    chosen.memory.name = backing == memory_backing::posix
                             ? "/ivshmem-test-" + std::to_string(getpid())
                             : folder.path("memory");
    return chosen;
  }
};

TEST_F(ServerMemory, IsOfOneServer) {
  for (const auto backing : {memory_backing::file, memory_backing::posix}) {
    start(with(backing, "socket"));
    auto second = server::create(with(backing, "other"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, host_errc::memory_in_use);
    EXPECT_FALSE(std::filesystem::exists(folder.path("other")));
    auto client = connect();
    EXPECT_EQ(read_text(client), "0 0 -1+ 0+") << "the first is not disturbed";
    running.reset();
    EXPECT_FALSE(std::filesystem::exists(folder.path("memory")));
    // A client that is still there keeps nobody from starting again.
    start(with(backing, "socket"));
    running.reset();
  }
}

TEST_F(ServerMemory, OfAnotherSizeIsSetRightForTheNextClient) {
  auto chosen = with(memory_backing::file, "socket");
  unsigned resized = 0;
  chosen.on_event = [&](const server_event& event) {
    resized += event.what == server_event::kind::resized ? 1 : 0;
  };
  start(chosen);
  std::filesystem::resize_file(folder.path("memory"), 4096);
  auto client = connect();
  auto got = read_all(client);
  ASSERT_EQ(got.size(), 4U);
  auto memory = shared_memory::adopt(std::move(got[2].descriptor));
  ASSERT_TRUE(memory) << to_string(memory.error());
  EXPECT_EQ(memory->size_bytes(), memory_bytes);
  memory->data()[memory_bytes - 1] = 1;
  EXPECT_EQ(resized, 1U);
}

TEST_F(ServerMemory, SaysWhetherItHasOldContents) {
  start(with(memory_backing::file, "socket"));
  EXPECT_FALSE(running->memory().existed());
  running.reset();
  std::ofstream(folder.path("memory")) << std::string(memory_bytes, 'x');
  start(with(memory_backing::file, "socket"));
  EXPECT_TRUE(running->memory().existed());
}

TEST_F(ServerMemory, OfServersThatStartAtOnceOnAStaleSocketOneListens) {
  const std::string path = folder.path("socket");
  for (int round = 0; round < 200; ++round) {
    {
      auto dead = socket_listener::listen(path, 0600);
      ASSERT_TRUE(dead);
      std::filesystem::rename(path, folder.path("kept"));
    }
    std::filesystem::rename(folder.path("kept"), path);
    std::atomic<int> listening{0};
    std::atomic<int> ready{0};
    std::vector<std::optional<socket_listener>> made(4);
    std::vector<std::thread> starters;
    starters.reserve(made.size());
    for (auto& mine : made) {
      starters.emplace_back([&] {
        ++ready;
        while (ready != 4) {
        }
        auto listener = socket_listener::listen(path, 0600);
        if (listener) {
          ++listening;
          mine.emplace(std::move(*listener));
        } else {
          EXPECT_EQ(listener.error().code, host_errc::socket_in_use);
        }
      });
    }
    for (auto& each : starters) {
      each.join();
    }
    ASSERT_EQ(listening, 1) << "in round " << round;
  }
}

}  // namespace
}  // namespace ivshmem::test
