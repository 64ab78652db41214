// SPDX-License-Identifier: Apache-2.0
//
// The summary of a run, for people.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "interruption.h"
#include "printable.h"
#include "results.h"

namespace ivshmem::sim {

namespace {

constexpr std::size_t most_rows = 16;    // nodes with a row each
constexpr std::size_t outlier_rows = 5;  // of more nodes, the most remarkable ones

using row = std::vector<std::string>;

/// Columns as wide as their longest cell, the first one left aligned.
std::string aligned(const std::vector<row>& rows) {
  std::vector<std::size_t> widths;
  for (const row& cells : rows) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], cells[i].size());
    }
  }
  std::string text;
  for (const row& cells : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      line += i == 0 ? fmt::format("{:<{}}", cells[i], widths[i])
                     : fmt::format("  {:>{}}", cells[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string latency_cell(picoseconds time, std::uint64_t samples) {
  return samples == 0 ? "-" : duration_text(time);
}

row header() {
  return {"node",    "accesses", "rung",   "delivered", "merged",  "pended",
          "dropped", "lat min",  "median", "max",       "verified"};
}

row cells_of(const std::string& name, const node_result& node) {
  const node_account& d = node.doorbells;
  return {name,
          count_text(node.accesses.total()),
          count_text(d.rung),
          count_text(d.delivered),
          count_text(d.merged),
          count_text(d.pended),
          count_text(d.dropped()),
          latency_cell(node.latency.min, node.latency.count),
          latency_cell(node.latency.median, node.latency.count),
          latency_cell(node.latency.max, node.latency.count),
          size_text(node.accesses.verified_bytes)};
}

/// Nodes that lost, then dropped, then waited most.
std::vector<const node_result*> outliers(const run_result& result) {
  std::vector<const node_result*> sorted;
  for (const node_result& node : result.nodes) {
    sorted.push_back(&node);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const node_result* a, const node_result* b) {
    const auto key = [](const node_result& n) {
      return std::tuple(n.doorbells.lost + n.doorbells.write_lost, n.accesses.wrong_bytes,
                        n.doorbells.dropped(), n.latency.max);
    };
    return key(*a) > key(*b);
  });
  sorted.resize(std::min(sorted.size(), outlier_rows));
  return sorted;
}

template <class Value>
std::string spread(const run_result& result, Value value) {
  std::vector<std::uint64_t> values;
  for (const node_result& node : result.nodes) {
    values.push_back(value(node));
  }
  std::sort(values.begin(), values.end());
  return fmt::format("{} / {} / {}", count_text(values.front()),
                     count_text(values[(values.size() - 1) / 2]), count_text(values.back()));
}

std::string many_nodes(const run_result& result) {
  std::vector<row> rows{{"per node", "min / median / max"}};
  rows.push_back(
      {"accesses", spread(result, [](const node_result& n) { return n.accesses.total(); })});
  rows.push_back({"rung", spread(result, [](const node_result& n) { return n.doorbells.rung; })});
  rows.push_back(
      {"delivered", spread(result, [](const node_result& n) { return n.doorbells.delivered; })});
  rows.push_back(
      {"merged", spread(result, [](const node_result& n) { return n.doorbells.merged; })});
  rows.push_back(
      {"dropped", spread(result, [](const node_result& n) { return n.doorbells.dropped(); })});
  std::string text = aligned(rows);
  text += fmt::format("\n  {} of {} nodes: most lost, then dropped, then slowest\n\n",
                      std::min(outlier_rows, result.nodes.size()), result.nodes.size());
  rows.assign(1, header());
  for (const node_result* node : outliers(result)) {
    rows.push_back(cells_of(node->name, *node));
  }
  rows.push_back(cells_of(fmt::format("all {}", result.nodes.size()), result.total));
  return text + aligned(rows);
}

std::string few_nodes(const run_result& result) {
  std::vector<row> rows{header()};
  for (const node_result& node : result.nodes) {
    rows.push_back(cells_of(node.name, node));
  }
  if (result.nodes.size() > 1) {
    rows.push_back(cells_of("total", result.total));
  }
  return aligned(rows);
}

/// One line a cause: how many, and the nodes that booked most.
std::string drops_text(const run_result& result) {
  std::string text;
  for (std::size_t cause = 0; cause < ledger_cause_count; ++cause) {
    const std::uint64_t total = result.total.doorbells.drops[cause];
    if (total == 0) {
      continue;
    }
    std::vector<const node_result*> nodes;
    for (const node_result& node : result.nodes) {
      if (node.doorbells.drops[cause] != 0) {
        nodes.push_back(&node);
      }
    }
    std::stable_sort(nodes.begin(), nodes.end(), [&](const node_result* a, const node_result* b) {
      return a->doorbells.drops[cause] > b->doorbells.drops[cause];
    });
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < std::min(nodes.size(), outlier_rows); ++i) {
      parts.push_back(
          fmt::format("{} {}", nodes[i]->name, count_text(nodes[i]->doorbells.drops[cause])));
    }
    text += fmt::format("  dropped, {}: {} ({}{})\n", cause_text(cause), count_text(total),
                        fmt::join(parts, ", "), nodes.size() > outlier_rows ? ", ..." : "");
  }
  return text;
}

std::string rate(std::uint64_t count, double seconds) {
  return seconds <= 0
             ? "-"
             : count_text(static_cast<std::uint64_t>(static_cast<double>(count) / seconds));
}

/// Only where a run was cut off.
std::string under_way_text(std::uint64_t count) {
  return count == 0 ? "" : fmt::format(" + {} under way", count_text(count));
}

std::string totals_text(const run_result& result) {
  const node_account& d = result.total.doorbells;
  const access_counters& a = result.total.accesses;
  std::string text;
  if (d.issued != d.rung) {
    text += fmt::format("  written    {} = {} rung + {} dropped here{} + {} lost\n",
                        count_text(d.issued), count_text(d.rung), count_text(d.dropped_here()),
                        under_way_text(d.write_under_way), count_text(d.write_lost));
  }
  text += fmt::format(
      "  doorbells  {} rung = {} delivered + {} merged + {} dropped there + {} pending{} + {} "
      "lost\n",
      count_text(d.rung), count_text(d.delivered), count_text(d.merged),
      count_text(d.dropped_there()), count_text(d.pending), under_way_text(d.under_way),
      count_text(d.lost));
  text += fmt::format("  data       {} moved, {} verified, {} wrong\n", size_text(a.bytes),
                      size_text(a.verified_bytes), size_text(a.wrong_bytes));
  if (result.links.any()) {
    const link_losses& l = result.links;
    text += fmt::format(
        "  links      {} writes lost, {} requests failed, {} completions lost, {} writes "
        "poisoned\n",
        count_text(l.lost_writes), count_text(l.failed_requests), count_text(l.lost_completions),
        count_text(l.poisoned));
  }
  text += fmt::format(
      "  time       simulated {}, wall {:.3f} s (elaboration {:.3f} s, set-up {:.3f} s)\n",
      duration_text(result.simulated),
      result.run_seconds + result.elaboration_seconds + result.set_up_seconds,
      result.elaboration_seconds, result.set_up_seconds);
  const auto bytes_per_second =
      result.run_seconds <= 0
          ? std::uint64_t{0}
          : static_cast<std::uint64_t>(static_cast<double>(a.bytes) / result.run_seconds);
  text += fmt::format("  cost       {:.0f} ns wall a doorbell, {} of memory a node\n",
                      result.doorbell_ns(), size_text(result.node_bytes));
  text += fmt::format(
      "  rate       {} doorbells/s, {} accesses/s, {}/s\n", rate(d.rung, result.run_seconds),
      rate(a.total() - result.set_up_accesses, result.run_seconds), size_text(bytes_per_second));
  return text;
}

}  // namespace

