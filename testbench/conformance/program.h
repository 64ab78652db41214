// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/host_socket.h"

namespace ivshmem::conformance {

using std::chrono::milliseconds;

/// The test itself cannot go on: a socket, a time-out, an end of the program.
class bench_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A temporary folder, removed with everything in it.
class temporary_folder {
 public:
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();

  std::string path(const std::string& name = "") const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

/// A QEMU, or what takes its place: its output goes to a file, it is killed with the object.
class program {
 public:
  /// `qemu`: the version that a program other than QEMU follows, in the environment; empty: as it
  /// is.
  program(const std::vector<std::string>& command, const std::string& output_file,
          const std::string& qemu = "");
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program();

  /// `exit N` or `signal N` once it ended; waits at most `timeout`.
  std::optional<std::string> ended(milliseconds timeout = milliseconds(0));
  /// Sends it a signal.
  void signal(int number);
  /// Complete lines printed since the last call, with the program's name taken off and the
  /// temporary folder replaced by `<DIR>`.
  std::vector<std::string> new_lines();
  /// Processor time it has used, in ticks of 10 ms; 0 once it has ended.
  long processor_ticks() const;

 private:
  pid_t pid_ = -1;
  std::string name_;
  std::string output_file_;
  std::size_t seen_bytes_ = 0;
  std::optional<std::string> ending_;
};

/// A listening socket for one client, then the connection to it; line by line.
class line_socket {
 public:
  explicit line_socket(const std::string& path);

  bool is_connected() const noexcept { return static_cast<bool>(connection_); }
  /// Waits for the client; throws bench_error when `from` ends or nothing comes.
  void accept(program& from, milliseconds timeout = milliseconds(60'000));
  bool try_accept();
  void send(const std::string& text);
  /// The next line without its end; throws bench_error at the end of the stream or after `timeout`.
  std::string read_line(milliseconds timeout = milliseconds(60'000));
  /// The same, but nothing when none comes in time.
  std::optional<std::string> try_read_line(milliseconds timeout);

 private:
  socket_listener listener_;
  unique_fd connection_;
  std::string buffer_;
};

}  // namespace ivshmem::conformance
