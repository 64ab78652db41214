// SPDX-License-Identifier: Apache-2.0
//
// ivshmem-server: gives clients (QEMU's ivshmem-doorbell, this project's devices) an ID, a shared
// memory and each other's doorbells.
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "event_log.h"
#include "ivshmem/model/host_fd.h"
#include "ivshmem/model/server.h"
#include "ivshmem/model/types.h"
#include "standard_streams.h"

namespace {

constexpr int exit_run_time = 1;
constexpr int exit_usage = 2;
constexpr unsigned most_deadline = 86400;
constexpr const char* program = "ivshmem-server";

struct arguments {
  std::string socket = "/tmp/ivshmem_socket";
  std::string shm;
  std::string file;
  std::string mode = "0600";
  std::uint64_t size_bytes = std::uint64_t{4} << 20U;
  unsigned vectors = 1;
  unsigned read_deadline = 10;
  bool verbose = false;
};

/// A number up to `most`. CLI11 has a range too, which says something else in each version.
CLI::Validator within(unsigned most) {
  const auto refusal = [most](const std::string& text) {
    unsigned value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool good = error == std::errc{} && stop == end && value <= most;
    return good ? std::string{} : fmt::format("'{}': must be from 0 to {}", text, most);
  };
  return {refusal, fmt::format("0 to {}", most)};
}

void declare(CLI::App& app, arguments& args) {
  app.set_version_flag("--version", "ivshmem-server " IVSHMEM_VERSION);
  app.add_option("-S,--socket", args.socket, "UNIX socket to listen on")->capture_default_str();
  auto* shm = app.add_option("-M,--shm", args.shm, "POSIX shared memory object to use or create");
  auto* file = app.add_option("-m,--file", args.file, "File to use or create as shared memory");
  auto* memfd = app.add_flag("--memfd", "Nameless memory that no client can resize (default)");
  shm->excludes(file)->excludes(memfd);
  file->excludes(memfd);
  app.add_option("-l,--size", args.size_bytes,
                 "Size of the memory, a power of two from 4K to 8G; 0: that of an existing one")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("4M");
  app.add_option("-n,--vectors", args.vectors, "Interrupt vectors of each client")
      ->check(within(ivshmem::max_vectors))
      ->capture_default_str();
  app.add_option("--mode", args.mode, "Permissions of the socket, octal")
      ->check([](const std::string& text) {
        const bool octal = text.size() <= 4 && !text.empty() &&
                           text.find_first_not_of("01234567") == std::string::npos;
        return octal ? std::string{} : "'" + text + "': must be from 0 to 7777, octal";
      })
      ->capture_default_str();
  app.add_option("--read-deadline", args.read_deadline,
                 "Seconds after which a client that does not read is reported, and disconnected if "
                 "others want for descriptors; 0: never")
      ->check(within(most_deadline))
      ->capture_default_str();
  app.add_flag("-F,--foreground", "Stay in the foreground, as it always does");
  app.add_flag("-v,--verbose", args.verbose, "Print a line per client that comes or goes");
}

ivshmem::shared_memory_config memory_of(const arguments& args) {
  ivshmem::shared_memory_config memory;
  memory.size_bytes = args.size_bytes;
  memory.remove = true;
  if (!args.shm.empty()) {
    memory.backing = ivshmem::memory_backing::posix;
    memory.name = args.shm.front() == '/' ? args.shm : "/" + args.shm;
  } else if (!args.file.empty()) {
    memory.backing = ivshmem::memory_backing::file;
    memory.name = args.file;
  }
  return memory;
}

std::string memory_text(const ivshmem::shared_memory_config& memory) {
  switch (memory.backing) {
    case ivshmem::memory_backing::posix:
      return "shm '" + memory.name + "'";
    case ivshmem::memory_backing::file:
      return "file '" + memory.name + "'";
    default:
      return "memfd";
  }
}

/// What an event is for the log; warnings are told without being asked for.
struct event_text {
  std::string line;
  bool is_warning = false;
};

event_text text_of(const ivshmem::server_event& event) {
  using kind = ivshmem::server_event::kind;
  const std::string client = fmt::format("client {}: ", to_int(event.id));
  switch (event.what) {
    case kind::connected:
      return {client + "connected"};
    case kind::left:
      return {client + "left"};
    case kind::spoke:
      return {client + "disconnected, it sent data, which clients must not"};
    case kind::overflowed:
      return {client + "disconnected, it does not read its messages", true};
    case kind::silent:
      return {client +
                  "does not read its messages; it is disconnected if others want for "
                  "descriptors",
              true};
    case kind::stalled:
      return {
          client + "disconnected, it does not read its messages and others want for descriptors",
          true};
    case kind::refused:
      return {"client refused: too many clients or open files", true};
    case kind::shortage:
      return {
          "messages wait: clients of this user have not read the descriptors that they were "
          "sent; raise the limit of open files",
          true};
    case kind::resized:
      return {"a client had changed the size of the memory; it is set right", true};
  }
  return {};
}

// Mistakes in the command line, as far as only the library sees them.
bool is_usage(ivshmem::host_errc code) {
  using ivshmem::host_errc;
  return code == host_errc::memory_range || code == host_errc::memory_power_of_two ||
         code == host_errc::memory_name || code == host_errc::socket_path_length;
}

int complain(const std::string& text, int code) {
  ivshmem::tool::print_error(fmt::format("{}: {}", program, text));
  return code;
}

// Signals arrive as a readable descriptor, so none is missed between a check and a wait.
ivshmem::unique_fd end_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  struct sigaction hang_up {};
  if (sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN) {
    sigaddset(&ends, SIGHUP);  // unless nohup wants it ignored
  }
  if (sigprocmask(SIG_BLOCK, &ends, nullptr) != 0) {
    return {};
  }
  return ivshmem::unique_fd{signalfd(-1, &ends, SFD_CLOEXEC)};
}

