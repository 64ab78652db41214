// SPDX-License-Identifier: Apache-2.0
//
// Lets the faults of a scenario happen.
#include "injector.h"

namespace ivshmem::sim {

fault_injector::fault_injector(run_context& context, std::vector<std::unique_ptr<host>>& hosts,
                               in_process_fabric& fabric)
    : context_(context), hosts_(hosts), fabric_(fabric) {
  if (!context.settings.faults.empty()) {
    sc_core::sc_spawn([this] { run(); }, "faults");
  }
}

void fault_injector::run() {
  sc_core::wait(context_.started);
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  for (const fault_config& fault : context_.settings.faults) {
    const sc_core::sc_time at = start + sc_core::sc_time::from_value(fault.at);
    if (at > sc_core::sc_time_stamp()) {
      sc_core::wait(at - sc_core::sc_time_stamp());
    }
    context_.turns.take(true);
    apply(fault);
    for (const auto& one : context_.nodes) {
      one->wake_waiters();
    }
  }
}

void fault_injector::apply(const fault_config& fault) {
  const unsigned per_host = context_.settings.topology.nodes_per_host;
  switch (fault.kind) {
    case fault_kind::delay_doorbells:
      fabric_.set_extra_latency(sc_core::sc_time::from_value(fault.latency));
      break;
    case fault_kind::partition:
    case fault_kind::heal: {
      std::vector<unsigned> groups;
      for (unsigned i = 0; i < fault.groups.size(); ++i) {
        const node& one = *context_.nodes[i];
        if (one.settings().properties.has_peers()) {
          groups.push_back(fault.groups[i]);  // IDs are given out in the order of nodes
        }
      }
      fabric_.set_partition(std::move(groups));
      break;
    }
    default:
      for (const unsigned index : fault.nodes) {
        if (fault.is_of_node()) {
          apply(fault, *context_.nodes[index]);
        } else {
          apply(fault, *hosts_[index / per_host]->slot_link(index % per_host));
        }
      }
      if (fault.has_switch) {
        apply(fault, hosts_[fault.host]->switch_link(fault.switch_index));
      }
      set_up_again();
  }
}

void fault_injector::apply(const fault_config& fault, node& to) {
  if (fault.kind == fault_kind::node_join) {
    to.put_in();
    return;
  }
  context_.log.disturb();
  if (fault.kind == fault_kind::node_reset) {
    to.reset_device();
  } else {
    to.take_out();
  }
}

void fault_injector::apply(const fault_config& fault, pcie::link& to) {
  switch (fault.kind) {
    case fault_kind::link_down:
    case fault_kind::link_up:
      to.set_up(fault.kind == fault_kind::link_up);
      break;
    case fault_kind::lose_completions:
      to.lose_completions(fault.count);
      break;
    default:
      to.poison_writes(fault.count);
      break;
  }
}

void fault_injector::set_up_again() {
  for (const auto& one : context_.nodes) {
    if (one->hardware() != nullptr && !one->is_set_up()) {
      static_cast<void>(one->bring_up());  // when nothing answers, again after the next fault
    }
  }
}

}  // namespace ivshmem::sim
