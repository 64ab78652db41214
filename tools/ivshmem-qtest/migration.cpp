// SPDX-License-Identifier: Apache-2.0
//
// Saves and loads a machine.
#include <cstdio>
#include <sstream>

#include "child_command.h"
#include "ivshmem/model/snapshot.h"
#include "ivshmem/tlm/endpoint.h"
#include "machine_state.h"

namespace ivshmem::qtest {

namespace {

constexpr const char* exec_prefix = "exec:";

/// The endpoint that can be saved and loaded.
endpoint& model_of(const plugged_device& device) {
  auto* const model = dynamic_cast<endpoint*>(device.place->endpoint.get());
  if (model == nullptr) {
    throw user_error("device " + device.path() +
                     " is RTL, which has no snapshots: needs -view functional");
  }
  return *model;
}

std::string command_of(const std::string& uri) {
  const std::string prefix = exec_prefix;
  if (uri.compare(0, prefix.size(), prefix) != 0) {
    throw user_error("unknown migration protocol: " + uri + ": must be exec:COMMAND");
  }
  return uri.substr(prefix.size());
}

/// The number of vectors is part of configuration space: the first byte of it that differs.
std::string vectors_text(const snapshot_error& error, const plugged_device& device) {
  const auto read = static_cast<unsigned>(error.read - 1);
  const auto here = static_cast<unsigned>(error.expected - 1);
  const unsigned byte = (read & 0xffU) != (here & 0xffU) ? 0 : 1;
  char text[128];
  std::snprintf(text, sizeof text,
                "get_pci_config_device: Bad config data: i=0x%x read: %x device: %x cmask: ff "
                "wmask: %x w1cmask:0\n",
                0x42 + byte, (read >> (8 * byte)) & 0xffU, (here >> (8 * byte)) & 0xffU,
                byte == 0 ? 0U : 0xc0U);
  return text + ("Failed to load PCIDevice:config\nFailed to load " + device.request.driver +
                 ":parent_obj");
}

/// The lines that the real device and QEMU print, outermost last.
[[noreturn]] void refuse(const snapshot_error& error, const plugged_device& device) {
  const bool memory = error.what == snapshot_error::kind::memory_size;
  std::string cause = error.text();
  if (error.what == snapshot_error::kind::not_master) {
    cause = "'peer' devices are not migratable";
  } else if (memory) {
    char sizes[64];
    std::snprintf(sizes, sizeof sizes, "0x%llx != 0x%llx: Invalid argument",
                  static_cast<unsigned long long>(error.read),
                  static_cast<unsigned long long>(error.expected));
    const std::string path = device.path();
    const std::string block = device.memory != nullptr ? device.memory->id : "ivshmem.bar2";
    cause = "Size mismatch: " + path.substr(0, path.find('/')) + "/" + block + ": " + sizes;
  }
  if (error.what == snapshot_error::kind::vectors) {
    cause = vectors_text(error, device);
  }
  throw user_error(cause + "\nerror while loading state for instance 0x0 of device '" +
                   (memory ? "ram" : device.path()) + "'");
}

}  // namespace

result<void, std::string> check_migratable(machine_state& machine) {
  for (const plugged_device& device : machine.devices.devices()) {
    const device_place& here = *device.place->endpoint;
    if (!is_master(here.properties(), here.peers().own_id())) {
      return std::string(
          "Migration is disabled when using feature 'peer mode' in device 'ivshmem'");
    }
  }
  return {};
}

std::string save_machine(machine_state& machine) {
  std::ostringstream stream;
  for (const plugged_device& device : machine.devices.devices()) {
    stream << device.path() << '\n';
    if (const auto saved = model_of(device).save(stream); !saved) {
      throw user_error(saved.error().text());
    }
  }
  return stream.str();
}

void load_machine(machine_state& machine, const std::string& text) {
  std::istringstream stream(text);
  for (const plugged_device& device : machine.devices.devices()) {
    std::string path;
    std::getline(stream, path);
    if (path != device.path()) {
      throw user_error("Unknown savevm section or instance '" + path + "', here is '" +
                       device.path() + "'");
    }
    if (const auto loaded = model_of(device).load(stream); !loaded) {
      refuse(loaded.error(), device);
    }
  }
}

void migrate_out(machine_state& machine, const std::string& uri) {
  const std::string command = command_of(uri);
  if (const auto possible = check_migratable(machine); !possible) {
    throw user_error(possible.error());
  }
  const std::string stream = save_machine(machine);
  child_command receiver(command, child_command::direction::to_command);
  const bool written = receiver.write(stream);
  const bool ended = receiver.finish();
  machine.migration_status = written && ended ? "completed" : "failed";
  machine.run_state = written && ended ? "postmigrate" : machine.run_state;
}

void migrate_in(machine_state& machine, const std::string& uri) {
  const std::string command = command_of(uri);
  child_command sender(command, child_command::direction::from_command);
  const std::string stream = sender.read();
  sender.finish();
  load_machine(machine, stream);
  machine.migration_status = "completed";
}

void reset_machine(machine_state& machine) {
  machine.devices.eject_pending();
  machine.host.reset();
}

}  // namespace ivshmem::qtest
