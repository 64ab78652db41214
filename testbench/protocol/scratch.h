// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace ivshmem::test {

/// A temporary folder of a test, removed with everything in it.
class scratch_folder {
 public:
  scratch_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "ivshmem-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
      ADD_FAILURE() << "cannot make " << pattern;
    }
    folder_ = pattern;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string path(const std::string& name) const { return folder_ / name; }
  bool empty() const { return std::filesystem::is_empty(folder_); }

 private:
  std::filesystem::path folder_;
};

/// Numbers of the descriptors that this process has open, lowest first. Asks for each possible one,
/// because not every machine has /proc.
inline std::vector<int> descriptors() {
  rlimit limit{};
  EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  std::vector<int> open;
  for (int number = 0; static_cast<rlim_t>(number) < std::min<rlim_t>(limit.rlim_cur, 1U << 20U);
       ++number) {
    if (fcntl(number, F_GETFD) != -1) {
      open.push_back(number);
    }
  }
  return open;
}

inline std::size_t open_descriptors() { return descriptors().size(); }

}  // namespace ivshmem::test
