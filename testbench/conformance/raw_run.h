// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "played_server.h"

namespace ivshmem::conformance {

/// A program started with any options and a server that sends any bytes: for what goes wrong.
class raw_run {
 public:
  /// `@` in an option is the temporary folder; the server listens at `@/iv`.
  raw_run(const std::string& program, const std::string& machine,
          const std::vector<std::string>& options);

  /// Waits for the connection to the server.
  void accept() { server_.accept(0, *process_); }
  /// Items of a recorded script: `[number]`, `[number, descriptor...]`, `{"raw":hex,"fds":[...]}`,
  /// `"close"` and `"sleep"`. What comes after the other side left is not sent.
  void send(const json& script);
  /// A descriptor by its recorded name, such as `shm:4096`, `efd` or `null`.
  int descriptor(const std::string& name);
  /// A message with a descriptor of the test.
  void send(std::int64_t number, int descriptor);

  /// `runs`, `exit N`, `signal N`, `hang spin` or `hang block`: whether the devices came up.
  std::string outcome();
  /// The same while it runs: `runs` if it still answers.
  std::string alive();
  std::vector<std::string> lines() { return process_->new_lines(); }

 private:
  std::string hang();

  temporary_folder folder_;
  played_server server_;
  line_socket monitor_;
  std::unique_ptr<program> process_;
  std::vector<unique_fd> descriptors_;
};

}  // namespace ivshmem::conformance
