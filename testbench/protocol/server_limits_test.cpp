// SPDX-License-Identifier: Apache-2.0
//
// The server short of descriptors, of room in a queue, and full.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server_bench.h"
#include "wire.h"

namespace ivshmem::test {
namespace {

using ServerLimits = ServerBench;

/// Lets this process open `spare` more descriptors and no other, for a while.
///
/// The limit is on numbers, not on how many are open, and whoever started this process may have
/// left numbers free between those it handed on: they are filled first.
class few_descriptors {
 public:
  explicit few_descriptors(std::size_t spare) {
    const rlim_t end = static_cast<rlim_t>(descriptors().back()) + 1;  // all in use are below
    do {
      fillers_.emplace_back(dup(0));
    } while (fillers_.back().get() < static_cast<int>(end));
    fillers_.pop_back();
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = end + spare;
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;
  ~few_descriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
  std::vector<unique_fd> fillers_;
};

host_error refusal(server_config chosen) {
  auto made = server::create(std::move(chosen));
  EXPECT_FALSE(made);
  return made ? host_error{} : made.error();
}

TEST_F(ServerLimits, RefusesOptionsOutOfRangeNamingTheRange) {
  auto vectors = options();
  vectors.vectors = 2049;
  EXPECT_EQ(to_string(refusal(vectors)), "vectors = 2049: must be from 0 to 2048");
  auto clients = options();
  clients.clients = 65537;
  EXPECT_EQ(to_string(refusal(clients)), "clients = 65537: must be from 1 to 65536");
  clients.clients = 0;
  EXPECT_EQ(refusal(clients).code, host_errc::clients_range);
  auto queue = options();
  queue.queue_messages = 3;
  EXPECT_EQ(refusal(queue).code, host_errc::queue_range);
  auto memory = options();
  memory.memory.backing = memory_backing::anonymous;
  EXPECT_EQ(refusal(memory).code, host_errc::memory_not_shareable);
  EXPECT_TRUE(folder.empty());
}

TEST_F(ServerLimits, ABadMemoryLeavesNoSocketBehind) {
  auto chosen = options();
  chosen.memory.size_bytes = 12288;
  EXPECT_EQ(refusal(chosen).code, host_errc::memory_power_of_two);
  EXPECT_TRUE(folder.empty());
}

TEST_F(ServerLimits, Serves2048VectorsPerClient) {
  start(max_vectors);
  auto first = connect();
  EXPECT_EQ(read_all(first).size(), 3 + max_vectors);
  auto second = connect();
  const auto greeting = read_all(second);
  ASSERT_EQ(greeting.size(), 3 + 2 * max_vectors);
  EXPECT_EQ(greeting.back().message.number, 1);
  EXPECT_EQ(read_all(first).size(), max_vectors);
}

TEST_F(ServerLimits, SharesMoreThanFourGibibytesSparsely) {
  constexpr std::uint64_t size_bytes = max_memory_bytes;
  auto chosen = options();
  chosen.memory.size_bytes = size_bytes;
  start(chosen);
  auto client = connect();
  auto got = read_all(client);
  ASSERT_EQ(got.size(), 4U);
  auto memory = shared_memory::adopt(std::move(got[2].descriptor));
  ASSERT_TRUE(memory) << to_string(memory.error());
  ASSERT_EQ(memory->size_bytes(), size_bytes);
  memory->data()[size_bytes - 1] = 1;
  EXPECT_EQ(running->memory().data()[size_bytes - 1], 1);
}

TEST_F(ServerLimits, ASlowClientLosesNothingAndStopsNobody) {
  start(16);
  auto slow = connect();
  std::string expected = "0 0 -1+";
  const auto expect_vectors = [&expected](unsigned id) {
    for (unsigned i = 0; i < 16; ++i) {
      expected += " " + std::to_string(id) + "+";
    }
  };
  expect_vectors(0);
  std::vector<server_client> others;
  for (unsigned id = 1; id <= 60; ++id) {
    others.push_back(connect());
    ASSERT_EQ(read_all(others.back()).size(), 3 + 16 * (id + 1));
    expect_vectors(id);
  }
  EXPECT_EQ(read_text(slow), expected);
  EXPECT_EQ(running->statistics().messages_dropped, 0U);
}

TEST_F(ServerLimits, OfClientsThatCameAndWentASlowOneHearsAllOrNothingAndKeepsNoDescriptors) {
  start(16);
  auto slow = connect();
  const auto before = open_descriptors();
  for (unsigned id = 1; id <= 100; ++id) {
    auto visitor = connect();
    ASSERT_EQ(read_all(visitor).size(), 3 + 2 * 16U) << "visitor " << id;
  }
  running->service(0);
  EXPECT_EQ(open_descriptors(), before);

  const auto heard = read_all(slow);
  std::map<std::int64_t, unsigned> known;
  for (std::size_t i = 3 + 16; i < heard.size(); ++i) {
    const auto& message = heard[i].message;
    if (message.has_descriptor) {
      ++known[message.number];
    } else {
      EXPECT_EQ(known.erase(message.number), 1U) << message.number;
    }
  }
  EXPECT_TRUE(known.empty()) << known.begin()->first << " never left";
  EXPECT_GT(heard.size(), 100U);
  EXPECT_LT(heard.size(), 100U * 17);
}

TEST_F(ServerLimits, AClientWhoseQueueIsFullIsDisconnectedAndTheOthersHearOfIt) {
  auto chosen = options();
  chosen.vectors = 0;
  chosen.queue_messages = 100;
  start(chosen);
  auto slow = connect();
  auto quick = connect();
  std::string heard = read_text(quick);
  for (int i = 0; i < 10'000 && running->statistics().overflowed == 0; ++i) {
    connect();
    heard += " " + read_text(quick);
  }
  heard += " " + read_text(quick);
  EXPECT_EQ(running->statistics().overflowed, 1U);
  EXPECT_EQ(running->statistics().messages_dropped, 100U);
  EXPECT_EQ(heard.substr(heard.size() - 3), " 0 ");
  EXPECT_EQ(running->clients(), 1U);
  EXPECT_TRUE(ended(slow));
}

TEST_F(ServerLimits, WhoComesWhenAllPlacesAreTakenIsTurnedAway) {
  auto chosen = options();
  chosen.clients = 2;
  start(chosen);
  auto first = connect();
  {
    auto second = connect();
    auto third = connect();
    EXPECT_TRUE(ended(third));
    EXPECT_EQ(running->statistics().refused, 1U);
    EXPECT_EQ(read_text(first), "0 0 -1+ 0+ 1+") << "of the third nobody hears";
  }
  auto fourth = connect();
  EXPECT_EQ(read_text(fourth), "0 2 -1+ 0+ 2+");
}

TEST_F(ServerLimits, WithoutDescriptorsForItsVectorsAClientIsTurnedAwayAndTheServerLives) {
  start(8);
  auto first = connect();
  read_all(first);
  auto waiting = connect_socket(folder.path("socket"), std::chrono::seconds{60});
  {
    const few_descriptors tight{5};
    running->service(0);
  }
  server_client second{std::move(*waiting)};
  EXPECT_TRUE(ended(second));
  EXPECT_EQ(running->statistics().refused, 1U);
  EXPECT_EQ(read_text(first), "");
  auto third = connect();
  EXPECT_EQ(read_text(third), "0 1 -1+ 0+ 0+ 0+ 0+ 0+ 0+ 0+ 0+ 1+ 1+ 1+ 1+ 1+ 1+ 1+ 1+");
}

TEST_F(ServerLimits, WithoutADescriptorForTheConnectionAClientIsTurnedAwayAndTheServerLives) {
  start(1);
  auto waiting = connect_socket(folder.path("socket"), std::chrono::seconds{60});
  {
    const few_descriptors tight{0};
    running->service(0);
    EXPECT_EQ(running->statistics().refused, 1U);
  }
  server_client first{std::move(*waiting)};
  EXPECT_TRUE(ended(first));
  auto second = connect();
  EXPECT_EQ(read_text(second), "0 0 -1+ 0+");
}

}  // namespace
}  // namespace ivshmem::test
