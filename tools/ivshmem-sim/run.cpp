// SPDX-License-Identifier: Apache-2.0
//
// Builds the platform of a scenario and runs it.
#include "run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <systemc>

#include "injector.h"
#include "interruption.h"
#include "ivshmem/tlm/vcd_trace.h"
#include "workload.h"

namespace ivshmem::sim {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Bytes of memory that this process uses, without what it shares or has mapped from files; 0
/// where the host does not tell.
std::uint64_t own_memory() {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> shared;
  constexpr std::uint64_t page_bytes = 4096;
  return (resident - shared) * page_bytes;
}

timing_config timing_of(const scenario& all) {
  const platform_config& settings = all.platform;
  timing_config timing;
  timing.mode = mode_of(settings.view);
  timing.clock_period = sc_core::sc_time::from_value(settings.clock);
  timing.beat_bytes = settings.beat_bytes;
  timing.memory_latency_cycles = settings.memory_latency;
  timing.max_payload_bytes = all.topology.max_payload_bytes;
  return timing;
}

/// The nodes of a scenario, their hosts, their fabric and their books.
class platform {
 public:
  platform(const scenario& settings, memory_view memory, run_log& log, progress& meter)
      : settings_(settings),
        log_(log),
        meter_(meter),
        ledger_(settings.fabric_latency, log),
        turns_(settings.platform.view),
        journal_(turns_.is_kept() && settings.faults.empty(), now),
        fabric_("fabric", memory, sc_core::sc_time::from_value(settings.fabric_latency)) {
    const unsigned per_host = settings.topology.nodes_per_host;
    const auto count = static_cast<unsigned>(settings.nodes.size());
    for (unsigned first = 0; first < count; first += per_host) {
      add_host(first, std::min(per_host, count - first));
    }
    for (unsigned i = 0; i < count; ++i) {
      end_if_interrupted();
      meter_.prepare("built", i, count);
      add_node(i, *hosts_[i / per_host], i % per_host, memory);
    }
  }

  std::vector<std::unique_ptr<host>>& hosts() noexcept { return hosts_; }
  in_process_fabric& fabric() noexcept { return fabric_; }
  std::vector<std::unique_ptr<node>>& nodes() noexcept { return nodes_; }
  turn_order& turns() noexcept { return turns_; }

  void trace(vcd_trace& into) {
    for (auto& one : nodes_) {
      one->trace_to(&into.add_node(one->settings().name));
    }
  }

  void bring_up() {
    for (const auto& one : nodes_) {
      meter_.prepare("set up", one->index(), nodes_.size());
      host& where = *hosts_[one->index() / settings_.topology.nodes_per_host];
      result<void, std::string> done;
      if (!where.is_enumerated()) {
        done = where.enumerate(one->processor());
      }
      if (done) {
        done = one->bring_up();
      }
      if (!done) {
        throw std::runtime_error("node " + one->settings().name + ": " + done.error());
      }
    }
  }

  /// Enters what was reported, however late.
  void settle() { journal_.close(); }
  picoseconds last_event() const noexcept { return ledger_.last_event(); }

  void close(bool is_cut_off) {
    const picoseconds patience = hosts_.front()->completion_timeout().value();
    ledger_.close({sc_core::sc_time_stamp().value(), is_cut_off, patience},
                  [this](unsigned index, unsigned vector) { return holds(index, vector); });
  }

  void results(run_result& into) const {
    for (const auto& one : nodes_) {
      const node_account& account = ledger_.account(one->index());
      into.nodes.push_back({one->settings().name, to_string(one->settings().properties.variant),
                            one->counters(), account, account.latency.summarise()});
    }
    for (const auto& one : hosts_) {
      const pcie::link_statistics links = one->link_statistics();
      into.links.lost_writes += links.lost_posted;
      into.links.failed_requests += links.failed_requests;
      into.links.lost_completions += links.lost_completions;
      into.links.poisoned += links.poisoned;
    }
  }

 private:
  void add_host(unsigned first, unsigned count) {
    hosts_.push_back(std::make_unique<host>(
        ("host" + std::to_string(hosts_.size())).c_str(), settings_, count,
        [this, first](unsigned slot, std::uint32_t data) {
          if (first + slot < nodes_.size()) {
            nodes_[first + slot]->interrupt(data);
          }
        },
        [this, first, count](const pcie::payload& trans, pcie::link_loss how) {
          log_.disturb();
          for (unsigned i = first; i < first + count && !nodes_[i]->lost(trans, how); ++i) {
          }
        }));
  }

  void add_node(unsigned index, host& where, unsigned slot, memory_view memory) {
    const node_config& one = settings_.nodes[index];
    const device_properties& properties = one.properties;
    ledger_.add(one.name, properties.has_peers() ? properties.vectors : 0,
                properties.irq_path == interrupt_path::irqfd);
    nodes_.push_back(std::make_unique<node>(one.name.c_str(), one, index, where, slot,
                                            timing_of(settings_), settings_.platform.view, fabric_,
                                            memory, ledger_, journal_, turns_));
    if (properties.has_peers()) {
      ledger_.set_peer(nodes_.back()->peer(), index);
    }
  }

