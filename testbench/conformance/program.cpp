// SPDX-License-Identifier: Apache-2.0
//
// A child process and its sockets.
#include "program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

namespace ivshmem::conformance {

namespace {

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool readable(int descriptor, milliseconds timeout) {
  pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(timeout.count())) == 1;
}

socket_listener listen_on(const std::string& path) {
  auto made = socket_listener::listen(path, 0600);
  if (!made) {
    throw bench_error(to_string(made.error()));
  }
  return std::move(*made);
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

temporary_folder::temporary_folder() {
  std::string pattern = std::filesystem::temp_directory_path() / "ivshmem-replay-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw bench_error("cannot make " + pattern);
  }
  folder_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

program::program(const std::vector<std::string>& command, const std::string& output_file,
                 const std::string& qemu)
    : name_(base_name(command.front())), output_file_(output_file) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const unique_fd output(
      ::open(output_file.c_str(), O_CREAT | O_TRUNC | O_APPEND | O_WRONLY | O_CLOEXEC, 0600));
  const unique_fd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  pid_ = ::fork();
  if (pid_ == 0) {
    const rlimit no_core{0, 0};  // some cases crash QEMU
    ::setrlimit(RLIMIT_CORE, &no_core);
    if (!qemu.empty()) {
      ::setenv("IVSHMEM_QTEST_QEMU", qemu.c_str(), 1);
    }
    ::dup2(input.get(), STDIN_FILENO);
    ::dup2(output.get(), STDOUT_FILENO);
    ::dup2(output.get(), STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
}

program::~program() {
  if (!ended()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void program::signal(int number) {
  if (!ended()) {
    ::kill(pid_, number);
  }
}

std::optional<std::string> program::ended(milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (!ending_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      ending_ = WIFEXITED(status) ? "exit " + std::to_string(WEXITSTATUS(status))
                                  : "signal " + std::to_string(WTERMSIG(status));
    } else if (std::chrono::steady_clock::now() >= until) {
      break;
    } else {
      std::this_thread::sleep_for(milliseconds(2));
    }
  }
  return ending_;
}

std::vector<std::string> program::new_lines() {
  std::vector<std::string> lines;
  if (std::filesystem::file_size(output_file_) == seen_bytes_) {
    return lines;
  }
  std::ifstream file(output_file_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(seen_bytes_));
  const std::string folder = std::filesystem::path(output_file_).parent_path();
  for (std::string line; std::getline(file, line) && !file.eof();) {
    seen_bytes_ += line.size() + 1;
    replace_all(line, folder, "<DIR>");
    const std::string prefix = name_ + ": ";
    lines.push_back(line.rfind(prefix, 0) == 0 ? line.substr(prefix.size()) : line);
  }
  return lines;
}

long program::processor_ticks() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    return 0;  // it has ended
  }
  return used.tv_sec * 100 + used.tv_nsec / 10'000'000;
}

line_socket::line_socket(const std::string& path) : listener_(listen_on(path)) {}

bool line_socket::try_accept() {
  if (!connection_) {
    auto client = listener_.accept();
    if (client && *client) {
      connection_ = std::move(*client);
    }
  }
  return is_connected();
}

void line_socket::accept(program& from, milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (!try_accept()) {
    if (readable(listener_.descriptor(), milliseconds(10))) {
      continue;
    }
    if (from.ended() || std::chrono::steady_clock::now() >= until) {
      throw bench_error("the program did not connect: " + from.ended().value_or("it still runs"));
    }
  }
}

void line_socket::send(const std::string& text) {
  if (::send(connection_.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(text.size())) {
    throw bench_error("the program takes no more commands");
  }
}

std::optional<std::string> line_socket::try_read_line(milliseconds timeout) {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (!readable(connection_.get(), timeout)) {
      return std::nullopt;
    }
    std::array<char, 65536> bytes{};
    const ssize_t got = ::recv(connection_.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) {
      throw bench_error("the program closed the connection");
    }
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

std::string line_socket::read_line(milliseconds timeout) {
  auto line = try_read_line(timeout);
  if (!line) {
    throw bench_error("no answer within " + std::to_string(timeout.count()) + " ms");
  }
  return std::move(*line);
}

}  // namespace ivshmem::conformance
