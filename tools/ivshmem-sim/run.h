// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ivshmem/model/shared_memory.h"
#include "results.h"
#include "scenario.h"

namespace ivshmem {
class vcd_trace;
}

namespace ivshmem::sim {

/// Simulates `settings` on `memory`. Once per process, from within sc_main. With `trace`, its
/// nodes are added and it is started and finished.
run_result simulate(const scenario& settings, const shared_memory& memory, bool show_progress,
                    vcd_trace* trace);

}  // namespace ivshmem::sim
