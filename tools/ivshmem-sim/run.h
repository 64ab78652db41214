// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ivshmem/model/shared_memory.h"
#include "results.h"
#include "scenario.h"

namespace ivshmem {
class vcd_trace;
}

namespace ivshmem::sim {

struct run_options {
  std::string model = "functional";
  bool show_progress = false;
};

/// Simulates `settings` on `memory`. Once per process, from within sc_main. With `trace`, its
/// nodes are added and it is started and finished.
run_result simulate(const scenario& settings, const shared_memory& memory,
                    const run_options& options, vcd_trace* trace);

}  // namespace ivshmem::sim
