// SPDX-License-Identifier: Apache-2.0
//
// The scenario file: seed, memory, fabric, limits and nodes. Workloads: scenario_workloads.cpp.
#include "scenario_parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <unordered_set>

#include "ivshmem/model/property_table.h"

namespace ivshmem::sim {

namespace {

constexpr std::uint64_t max_nodes = 4096;
constexpr std::uint64_t max_seed = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t default_memory_bytes = 16ULL << 20U;

constexpr std::array<std::string_view, 5> backing_names{"anonymous", "memfd", "posix", "file",
                                                        "hugetlbfs"};

void read_memory(table_reader& root, scenario& into) {
  shared_memory_config& memory = into.memory;
  memory.backing = memory_backing::anonymous;
  memory.size_bytes = default_memory_bytes;
  memory.remove = true;
  const toml::table* found = root.table("memory");
  if (found == nullptr) {
    return;
  }
  table_reader table(into.file, *found, "[memory]");
  into.memory_line = table.line();
  memory.size_bytes = table.size("size", default_memory_bytes, min_memory_bytes, max_memory_bytes);
  if ((memory.size_bytes & (memory.size_bytes - 1)) != 0) {
    table.refuse("size", "must be a power of two from 4 KiB to 8 GiB");
  }
  memory.backing = static_cast<memory_backing>(table.choice("backing", 0, backing_names));
  memory.name = table.text("path", "");
  const bool needs_path =
      memory.backing == memory_backing::posix || memory.backing == memory_backing::file;
  if (needs_path && memory.name.empty()) {
    table.refuse("path", fmt::format("a {} backing needs one",
                                     backing_names[static_cast<std::size_t>(memory.backing)]));
  }
  if (!needs_path && memory.backing != memory_backing::hugetlbfs && table.has("path")) {
    table.refuse("path", "needs backing \"posix\", \"file\" or \"hugetlbfs\"");
  }
  table.done();
}

void refuse_useless_keys(const table_reader& table, const device_properties& properties) {
  for (const property_row& row : property_table) {
    if (holds(row.variants, properties.variant) || !table.has(row.name)) {
      continue;
    }
    std::string variants;
    for (std::size_t i = 0; i < variant_names.size(); ++i) {
      if (holds(row.variants, static_cast<device_variant>(i))) {
        variants += fmt::format(variants.empty() ? "\"{}\"" : " or \"{}\"", variant_names[i]);
      }
    }
    table.refuse(row.name, fmt::format("needs variant {}", variants));
  }
}

device_properties read_properties(table_reader& table) {
  device_properties properties;
  properties.variant = device_variant::doorbell;  // what a scenario is about
  for (const property_row& row : property_table) {
    row.set(properties, table.parameter(row.name, row, default_value(row, properties)));
  }
  return properties;
}

bool is_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

class node_reader {
 public:
  explicit node_reader(scenario& into) : into_(into) {}

  void read(const toml::table& found) {
    table_reader table(into_.file, found, "[[node]]");
    node_config settings;
    settings.line = table.line();
    settings.group = table.text("name", "node");
    if (!is_name(settings.group)) {
      table.refuse("name", "must be letters, digits, _ and - only");
    }
    const std::uint64_t count = table.integer("count", 1, 1, max_nodes);
    if (into_.nodes.size() + count > max_nodes) {
      table.refuse("count", fmt::format("must leave at most {} nodes in all", max_nodes));
    }
    settings.properties = read_properties(table);
    refuse_useless_keys(table, settings.properties);
    settings.dmi = table.flag("dmi", true);
    table.done();
    const bool numbered = table.has("count");
    for (std::uint64_t i = 0; i < count; ++i) {
      settings.name = settings.group + (numbered ? std::to_string(i) : "");
      add(table, settings);
    }
  }

 private:
  void add(const table_reader& table, const node_config& settings) {
    if (!names_.insert(settings.name).second) {
      table.refuse("name", fmt::format("must differ from the name of node {}", settings.name));
    }
    const bool has_peers = settings.properties.has_peers();
    const auto id = static_cast<peer_id>(has_peers ? next_id_++ : 0);
    const auto checked = check(settings.properties, into_.memory.size_bytes, id);
    if (!checked) {
      const property_error& error = checked.error();
      throw scenario_error(into_.file, table.line(error.property), error.text());
    }
    into_.nodes.push_back(settings);
  }

  scenario& into_;
  std::unordered_set<std::string> names_;
  unsigned next_id_ = 0;
};

void read_root(table_reader& root, scenario& into) {
  into.title = root.text("title", into.file);
  into.seed = root.integer("seed", 1, 0, max_seed);
  read_memory(root, into);
  if (const toml::table* found = root.table("fabric")) {
    table_reader table(into.file, *found, "[fabric]");
    into.fabric_latency = table.duration("latency", microsecond, 1, second);
    table.done();
  }
  if (const toml::table* found = root.table("limits")) {
    table_reader table(into.file, *found, "[limits]");
    into.time_limit = table.duration("time", 10 * second, 1, 1'000'000 * second);
    table.done();
  }
  read_platform(root, into);
  node_reader nodes(into);
  for (const toml::table* found : root.tables("node")) {
    nodes.read(*found);
  }
  if (into.nodes.empty()) {
    root.refuse("node", "at least one table [[node]] is needed");
  }
  read_workloads(root, into);
  read_faults(root, into);
  root.done();
}

}  // namespace

std::vector<std::string_view> node_names(const scenario& of) {
  std::vector<std::string_view> names;
  for (const node_config& node : of.nodes) {
    names.emplace_back(node.name);
  }
  return names;
}

namespace {

/// What the model can and the RTL cannot.
void check_view(const scenario& in) {
  for (const node_config& node : in.nodes) {
    if (!is_model(in.platform.view) && node.properties.irq_path == interrupt_path::irqfd) {
      throw scenario_error(
          in.file, node.line,
          fmt::format("irq_path = \"irqfd\": node {} is RTL, which has no hypervisor around it: "
                      "must be event_loop with model {}",
                      node.name, to_string(in.platform.view)));
    }
  }
}

}  // namespace

result<scenario, scenario_error> load_scenario(const std::string& file,
                                               std::optional<device_view> view) try {
  scenario loaded;
  loaded.file = file;
  std::ifstream in(file);
  if (!in || in.peek() == std::ifstream::traits_type::eof()) {
    return scenario_error(file, 1,
                          "nothing to read: must be a scenario file that exists and is "
                          "not empty");
  }
  toml::table parsed;
  try {
    parsed = toml::parse(in, file);
  } catch (const toml::parse_error& error) {
    return scenario_error(file, error.source().begin.line, std::string(error.description()));
  }
  table_reader root(loaded.file, parsed, "the scenario");
  read_root(root, loaded);
  loaded.platform.view = view.value_or(loaded.platform.view);
  check_view(loaded);
  return loaded;
} catch (const scenario_error& error) {
  return error;
}

}  // namespace ivshmem::sim
