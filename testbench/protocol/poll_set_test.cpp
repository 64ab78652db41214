// SPDX-License-Identifier: Apache-2.0
//
// Which descriptors a poll set finds ready, and when one that left comes no more.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "ivshmem/model/host_poll_set.h"

namespace ivshmem::test {
namespace {

/// A connection: `ours` is watched with tag 7.
struct PollSet : testing::Test {
  poll_set watched = [] {
    auto made = poll_set::create();
    EXPECT_TRUE(made);
    return std::move(*made);
  }();
  unique_fd ours;
  unique_fd theirs;

  void take(const std::array<int, 2>& ends) {
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
    ASSERT_TRUE(watched.add(ours.get(), 7));
  }
  std::vector<std::uint32_t> ready() const {
    std::vector<std::uint32_t> tags;
    watched.ready(tags);
    return tags;
  }
  bool is_readable() const {
    pollfd entry{watched.descriptor(), POLLIN, 0};
    return poll(&entry, 1, 0) == 1;
  }
};

using tags = std::vector<std::uint32_t>;

TEST_F(PollSet, APipeThatItsWriterClosedIsReadableOnce) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  take(ends);
  EXPECT_FALSE(is_readable());
  theirs.reset();
  EXPECT_TRUE(is_readable());
  EXPECT_EQ(ready(), tags{7});
  EXPECT_FALSE(is_readable()) << "a loop around it would spin";
  EXPECT_EQ(ready(), tags{});
}

TEST_F(PollSet, WhatAClosedConnectionHoldsIsReadBeforeItsEnd) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  take(ends);
  ASSERT_EQ(write(theirs.get(), "ab", 2), 2);
  theirs.reset();
  char byte = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ready(), tags{7});
    EXPECT_EQ(ready(), tags{7}) << "level-triggered while there is something";
    ASSERT_EQ(read(ours.get(), &byte, 1), 1);
  }
  EXPECT_EQ(ready(), tags{7}) << "the end itself";
  EXPECT_FALSE(is_readable());
}

TEST_F(PollSet, AnEventfdIsWatchedForEver) {
  auto bell = create_eventfd();
  ASSERT_TRUE(bell);
  ASSERT_TRUE(watched.add(bell->get(), 9));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(add_to_eventfd(bell->get(), ~std::uint64_t{0} - 1));
    EXPECT_EQ(ready(), tags{9});
    EXPECT_NE(take_eventfd(bell->get()), 0U);
    EXPECT_EQ(ready(), tags{});
  }
}

}  // namespace
}  // namespace ivshmem::test
