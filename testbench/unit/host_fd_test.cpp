// SPDX-License-Identifier: Apache-2.0
//
// Descriptors and eventfds.
#include "ivshmem/model/host_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ivshmem::test {
namespace {

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

unique_fd null_device() { return unique_fd{open("/dev/null", O_RDWR | O_CLOEXEC)}; }

TEST(UniqueFd, ClosesWhatItOwns) {
  int number = -1;
  {
    const unique_fd owner = null_device();
    number = owner.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, MovingHandsTheDescriptorOnAndClosesTheOldOne) {
  unique_fd a = null_device();
  unique_fd b = null_device();
  const int kept = a.get();
  const int closed = b.get();
  b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move): defined to be empty
  EXPECT_EQ(b.get(), kept);
  EXPECT_FALSE(is_open(closed));
  EXPECT_EQ(unique_fd{b.release()}.get(), kept);
  EXPECT_FALSE(b);
  EXPECT_FALSE(is_open(kept));
}

TEST(Eventfd, CountsRingsUntilTheyAreTaken) {
  const auto bell = create_eventfd();
  ASSERT_TRUE(bell);
  EXPECT_EQ(take_eventfd(bell->get()), 0U);
  ASSERT_TRUE(add_to_eventfd(bell->get()));
  ASSERT_TRUE(add_to_eventfd(bell->get(), 8));
  EXPECT_EQ(take_eventfd(bell->get()), 9U);
  EXPECT_EQ(take_eventfd(bell->get()), 0U);
}

TEST(Eventfd, NeitherRingingNorTakingBlocksAfterAPeerMadeItBlocking) {
  const auto bell = create_eventfd();
  ASSERT_TRUE(bell);
  ASSERT_EQ(fcntl(bell->get(), F_SETFL, 0), 0);
  EXPECT_EQ(take_eventfd(bell->get()), 0U);
  ASSERT_TRUE(add_to_eventfd(bell->get(), UINT64_MAX - 1));
  const auto full = add_to_eventfd(bell->get());
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().os_errno, EAGAIN);
  EXPECT_EQ(take_eventfd(bell->get()), UINT64_MAX - 1);
}

TEST(Eventfd, DescriptorsOfOtherKindsDoNoHarm) {
  const unique_fd null = null_device();
  EXPECT_TRUE(add_to_eventfd(null.get()));
  EXPECT_EQ(take_eventfd(null.get()), 0U);

  const unique_fd memory{memfd_create("test", MFD_CLOEXEC)};
  EXPECT_TRUE(add_to_eventfd(memory.get()));
  EXPECT_EQ(take_eventfd(memory.get()), 0U);

  EXPECT_FALSE(add_to_eventfd(-1));
  EXPECT_EQ(take_eventfd(-1), 0U);

  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const unique_fd writer{ends[1]};
  close(ends[0]);
  EXPECT_FALSE(add_to_eventfd(writer.get())) << "and raises no SIGPIPE";
}

}  // namespace
}  // namespace ivshmem::test
