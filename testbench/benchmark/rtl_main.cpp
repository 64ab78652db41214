// SPDX-License-Identifier: Apache-2.0
//
// The RTL, the model and both in lockstep on the same traffic, in one run. An iteration is one
// batch of TLPs, sent at once and waited for; `cycles` is what it takes of the device clock.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "ivshmem/model/driver.h"
#include "ivshmem/model/regmap.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/rtl_bridge/tlp_names.h"
#include "ivshmem/rtl_bridge/views.h"
#include "ivshmem/tlm/device_view.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/report.h"
#include "rtl_batches.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_type;

void fill(const access& from, pcie::payload& trans) {
  const bool write = from.type == tlp_type::memory_write || from.type == tlp_type::config_write_0;
  trans.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  trans.set_address(from.address);
  pcie::tlp_of(trans).header().type = from.type;
  if (write) {
    std::memcpy(trans.get_data_ptr(), &from.value, std::min<std::size_t>(from.bytes, 4));
  }
}

/// Sends batches through a port and waits until each request is completed or taken.
class traffic final : public sc_core::sc_module, private pcie::component {
 public:
  pcie::port pcie{"pcie", *this};

  explicit traffic(const sc_core::sc_module_name& name) : sc_module(name) {}

  void run(const batch& all) {
    left_ = static_cast<unsigned>(all.size());
    for (const access& one : all) {
      pcie::payload& trans = pool_.allocate(one.bytes);
      fill(one, trans);
      pcie::tlp_of(trans).header().tag = tag_++;
      pcie.send_request(trans, sc_core::SC_ZERO_TIME);
    }
    if (left_ != 0) {
      sc_core::wait(done_);
    }
  }

 private:
  void gone(pcie::payload& trans, const sc_core::sc_time& delay) {
    trans.release();
    if (--left_ == 0) {
      done_.notify(delay);
    }
  }
  void accepted(pcie::port& /*from*/, pcie::payload& trans, bool completion) override {
    if (!completion && pcie::tlp_of(trans).is_posted()) {
      gone(trans, sc_core::SC_ZERO_TIME);
    }
  }
  void completion_arrived(pcie::port& from, pcie::payload& trans,
                          const sc_core::sc_time& delay) override {
    from.accept(trans, true);
    gone(trans, delay);
  }
  void receive(pcie::port& /*from*/, pcie::payload& trans, sc_core::sc_time& /*delay*/) override {
    complete(trans, pcie::completion_status::successful);
  }
  unsigned receive_debug(pcie::port& /*from*/, pcie::payload& /*trans*/) override { return 0; }

  pcie::payload_pool pool_;
  sc_core::sc_event done_;
  unsigned left_ = 0;
  std::uint8_t tag_ = 0;
};

/// A verilated core and the least that keeps it busy: no TLM, no checks, memory of zeros.
class bare_core {
 public:
  bare_core() : core_(chosen()) {
    core_.in.completion_ready = core_.in.message_ready = core_.in.doorbell_ready = true;
    core_.in.aw_ready = core_.in.w_ready = core_.in.ar_ready = true;
    while (core_.out().busy) {
      core_.clock();
    }
    const batch first = bring_up();
    run(first, 0);
    forget();
  }

  /// Passes a batch, and `idle` cycles more. Returns the cycles.
  std::uint64_t run(const batch& work, unsigned idle) {
    if (&work != encoded_) {
      pcie::payload_pool pool;
      stream_ = encode(work, pool);
      encoded_ = &work;
    }
    const std::uint64_t busy = run(stream_);
    for (unsigned i = 0; i < idle; ++i) {
      core_.clock();
    }
    return busy + idle;
  }
  /// The batch of run() goes away.
  void forget() { encoded_ = nullptr; }

 private:
  struct stream {
    std::vector<rtl::tlp_beat> beats;
    unsigned requests = 0;
    unsigned completions = 0;
  };
  struct burst {
    std::uint64_t from;
    unsigned beats;
  };

  static rtl::core_config chosen() {
    rtl::core_config chosen;
    chosen.vectors = 1;
    chosen.memory_log2 = 20;
    chosen.assertions = false;
    return chosen;
  }

  static stream encode(const batch& all, pcie::payload_pool& pool) {
    stream made;
    rtl::tlp_source source(chosen().beat_dwords());
    for (const access& one : all) {
      pcie::payload& trans = pool.allocate(one.bytes);
      fill(one, trans);
      rtl::encode_request(trans, source.next());
      source.push(0);
      // Reads are of one payload at most, or of aligned ones.
      constexpr unsigned payload = 256;
      made.completions +=
          pcie::tlp_of(trans).is_posted() ? 0U : (one.bytes + payload - 1) / payload;
      trans.release();
    }
    made.requests = static_cast<unsigned>(all.size());
    rtl::tlp_beat beat;
    while (!source.empty()) {
      source.step(0, true, true, beat);
      made.beats.push_back(beat);
    }
    return made;
  }

  std::uint64_t run(const stream& what) {
    const std::uint64_t start = core_.cycle();
    unsigned requests = 0;
    unsigned completions = 0;
    std::size_t next = 0;
    while (requests < what.requests || completions < what.completions) {
      const rtl::core_outputs& out = core_.out();
      rtl::core_inputs& in = core_.in;
      requests += out.request_done ? 1U : 0U;
      completions += out.completion.valid && out.completion.last ? 1U : 0U;
      in.request.valid = next < what.beats.size();
      if (in.request.valid) {
        in.request = what.beats[next];
        next += out.request_ready ? 1U : 0U;
      }
      serve_memory(out, in);
      core_.clock();
    }
    return core_.cycle() - start;
  }

