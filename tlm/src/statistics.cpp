// SPDX-License-Identifier: Apache-2.0
//
// The counters of all parts, as names and numbers.
#include "ivshmem/tlm/statistics.h"

#include <ostream>

#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace ivshmem {

namespace {

using counters = std::vector<counter>;

counters of(const device_statistics& from) {
  counters all{{"doorbells", from.doorbells},
               {"rung", from.rung},
               {"notifications", from.notifications},
               {"messages", from.messages},
               {"pended", from.pended},
               {"merged", from.merged},
               {"intx_edges", from.intx_edges}};
  for (std::size_t cause = 0; cause < drop_cause_count; ++cause) {
    all.push_back(
        {std::string("drops.") + to_string(static_cast<drop_cause>(cause)), from.drops[cause]});
  }
  return all;
}

counters of(const device_place& place) {
  counters all = of(place.statistics());
  all.push_back({"unsupported_requests", place.unsupported_requests()});
  if (const auto* model = dynamic_cast<const endpoint*>(&place)) {
    all.push_back({"malformed_requests", model->malformed_requests()});
  }
  return all;
}

counters of(const fabric_statistics& from) {
  return {{"rung", from.rung},
          {"delivered", from.delivered},
          {"merged", from.merged},
          {"lost", from.lost},
          {"partitioned", from.partitioned}};
}

counters of(const pcie::root_complex_statistics& from) {
  return {{"unclaimed", from.unclaimed},
          {"dma_failed", from.dma_failed},
          {"poisoned", from.poisoned},
          {"messages_dropped", from.messages_dropped},
          {"completion_timeouts", from.completion_timeouts}};
}

counters of(const pcie::link_statistics& from) {
  return {{"packets", from.packets},
          {"bytes", from.bytes},
          {"lost_posted", from.lost_posted},
          {"failed_requests", from.failed_requests},
          {"lost_completions", from.lost_completions},
          {"poisoned", from.poisoned},
          {"oversize", from.oversize}};
}

counters of(const pcie::router_statistics& from) { return {{"unrouted", from.unrouted}}; }

/// Of a part of this library; of anything else: none.
counters counters_of(const sc_core::sc_object& object) {
  if (const auto* place = dynamic_cast<const device_place*>(&object)) {
    return of(*place);
  }
  if (const auto* flat = dynamic_cast<const flat_device*>(&object)) {
    return of(flat->inner().statistics());
  }
  if (const auto* fabric = dynamic_cast<const in_process_fabric*>(&object)) {
    return of(fabric->statistics());
  }
  if (const auto* target = dynamic_cast<const interrupt_target*>(&object)) {
    return {{"received", target->received()}};
  }
  if (const auto* root = dynamic_cast<const pcie::root_complex*>(&object)) {
    return of(root->statistics());
  }
  if (const auto* link = dynamic_cast<const pcie::link*>(&object)) {
    return of(link->statistics());
  }
  if (const auto* tree = dynamic_cast<const pcie::packet_switch*>(&object)) {
    return of(tree->statistics());
  }
  if (const auto* bridge = dynamic_cast<const pcie::bridge*>(&object)) {
    return of(bridge->statistics());
  }
  return {};
}

void collect(const sc_core::sc_object& object, std::vector<part_statistics>& into) {
  if (counters found = counters_of(object); !found.empty()) {
    into.push_back({object.name(), object.kind(), std::move(found)});
  }
  for (const sc_core::sc_object* child : object.get_child_objects()) {
    collect(*child, into);
  }
}

}  // namespace

std::vector<part_statistics> collect_statistics(const sc_core::sc_object* top) {
  std::vector<part_statistics> all;
  if (top != nullptr) {
    collect(*top, all);
    return all;
  }
  for (const sc_core::sc_object* object : sc_core::sc_get_top_level_objects()) {
    collect(*object, all);
  }
  return all;
}

void print_statistics(std::ostream& out, const std::vector<part_statistics>& parts) {
  for (const part_statistics& part : parts) {
    const char* separator = ": ";
    for (const counter& one : part.counters) {
      if (one.value != 0) {
        out << (separator[0] == ':' ? part.name : "") << separator << one.name << ' ' << one.value;
        separator = ", ";
      }
    }
    if (separator[0] == ',') {
      out << '\n';
    }
  }
}

}  // namespace ivshmem
