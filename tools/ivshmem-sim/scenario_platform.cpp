// SPDX-License-Identifier: Apache-2.0
//
// The tables that say what the nodes are built of, and what happens to them: [platform],
// [topology] and [[fault]].
#include <fmt/format.h>

#include <algorithm>

#include "ivshmem/tlm/config_table.h"
#include "scenario_parse.h"

namespace ivshmem::sim {

namespace {

/// The value of `key` as the row `name` of `Config` takes it.
template <class Config>
unsigned number(table_reader& table, std::string_view key, std::string_view name,
                unsigned fallback) {
  return static_cast<unsigned>(table.parameter(key, rows_of<Config>()[name], fallback));
}

void read_link(const toml::table& found, scenario& into) {
  topology_config& topology = into.topology;
  table_reader table(into.file, found, "[topology] link");
  topology.generation =
      number<pcie::link_config>(table, "generation", "generation", topology.generation);
  topology.lanes = number<pcie::link_config>(table, "lanes", "lanes", topology.lanes);
  topology.propagation = table.duration("propagation", 5 * nanosecond, 0, second);
  const parameter& payload = rows_of<pcie::link_config>()["max_payload_bytes"];
  topology.max_payload_bytes = static_cast<unsigned>(
      table.size("max_payload", topology.max_payload_bytes, payload.least, payload.most));
  if (!payload.is_allowed(topology.max_payload_bytes)) {
    table.refuse("max_payload", fmt::format("must be a power of two from {} to {}",
                                            size_text(payload.least), size_text(payload.most)));
  }
  table.done();
}

void read_tree(table_reader& table, topology_config& topology) {
  topology.ports = static_cast<unsigned>(table.integer("ports", 8, 2, 32));
  topology.switch_latency = table.duration("switch_latency", 100 * nanosecond, 0, second);
  const unsigned most = most_tree_nodes(topology.ports, max_buses);
  topology.nodes_per_host = static_cast<unsigned>(
      table.integer("nodes_per_host", std::min(most, default_tree_nodes), 1, max_buses));
  if (topology.nodes_per_host > most) {
    table.refuse("nodes_per_host",
                 fmt::format("needs {} bus numbers with {} ports a switch, a segment has {}: "
                             "must be from 1 to {}",
                             plan_tree(topology.nodes_per_host, topology.ports).buses(),
                             topology.ports, max_buses, most));
  }
}

/// Reads one [[fault]] table.
class fault_reader {
 public:
  fault_reader(const scenario& in, const toml::table& found)
      : in_(in), table_(in.file, found, "[[fault]]") {}

