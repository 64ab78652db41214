// SPDX-License-Identifier: Apache-2.0
//
// Time on the bus: the wire, the unloaded latency in both timed modes, contention and
// back-pressure.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "platform.h"

namespace ivshmem::test {
namespace {

using sc_core::sc_time;
using testing::IsEmpty;

sc_time ps(double value) { return {value, sc_core::SC_PS}; }

// ---- the wire

/// A header of 12 bytes, 8 bytes of overhead and a payload, in ps, rounded up, by hand: bits over
/// lanes and rate; 8b/10b up to generation 2, 128b/130b up to 5, 242 of 256 in 6.
struct wire_row {
  unsigned generation;
  std::array<double, 5> empty;  // x1, x2, x4, x8, x16
  std::array<double, 5> full;   // with 256 bytes
};
constexpr std::array<wire_row, 6> wire_rows{
    {{1, {80000, 40000, 20000, 10000, 5000}, {1104000, 552000, 276000, 138000, 69000}},
     {2, {40000, 20000, 10000, 5000, 2500}, {552000, 276000, 138000, 69000, 34500}},
     {3, {20313, 10157, 5079, 2540, 1270}, {280313, 140157, 70079, 35040, 17520}},
     {4, {10157, 5079, 2540, 1270, 635}, {140157, 70079, 35040, 17520, 8760}},
     {5, {5079, 2540, 1270, 635, 318}, {70079, 35040, 17520, 8760, 4380}},
     {6, {2645, 1323, 662, 331, 166}, {36496, 18248, 9124, 4562, 2281}}}};

TEST(Wire, TakesTheTimeOfTheBitsInEveryGenerationAndWidth) {
  for (const wire_row& row : wire_rows) {
    for (unsigned i = 0; i < 5; ++i) {
      pcie::link_config config;
      config.generation = row.generation;
      config.lanes = 1U << i;
      const std::string name =
          "gen" + std::to_string(row.generation) + "x" + std::to_string(config.lanes);
      const pcie::link link(name.c_str(), config);
      EXPECT_EQ(link.serialisation(12, 0), ps(row.empty[i])) << name;
      EXPECT_EQ(link.serialisation(12, 256), ps(row.full[i])) << name;
    }
  }
}

// ---- unloaded latency

struct two_switches {
  static platform_config settings(timing_mode mode) {
    platform_config config;
    config.mode = mode;
    config.root_ports = true;
    config.slots = {{{{}, {{{}, {}}}}}, {}};  // a leaf below one switch, two below the second
    config.link.generation = 3;
    config.link.lanes = 2;
    return config;
  }
};

/// When a device executed its last request, and rang.
struct access_times final : endpoint_observer, cycle_observer {
  sc_time accessed;
  sc_time rang;
  sc_time period;
  using cycle_observer::on_doorbell;
  void on_credit(const pcie::payload&, std::uint64_t cycle) override {
    accessed = period * static_cast<double>(cycle - timing::credit_cycles);
  }
  void on_doorbell(peer_id, vector_index, const sc_time& delay) override {
    rang = sc_core::sc_time_stamp() + delay;
  }
};

struct measurement {
  platform& bus;
  access_times watch;
  std::map<std::string, sc_time> found;

  /// Accesses begin on a clock edge, with an idle bus.
  sc_time align() const {
    const sc_time unit(100, sc_core::SC_US);
    const sc_time now = sc_core::sc_time_stamp();
    sc_core::wait(unit - now % unit);
    return sc_core::sc_time_stamp();
  }
  bool cycle() const { return bus.config.mode == timing_mode::tlm_cycle; }

