// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "played_server.h"

namespace ivshmem::conformance {

/// The program ended or fell silent; the text says how and what it printed.
class program_ended : public bench_error {
 public:
  using bench_error::bench_error;
};

/// A qtest command was answered with FAIL.
class refused_command : public bench_error {
 public:
  using bench_error::bench_error;
};

/// What a machine is started with.
struct machine_setup {
  std::string program;
  std::string type = "q35";
  std::vector<std::string> before;   ///< options that come first
  std::vector<std::string> options;  ///< `@` is the temporary folder
  std::vector<json> server_init;     ///< one list of [number, descriptor] for each connection
  std::string qemu;                  ///< see program
  std::string firmware;              ///< an image at the end of 4 GiB; empty: the installed one
  std::uint64_t memory_bytes = 1U << 20U;
  bool with_server = false;
  bool with_calls = false;
};

/// One running QEMU, or what takes its place, with its qtest and QMP clients and the server.
class machine {
 public:
  explicit machine(const machine_setup& setup);

  /// One qtest command; the answer without `OK `.
  std::string command(const std::string& line) { return commands({line}).front(); }
  /// Several in one write of at most 1024 bytes: no turn of the event loop in between.
  std::vector<std::string> commands(const std::vector<std::string>& lines);
  /// Lets the program's event loop turn `turns` times.
  void settle(unsigned turns = 3);
  json qmp(const std::string& name, const json& arguments = nullptr);
  /// A request as it goes over the socket, which no json object has to hold.
  json qmp_line(const std::string& request);
  std::string hmp(const std::string& line);

  std::uint64_t read(std::uint64_t address, unsigned bytes);
  void write(std::uint64_t address, unsigned bytes, std::uint64_t value);
  std::uint64_t config_read(unsigned slot, unsigned offset, unsigned bytes);
  void config_write(unsigned slot, unsigned offset, unsigned bytes, std::uint64_t value);

  /// The two windows of RAM in which MSI-X messages are looked for, filled with a pattern.
  static constexpr std::uint64_t windows[] = {0, 0x100'0000};
  static constexpr unsigned window_bytes = 0x1000;
  void fill_windows();
  /// Messages found in the windows, as a trace writes them; the windows are filled again.
  json messages();
  /// Device-level callbacks since the last call, with absolute addresses.
  json callbacks();
  std::vector<std::string> lines() { return process_->new_lines(); }

  /// Version in the greeting of the monitor, such as 7.2.22.
  const std::string& version() const noexcept { return version_; }
  program& process() { return *process_; }
  played_server& server() { return *server_; }
  /// Waits for a connection to the server after start-up.
  void accept_at_server(unsigned device) { server_->accept(device, *process_); }
  std::string folder(const std::string& name) const { return folder_.path(name); }

  static std::string read_line(std::uint64_t address, unsigned bytes);
  static std::string write_line(std::uint64_t address, unsigned bytes, std::uint64_t value);
  static std::vector<std::string> config_lines(unsigned slot, unsigned offset, unsigned bytes);
  static std::vector<std::string> config_lines(unsigned slot, unsigned offset, unsigned bytes,
                                               std::uint64_t value);

 private:
  void play_server(const machine_setup& setup);
  template <class Action>
  auto watched(Action action) -> decltype(action());

  temporary_folder folder_;
  line_socket qtest_;
  line_socket monitor_;
  std::unique_ptr<played_server> server_;
  std::unique_ptr<program> process_;
  std::string version_;
  bool with_calls_;
  std::size_t seen_calls_ = 0;
};

std::string hex(std::uint64_t value);
std::uint64_t number(const json& hex_text);

}  // namespace ivshmem::conformance