  fault_config read() {
    for (const char* key : {"at", "kind"}) {
      if (!table_.has(key)) {
        table_.refuse(key, "a fault needs one");
      }
    }
    fault_.line = table_.line();
    fault_.at = table_.duration("at", 0, 0, 1'000'000 * second);
    fault_.kind = static_cast<fault_kind>(table_.choice("kind", 0, fault_names));
    if (fault_.is_of_link() && table_.has("link")) {
      read_switch();
    } else if (fault_.is_of_link() || fault_.is_of_node()) {
      read_nodes();
    }
    if (fault_.is_of_link() && !in_.topology.has_links) {
      table_.refuse("kind",
                    "there are no links: needs a tree, or link = { } in "
                    "[topology]");
    }
    if (fault_.kind == fault_kind::lose_completions || fault_.kind == fault_kind::poison_writes) {
      fault_.count = static_cast<unsigned>(table_.integer("count", 1, 1, 1'000'000'000));
    }
    if (fault_.kind == fault_kind::delay_doorbells) {
      if (!table_.has("latency")) {
        table_.refuse("latency", "delay_doorbells needs one");
      }
      fault_.latency = table_.duration("latency", 0, 0, second);
    }
    if (fault_.kind == fault_kind::partition) {
      read_groups();
    }
    table_.done();
    return std::move(fault_);
  }

 private:
  std::vector<unsigned> nodes_called(std::string_view key, const std::string& name) const {
    std::vector<unsigned> found;
    for (unsigned i = 0; i < in_.nodes.size(); ++i) {
      if (in_.nodes[i].name == name || in_.nodes[i].group == name) {
        found.push_back(i);
      }
    }
    if (found.empty()) {
      throw scenario_error(in_.file, table_.line(key),
                           fmt::format("{} = \"{}\": no such node or group{}", key, name,
                                       suggestion(name, node_names(in_))));
    }
    return found;
  }

  void read_nodes() {
    if (!table_.has("node")) {
      table_.refuse("node", fmt::format("{} needs one{}", fault_.name(),
                                        fault_.is_of_link() ? ", or a link" : ""));
    }
    fault_.nodes = nodes_called("node", table_.text("node", ""));
  }

  void read_switch() {
    if (table_.has("node")) {
      table_.refuse("link", "a fault takes a node or a link, not both");
    }
    const std::string name = table_.text("link", "");
    const topology_config& topology = in_.topology;
    const auto nodes = static_cast<unsigned>(in_.nodes.size());
    for (unsigned host = 0; topology.kind == topology_kind::tree && host < in_.hosts(); ++host) {
      const unsigned here =
          std::min(topology.nodes_per_host, nodes - host * topology.nodes_per_host);
      const auto switches = static_cast<unsigned>(plan_tree(here, topology.ports).switches.size());
      for (unsigned i = 0; i < switches; ++i) {
        if (switch_name(host, i) == name) {
          fault_.has_switch = true;
          fault_.host = host;
          fault_.switch_index = i;
          return;
        }
      }
    }
    table_.refuse("link",
                  "must be a switch of a tree such as \"host0.switch0\", for the link "
                  "above it");
  }

  void read_groups() {
    fault_.groups.assign(in_.nodes.size(), 0);
    const auto lists = table_.text_lists("groups");
    if (lists.empty()) {
      table_.refuse("groups", "a partition needs them");
    }
    for (unsigned group = 0; group < lists.size(); ++group) {
      for (const std::string& name : lists[group]) {
        for (const unsigned node : nodes_called("groups", name)) {
          if (fault_.groups[node] != 0) {
            table_.refuse("groups", fmt::format("node {} is listed twice", in_.nodes[node].name));
          }
          fault_.groups[node] = group + 1;
        }
      }
    }
  }

  const scenario& in_;
  table_reader table_;
  fault_config fault_;
};

}  // namespace

void read_platform(table_reader& root, scenario& into) {
  if (const toml::table* found = root.table("platform")) {
    table_reader table(into.file, *found, "[platform]");
    platform_config& platform = into.platform;
    std::vector<std::string_view> views;
    for (const device_view view : device_views) {
      if (is_available(view)) {
        views.emplace_back(to_string(view));
      }
    }
    platform.view = *parse_device_view(views[table.choice("model", 0, views)]);
    platform.clock = table.duration("clock", platform.clock, 100, second);
    platform.beat_bytes =
        number<timing_config>(table, "beat_bytes", "beat_bytes", platform.beat_bytes);
    platform.memory_latency =
        static_cast<unsigned>(table.integer("memory_latency", platform.memory_latency, 1, 1000));
    table.done();
  }
  if (const toml::table* found = root.table("topology")) {
    table_reader table(into.file, *found, "[topology]");
    topology_config& topology = into.topology;
    topology.kind = static_cast<topology_kind>(table.choice("kind", 0, topology_names));
    topology.has_links = topology.kind == topology_kind::tree;
    if (topology.kind == topology_kind::tree) {
      read_tree(table, topology);
    }
    if (const toml::table* link = table.table("link")) {
      topology.has_links = true;
      read_link(*link, into);
    }
    for (const char* key : {"ports", "nodes_per_host", "switch_latency"}) {
      if (topology.kind != topology_kind::tree && table.has(key)) {
        table.refuse(key, "needs kind \"tree\"");
      }
    }
    table.done();
  }
}

void read_faults(table_reader& root, scenario& into) {
  for (const toml::table* found : root.tables("fault")) {
    into.faults.push_back(fault_reader(into, *found).read());
  }
  std::stable_sort(into.faults.begin(), into.faults.end(),
                   [](const fault_config& a, const fault_config& b) { return a.at < b.at; });
  for (const workload_config& one : into.workloads) {
    if (one.kind == workload_kind::random && !into.faults.empty()) {
      throw scenario_error(into.file, into.faults.front().line,
                           fmt::format("fault: the random workload at line {} expects "
                                       "none: must be used with the other workloads",
                                       one.line));
    }
  }
}

}  // namespace ivshmem::sim
