// SPDX-License-Identifier: Apache-2.0
//
// Everything runs in one thread of one simulation, so that each figure has its baseline beside it.
// `scripts/bench` turns the JSON that this writes into the table of docs/performance.md.
#include <benchmark/benchmark.h>

#include <cstring>
#include <deque>

#include "baselines.h"
#include "block_source.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem::test {
namespace {

constexpr std::uint64_t memory_bytes = 1U << 20U;

/// All platforms that the measurements use; made before the simulation starts.
struct platforms : sc_core::sc_module {
  pages memory{memory_bytes};
  in_process_fabric fabric{"fabric", {memory.data(), memory_bytes}};
  bare_pair bare{"bare"};
  bare_four_phase four_phase{"four_phase"};
  node functional{"functional", timing_mode::functional, 0, fabric.join(1), 1};
  node functional_hop{"functional_hop", timing_mode::functional, 1, fabric.join(1), 1};
  node lt{"lt", timing_mode::tlm_lt, 0, fabric.join(1), 1};
  node lt_hop{"lt_hop", timing_mode::tlm_lt, 1, fabric.join(1), 1};
  node cycle{"cycle", timing_mode::tlm_cycle, 0, fabric.join(1), 1};
  node cycle_hop{"cycle_hop", timing_mode::tlm_cycle, 1, fabric.join(1), 1};

  struct ring_of_nodes {
    in_process_fabric fabric;
    std::deque<node> nodes;
    ring_of_nodes(const char* name, unsigned count, memory_view shared) : fabric(name, shared) {
      for (unsigned i = 0; i < count; ++i) {
        nodes.emplace_back((std::string(name) + "_" + std::to_string(i)).c_str(),
                           timing_mode::functional, 0, fabric.join(1), 1);
      }
    }
  };
  ring_of_nodes two{"ring_2", 2, {memory.data(), memory_bytes}};
  ring_of_nodes sixty_four{"ring_64", 64, {memory.data(), memory_bytes}};
  ring_of_nodes thousand{"ring_1024", 1024, {memory.data(), memory_bytes}};

  int argc;
  char** argv;

