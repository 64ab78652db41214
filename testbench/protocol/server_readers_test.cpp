// SPDX-License-Identifier: Apache-2.0
//
// Clients that do not read, and what they may not cost the others.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server_bench.h"

namespace ivshmem::test {
namespace {

constexpr rlim_t few_files = 1024;

/// A server without privileges, whose user may have `few_files` descriptors under way: each test
/// has a process of its own.
struct ServerReaders : ServerBench {
  ServerReaders() {
    const rlimit low{few_files, few_files};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    if (geteuid() == 0) {
      constexpr uid_t nobody = 65534;
      EXPECT_EQ(chown(folder.path("").c_str(), nobody, nobody), 0);
      EXPECT_EQ(setresuid(nobody, nobody, nobody), 0);
    }
  }

  server_config observed(unsigned vectors) {
    auto chosen = options();
    chosen.vectors = vectors;
    chosen.read_deadline = std::chrono::milliseconds(0);
    chosen.on_event = [this](const server_event& event) { events.push_back(event.what); };
    return chosen;
  }
  bool has(server_event::kind what) const {
    return std::find(events.begin(), events.end(), what) != events.end();
  }
  /// Reads until `count` messages are there; the server may make it wait, but not for ever.
  std::size_t read_until(server_client& from, std::size_t count) {
    std::size_t got = 0;
    while (got < count) {
      running->service(1);
      auto received = from.receive();
      if (!received) {
        break;
      }
      got += *received ? 1 : 0;
    }
    return got;
  }

  std::vector<server_event::kind> events;
};

TEST_F(ServerReaders, KeepNobodyFromJoiningHoweverManyDoNotRead) {
  struct load {
    unsigned vectors;
    unsigned silent;  ///< more than it took to keep everybody else out
  };
  for (const load each : {load{64, 9}, load{8, 60}, load{1, 150}}) {
    start(observed(each.vectors));
    std::vector<server_client> silent;
    for (unsigned i = 0; i < each.silent; ++i) {
      silent.push_back(connect());
    }
    auto reader = connect();
    const std::size_t all = 3 + each.vectors * (each.silent + 1);
    EXPECT_EQ(read_until(reader, all), all) << each.vectors << " vectors";
    EXPECT_FALSE(has(server_event::kind::shortage));
    EXPECT_EQ(running->clients(), each.silent + 1);
    // Late, but whole.
    EXPECT_EQ(read_until(silent.front(), all), all) << each.vectors << " vectors";
    running.reset();
  }
}

TEST_F(ServerReaders, AreToldApartFromIdleOnes) {
  auto chosen = observed(64);
  chosen.read_deadline = std::chrono::milliseconds(50);
  start(chosen);
  auto idle = connect();
  read_until(idle, 3 + 64);
  auto silent = connect();
  while (!has(server_event::kind::silent)) {
    running->service(10);
    read_all(idle);
  }
  EXPECT_EQ(std::count(events.begin(), events.end(), server_event::kind::silent), 1);
  EXPECT_FALSE(has(server_event::kind::stalled)) << "nobody wants for anything";
  EXPECT_EQ(running->clients(), 2U);
}

TEST_F(ServerReaders, LoseTheirPlaceWhenOthersWantIt) {
  auto chosen = observed(64);
  chosen.clients = 2;
  chosen.read_deadline = std::chrono::milliseconds(50);
  start(chosen);
  auto silent = connect();
  auto reader = connect();
  while (!has(server_event::kind::silent)) {
    running->service(10);
    read_all(reader);
  }
  auto refused = connect();
  EXPECT_TRUE(has(server_event::kind::refused));
  while (running->clients() == 2) {
    running->service(10);
    read_all(reader);
  }
  EXPECT_EQ(running->statistics().stalled, 1U);
  auto next = connect();
  EXPECT_EQ(read_until(next, 3 + 128), 3 + 128U);
}

}  // namespace
}  // namespace ivshmem::test
