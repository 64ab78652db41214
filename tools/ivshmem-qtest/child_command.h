// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "ivshmem/model/host_fd.h"

namespace ivshmem::qtest {

/// A shell command at the other end of a pipe. Every wait ends with ended_by_signal, and the
/// command with the object.
class child_command {
 public:
  enum class direction { to_command, from_command };

  /// Throws user_error when it cannot be started.
  child_command(const std::string& command, direction way);
  ~child_command();
  child_command(const child_command&) = delete;
  child_command& operator=(const child_command&) = delete;

  /// Writes all, waiting for the command to read it. False: it does not read any more.
  bool write(std::string_view data);
  /// All that the command writes, to its end.
  std::string read();
  /// Closes the pipe and waits for the command's end. Whether it exited with 0.
  bool finish();

 private:
  pid_t child_ = -1;
  unique_fd pipe_;
};

}  // namespace ivshmem::qtest
