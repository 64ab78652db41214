// SPDX-License-Identifier: Apache-2.0
//
// Performs the operations of a recording and compares every answer.
#include "replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <ostream>
#include <regex>

#include "ivshmem/model/qemu_version.h"

namespace ivshmem::conformance {

namespace {

constexpr unsigned first_slot = 4;
constexpr unsigned monitor_slot = 0x1d;
constexpr unsigned reported_differences = 5;
constexpr std::size_t history_length = 8;
constexpr const char* seen_keys[] = {"msi", "bell", "calls", "log"};

std::string on_off(bool value) { return value ? "on" : "off"; }

/// The command line of the devices that a header lists.
std::vector<std::string> device_options(const json& header) {
  std::vector<std::string> options;
  for (std::size_t i = 0; i < header["devs"].size(); ++i) {
    const json& device = header["devs"][i];
    const std::string n = std::to_string(i);
    std::string common = ",addr=" + hex(first_slot + i);
    if (device.contains("master")) {
      common += ",master=" + device["master"].get<std::string>();
    }
    if (device["kind"] == "plain") {
      const auto size = device["bar2_size"].get<std::uint64_t>();
      options.insert(
          options.end(),
          {"-object", fmt::format("memory-backend-memfd,id=m{},size={},share=on", n, size),
           "-device", fmt::format("ivshmem-plain,id=iv{},memdev=m{}{}", n, n, common)});
    } else {
      options.insert(
          options.end(),
          {"-chardev", fmt::format("socket,id=c{},path=@/iv", n), "-device",
           fmt::format("ivshmem-doorbell,id=iv{},chardev=c{},vectors={},ioeventfd={}{}", n, n,
                       device["vectors"].get<unsigned>(), on_off(device["ioeventfd"]), common)});
    }
  }
  if (header.contains("monitor_dev")) {
    options.insert(options.end(), {"-object", "memory-backend-ram,id=mmon,size=4096", "-device",
                                   "ivshmem-plain,id=mon,memdev=mmon,addr=" + hex(monitor_slot)});
  }
  return options;
}

constexpr std::uint64_t firmware_bytes = 256U << 10U;
constexpr std::uint64_t firmware_base = (std::uint64_t{1} << 32U) - firmware_bytes;

/// What the recording that begins at `header` has read of the firmware, where no BAR was: an image
/// that answers the same, whichever firmware is installed here. Empty: nothing was read.
std::string firmware_of(const std::vector<json>& recording, std::size_t header) {
  std::string image;
  for (std::size_t i = header + 1; i < recording.size() && recording[i]["op"] != "header"; ++i) {
    const json& operation = recording[i];
    if (operation["op"] != "ram_rd" || operation.contains("calls")) {
      continue;
    }
    const std::uint64_t offset = number(operation["addr"]) - firmware_base;
    if (offset < firmware_bytes) {
      image.resize(firmware_bytes);
      const std::uint64_t value = number(operation["result"]);
      std::memcpy(&image[offset], &value, operation["size"].get<std::size_t>());
    }
  }
  return image;
}

/// Error lines begin with the name of the program that was recorded.
json without_program(json operation) {
  if (operation.contains("log")) {
    for (json& line : operation["log"]) {
      const std::string text = line.get<std::string>();
      const std::string recorded = "qemu-system-x86_64: ";
      line = text.rfind(recorded, 0) == 0 ? text.substr(recorded.size()) : text;
    }
  }
  return operation;
}

}  // namespace

std::string followed_qemu(const std::string& version) {
  static const std::regex format("(\\d+)\\.(\\d+)");
  std::smatch match;
  qemu_version found = qemu_version::v7_2;
  if (std::regex_search(version, match, format)) {
    found = followed_version(static_cast<unsigned>(std::stoul(match.str(1))),
                             static_cast<unsigned>(std::stoul(match.str(2))));
  }
  return std::string(behaviour_of(found).name);
}

session::session(const replayed_program& program, const json& header, const std::string& firmware) {
  machine_setup setup;
  setup.firmware = firmware;
  setup.program = program.path;
  setup.before = program.options;
  setup.qemu = program.qemu.empty() ? followed_qemu(header.value("qemu", "")) : program.qemu;
  setup.type = header["machine"];
  setup.options = device_options(header);
  setup.with_calls = program.calls && header["config"].value("calls", false);
  setup.memory_bytes = header["config"].value("shm_size", std::uint64_t{1} << 20U);
  setup.with_server = header.contains("server_init");
  for (const json& device : header["devs"]) {
    const std::string index = std::to_string(devices_.size());
    if (device["kind"] == "doorbell") {
      setup.server_init.push_back(header["server_init"][index]);
    }
    devices_.push_back(device);
  }
  // Connections are numbered as the doorbell devices are.
  unsigned connection = 0;
  for (json& device : devices_) {
    device["connection"] = device["kind"] == "doorbell" ? connection++ : 0;
  }
  monitor_device_ = header.value("monitor_dev", -1);
  for (const json& ghost : header.value("ghosts", json::array())) {
    ghosts_.emplace_back(ghost["peer"], ghost["vectors"]);
  }
  machine_ = std::make_unique<machine>(setup);
}

unsigned session::slot(const json& operation) const {
  const int device = operation["dev"];
  return device == monitor_device_ ? monitor_slot : first_slot + static_cast<unsigned>(device);
}

json session::run(const json& operation) {
  json now = operation;
  for (const char* key : seen_keys) {
    now.erase(key);
  }
  act(now);
  observe(now);
  return now;
}

void session::act(json& operation) {
  const std::string kind = operation["op"];
  const auto value = [&](const char* key) { return number(operation[key]); };
  unsigned turns = 3;
  if (kind == "rd" || kind == "ram_rd") {
    follow(operation);
    operation["result"] = hex(machine_->read(value("addr"), operation["size"]));
  } else if (kind == "wr" || kind == "ram_wr") {
    follow(operation);
    machine_->write(value("addr"), operation["size"], value("value"));
  } else if (kind == "cfg_rd") {
    operation["result"] = hex(machine_->config_read(
        slot(operation), static_cast<unsigned>(value("offset")), operation["size"]));
  } else if (kind == "cfg_wr") {
    machine_->config_write(slot(operation), static_cast<unsigned>(value("offset")),
                           operation["size"], value("value"));
    note_config_write(operation);
  } else if (kind == "blk_rd") {
    follow(operation);
    operation["bytes"] =
        machine_->command("read " + hex(value("addr")) + " " + hex(operation["size"])).substr(2);
  } else if (kind == "blk_wr") {
    follow(operation);
    const std::string bytes = operation["bytes"];
    machine_->command("write " + hex(value("addr")) + " " + hex(bytes.size() / 2) + " 0x" + bytes);
  } else if (kind == "ring") {
    const json& device = devices_[operation["dev"].get<std::size_t>()];
    machine_->server().ring("e" + std::to_string(device["peer_id"].get<unsigned>()) + "." +
                                std::to_string(operation["vec"].get<unsigned>()),
                            operation["count"]);
  } else if (kind == "preset") {
    machine_->server().ring(operation["eventfd"], operation["count"]);
  } else if (kind == "srv") {
    serve(operation);
    turns = static_cast<unsigned>(operation["msgs"].size()) + 4;
  } else if (kind == "reset") {
    machine_->qmp("system_reset");
    machine_->settle(4);
    machine_->fill_windows();
    machine_->callbacks();
  } else if (kind == "batch") {
    batch(operation);
  } else {
    throw bench_error("unknown operation " + kind);
  }
  machine_->settle(turns);
}

void session::batch(json& operation) {
  std::vector<std::string> lines;
  std::vector<std::pair<std::size_t, std::size_t>> results;  // operation, line
  for (std::size_t i = 0; i < operation["ops"].size(); ++i) {
    const json& one = operation["ops"][i];
    const std::string kind = one["op"];
    const unsigned bytes = one["size"];
    const auto offset = static_cast<unsigned>(number(one["offset"]));
    std::vector<std::string> parts;
    if (kind == "rd" || kind == "wr") {
      follow(one);
      const std::uint64_t address = number(one["addr"]);
      parts = {kind == "rd" ? machine::read_line(address, bytes)
                            : machine::write_line(address, bytes, number(one["value"]))};
    } else if (kind == "cfg_rd") {
      parts = machine::config_lines(slot(one), offset, bytes);
    } else {
      parts = machine::config_lines(slot(one), offset, bytes, number(one["value"]));
    }
    lines.insert(lines.end(), parts.begin(), parts.end());
    if (one.contains("result")) {
      results.emplace_back(i, lines.size() - 1);
    }
  }
  const auto answers = machine_->commands(lines);
  for (const auto& [index, line] : results) {
    operation["ops"][index]["result"] = hex(std::stoull(answers[line], nullptr, 16));
  }
}

void session::serve(const json& operation) {
  for (const json& message : operation["msgs"]) {
    unsigned peer = 0;
    unsigned vector = 0;
    const bool is_eventfd =
        message[1].is_string() &&
        std::sscanf(message[1].get<std::string>().c_str(), "e%u.%u", &peer, &vector) == 2;
    const bool is_device = std::any_of(devices_.begin(), devices_.end(), [&](const json& one) {
      return one.value("peer_id", -1) == static_cast<int>(peer);
    });
    if (is_eventfd && !is_device) {
      const auto known = std::find_if(ghosts_.begin(), ghosts_.end(),
                                      [&](const auto& one) { return one.first == peer; });
      if (known == ghosts_.end()) {
        ghosts_.emplace_back(peer, vector + 1);
      } else {
        known->second = std::max(known->second, vector + 1);
      }
    }
  }
  const unsigned connection = devices_[operation["dev"].get<std::size_t>()]["connection"];
  for (const json& message : operation["msgs"]) {
    machine_->server().send(connection, message[0], message[1]);
  }
}

void session::observe(json& operation) {
  json bells = json::array();
  const json messages = machine_->messages();
  for (const auto& [peer, vectors] : ghosts_) {
    for (unsigned vector = 0; vector < vectors; ++vector) {
      if (const std::uint64_t count = machine_->server().take(peer, vector)) {
        bells.push_back({{"peer", peer}, {"vec", vector}, {"count", count}});
      }
    }
  }
  const json seen[] = {messages, bells, named_callbacks(), machine_->lines()};
  for (std::size_t i = 0; i < std::size(seen); ++i) {
    if (!seen[i].empty()) {
      operation[seen_keys[i]] = seen[i];
    }
  }
}

// ---- names of addresses in callbacks

void session::note_window(unsigned device, unsigned bar, std::uint64_t base) {
  constexpr std::uint64_t bytes[] = {0x100, 0x10000, 4096};
  for (bar_window& window : windows_) {
    if (window.device == device && window.bar == bar) {
      window.base = base;
      return;
    }
  }
  windows_.push_back({device, bar, base, bytes[bar]});
}

void session::follow(const json& operation) {
  if (operation.contains("bar") && operation["bar"] != 2) {
    note_window(operation["dev"], operation["bar"],
                number(operation["addr"]) - number(operation["offset"]));
  }
}

void session::note_config_write(const json& operation) {
  const std::uint64_t offset = number(operation["offset"]);
  if (offset >= 0x18 || offset + operation["size"].get<unsigned>() <= 0x10) {
    return;
  }
  constexpr std::uint64_t units[] = {0x100, 0x1000};
  for (unsigned bar = 0; bar < 2; ++bar) {
    const std::uint64_t base =
        machine_->config_read(slot(operation), 0x10 + 4 * bar, 4) & ~(units[bar] - 1);
    if (base != 0 && base != (std::uint64_t{1} << 32U) - units[bar]) {
      note_window(operation["dev"], bar, base);
    }
  }
}

json session::named_callbacks() {
  json calls = machine_->callbacks();
  for (json& call : calls) {
    const std::uint64_t address = number(call["addr"]);
    for (const bar_window& window : windows_) {
      if (address - window.base < window.bytes) {
        call.erase("addr");
        call["dev"] = window.device;
        call["bar"] = window.bar;
        call["off"] = hex(address - window.base);
        break;
      }
    }
  }
  return calls;
}

replay_result replay_file(const replayed_program& program, const std::string& file,
                          std::ostream& report) {
  std::ifstream in(file);
  if (!in) {
    throw bench_error(file + ": cannot be read");
  }
  replay_result result;
  std::unique_ptr<session> current;
  std::deque<std::string> history;
  std::vector<json> recording;
  for (std::string line; std::getline(in, line);) {
    recording.push_back(json::parse(line));
  }
  for (std::size_t i = 0; i < recording.size(); ++i) {
    const json& recorded = recording[i];
    const std::string kind = recorded["op"];
    if (kind == "header") {
      current.reset();
      current = std::make_unique<session>(program, recorded, firmware_of(recording, i));
      history.clear();
    }
    if (kind == "header" || kind == "note" || kind == "layout") {
      continue;
    }
    json want = without_program(recorded);
    if (!program.calls) {
      want.erase("calls");
    }
    const json got = without_program(current->run(recorded));
    ++result.operations;
    if (want != got && ++result.differences <= reported_differences) {
      report << file << ":\n";
      for (const std::string& before : history) {
        report << "  before " << before << '\n';
      }
      report << "  want   " << want.dump() << "\n  got    " << got.dump() << '\n';
    }
    history.push_back(got.dump());
    if (history.size() > history_length) {
      history.pop_front();
    }
  }
  return result;
}

}  // namespace ivshmem::conformance