  /// Whether the device of a node keeps a notification of `vector` for later.
  bool holds(unsigned index, unsigned vector) const {
    const device_place* hardware = nodes_[index]->hardware();
    if (hardware == nullptr) {
      return false;
    }
    const device_properties& properties = hardware->properties();
    if (properties.has_intx()) {
      std::uint32_t status = 0;
      hardware->peek(0, bar0::intr_status.offset, reinterpret_cast<std::uint8_t*>(&status),
                     sizeof status);
      return status != 0;
    }
    const bool enabled = (hardware->peek_config(cfg::msix_control.offset, cfg::msix_control.bytes) &
                          cfg::msix_enable) != 0;
    if (properties.irq_path == interrupt_path::irqfd && !enabled) {
      return true;  // the latch cannot be looked at while MSI-X is off
    }
    std::array<std::uint8_t, 4> bits{};
    hardware->peek(1, bar1::pba_offset(properties.vectors) + vector / 32 * 4, bits.data(), 4);
    return ((bits[vector % 32 / 8] >> (vector % 8)) & 1U) != 0;
  }

  const scenario& settings_;
  run_log& log_;
  progress& meter_;
  doorbell_ledger ledger_;
  turn_order turns_;
  journal journal_;
  in_process_fabric fabric_;
  std::vector<std::unique_ptr<host>> hosts_;
  std::vector<std::unique_ptr<node>> nodes_;
};

void describe(const scenario& settings, run_result& into) {
  into.title = settings.title;
  into.view = settings.platform.view;
  into.topology = topology_names[static_cast<std::size_t>(settings.topology.kind)];
  into.hosts = settings.hosts();
  into.faults = settings.faults.size();
  into.seed = settings.seed;
  into.memory_bytes = settings.memory.size_bytes;
  into.fabric_latency = settings.fabric_latency;
  for (const workload_config& one : settings.workloads) {
    into.workloads.emplace_back(one.name());
  }
}

/// What was rung by anybody was rung for somebody.
void check_total(const run_result& result, run_log& log) {
  const node_account& total = result.total.doorbells;
  if (total.rung != total.addressed) {
    log.fail("the account of doorbells is wrong: " + std::to_string(total.rung) + " rung, " +
             std::to_string(total.addressed) + " for a node");
  }
}

}  // namespace

run_result simulate(const scenario& settings, const shared_memory& memory, bool show_progress,
                    vcd_trace* trace) {
  run_result result;
  describe(settings, result);
  run_log log;
  progress meter(show_progress);
  const memory_view view{memory.data(), memory.size_bytes()};

  const std::uint64_t memory_before = own_memory();
  const auto before = std::chrono::steady_clock::now();
  platform machine(settings, view, log, meter);
  run_context context{settings, machine.nodes(), machine.turns(), view, log, meter, {}};
  const fault_injector faults(context, machine.hosts(), machine.fabric());
  std::vector<std::unique_ptr<workload>> workloads;
  for (const workload_config& one : settings.workloads) {
    workloads.push_back(make_workload(context, one));
  }
  if (trace != nullptr) {
    machine.trace(*trace);
    trace->start();
  }
  sc_core::sc_spawn([&] {
    result.elaboration_seconds = seconds_since(before);
    machine.bring_up();
    result.set_up_seconds = seconds_since(before) - result.elaboration_seconds;
    result.set_up = sc_core::sc_time_stamp().value();
    for (const auto& one : machine.nodes()) {
      result.set_up_accesses += one->counters().total();
    }
    context.started.notify(sc_core::SC_ZERO_TIME);
  });
  const sc_core::sc_time limit = sc_core::sc_time::from_value(settings.time_limit);
  end_if_interrupted();
  sc_core::sc_start(limit, sc_core::SC_EXIT_ON_STARVATION);
  result.run_seconds = seconds_since(before) - result.elaboration_seconds - result.set_up_seconds;
  result.node_bytes =
      (std::max(own_memory(), memory_before) - memory_before) / machine.nodes().size();
  meter.clear();
  machine.settle();

  result.signal = was_stopped() ? caught_signal() : 0;
  result.reached_limit = result.signal == 0 && sc_core::sc_pending_activity();
  // Not the time stamp: time-outs that nobody needs any more may have come after all else.
  result.simulated = std::max(machine.last_event(), result.set_up);
  if (result.reached_limit) {
    result.simulated = limit.value();
  }
  if (result.signal != 0) {
    result.simulated = sc_core::sc_time_stamp().value();
  }
  for (const auto& one : workloads) {
    one->check();
    for (const auto& program : one->actors()) {
      result.simulated = std::max(result.simulated, program->finished_at());
      if (!program->finished() && result.signal == 0) {
        log.fail_program(program->stuck_text());
      }
    }
  }
  machine.close(result.reached_limit || result.signal != 0);
  if (trace != nullptr) {
    trace->finish();
  }
  for (const auto& one : machine.nodes()) {
    if (const auto agreed = one->place().finish_comparison()) {
      result.lockstep.tlps += agreed->tlps;
      result.lockstep.cycles += agreed->cycles;
    }
  }
  machine.results(result);
  add_up(result);
  check_total(result, log);
  result.failures = log.count();
  result.failure_texts = log.texts();
  result.consequences = log.consequences();
  result.consequence_texts = log.consequence_texts();
  return result;
}

}  // namespace ivshmem::sim
