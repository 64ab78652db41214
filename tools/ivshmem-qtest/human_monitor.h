// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "machine_state.h"

namespace ivshmem::qtest {

/// Answer of the human monitor to one command: info pci, info qtree, info mtree, info status,
/// savevm, loadvm. Snapshots are kept in this process, not in a disk image.
std::string human_command(machine_state& machine, const std::string& line);

/// QMP's query-pci.
nlohmann::ordered_json query_pci(machine_state& machine);

}  // namespace ivshmem::qtest
