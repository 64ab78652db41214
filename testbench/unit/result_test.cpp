// SPDX-License-Identifier: Apache-2.0
//
// result, and the texts of host errors.
#include "ivshmem/model/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace ivshmem::test {
namespace {

TEST(Result, HoldsAValueThatOnlyMoves) {
  result<std::unique_ptr<int>> good{std::make_unique<int>(7)};
  ASSERT_TRUE(good);
  EXPECT_EQ(**good, 7);
  const std::unique_ptr<int> taken = std::move(*good);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, HoldsAnError) {
  const result<int> bad{host_error{host_errc::system_call, ENOENT, 0, "open 'x'"}};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, host_errc::system_call);
  EXPECT_EQ(to_string(bad.error()), "open 'x': No such file or directory");
}

TEST(Result, OfNothingIsSuccessOrAnError) {
  const result<void> good;
  EXPECT_TRUE(good);
  const result<void> bad{host_error{host_errc::vectors_range, 0, 2049, "vectors"}};
  ASSERT_FALSE(bad);
  EXPECT_EQ(to_string(bad.error()), "vectors = 2049: must be from 0 to 2048");
}

TEST(Result, CarriesTheErrorOfItsOwnKind) {
  struct too_far {
    unsigned metres;
  };
  const auto walk = [](unsigned metres) -> result<void, too_far> {
    if (metres > 10) {
      return too_far{metres};
    }
    return {};
  };
  EXPECT_TRUE(walk(10));
  const auto refused = walk(11);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().metres, 11U);
  const result<std::string, too_far> home{std::string("home")};
  ASSERT_TRUE(home);
  EXPECT_EQ(*home, "home");
  EXPECT_EQ(home->size(), 4U);
}

// Those that need a host without descriptors, huge pages or room, and settings of our own.
TEST(Result, TheTextsAreThoseOfThePage) {
  const auto text = [](host_errc code, int os_errno, std::int64_t value, const char* subject = "") {
    return to_string(host_error{code, os_errno, value, subject});
  };
  EXPECT_EQ(text(host_errc::server_descriptor_lost, EMFILE, 0),
            "server sent a descriptor that this process cannot open: Too many open files; raise "
            "the limit of open files");
  EXPECT_EQ(text(host_errc::memory_huge_page_multiple, 0, 4096),
            "memory size 4096 is not a multiple of the huge page size");
  EXPECT_EQ(text(host_errc::memory_no_huge_pages, ENOMEM, 2097152),
            "memory size 2097152: not enough free huge pages: Cannot allocate memory; reserve some "
            "in /proc/sys/vm/nr_hugepages");
  EXPECT_EQ(text(host_errc::memory_in_use, 0, 0, "/m"),
            "memory '/m': another server hands it out: each server needs its own");
  EXPECT_EQ(text(host_errc::memory_not_shareable, 0, 0),
            "memory backing 'anonymous' cannot be handed to clients: must be memfd, posix, file or "
            "hugetlbfs");
  EXPECT_EQ(text(host_errc::socket_path_taken, 0, 0, "/etc/hosts"),
            "socket path '/etc/hosts' exists and is not a socket: must be an unused path or a dead "
            "server's socket");
  EXPECT_EQ(text(host_errc::queue_range, 0, 3), "queue_messages = 3: must be 3 + vectors or more");
}

TEST(Result, EveryErrorIsOneLineOfText) {
  for (int code = 0; code <= static_cast<int>(host_errc::queue_range); ++code) {
    const std::string text = to_string(host_error{static_cast<host_errc>(code), EACCES, 1, "'x'"});
    EXPECT_FALSE(text.empty()) << code;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_NE(text, "unknown error") << code;
  }
}

}  // namespace
}  // namespace ivshmem::test