  platforms(const sc_core::sc_module_name& name, int count, char** words)
      : sc_module(name), argc(count), argv(words) {
    SC_HAS_PROCESS(platforms);
    SC_THREAD(run);
    set_stack_size(1U << 20U);
  }
  void run();
};

platforms* all = nullptr;

void start_nodes() {
  for (node* one : {&all->functional, &all->functional_hop, &all->lt, &all->lt_hop, &all->cycle,
                    &all->cycle_hop}) {
    one->start();
  }
  for (auto* ring : {&all->two, &all->sixty_four, &all->thousand}) {
    for (node& one : ring->nodes) {
      one.start();
    }
  }
}

// ---- registers

template <class Socket>
void transact(benchmark::State& state, Socket& socket, tlm::tlm_command command,
              std::uint64_t address, void* data, unsigned bytes) {
  tlm::tlm_generic_payload trans;
  trans.set_command(command);
  trans.set_data_ptr(static_cast<unsigned char*>(data));
  trans.set_data_length(bytes);
  trans.set_streaming_width(bytes);
  sc_core::sc_time delay;
  const sc_core::sc_time quantum(1, sc_core::SC_US);
  for (auto _ : state) {
    trans.set_address(address);
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    socket->b_transport(trans, delay);
    if (delay > quantum) {
      delay = sc_core::SC_ZERO_TIME;  // time is accounted, not simulated, for the baseline too
    }
  }
  if (trans.is_response_error()) {
    state.SkipWithError("the access failed");
  }
}

void bare_read(benchmark::State& state) {
  std::uint32_t value = 0;
  transact(state, all->bare.from, tlm::TLM_READ_COMMAND, bar0::iv_position.offset, &value, 4);
}
void bare_write(benchmark::State& state) {
  std::uint32_t value = 0;
  transact(state, all->bare.from, tlm::TLM_WRITE_COMMAND, bar0::intr_mask.offset, &value, 4);
}
void register_read(benchmark::State& state, node platforms::*which) {
  node& on = all->*which;
  std::uint32_t value = 0;
  transact(state, on.cpu, tlm::TLM_READ_COMMAND, on.bar[0] + bar0::iv_position.offset, &value, 4);
}
void register_write(benchmark::State& state, node platforms::*which) {
  node& on = all->*which;
  std::uint32_t value = 0;
  transact(state, on.cpu, tlm::TLM_WRITE_COMMAND, on.bar[0] + bar0::intr_mask.offset, &value, 4);
}

// ---- shared memory

/// Copies blocks to `to`, which begins a page.
void copy_blocks(benchmark::State& state, std::uint8_t* to) {
  const best_source from(to);
  for (auto _ : state) {
    std::memcpy(to, from.data(), block_bytes);
    benchmark::DoNotOptimize(to);
    benchmark::ClobberMemory();
  }
}

void memcpy_block(benchmark::State& state) {
  const pages to(block_bytes);
  copy_blocks(state, to.data());
}
void dmi_block(benchmark::State& state) {
  node& on = all->functional;
  tlm::tlm_generic_payload trans;
  trans.set_address(on.bar[2]);
  tlm::tlm_dmi dmi;
  if (!on.cpu->get_direct_mem_ptr(trans, dmi)) {
    state.SkipWithError("no direct memory access");
  }
  copy_blocks(state, dmi.get_dmi_ptr());
}
void memory_block(benchmark::State& state, node platforms::*which) {
  node& on = all->*which;
  const best_source from(all->memory.data());
  transact(state, on.cpu, tlm::TLM_WRITE_COMMAND, on.bar[2], from.data(), block_bytes);
}

// ---- cycle-exact

void bare_four_phases(benchmark::State& state) {
  std::uint32_t value = 0;
  tlm::tlm_generic_payload trans;
  trans.set_command(tlm::TLM_READ_COMMAND);
  trans.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  trans.set_data_length(sizeof value);
  for (auto _ : state) {
    all->four_phase.transact(trans);
  }
}

// ---- doorbells

/// Node 0 rings the last node; one iteration ends when the message is delivered.
void doorbell(benchmark::State& state, platforms::ring_of_nodes platforms::*which) {
  auto& ring = all->*which;
  node& from = ring.nodes.front();
  node& to = ring.nodes.back();
  const auto value = static_cast<std::uint32_t>((ring.nodes.size() - 1) << 16U);
  for (auto _ : state) {
    from.write32(from.bar[0] + bar0::doorbell.offset, value);
    sc_core::wait(to.interrupted);
  }
}

BENCHMARK(bare_read);
BENCHMARK(bare_write);
BENCHMARK_CAPTURE(register_read, functional, &platforms::functional);
BENCHMARK_CAPTURE(register_write, functional, &platforms::functional);
BENCHMARK_CAPTURE(register_read, functional_hop, &platforms::functional_hop);
BENCHMARK_CAPTURE(register_read, tlm_lt, &platforms::lt);
BENCHMARK_CAPTURE(register_read, tlm_lt_hop, &platforms::lt_hop);
BENCHMARK(memcpy_block);
BENCHMARK(dmi_block);
BENCHMARK_CAPTURE(memory_block, functional, &platforms::functional);
BENCHMARK_CAPTURE(memory_block, tlm_lt, &platforms::lt);
BENCHMARK(bare_four_phases);
BENCHMARK_CAPTURE(register_read, tlm_cycle, &platforms::cycle);
BENCHMARK_CAPTURE(register_write, tlm_cycle, &platforms::cycle);
BENCHMARK_CAPTURE(register_read, tlm_cycle_hop, &platforms::cycle_hop);
BENCHMARK_CAPTURE(memory_block, tlm_cycle, &platforms::cycle);
BENCHMARK_CAPTURE(doorbell, 2_nodes, &platforms::two);
BENCHMARK_CAPTURE(doorbell, 64_nodes, &platforms::sixty_four);
BENCHMARK_CAPTURE(doorbell, 1024_nodes, &platforms::thousand);

void platforms::run() {
  start_nodes();
  benchmark::Initialize(&argc, argv);
  if (!benchmark::ReportUnrecognizedArguments(argc, argv)) {
    benchmark::RunSpecifiedBenchmarks();
  }
  benchmark::Shutdown();
  sc_core::sc_stop();
}

}  // namespace
}  // namespace ivshmem::test

int sc_main(int argc, char** argv) {
  // Standard output belongs to the results.
  sc_core::sc_report_handler::set_actions(ivshmem::report_type::doorbell, sc_core::SC_WARNING,
                                          sc_core::SC_DO_NOTHING);
  ivshmem::test::platforms platforms("platforms", argc, argv);
  ivshmem::test::all = &platforms;
  sc_core::sc_start();
  return 0;
}
