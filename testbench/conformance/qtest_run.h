// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cases.h"

namespace ivshmem::conformance {

constexpr milliseconds patience(100'000);  // only a hang takes that long

/// A machine of the program under test, with these options.
inline machine_setup setup_of(const std::vector<std::string>& options) {
  machine_setup setup;
  setup.program = QTEST_PROGRAM;
  setup.type = "pc";
  setup.options = options;
  return setup;
}

/// The line of a run that options end; how else it ended, if it did.
inline std::string refusal(const std::vector<std::string>& options) {
  const temporary_folder folder;
  std::vector<std::string> command{QTEST_PROGRAM};
  command.insert(command.end(), options.begin(), options.end());
  program process(command, folder.path("output"));
  const auto ending = process.ended(patience);
  const auto lines = process.new_lines();
  return ending == "exit 1" && lines.size() == 1 ? lines.front() : ending.value_or("still runs");
}

}  // namespace ivshmem::conformance
