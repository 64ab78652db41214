// SPDX-License-Identifier: Apache-2.0
//
// A file that appears when it is whole.
#include "output_file.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace ivshmem::sim {

output_file::output_file(std::string name)
    : name_(std::move(name)),
      temporary_(name_ + ".part" + std::to_string(getpid())),
      out_(temporary_, std::ios::binary | std::ios::trunc) {}

output_file::~output_file() {
  if (!temporary_.empty() && out_.is_open()) {
    out_.close();
    std::remove(temporary_.c_str());
  }
}

bool output_file::keep() {
  out_.close();
  const bool done = !out_.fail() && std::rename(temporary_.c_str(), name_.c_str()) == 0;
  if (!done) {
    std::remove(temporary_.c_str());
  }
  temporary_.clear();
  return done;
}

}  // namespace ivshmem::sim