  void read(const std::string& what, std::uint64_t address, unsigned bytes) {
    const sc_time start = align();
    std::vector<unsigned char> data(bytes);
    sc_time delay;
    bus.access(tlm::TLM_READ_COMMAND, address, data.data(), bytes, delay);
    found[what] = sc_core::sc_time_stamp() + delay - start;
  }
  /// A posted write: until the device has changed.
  void write(const std::string& what, std::uint64_t address, unsigned bytes) {
    const sc_time start = align();
    std::vector<unsigned char> data(bytes);
    sc_time delay;
    bus.access(tlm::TLM_WRITE_COMMAND, address, data.data(), bytes, delay);
    const sc_time returned = sc_core::sc_time_stamp() + delay;
    sc_core::wait(50, sc_core::SC_US);
    found[what] = (cycle() ? watch.accessed : returned) - start;
  }
  void write_config(const std::string& what, std::uint64_t address) {
    const sc_time start = align();
    std::uint32_t data = 0;
    sc_time delay;
    bus.access(tlm::TLM_WRITE_COMMAND, address, &data, 1, delay);
    found[what] = sc_core::sc_time_stamp() + delay - start;
  }
  void ring(const std::string& what, std::size_t index, std::size_t to) {
    bus.messages.clear();
    const sc_time start = align();
    std::uint32_t value = static_cast<std::uint32_t>(to) << 16U;
    sc_time delay;
    bus.access(tlm::TLM_WRITE_COMMAND, bus.leaves[index].bar[0] + bar0::doorbell.offset, &value, 4,
               delay);
    sc_core::wait(50, sc_core::SC_US);
    found[what + " at the fabric"] = watch.rang - start;
    ASSERT_EQ(bus.messages.size(), 1U);
    found[what + " as a message in memory"] = bus.messages[0].at - start;
  }

  void all() {
    using pcie::make_bdf;
    read("root port config", bus.ecam(make_bdf(0, 0, 0), 0), 4);
    read("switch config", bus.ecam(make_bdf(1, 0, 0), 0), 4);
    read("switch port config", bus.ecam(make_bdf(2, 1, 0), 0), 4);
    write_config("switch port config write", bus.ecam(make_bdf(2, 1, 0), 0x0c));
    for (std::size_t i = 0; i < bus.leaves.size(); ++i) {
      const platform::leaf& leaf = bus.leaves[i];
      const std::string at = "leaf " + std::to_string(i) + " ";
      leaf.device->observe(&watch);
      leaf.device->observe_cycles(&watch);
      watch.period = bus.config.timing.clock_period;
      bus.program(i, 0, platform::msi_base, 1);
      read(at + "config", bus.ecam(leaf.id, 0), 4);
      write_config(at + "config write", bus.ecam(leaf.id, cfg::cache_line.offset));
      read(at + "other function", bus.ecam(leaf.id, 0) + 0x1000, 4);
      read(at + "BAR0", leaf.bar[0] + bar0::intr_mask.offset, 4);
      read(at + "BAR1", leaf.bar[1], 4);
      read(at + "BAR1 all of an entry", leaf.bar[1], bar1::entry_bytes);
      for (const unsigned bytes : {1U, 4U, 8U, 9U, 64U, 256U}) {
        read(at + "BAR2 " + std::to_string(bytes), leaf.bar[2], bytes);
        write(at + "BAR2 write " + std::to_string(bytes), leaf.bar[2], bytes);
      }
      read(at + "BAR2 unaligned", leaf.bar[2] + 7, 30);
      write(at + "BAR0 write", leaf.bar[0] + bar0::intr_mask.offset, 4);
      write(at + "BAR1 write", leaf.bar[1] + bar1::entry_bytes, 4);
      bus.configure(leaf.id, cfg::command, cfg::command_master);
      read(at + "unsupported", leaf.bar[0], 4);
      bus.configure(leaf.id, cfg::command, cfg::command_master | cfg::command_memory);
      ring(at + "doorbell to itself", i, i);
      ring(at + "doorbell to the first", i, 0);
      leaf.device->observe(nullptr);
      leaf.device->observe_cycles(nullptr);
    }
    bus.leaves[0].device->observe(nullptr);
  }
};

TEST(Latency, IsTheSameInBothTimedModesWhenTheBusIsIdle) {
  platform loose(two_switches::settings(timing_mode::tlm_lt), "loose");
  platform exact(two_switches::settings(timing_mode::tlm_cycle), "exact");
  measurement of_loose{loose, {}, {}};
  measurement of_exact{exact, {}, {}};
  loose.run([&] {
    exact.boot();
    of_loose.all();
    of_exact.all();
    exact.check();
  });
  EXPECT_GT(of_exact.found.size(), 80U);
  for (const auto& [what, time] : of_exact.found) {
    EXPECT_EQ(of_loose.found[what], time) << what;
  }
}

}  // namespace
}  // namespace ivshmem::test
