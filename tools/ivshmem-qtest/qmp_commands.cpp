// SPDX-License-Identifier: Apache-2.0
//
// Commands of QMP.
#include <string>
#include <utility>
#include <vector>

#include "human_monitor.h"
#include "qmp_session.h"

namespace ivshmem::qtest {

using json = nlohmann::ordered_json;

namespace {

std::string value_text(const json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_boolean()) {
    return value.get<bool>() ? "on" : "off";
  }
  return value.dump();
}

std::string text_argument(const json& arguments, const char* name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) {
    throw user_error("Parameter '" + std::string(name) + "' is missing");
  }
  return value_text(*found);
}

option_text options_of(const json& arguments) {
  std::vector<std::pair<std::string, std::string>> items;
  for (const auto& [key, value] : arguments.items()) {
    items.emplace_back(key, value_text(value));
  }
  return option_text(std::move(items));
}

/// chardev-add's nested form as the flat one of -chardev.
option_text chardev_options(const json& arguments) {
  const json& backend = arguments.at("backend");
  const json& data = backend.at("data");
  std::vector<std::pair<std::string, std::string>> items{
      {"backend", backend.at("type").get<std::string>()}, {"id", text_argument(arguments, "id")}};
  if (data.contains("addr")) {
    const json& address = data.at("addr");
    if (address.at("type") != "unix") {
      throw user_error("Parameter 'type' does not accept value '" + value_text(address.at("type")) +
                       "': must be unix");
    }
    items.emplace_back("path", address.at("data").at("path").get<std::string>());
    items.emplace_back("server", value_text(data.value("server", json(true))));
    items.emplace_back("wait", value_text(data.value("wait", json(false))));
  }
  return option_text(std::move(items));
}

void add_chardev(machine_state& machine, const json& arguments) {
  const std::string id = text_argument(arguments, "id");
  if (machine.names.find_chardev(id) != nullptr) {
    throw user_error("Chardev with id '" + id + "' already exists");
  }
  machine.names.add_chardev(chardev_options(arguments));
}

void add_object(machine_state& machine, const json& arguments) {
  const std::string id = text_argument(arguments, "id");
  if (machine.names.find_object(id) != nullptr) {
    throw user_error("attempt to add duplicate property '" + id + "' to object (type 'container')");
  }
  machine.names.add_object(options_of(arguments));
}

json query_migrate(machine_state& machine) {
  json status = json::object();
  if (!machine.migration_status.empty()) {
    status["status"] = machine.migration_status;
  }
  if (const auto possible = check_migratable(machine); !possible) {
    status["blocked-reasons"] = json::array({possible.error()});
  }
  return status;
}

/// What -machine takes; clients ask for names and aliases.
json query_machines(qemu_version qemu) {
  json machines = json::array();
  const std::string version(behaviour_of(qemu).name);
  for (const auto& [name, alias] : {std::pair{"pc-i440fx-" + version, "pc"},
                                    {"pc-q35-" + version, "q35"},
                                    {"isapc", ""},
                                    {"none", ""}}) {
    machines.push_back({{"name", name},
                        {"cpu-max", 1},
                        {"hotpluggable-cpus", false},
                        {"numa-mem-supported", false},
                        {"deprecated", false}});
    if (*alias != '\0') {
      machines.back()["alias"] = alias;
    }
  }
  return machines;
}

/// Commands that answer something; null for all others.
json query(machine_state& machine, const std::string& name, const json& arguments) {
  if (name == "query-status") {
    return {
        {"status", machine.run_state}, {"singlestep", false}, {"running", machine.is_running()}};
  }
  if (name == "query-machines") {
    return query_machines(machine.options.qemu);
  }
  if (name == "query-version") {
    return version_json(machine.options.qemu);
  }
  if (name == "query-pci") {
    return query_pci(machine);
  }
  if (name == "query-migrate") {
    return query_migrate(machine);
  }
  if (name == "human-monitor-command") {
    return human_command(machine, text_argument(arguments, "command-line"));
  }
  return nullptr;
}

bool change(machine_state& machine, const std::string& name, const json& arguments) {
  if (name == "quit") {
    machine.quit_reason = "host-qmp-quit";
  } else if (name == "stop" || name == "cont") {
    machine.run_state = name == "stop" ? "paused" : "running";
    machine.event(name == "stop" ? "STOP" : "RESUME", json::object());
  } else if (name == "system_reset") {
    reset_machine(machine);
    machine.event("RESET", {{"guest", false}, {"reason", "host-qmp-system-reset"}});
  } else if (name == "chardev-add") {
    add_chardev(machine, arguments);
  } else if (name == "chardev-remove") {
    machine.names.remove_chardev(text_argument(arguments, "id"));
  } else if (name == "object-add") {
    add_object(machine, arguments);
  } else if (name == "object-del") {
    machine.names.remove_object(text_argument(arguments, "id"));
  } else if (name == "device_add") {
    machine.devices.add(options_of(arguments), true);
  } else if (name == "device_del") {
    machine.devices.request_removal(text_argument(arguments, "id"));
  } else if (name == "migrate") {
    migrate_out(machine, text_argument(arguments, "uri"));
  } else {
    return false;
  }
  return true;
}

}  // namespace

json version_json(qemu_version qemu) {
  const qemu_behaviour& row = behaviour_of(qemu);
  return {{"qemu", {{"micro", 0}, {"minor", row.minor}, {"major", row.major}}},
          {"package", "ivshmem-qtest"}};
}

json execute(machine_state& machine, const std::string& name, const json& arguments) {
  json answer = query(machine, name, arguments);
  if (!answer.is_null()) {
    return answer;
  }
  if (!change(machine, name, arguments)) {
    throw user_error("The command " + name + " has not been found", "CommandNotFound");
  }
  return json::object();
}

}  // namespace ivshmem::qtest