void add_up(run_result& result) {
  node_result& total = result.total;
  for (const node_result& node : result.nodes) {
    total.accesses.reads += node.accesses.reads;
    total.accesses.writes += node.accesses.writes;
    total.accesses.direct += node.accesses.direct;
    total.accesses.bytes += node.accesses.bytes;
    total.accesses.verified_bytes += node.accesses.verified_bytes;
    total.accesses.wrong_bytes += node.accesses.wrong_bytes;
    total.doorbells.issued += node.doorbells.issued;
    total.doorbells.rung += node.doorbells.rung;
    total.doorbells.delivered += node.doorbells.delivered;
    total.doorbells.merged += node.doorbells.merged;
    total.doorbells.pended += node.doorbells.pended;
    total.doorbells.pending += node.doorbells.pending;
    total.doorbells.under_way += node.doorbells.under_way;
    total.doorbells.lost += node.doorbells.lost;
    total.doorbells.write_under_way += node.doorbells.write_under_way;
    total.doorbells.write_lost += node.doorbells.write_lost;
    total.doorbells.addressed += node.doorbells.addressed;
    for (std::size_t cause = 0; cause < ledger_cause_count; ++cause) {
      total.doorbells.drops[cause] += node.doorbells.drops[cause];
    }
    total.doorbells.latency.add(node.doorbells.latency);
  }
  total.latency = total.doorbells.latency.summarise();
}

std::string report_text(const run_result& result) {
  std::string text = fmt::format(
      "{}: {} nodes, {}, {} shared, fabric latency {}, model {}, seed {}, workloads: {}\n\n",
      tool::printable(result.title), count_text(result.nodes.size()),
      result.topology == "direct" ? result.topology
                                  : fmt::format("{} of {} hosts", result.topology, result.hosts),
      size_text(result.memory_bytes), duration_text(result.fabric_latency), to_string(result.view),
      result.seed, fmt::join(result.workloads, ", "));
  text += result.nodes.size() > most_rows ? many_nodes(result) : few_nodes(result);
  text += "\n" + drops_text(result) + totals_text(result);
  if (result.reached_limit) {
    text += "  stopped at the limit of simulated time\n";
  }
  if (result.signal != 0) {
    text +=
        fmt::format("  stopped by {}: programs were not finished\n", signal_text(result.signal));
  }
  if (result.consequences != 0) {
    text += fmt::format("\nprograms that the injected faults stopped or misled: {}\n",
                        count_text(result.consequences));
    for (const std::string& one : result.consequence_texts) {
      text += "  " + tool::printable(one) + "\n";
    }
  }
  if (result.view == device_view::lockstep) {
    text += fmt::format("\n0 differences in {} TLPs, {} cycles\n", count_text(result.lockstep.tlps),
                        count_text(result.lockstep.cycles));
  }
  if (result.signal != 0 && result.failures == 0) {
    return text + "\nSTOPPED: nothing wrong until then\n";
  }
  text += result.failures == 0
              ? fmt::format(
                    "\nOK: every doorbell accounted for, {}\n",
                    result.consequences == 0 ? "all data right" : "all else explained by faults")
              : fmt::format("\nFAILED: {} failures\n", count_text(result.failures));
  return text;
}

}  // namespace ivshmem::sim
