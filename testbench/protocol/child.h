// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "ivshmem/model/host_fd.h"

namespace ivshmem::test {

/// A program that a test runs; killed with the object if it still lives.
class child {
 public:
  /// Standard input and output are one connection; error output joins it if `merge_errors`.
  explicit child(std::vector<std::string> command, bool merge_errors = false) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours_.reset(ends[0]);
    const unique_fd theirs{ends[1]};
    std::vector<char*> arguments;
    for (auto& word : command) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(theirs.get(), STDIN_FILENO);
      dup2(theirs.get(), STDOUT_FILENO);
      if (merge_errors) {
        dup2(theirs.get(), STDERR_FILENO);
      }
      execvp(arguments[0], arguments.data());
      _exit(127);  // as a shell says "not found"
    }
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    signal_it(SIGKILL);
    wait();
  }

  void signal_it(int number) const {
    if (pid_ > 0) {
      kill(pid_, number);
    }
  }
  /// Exit code, or 128 + number of the signal that ended it.
  int wait() {
    if (pid_ > 0) {
      int status = 0;
      waitpid(pid_, &status, 0);
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      pid_ = -1;
    }
    return code_;
  }
  /// Closes this end of its output.
  void stop_reading() { ours_.reset(); }
  void write_line(const std::string& line) {
    const std::string text = line + "\n";
    EXPECT_EQ(send(ours_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// The next line of output if it comes within `timeout_ms`, without its end; at the end of the
  /// output what there is.
  bool read_line(std::string& line, int timeout_ms) {
    for (;;) {
      const auto end = buffer_.find('\n');
      if (end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return true;
      }
      pollfd entry{ours_.get(), POLLIN, 0};
      std::array<char, 4096> bytes{};
      const ssize_t got =
          poll(&entry, 1, timeout_ms) == 1 ? read(ours_.get(), bytes.data(), bytes.size()) : 0;
      if (got <= 0) {
        return false;
      }
      buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  pid_t pid_ = -1;
  int code_ = -1;
  unique_fd ours_;
  std::string buffer_;
};

}  // namespace ivshmem::test