  void serve_memory(const rtl::core_outputs& out, rtl::core_inputs& in) {
    const std::uint64_t cycle = core_.cycle();
    if (in.b_valid) {
      confirmations_.pop_front();
    }
    in.b_valid = !confirmations_.empty() && confirmations_.front() <= cycle;
    if (out.w.valid && out.w.last) {
      confirmations_.push_back(cycle + timing::default_memory_write_latency_cycles);
    }
    in.r.valid = !reads_.empty() && reads_.front().from <= cycle;
    if (in.r.valid) {
      in.r.last = reads_.front().beats == 1;
      if (out.r_ready && --reads_.front().beats == 0) {
        reads_.pop_front();
      }
    }
    if (out.ar.valid) {
      reads_.push_back({cycle + timing::default_memory_latency_cycles, out.ar.length + 1U});
    }
  }

  rtl::verilated_core core_;
  stream stream_;
  const batch* encoded_ = nullptr;  // what stream_ is made of
  std::deque<burst> reads_;
  std::deque<std::uint64_t> confirmations_;
};

/// A device as `view` shows it, traffic for it, and a peer that its doorbells ring: the least there
/// is, so that the device is measured and not its peer.
struct bench_device {
  static std::unique_ptr<device_place> place_for(const std::string& view) {
    timing_config timing;
    timing.mode = timing_mode::tlm_cycle;
    if (view == "rtl-unchecked") {
      rtl::rtl_device_config unchecked;
      unchecked.checked = false;
      return std::make_unique<rtl::rtl_device>("device_unchecked", timing, unchecked);
    }
    return make_place(*parse_device_view(view), ("device_" + view).c_str(), timing);
  }

  static device_properties doorbell() {
    device_properties properties;
    properties.variant = device_variant::doorbell;
    return properties;
  }

  in_process_fabric fabric;
  traffic source;
  std::unique_ptr<device_place> place;
  endpoint peer;

  bench_device(const std::string& view, memory_view memory)
      : fabric(("fabric_" + view).c_str(), memory),
        source(("traffic_" + view).c_str()),
        place(place_for(view)),
        peer(("peer_" + view).c_str()) {
    source.pcie.bind(place->pcie);
    for (device_place* const one : {place.get(), static_cast<device_place*>(&peer)}) {
      if (const auto inserted = one->insert(doorbell(), fabric.join(1)); !inserted) {
        SC_REPORT_ERROR(view.c_str(), inserted.error().text().c_str());
      }
    }
  }
};

struct platforms : sc_core::sc_module {
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(memory_bytes);
  bare_core bare;
  bench_device model{"tlm-cycle", {memory.data(), memory.size()}};
  bench_device rtl{"rtl", {memory.data(), memory.size()}};
  bench_device unchecked{"rtl-unchecked", {memory.data(), memory.size()}};
  bench_device lockstep{"lockstep", {memory.data(), memory.size()}};
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
const sc_core::sc_time period(4, sc_core::SC_NS);

void bare(benchmark::State& state, batch (*make)(), unsigned idle) {
  const batch work = make();
  std::uint64_t cycles = 0;
  for (auto _ : state) {
    cycles += all->bare.run(work, idle);
  }
  all->bare.forget();
  state.counters["cycles"] =
      benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kAvgIterations);
}

void run(benchmark::State& state, bench_device platforms::*which, batch (*make)(), unsigned idle) {
  const batch work = make();
  traffic& source = (all->*which).source;
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  for (auto _ : state) {
    source.run(work);
    if (idle != 0) {
      sc_core::wait(period * idle);
    }
  }
  state.counters["cycles"] = benchmark::Counter((sc_core::sc_time_stamp() - start) / period,
                                                benchmark::Counter::kAvgIterations);
}

BENCHMARK_CAPTURE(bare, mixed, mixed, 0);
BENCHMARK_CAPTURE(bare, registers, registers, 0);
BENCHMARK_CAPTURE(bare, blocks, blocks, 0);
BENCHMARK_CAPTURE(bare, idle, one_register, idle_cycles);
BENCHMARK_CAPTURE(run, mixed_rtl, &platforms::rtl, mixed, 0);
BENCHMARK_CAPTURE(run, mixed_rtl_unchecked, &platforms::unchecked, mixed, 0);
BENCHMARK_CAPTURE(run, mixed_lockstep, &platforms::lockstep, mixed, 0);
BENCHMARK_CAPTURE(run, mixed_tlm_cycle, &platforms::model, mixed, 0);
BENCHMARK_CAPTURE(run, registers_rtl, &platforms::rtl, registers, 0);
BENCHMARK_CAPTURE(run, registers_rtl_unchecked, &platforms::unchecked, registers, 0);
BENCHMARK_CAPTURE(run, registers_tlm_cycle, &platforms::model, registers, 0);
BENCHMARK_CAPTURE(run, blocks_rtl, &platforms::rtl, blocks, 0);
BENCHMARK_CAPTURE(run, blocks_rtl_unchecked, &platforms::unchecked, blocks, 0);
BENCHMARK_CAPTURE(run, blocks_tlm_cycle, &platforms::model, blocks, 0);
BENCHMARK_CAPTURE(run, idle_rtl, &platforms::rtl, one_register, idle_cycles);
BENCHMARK_CAPTURE(run, idle_tlm_cycle, &platforms::model, one_register, idle_cycles);

void platforms::run() {
  for (bench_device* one : {&model, &rtl, &unchecked, &lockstep}) {
    one->source.run(bring_up());
  }
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
  ivshmem::rtl::add_views();
  ivshmem::test::platforms platforms("platforms", argc, argv);
  ivshmem::test::all = &platforms;
  sc_core::sc_start();
  return 0;
}