struct logs {
  ivshmem::tool::event_log out{STDOUT_FILENO};
  ivshmem::tool::event_log warnings{STDERR_FILENO};
};

int serve(ivshmem::server& server, int signals, logs& to) {
  for (;;) {
    std::array<pollfd, 4> waits{{{signals, POLLIN, 0},
                                 {server.poll_descriptor(), POLLIN, 0},
                                 {to.out.poll_descriptor(), POLLOUT, 0},
                                 {to.warnings.poll_descriptor(), POLLOUT, 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) {
      return complain("poll: " + std::generic_category().message(errno), exit_run_time);
    }
    if (waits[0].revents != 0) {
      return 0;
    }
    to.out.write();
    to.warnings.write();
    server.service(0);
  }
}

int run(const arguments& args) {
  ivshmem::raise_descriptor_limit();
  const auto signals = end_signals();
  if (!signals) {
    return complain("signalfd: " + std::generic_category().message(errno), exit_run_time);
  }
  ivshmem::server_config options;
  options.socket_path = args.socket;
  options.socket_mode = static_cast<unsigned>(std::stoul(args.mode, nullptr, 8));
  options.memory = memory_of(args);
  options.vectors = args.vectors;
  options.read_deadline = std::chrono::seconds(args.read_deadline);
  logs to;
  options.on_event = [&to, verbose = args.verbose](const ivshmem::server_event& event) {
    const event_text text = text_of(event);
    if (text.is_warning) {
      to.warnings.add("ivshmem-server: " + text.line);
    } else if (verbose) {
      to.out.add(text.line);
    }
  };
  const std::string memory = memory_text(options.memory);
  auto server = ivshmem::server::create(std::move(options));
  if (!server) {
    return complain(to_string(server.error()),
                    is_usage(server.error().code) ? exit_usage : exit_run_time);
  }
  to.out.add(fmt::format("listening on {}, {} of {} bytes{}, {} vectors per client", args.socket,
                         memory, server->memory().size_bytes(),
                         server->memory().existed() ? " with its old contents" : "", args.vectors));
  const int code = serve(*server, signals.get(), to);
  server->stop();
  return code;
}

}  // namespace

int main(int argc, char** argv) try {
  ivshmem::tool::hold_standard_streams();
  CLI::App app{"Server of the ivshmem devices: shared memory and doorbells between guests."};
  arguments args;
  declare(app, args);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return ivshmem::tool::flush_standard_output(program, app.exit(done));
  } catch (const CLI::ParseError& error) {
    return complain(error.what(), exit_usage);
  }
  return run(args);
} catch (...) {
  std::fputs("ivshmem-server: out of memory\n", stderr);
  return exit_run_time;
}
