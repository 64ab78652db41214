// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scenario.h"
#include "table_reader.h"

namespace ivshmem::sim {

/// Reads the [[workload]] tables of `root` into `into`, whose nodes and memory are known.
void read_workloads(table_reader& root, scenario& into);

/// Reads [platform] and [topology].
void read_platform(table_reader& root, scenario& into);
/// Reads the [[fault]] tables; everything else is known.
void read_faults(table_reader& root, scenario& into);

/// The nodes' names as candidates for a suggestion.
std::vector<std::string_view> node_names(const scenario& of);

}  // namespace ivshmem::sim
