// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "backends.h"
#include "command_line.h"
#include "device_manager.h"
#include "pc_machine.h"

namespace ivshmem::qtest {

/// The running machine, as its monitor sees it.
struct machine_state {
  const command_line& options;
  pc_machine& host;
  backends& names;
  device_manager& devices;
  std::string run_state;         ///< QMP's RunState
  std::string migration_status;  ///< empty: none was started
  std::map<std::string, std::string> snapshots;
  const char* quit_reason = nullptr;  ///< QMP's ShutdownCause, once the program is to end
  int exit_code = 0;

  /// Tells all QMP clients.
  std::function<void(const std::string& name, const nlohmann::ordered_json& data)> event;

  bool is_running() const { return run_state == "running"; }
};

/// Whether the machine can be saved; the error says why not.
result<void, std::string> check_migratable(machine_state& machine);
/// State of all devices, in the order of the command line. The guest's RAM is not in it.
std::string save_machine(machine_state& machine);
/// Loads what save_machine() gave; throws user_error with one line per level, as QEMU prints them.
void load_machine(machine_state& machine, const std::string& stream);

/// `migrate` to and `-incoming` from `exec:COMMAND`; throw user_error.
void migrate_out(machine_state& machine, const std::string& uri);
void migrate_in(machine_state& machine, const std::string& uri);

/// Machine reset; what was waiting to be unplugged goes.
void reset_machine(machine_state& machine);

}  // namespace ivshmem::qtest
