// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pc_machine.h"

namespace ivshmem::qtest {

/// QEMU's qtest protocol: one command a line, one answer a line.
class qtest_server {
 public:
  explicit qtest_server(pc_machine& host) : host_(host) {}

  /// What one dispatch of the event loop reads at most, as in QEMU.
  static constexpr std::size_t most_bytes = 1024;

  /// Carries out the commands that `data` completes and returns their answers.
  std::string receive(std::string_view data);

 private:
  using words = std::vector<std::string_view>;

  std::string command(const words& line);
  bool port_access(const words& line, std::string& answer);
  bool word_access(const words& line, std::string& answer);
  bool block_access(const words& line, std::string& answer);
  bool other(const words& line, std::string& answer);

  pc_machine& host_;
  std::string unfinished_;
  std::int64_t clock_ns_ = 0;
};

}  // namespace ivshmem::qtest
