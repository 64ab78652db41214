// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "actor.h"
#include "host.h"

namespace ivshmem::sim {

/// Makes the faults of a scenario happen, each at its time after all nodes are set up.
///
/// A node whose device was reset or put in is set up again by its driver; when a link on the way is
/// down then, as soon as a link comes up.
class fault_injector {
 public:
  fault_injector(run_context& context, std::vector<std::unique_ptr<host>>& hosts,
                 in_process_fabric& fabric);

 private:
  void run();
  void apply(const fault_config& fault);
  void apply(const fault_config& fault, node& to);
  void apply(const fault_config& fault, pcie::link& to);
  void set_up_again();

  run_context& context_;
  std::vector<std::unique_ptr<host>>& hosts_;
  in_process_fabric& fabric_;
};

}  // namespace ivshmem::sim
