// SPDX-License-Identifier: Apache-2.0
//
// Replays recorded traces of the real device; exit code 1 when anything differs.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "replay.h"

namespace ivshmem::conformance {
namespace {

int run(int argc, char** argv) {
  CLI::App app("Replays recorded traces of the real ivshmem device on a program");
  replayed_program program{"qemu-system-x86_64", {}, true, {}};
  bool rtl = false;
  std::vector<std::string> files;
  app.add_option("--program", program.path, "program that takes QEMU's command line")
      ->capture_default_str();
  app.add_flag("--rtl", rtl, "the devices are RTL, which has no device-level callbacks");
  app.add_option("files", files, "traces, one JSON object a line")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (rtl) {
    program.options = {"-view", "rtl"};
    program.calls = false;
  }
  raise_descriptor_limit();
  unsigned differences = 0;
  for (const std::string& file : files) {
    try {
      const replay_result result = replay_file(program, file, std::cout);
      std::cout << file << ": " << result.operations << " operations, " << result.differences
                << " differences" << std::endl;
      differences += result.differences;
    } catch (const std::exception& error) {
      std::cout << file << ": " << error.what() << std::endl;
      ++differences;
    }
  }
  return differences == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ivshmem::conformance

int main(int argc, char** argv) {
  try {
    return ivshmem::conformance::run(argc, argv);
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    std::fputc('\n', stderr);
    return 1;
  }
}
