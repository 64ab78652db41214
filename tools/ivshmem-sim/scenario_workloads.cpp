// SPDX-License-Identifier: Apache-2.0
//
// The [[workload]] tables: values, nodes, who uses which vector, who uses which shared memory.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "layout.h"
#include "scenario_parse.h"

namespace ivshmem::sim {

namespace {

constexpr std::uint64_t max_count = 1'000'000'000'000;
constexpr std::uint64_t word_bytes = 8;

/// How many nodes a kind takes: at least, and in multiples of.
std::pair<unsigned, unsigned> nodes_wanted(workload_kind kind) {
  switch (kind) {
    case workload_kind::pingpong:
    case workload_kind::stream:
      return {2, 2};
    case workload_kind::random:
      return {1, 1};
    default:
      return {2, 1};
  }
}

class workload_reader {
 public:
  workload_reader(scenario& into, const toml::table& found)
      : into_(into), table_(into.file, found, "[[workload]]") {}

  workload_config read() {
    if (!table_.has("type")) {
      table_.refuse("type",
                    fmt::format("must be one of \"{}\"", fmt::join(workload_names, "\", \"")));
    }
    settings_.line = table_.line();
    settings_.kind = static_cast<workload_kind>(table_.choice("type", 0, workload_names));
    if (settings_.kind == workload_kind::script) {
      read_script();
    } else {
      read_common();
    }
    settings_.start = table_.duration("start", 0, 0, 1'000 * second);
    table_.done();
    settings_.region_bytes = region_bytes(settings_);
    place();
    return std::move(settings_);
  }

 private:
  void read_script() {
    const std::string name = table_.text("file", "");
    if (name.empty()) {
      table_.refuse("file", "a script workload needs one");
    }
    const auto beside = std::filesystem::path(into_.file).parent_path() / name;
    std::error_code unreachable;  // a name that is too long, a loop of links
    if (!std::filesystem::is_regular_file(beside, unreachable)) {
      table_.refuse("file", "must be a file that exists, beside the scenario or with its path");
    }
    settings_.program = load_script(beside.string(), into_);
    for (const script_part& part : settings_.program.parts) {
      settings_.nodes.push_back(part.node);
    }
  }

  void read_common() {
    read_nodes();
    settings_.count = table_.integer("count", default_count(), 1, max_count);
    if (settings_.kind != workload_kind::random) {
      settings_.vector = static_cast<unsigned>(table_.integer("vector", 0, 0, max_vectors - 1));
      check_vector();
      settings_.poll = table_.duration("poll", microsecond, nanosecond, second);
    }
    if (settings_.kind != workload_kind::all_to_all) {
      read_offset();
    }
    settings_.gap = table_.duration("gap", 100 * nanosecond, 0, second);
    if (settings_.kind == workload_kind::random && settings_.gap == 0) {
      table_.refuse("gap", "must be from 1 ps to 1 s, random operations need time");
    }
    if (settings_.kind == workload_kind::stream) {
      read_stream();
    }
  }

  void read_offset() {
    const std::uint64_t offset = table_.size("offset", 0, 0, into_.memory.size_bytes);
    if (offset % layout::line_bytes != 0) {
      table_.refuse("offset", "must be a multiple of 64 bytes");
    }
    if (table_.has("offset")) {
      offset_ = offset;
    }
  }

  std::uint64_t default_count() const {
    return settings_.kind == workload_kind::all_to_all ? 1 : 1000;
  }

  void read_stream() {
    settings_.block_bytes = table_.size("block", 64ULL << 10U, word_bytes, 1ULL << 30U);
    if (settings_.block_bytes % word_bytes != 0) {
      table_.refuse("block", "must be a multiple of 8 bytes");
    }
    settings_.slots = static_cast<unsigned>(table_.integer("slots", 8, 1, 65536));
    settings_.bytes = table_.size("bytes", 16 * settings_.block_bytes, 1, 1ULL << 50U);
    if (settings_.bytes % settings_.block_bytes != 0) {
      table_.refuse("bytes", fmt::format("must be a multiple of block, {}",
                                         size_text(settings_.block_bytes)));
    }
  }

  void read_nodes() {
    std::vector<bool> taken(into_.nodes.size());
    const auto take = [&](unsigned index) {
      if (taken[index]) {
        table_.refuse("nodes", fmt::format("node {} is listed twice", into_.nodes[index].name));
      }
      taken[index] = true;
      settings_.nodes.push_back(index);
    };
    for (const std::string& name : table_.texts("nodes")) {
      bool found = false;
      for (unsigned i = 0; i < into_.nodes.size(); ++i) {
        if (into_.nodes[i].name == name || into_.nodes[i].group == name) {
          take(i);
          found = true;
        }
      }
      if (!found) {
        throw scenario_error(into_.file, table_.line("nodes"),
                             fmt::format("nodes = \"{}\": no such node or group{}", name,
                                         suggestion(name, node_names(into_))));
      }
    }
    if (!table_.has("nodes")) {
      for (unsigned i = 0; i < into_.nodes.size(); ++i) {
        take(i);
      }
    }
    const auto [least, multiple] = nodes_wanted(settings_.kind);
    if (settings_.nodes.size() < least || settings_.nodes.size() % multiple != 0) {
      throw scenario_error(
          into_.file, table_.line("nodes"),
          fmt::format("nodes = {} of them: {} needs {} or more{}", settings_.nodes.size(),
                      settings_.name(), least, multiple == 2 ? ", in pairs" : ""));
    }
  }

  void check_vector() {
    for (const unsigned index : settings_.nodes) {
      const node_config& node = into_.nodes[index];
      if (node.properties.has_peers() && settings_.vector >= node.properties.vectors) {
        throw scenario_error(
            into_.file, table_.line("vector"),
            fmt::format("vector = {}: must be from 0 to {}, the vectors of node {}",
                        settings_.vector, node.properties.vectors - 1, node.name));
      }
      if (settings_.kind == workload_kind::all_to_all && !node.properties.has_peers()) {
        table_.refuse("nodes", fmt::format("node {} is plain and cannot ring: all_to_all "
                                           "needs doorbell or legacy nodes",
                                           node.name));
      }
    }
  }

  /// Behind what stands before, unless the file says where.
  void place() {
    std::uint64_t end = 0;
    for (const workload_config& other : into_.workloads) {
      end = std::max(end, other.offset + other.region_bytes);
    }
    if (settings_.region_bytes == 0) {
      return;
    }
    settings_.offset = offset_.value_or(end);
    const std::uint64_t memory = into_.memory.size_bytes;
    if (settings_.region_bytes > memory || settings_.offset > memory - settings_.region_bytes) {
      throw scenario_error(
          into_.file, settings_.line,
          fmt::format("size = {}: the shared memory is too small for the {} workload, which needs "
                      "{} at offset {}: must be {} or more",
                      size_text(memory), settings_.name(), size_text(settings_.region_bytes),
                      settings_.offset, size_text(power_of_two(end_of(settings_)))));
    }
    for (const workload_config& other : into_.workloads) {
      if (settings_.offset < end_of(other) && other.offset < end_of(settings_)) {
        table_.refuse("offset", fmt::format("overlaps the {} workload at line {}: must be {} or "
                                            "more",
                                            other.name(), other.line, end));
      }
    }
  }

  static std::uint64_t end_of(const workload_config& w) { return w.offset + w.region_bytes; }

  static std::uint64_t power_of_two(std::uint64_t bytes) {
    std::uint64_t size = min_memory_bytes;
    while (size < bytes) {
      size *= 2;
    }
    return size;
  }

  scenario& into_;
  table_reader table_;
  workload_config settings_;
  std::optional<std::uint64_t> offset_;
};

/// Vectors of `node` on which `workload` waits for interrupts.
std::vector<unsigned> vectors_used(const scenario& in, const workload_config& workload,
                                   unsigned node) {
  const device_properties& properties = in.nodes[node].properties;
  std::vector<unsigned> used;
  if (!properties.has_peers()) {
    return used;
  }
  if (workload.kind == workload_kind::random) {
    for (unsigned v = 0; v < properties.vectors; ++v) {
      used.push_back(v);
    }
  } else if (workload.kind == workload_kind::script) {
    for (const script_part& part : workload.program.parts) {
      for (const script_step& step : part.steps) {
        if (part.node == node &&
            (step.action == script_action::wait_irq || step.action == script_action::expect_irqs)) {
          used.push_back(static_cast<unsigned>(step.value));
        }
      }
    }
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
  } else {
    used.push_back(workload.vector);
  }
  if (properties.has_intx() && !used.empty()) {
    used.assign(1, 0);  // one interrupt line, whatever the vector
  }
  return used;
}

void check_claims(const scenario& in) {
  std::map<std::pair<unsigned, unsigned>, unsigned> claimed_at;  // node, vector -> line
  for (const workload_config& workload : in.workloads) {
    for (const unsigned node : workload.nodes) {
      for (const unsigned vector : vectors_used(in, workload, node)) {
        const auto [claim, is_new] = claimed_at.emplace(std::pair{node, vector}, workload.line);
        if (!is_new) {
          throw scenario_error(
              in.file, workload.line,
              fmt::format("vector = {}: node {} waits for it in the workload at line {} already: "
                          "each workload of a node needs its own",
                          vector, in.nodes[node].name, claim->second));
        }
      }
    }
  }
}

}  // namespace

std::uint64_t region_bytes(const workload_config& workload) {
  const std::uint64_t nodes = workload.nodes.size();
  switch (workload.kind) {
    case workload_kind::pingpong:
      return nodes * layout::line_bytes;
    case workload_kind::stream:
      return nodes / 2 * layout::stream_bytes(workload);
    case workload_kind::broadcast:
    case workload_kind::ring:
      return (nodes + 1) * layout::line_bytes;
    case workload_kind::random:
      return nodes * layout::window_bytes;
    default:
      return 0;
  }
}

void read_workloads(table_reader& root, scenario& into) {
  for (const toml::table* found : root.tables("workload")) {
    into.workloads.push_back(workload_reader(into, *found).read());
  }
  if (into.workloads.empty()) {
    root.refuse("workload", "at least one table [[workload]] is needed");
  }
  check_claims(into);
}

}  // namespace ivshmem::sim
