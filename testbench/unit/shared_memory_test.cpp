// SPDX-License-Identifier: Apache-2.0
//
// Shared memory of every backing.
#include "ivshmem/model/shared_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ivshmem::test {
namespace {

constexpr std::uint64_t gibibyte = 1ULL << 30U;

struct SharedMemory : testing::Test {
  std::filesystem::path folder;

  SharedMemory() {
    std::string pattern = std::filesystem::temp_directory_path() / "ivshmem-test-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~SharedMemory() override { std::filesystem::remove_all(folder); }

  shared_memory_config file_of(std::uint64_t size_bytes) const {
    shared_memory_config options;
    options.backing = memory_backing::file;
    options.name = folder / "memory";
    options.size_bytes = size_bytes;
    return options;
  }
  shared_memory_config posix_of(std::uint64_t size_bytes) const {
    shared_memory_config options;
    options.backing = memory_backing::posix;
    options.name = "/" + folder.filename().string();
    options.size_bytes = size_bytes;
    options.remove = true;
    return options;
  }
  static shared_memory_config nameless(memory_backing backing, std::uint64_t size_bytes) {
    shared_memory_config options;
    options.backing = backing;
    options.size_bytes = size_bytes;
    return options;
  }
  static std::string refusal(const shared_memory_config& options) {
    const auto memory = shared_memory::create(options);
    EXPECT_FALSE(memory);
    return memory ? "accepted" : to_string(memory.error());
  }
  static unique_fd object(std::int64_t size_bytes) {
    unique_fd descriptor{memfd_create("test", MFD_CLOEXEC)};
    EXPECT_EQ(ftruncate(descriptor.get(), size_bytes), 0);
    return descriptor;
  }
  static std::string adopting(unique_fd descriptor) {
    const auto memory = shared_memory::adopt(std::move(descriptor));
    return memory ? "accepted" : to_string(memory.error());
  }
};

TEST_F(SharedMemory, EveryBackingHoldsFrom4KibibytesTo8GibibytesSparsely) {
  for (const std::uint64_t size_bytes : {std::uint64_t{4096}, gibibyte, 8 * gibibyte}) {
    for (const auto& options :
         {nameless(memory_backing::anonymous, size_bytes),
          nameless(memory_backing::memfd, size_bytes), posix_of(size_bytes), file_of(size_bytes)}) {
      auto memory = shared_memory::create(options);
      ASSERT_TRUE(memory) << to_string(memory.error());
      ASSERT_EQ(memory->size_bytes(), size_bytes);
      memory->data()[0] = 1;
      memory->data()[size_bytes - 1] = 2;
      EXPECT_EQ(memory->data()[0] + memory->data()[size_bytes - 1], 3);
      EXPECT_EQ(memory->descriptor() < 0, options.backing == memory_backing::anonymous);
      std::filesystem::remove(folder / "memory");
    }
  }
}

TEST_F(SharedMemory, RefusesSizesNamingTheAllowedOnes) {
  const std::string rule = ": must be a power of two from 4096 to 8589934592";
  EXPECT_EQ(refusal(file_of(12288)),
            "memory size 12288 of '" + (folder / "memory").string() + "'" + rule);
  EXPECT_EQ(refusal(nameless(memory_backing::anonymous, 2048)),
            "memory size 2048 of 'anonymous'" + rule);
  EXPECT_EQ(refusal(nameless(memory_backing::memfd, 16 * gibibyte)),
            "memory size 17179869184" + rule);
  EXPECT_EQ(refusal(nameless(memory_backing::memfd, 0)), "memory size 0" + rule);
  EXPECT_EQ(refusal(file_of(0)), "memory size 0 of '" + (folder / "memory").string() + "'" + rule);
  EXPECT_TRUE(std::filesystem::is_empty(folder)) << "a refused size leaves no file behind";
}

TEST_F(SharedMemory, AnExistingFileGivesItsSizeOrMustMatch) {
  ASSERT_TRUE(shared_memory::create(file_of(8192)));
  const auto same = shared_memory::create(file_of(0));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->size_bytes(), 8192U);
  EXPECT_TRUE(shared_memory::create(file_of(8192)));
  EXPECT_EQ(refusal(file_of(16384)),
            "memory '" + (folder / "memory").string() +
                "' (asked for: 16384) has 8192 bytes: must be the size asked for, or ask "
                "for size 0");
  EXPECT_EQ(std::filesystem::file_size(folder / "memory"), 8192U);
}

TEST_F(SharedMemory, AnExistingFileWithABadSizeIsRefused) {
  std::ofstream(folder / "memory") << std::string(5000, 'x');
  EXPECT_NE(refusal(file_of(0)).find("memory size 5000"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(folder / "memory"), 5000U);
}

TEST_F(SharedMemory, AnEmptyFileIsGivenTheSize) {
  std::ofstream(folder / "memory").flush();
  EXPECT_TRUE(shared_memory::create(file_of(8192)));
  EXPECT_EQ(std::filesystem::file_size(folder / "memory"), 8192U);
}

TEST_F(SharedMemory, CreateAndExistingAreKept) {
  auto options = file_of(4096);
  options.open = memory_open::existing;
  EXPECT_EQ(refusal(options), "open memory '" + options.name + "': No such file or directory");
  options.open = memory_open::create;
  ASSERT_TRUE(shared_memory::create(options));
  EXPECT_EQ(refusal(options), "create memory '" + options.name + "': File exists");
}

TEST_F(SharedMemory, RemovesTheNameOnlyIfAskedAndOnlyIfItCreatedIt) {
  auto options = file_of(4096);
  options.remove = true;
  { ASSERT_TRUE(shared_memory::create(options)); }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  options.remove = false;
  { ASSERT_TRUE(shared_memory::create(options)); }
  options.remove = true;
  { ASSERT_TRUE(shared_memory::create(options)); }
  EXPECT_TRUE(std::filesystem::exists(options.name));
}

TEST_F(SharedMemory, TwoMappingsOfOneNameShareTheirContents) {
  for (const auto& options : {file_of(4096), posix_of(4096)}) {
    const auto first = shared_memory::create(options);
    const auto second = shared_memory::create(options);
    ASSERT_TRUE(first && second);
    first->data()[100] = 0x5a;
    EXPECT_EQ(second->data()[100], 0x5a);
  }
}

TEST_F(SharedMemory, MovingKeepsTheAddress) {
  auto made = shared_memory::create(file_of(4096));
  ASSERT_TRUE(made);
  const auto* address = made->data();
  shared_memory moved{std::move(*made)};
  EXPECT_EQ(moved.data(), address);
  auto other = shared_memory::create(nameless(memory_backing::memfd, 8192));
  ASSERT_TRUE(other);
  *other = std::move(moved);
  EXPECT_EQ(other->data(), address);
  EXPECT_EQ(other->size_bytes(), 4096U);
}

TEST_F(SharedMemory, NobodyCanResizeAMemfdNorForbidWriting) {
  const auto memory = shared_memory::create(nameless(memory_backing::memfd, 8192));
  ASSERT_TRUE(memory);
  EXPECT_NE(ftruncate(memory->descriptor(), 4096), 0);
  EXPECT_NE(ftruncate(memory->descriptor(), 16384), 0);
  EXPECT_NE(fcntl(memory->descriptor(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
}

TEST_F(SharedMemory, RefusesNamesThatCannotBe) {
  auto options = posix_of(4096);
  options.name = "/a/b";
  EXPECT_EQ(refusal(options),
            "memory name '/a/b' cannot be used: must be a non-empty name, for shm "
            "one without '/' inside");
  options.name = "";
  EXPECT_NE(refusal(options).find("memory name ''"), std::string::npos);
}

TEST_F(SharedMemory, HugePagesAreReservedOrRefusedWithTheReason) {
  constexpr std::uint64_t size_bytes = 8 * gibibyte;
  auto options = nameless(memory_backing::hugetlbfs, size_bytes);
  const auto memory = shared_memory::create(options);
  if (memory) {
    memory->data()[size_bytes - 1] = 1;  // a machine with 8 GiB of huge pages: no SIGBUS then
  } else {
    EXPECT_TRUE(memory.error().code == host_errc::memory_no_huge_pages ||
                memory.error().code == host_errc::system_call)
        << to_string(memory.error());
  }
  options.name = folder / "memory";
  EXPECT_EQ(refusal(options), "'" + options.name + "' is not in a hugetlbfs mount");
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(SharedMemory, AdoptsWhatTheDeviceAdopts) {
  EXPECT_EQ(adopting(object(4096)), "accepted");
  EXPECT_EQ(adopting(object(static_cast<std::int64_t>(8 * gibibyte))), "accepted");
}

TEST_F(SharedMemory, AdoptRefusesWithTheDevicesTexts) {
  const std::string empty = "memory size 0x0 must be equal to or larger than page size 0x1000";
  const std::string denied = "unable to map backing store for guest RAM: Permission denied";
  EXPECT_EQ(adopting(object(0)), empty);
  EXPECT_EQ(adopting(unique_fd{open("/dev/null", O_RDWR | O_CLOEXEC)}), empty);
  EXPECT_EQ(adopting(object(5000)),
            "backing store size 0x1388 does not match 'size' option 0x2000");
  EXPECT_EQ(adopting(unique_fd{}),
            "can't determine size of shared memory sent by server: Bad file descriptor");
  ASSERT_TRUE(shared_memory::create(file_of(4096)));
  EXPECT_EQ(adopting(unique_fd{open((folder / "memory").c_str(), O_RDONLY | O_CLOEXEC)}), denied);
}

TEST_F(SharedMemory, AdoptRefusesWhatWouldAbortTheDevice) {
  EXPECT_NE(adopting(object(12288)).find("must be a power of two"), std::string::npos);
  EXPECT_NE(
      adopting(object(static_cast<std::int64_t>(16 * gibibyte))).find("must be a power of two"),
      std::string::npos);
}

}  // namespace
}  // namespace ivshmem::test
