// SPDX-License-Identifier: Apache-2.0
//
// A program with a whole machine, driven by qtest and QMP.
#include "machine.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <regex>

namespace ivshmem::conformance {

namespace {

constexpr unsigned char pattern = 0xa5;

char size_letter(unsigned bytes) {
  switch (bytes) {
    case 1:
      return 'b';
    case 2:
      return 'w';
    case 4:
      return 'l';
    default:
      return 'q';
  }
}

std::vector<unsigned char> from_hex(const std::string& text) {
  std::vector<unsigned char> data;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    data.push_back(static_cast<unsigned char>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return data;
}

const std::string& untouched_window() {
  static const std::string text = [] {
    std::string made = "0x";
    for (unsigned i = 0; i < machine::window_bytes; ++i) {
      made += "a5";
    }
    return made;
  }();
  return text;
}

}  // namespace

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::uint64_t number(const json& hex_text) {
  return std::stoull(hex_text.get<std::string>(), nullptr, 16);
}

/// Runs what talks to the program; if that fails because it ended, says how.
template <class Action>
auto machine::watched(Action action) -> decltype(action()) {
  try {
    return action();
  } catch (const program_ended&) {
    throw;
  } catch (const refused_command&) {
    throw;
  } catch (const bench_error& error) {
    const auto ending = process_->ended(milliseconds(60'000));
    std::string text = ending.value_or(error.what());
    for (const std::string& line : process_->new_lines()) {
      text += "\n" + line;
    }
    throw program_ended(text);
  }
}

machine::machine(const machine_setup& setup)
    : qtest_(folder_.path("qtest")), monitor_(folder_.path("qmp")), with_calls_(setup.with_calls) {
  if (setup.with_server) {
    server_ = std::make_unique<played_server>(folder_.path("iv"), setup.memory_bytes);
  }
  std::vector<std::string> command{setup.program};
  command.insert(command.end(), setup.before.begin(), setup.before.end());
  const std::vector<std::string> common{"-machine",
                                        setup.type,
                                        "-accel",
                                        "tcg",
                                        "-S",
                                        "-nodefaults",
                                        "-no-user-config",
                                        "-display",
                                        "none",
                                        "-m",
                                        "128M",
                                        "-qtest",
                                        "unix:@/qtest",
                                        "-qtest-log",
                                        "/dev/null",
                                        "-chardev",
                                        "socket,id=qmp0,path=@/qmp",
                                        "-mon",
                                        "chardev=qmp0,mode=control"};
  command.insert(command.end(), common.begin(), common.end());
  if (with_calls_) {
    command.insert(command.end(), {"-D", "@/calls", "-trace", "memory_region_ops_*"});
  }
  if (!setup.firmware.empty()) {
    std::ofstream(folder_.path("firmware"), std::ios::binary) << setup.firmware;
    command.insert(command.end(), {"-bios", "@/firmware"});
  }
  command.insert(command.end(), setup.options.begin(), setup.options.end());
  for (std::string& word : command) {
    for (std::size_t at = 0; (at = word.find("@/", at)) != std::string::npos;) {
      word.replace(at, 2, folder_.path());
    }
  }
  process_ = std::make_unique<program>(command, folder_.path("output"), setup.qemu);
  watched([&] {
    play_server(setup);
    qtest_.accept(*process_);
    monitor_.accept(*process_);
    const json greeting = json::parse(monitor_.read_line());
    const json& number = greeting["QMP"]["version"]["qemu"];
    for (const char* part : {"major", "minor", "micro"}) {
      version_ += (version_.empty() ? "" : ".") + number[part].dump();
    }
  });
  qmp("qmp_capabilities");
  unsigned messages = 0;
  for (const json& init : setup.server_init) {
    messages += static_cast<unsigned>(init.size());
  }
  settle(4 + messages);
  fill_windows();
  callbacks();
  lines();
}

void machine::play_server(const machine_setup& setup) {
  for (unsigned i = 0; i < setup.server_init.size(); ++i) {
    server_->accept(i, *process_);
  }
  for (unsigned i = 0; i < setup.server_init.size(); ++i) {
    for (const json& message : setup.server_init[i]) {
      server_->send(i, message[0], message[1]);
    }
  }
}

std::vector<std::string> machine::commands(const std::vector<std::string>& lines) {
  return watched([&] {
    std::string text;
    for (const std::string& line : lines) {
      text += line + '\n';
    }
    qtest_.send(text);
    std::vector<std::string> answers;
    while (answers.size() < lines.size()) {
      const std::string answer = qtest_.read_line();
      if (answer.rfind("OK", 0) == 0) {
        answers.push_back(answer.size() > 3 ? answer.substr(3) : "");
      } else if (answer.rfind("IRQ ", 0) != 0) {
        throw refused_command(lines[answers.size()] + ": " + answer);
      }
    }
    return answers;
  });
}

void machine::settle(unsigned turns) {
  for (unsigned i = 0; i < turns; ++i) {
    command("endianness");
  }
}

json machine::qmp(const std::string& name, const json& arguments) {
  json request{{"execute", name}};
  if (!arguments.is_null()) {
    request["arguments"] = arguments;
  }
  return qmp_line(request.dump());
}

json machine::qmp_line(const std::string& request) {
  return watched([&] {
    monitor_.send(request + '\n');
    json reply;
    do {
      reply = json::parse(monitor_.read_line());
    } while (reply.contains("event"));
    return reply;
  });
}

std::string machine::hmp(const std::string& line) {
  std::string text =
      qmp("human-monitor-command", {{"command-line", line}}).value("return", std::string());
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

// ---- accesses

std::string machine::read_line(std::uint64_t address, unsigned bytes) {
  return std::string("read") + size_letter(bytes) + " " + hex(address);
}

std::string machine::write_line(std::uint64_t address, unsigned bytes, std::uint64_t value) {
  return std::string("write") + size_letter(bytes) + " " + hex(address) + " " + hex(value);
}

std::vector<std::string> machine::config_lines(unsigned slot, unsigned offset, unsigned bytes) {
  return {"outl 0xcf8 " + hex(0x8000'0000U | slot << 11U | (offset & 0xfcU)),
          std::string("in") + size_letter(bytes) + " " + hex(0xcfcU + (offset & 3U))};
}

std::vector<std::string> machine::config_lines(unsigned slot, unsigned offset, unsigned bytes,
                                               std::uint64_t value) {
  return {"outl 0xcf8 " + hex(0x8000'0000U | slot << 11U | (offset & 0xfcU)),
          std::string("out") + size_letter(bytes) + " " + hex(0xcfcU + (offset & 3U)) + " " +
              hex(value)};
}

std::uint64_t machine::read(std::uint64_t address, unsigned bytes) {
  return std::stoull(command(read_line(address, bytes)), nullptr, 16);
}

void machine::write(std::uint64_t address, unsigned bytes, std::uint64_t value) {
  command(write_line(address, bytes, value));
}

std::uint64_t machine::config_read(unsigned slot, unsigned offset, unsigned bytes) {
  return std::stoull(commands(config_lines(slot, offset, bytes)).back(), nullptr, 16);
}

void machine::config_write(unsigned slot, unsigned offset, unsigned bytes, std::uint64_t value) {
  commands(config_lines(slot, offset, bytes, value));
}

// ---- what can be seen afterwards

void machine::fill_windows() {
  for (const std::uint64_t base : windows) {
    command("memset " + hex(base) + " " + hex(window_bytes) + " " + hex(pattern));
  }
}

json machine::messages() {
  json found = json::array();
  for (const std::uint64_t base : windows) {
    const std::string answer = command("read " + hex(base) + " " + hex(window_bytes));
    if (answer == untouched_window()) {
      continue;
    }
    const auto data = from_hex(answer);
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (data[i] == pattern) {
        continue;
      }
      std::size_t end = i;
      std::uint64_t value = 0;
      std::string bytes;
      for (; end < data.size() && data[end] != pattern && end - i < 4; ++end) {
        value |= std::uint64_t{data[end]} << (8 * (end - i));
        char text[3];
        std::snprintf(text, sizeof text, "%02x", data[end]);
        bytes += text;
      }
      json message{{"addr", hex(base + i)}};
      message[end - i == 4 ? "data" : "bytes"] = end - i == 4 ? hex(value) : bytes;
      found.push_back(message);
      i = end - 1;
    }
    command("memset " + hex(base) + " " + hex(window_bytes) + " " + hex(pattern));
  }
  return found;
}

json machine::callbacks() {
  json found = json::array();
  if (!with_calls_) {
    return found;
  }
  static const std::regex format(
      "memory_region_ops_(read|write) cpu \\S+ mr \\S+ addr (0x[0-9a-f]+) value (0x[0-9a-f]+) "
      "size (\\d+) name '(ivshmem-mmio|msix-table|msix-pba)'");
  std::ifstream file(folder_.path("calls"), std::ios::binary);
  file.seekg(static_cast<std::streamoff>(seen_calls_));
  for (std::string line; std::getline(file, line) && !file.eof();) {
    seen_calls_ += line.size() + 1;
    std::smatch match;
    if (std::regex_search(line, match, format)) {
      found.push_back({{"rw", match.str(1).substr(0, 1)},
                       {"addr", match.str(2)},
                       {"size", std::stoi(match.str(4))},
                       {"value", match.str(3)}});
    }
  }
  return found;
}

}  // namespace ivshmem::conformance
