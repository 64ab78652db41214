// SPDX-License-Identifier: Apache-2.0
//
// The summary of a run as JSON.
#include <nlohmann/json.hpp>

#include "interruption.h"
#include "printable.h"
#include "results.h"

namespace ivshmem::sim {

namespace {

using json = nlohmann::ordered_json;

json of(const node_result& node) {
  const access_counters& a = node.accesses;
  const node_account& d = node.doorbells;
  json drops;
  for (std::size_t cause = 0; cause < ledger_cause_count; ++cause) {
    drops[cause_text(cause)] = d.drops[cause];
  }
  return {{"accesses", {{"reads", a.reads}, {"writes", a.writes}, {"direct", a.direct}}},
          {"bytes", {{"moved", a.bytes}, {"verified", a.verified_bytes}, {"wrong", a.wrong_bytes}}},
          {"doorbells",
           {{"issued", d.issued},
            {"rung", d.rung},
            {"delivered", d.delivered},
            {"merged", d.merged},
            {"pended", d.pended},
            {"pending", d.pending},
            {"under_way", d.under_way},
            {"lost", d.lost},
            {"write_under_way", d.write_under_way},
            {"write_lost", d.write_lost},
            {"dropped", drops}}},
          {"latency_ps",
           {{"samples", node.latency.count},
            {"min", node.latency.min},
            {"median", node.latency.median},
            {"max", node.latency.max}}}};
}

/// JSON is UTF-8; names of files are any bytes.
std::string text_of(const std::string& text) {
  return tool::is_utf8(text) ? text : tool::printable(text);
}

json texts_of(const std::vector<std::string>& texts) {
  json list = json::array();
  for (const std::string& text : texts) {
    list.push_back(text_of(text));
  }
  return list;
}

}  // namespace

std::string statistics_text(const run_result& result) {
  json nodes = json::array();
  for (const node_result& node : result.nodes) {
    json entry{{"name", node.name}, {"variant", node.variant}};
    entry.update(of(node));
    nodes.push_back(std::move(entry));
  }
  const json all{{"format", 1},
                 {"scenario",
                  {{"title", text_of(result.title)},
                   {"model", to_string(result.view)},
                   {"topology", result.topology},
                   {"hosts", result.hosts},
                   {"faults", result.faults},
                   {"seed", result.seed},
                   {"nodes", result.nodes.size()},
                   {"memory_bytes", result.memory_bytes},
                   {"fabric_latency_ps", result.fabric_latency},
                   {"workloads", result.workloads}}},
                 {"result",
                  {{"ok", result.failures == 0},
                   {"set_up_ps", result.set_up},
                   {"simulated_ps", result.simulated},
                   {"reached_limit", result.reached_limit},
                   {"signal", signal_text(result.signal)},
                   {"failure_count", result.failures},
                   {"failures", texts_of(result.failure_texts)},
                   {"consequence_count", result.consequences},
                   {"consequences", texts_of(result.consequence_texts)}}},
                 {"links",
                  {{"lost_writes", result.links.lost_writes},
                   {"failed_requests", result.links.failed_requests},
                   {"lost_completions", result.links.lost_completions},
                   {"poisoned", result.links.poisoned}}},
                 {"total", of(result.total)},
                 {"nodes", nodes},
                 {"wall",
                  {{"elaboration_seconds", result.elaboration_seconds},
                   {"set_up_seconds", result.set_up_seconds},
                   {"run_seconds", result.run_seconds},
                   {"doorbell_ns", result.doorbell_ns()},
                   {"node_bytes", result.node_bytes}}}};
  return all.dump(2) + "\n";
}

}  // namespace ivshmem::sim
