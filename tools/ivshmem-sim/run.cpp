// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <array>
#include <chrono>
#include <memory>
#include <systemc>

#include "ivshmem/tlm/vcd_trace.h"
#include "workload.h"

namespace ivshmem::sim {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The nodes of a scenario, their fabric and their books.
class platform {
 public:
  platform(const scenario& settings, memory_view memory, run_log& log)
      : settings_(settings),
        log_(log),
        ledger_(settings.fabric_latency, log),
        fabric_("fabric", memory, sc_core::sc_time::from_value(settings.fabric_latency)) {
    for (unsigned i = 0; i < settings.nodes.size(); ++i) {
      const node_settings& one = settings.nodes[i];
      const device_properties& properties = one.properties;
      ledger_.add(one.name, properties.has_peers() ? properties.vectors : 0,
                  properties.irq_path == interrupt_path::irqfd);
      nodes_.push_back(std::make_unique<node>(one.name.c_str(), one, i, fabric_, memory, ledger_));
      if (properties.has_peers()) {
        ledger_.set_peer(nodes_.back()->peer(), i);
      }
    }
  }

  std::vector<std::unique_ptr<node>>& nodes() noexcept { return nodes_; }

  void trace(vcd_trace& into) {
    for (auto& one : nodes_) {
      one->trace(&into.add_node(one->settings().name));
    }
  }

  void bring_up() {
    for (auto& one : nodes_) {
      if (const std::string error = one->bring_up(); !error.empty()) {
        log_.fail("node " + one->settings().name + ": " + error);
      }
    }
  }

  void close() {
    ledger_.close([this](unsigned index, unsigned vector) { return holds(index, vector); });
  }

  void results(run_result& into) const {
    for (const auto& one : nodes_) {
      const node_account& account = ledger_.account(one->index());
      into.nodes.push_back({one->settings().name, to_string(one->settings().properties.variant),
                            one->counters(), account, account.latency.summarise()});
    }
  }

 private:
  /// Whether the device of a node keeps a notification of `vector` for later.
  bool holds(unsigned index, unsigned vector) const {
    const device* hardware = nodes_[index]->hardware();
    if (hardware == nullptr) {
      return false;
    }
    const device_properties& properties = hardware->properties();
    if (properties.has_intx()) {
      return hardware->intr_status() != 0;
    }
    if (properties.irq_path != interrupt_path::irqfd) {
      return hardware->interrupts().pending(vector);
    }
    if (!hardware->config().msix_enabled()) {
      return true;  // the latch cannot be looked at while MSI-X is off
    }
    std::array<std::uint8_t, 4> bits{};
    hardware->peek(1, bar1::pba_offset(properties.vectors) + vector / 32 * 4, bits.data(), 4);
    return ((bits[vector % 32 / 8] >> (vector % 8)) & 1U) != 0;
  }

  const scenario& settings_;
  run_log& log_;
  doorbell_ledger ledger_;
  in_process_fabric fabric_;
  std::vector<std::unique_ptr<node>> nodes_;
};

void describe(const scenario& settings, const run_options& options, run_result& into) {
  into.title = settings.title;
  into.model = options.model;
  into.seed = settings.seed;
  into.memory_bytes = settings.memory.size_bytes;
  into.fabric_latency = settings.fabric_latency;
  for (const workload_settings& one : settings.workloads) {
    into.workloads.emplace_back(one.name());
  }
}

}  // namespace

run_result simulate(const scenario& settings, const shared_memory& memory,
                    const run_options& options, vcd_trace* trace) {
  run_result result;
  describe(settings, options, result);
  run_log log;
  progress meter(options.show_progress);
  const memory_view view{memory.data(), memory.size_bytes()};

  const auto before = std::chrono::steady_clock::now();
  platform machine(settings, view, log);
  run_context context{settings, machine.nodes(), view, log, meter, {}};
  std::vector<std::unique_ptr<workload>> workloads;
  for (const workload_settings& one : settings.workloads) {
    workloads.push_back(make_workload(context, one));
  }
  if (trace != nullptr) {
    machine.trace(*trace);
    trace->start();
  }
  sc_core::sc_spawn([&] {
    machine.bring_up();
    result.elaboration_seconds = seconds_since(before);
    context.started.notify(sc_core::SC_ZERO_TIME);
  });
  const sc_core::sc_time limit = sc_core::sc_time::from_value(settings.time_limit);
  sc_core::sc_start(limit, sc_core::SC_EXIT_ON_STARVATION);
  result.run_seconds = seconds_since(before) - result.elaboration_seconds;
  meter.clear();

  result.simulated = sc_core::sc_time_stamp().value();
  result.reached_limit = sc_core::sc_pending_activity();
  for (const auto& one : workloads) {
    one->check();
    for (const auto& program : one->actors()) {
      if (!program->finished()) {
        log.fail(program->stuck_text());
      }
    }
  }
  machine.close();
  if (trace != nullptr) {
    trace->finish();
  }
  machine.results(result);
  add_up(result);
  result.failures = log.count();
  result.failure_texts = log.texts();
  return result;
}

}  // namespace ivshmem::sim
