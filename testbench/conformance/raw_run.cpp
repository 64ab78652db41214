// SPDX-License-Identifier: Apache-2.0
//
// A program whose server sends what no good server would.
#include "raw_run.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace ivshmem::conformance {

namespace {

constexpr std::uint64_t server_memory = 1U << 20U;
/// Longer than a program needs to start on the busiest machine.
constexpr milliseconds hang_time(60'000);

void sleep(int time_ms) { std::this_thread::sleep_for(milliseconds(time_ms)); }

std::string bytes_of(const std::string& hex_text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex_text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex_text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace

raw_run::raw_run(const std::string& program_path, const std::string& machine,
                 const std::vector<std::string>& options)
    : server_(folder_.path("iv"), server_memory), monitor_(folder_.path("qmp")) {
  std::vector<std::string> command{program_path,  "-machine",
                                   machine,       "-accel",
                                   "tcg",         "-S",
                                   "-nodefaults", "-no-user-config",
                                   "-display",    "none",
                                   "-m",          "64M",
                                   "-chardev",    "socket,id=qmp0,path=@/qmp",
                                   "-mon",        "chardev=qmp0,mode=control"};
  command.insert(command.end(), options.begin(), options.end());
  for (std::string& word : command) {
    for (std::size_t at = 0; (at = word.find("@/", at)) != std::string::npos;) {
      word.replace(at, 2, folder_.path());
    }
  }
  process_ = std::make_unique<program>(command, folder_.path("output"));
}

int raw_run::descriptor(const std::string& name) {
  const std::size_t colon = name.find(':');
  const std::string kind = name.substr(0, colon);
  const std::string argument = colon == std::string::npos ? "" : name.substr(colon + 1);
  int made = -1;
  if (kind == "shm") {
    made = ::memfd_create("replay", MFD_CLOEXEC);
    const off_t size = argument.empty() ? off_t{server_memory} : std::stol(argument);
    if (::ftruncate(made, size) != 0) {
      throw bench_error("cannot make shared memory");
    }
  } else if (kind == "efd") {
    made = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  } else if (kind == "null" || kind == "zero") {
    made = ::open(("/dev/" + kind).c_str(), O_RDWR | O_CLOEXEC);
  } else if (kind == "dir") {
    made = ::open("/", O_RDONLY | O_CLOEXEC);
  } else if (kind == "shmro") {
    const std::string path = folder_.path("read-only");
    std::ofstream(path).close();
    std::filesystem::resize_file(path, std::stoul(argument));
    made = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } else {
    throw bench_error("unknown descriptor " + name);
  }
  descriptors_.emplace_back(made);
  return made;
}

void raw_run::send(std::int64_t number, int descriptor) {
  server_.send_raw(0, message_bytes(number), {descriptor});
}

void raw_run::send(const json& script) {
  for (const json& item : script) {
    std::string bytes;
    std::vector<int> with;
    json names = json::array();
    if (item == "close") {
      server_.close(0);
      continue;
    }
    if (item == "sleep") {
      sleep(150);
      continue;
    }
    if (item.is_object()) {
      bytes = bytes_of(item["raw"]);
      names = item.value("fds", names);
    } else {
      bytes = message_bytes(item[0]);
      names = item.size() > 1 && !item[1].is_null() ? item[1] : names;
    }
    for (const json& name : names.is_string() ? json::array({names}) : names) {
      with.push_back(descriptor(name));
    }
    if (!server_.send_raw(0, bytes, with)) {
      return;
    }
  }
}

std::string raw_run::outcome() {
  const auto until = std::chrono::steady_clock::now() + hang_time;
  bool asked = false;
  while (std::chrono::steady_clock::now() < until) {
    if (const auto ending = process_->ended()) {
      return *ending;
    }
    try {
      if (!asked && monitor_.try_accept()) {
        asked = true;
        monitor_.send("{\"execute\":\"qmp_capabilities\"}\n");
      }
      // The greeting proves nothing: QEMU sends it before the devices come up.
      const auto line = asked ? monitor_.try_read_line(milliseconds(20)) : std::nullopt;
      if (line && json::parse(*line).contains("return")) {
        return "runs";
      }
    } catch (const bench_error&) {
      return process_->ended(hang_time).value_or("closed its monitor");
    }
    if (!asked) {
      sleep(5);
    }
  }
  return hang();
}

std::string raw_run::hang() {
  const long before = process_->processor_ticks();
  sleep(500);
  return process_->processor_ticks() - before > 5 ? "hang spin" : "hang block";
}

std::string raw_run::alive() {
  try {
    for (int i = 0; i < 3; ++i) {
      monitor_.send("{\"execute\":\"query-status\"}\n");
      while (!json::parse(monitor_.read_line()).contains("return")) {
      }
      sleep(30);
    }
    return "runs";
  } catch (const bench_error&) {
    return process_->ended(hang_time).value_or("hang");
  }
}

}  // namespace ivshmem::conformance
