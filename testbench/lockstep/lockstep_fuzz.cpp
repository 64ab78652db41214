// SPDX-License-Identifier: Apache-2.0
//
// lockstep_fuzz: random requests, notifications and resets on model and RTL, compared cycle by
// cycle, for as many random devices as wanted. Exit code 0: no difference; 1: a difference, or
// coverage below the floor; 2: bad options.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "fuzz_bench.h"
#include "ivshmem/tlm/report.h"

namespace {

using ivshmem::lockstep::fuzz_bench;

struct options {
  std::uint64_t seed = 1;
  std::uint64_t requests = 10'000;
  unsigned devices = 1;
  unsigned width = 0;
  unsigned vectors = 0;
  std::string waveform;
  std::string coverage;
  double floor = 0;
  bool verbose = false;
};

int run(const options& wanted) {
  std::vector<std::unique_ptr<fuzz_bench>> benches;
  for (unsigned i = 0; i < wanted.devices; ++i) {
    const auto drawn = ivshmem::lockstep::draw_setup(wanted.seed + i, wanted.width, wanted.vectors);
    std::cout << ivshmem::lockstep::describe(drawn) << std::endl;
    const std::string waveform =
        wanted.waveform.empty() ? "" : wanted.waveform + "-" + std::to_string(drawn.seed) + ".vcd";
    benches.push_back(std::make_unique<fuzz_bench>(("bench" + std::to_string(i)).c_str(), drawn,
                                                   wanted.requests, waveform));
  }
  const auto begin = std::chrono::steady_clock::now();
  ivshmem::lockstep::function_coverage coverage;
  std::uint64_t tlps = 0;
  std::uint64_t cycles = 0;
  std::array<std::uint64_t, ivshmem::rtl::lockstep_ports> events{};
  try {
    sc_core::sc_start();
    for (const auto& bench : benches) {
      if (!bench->finish()) {
        return 1;
      }
      coverage.add(bench->coverage());
      tlps += bench->device().tlps();
      cycles += bench->device().cycles();
      for (std::size_t i = 0; i < events.size(); ++i) {
        events[i] += bench->device().checker()->comparator().count(
            static_cast<ivshmem::rtl::lockstep_port>(i));
      }
    }
  } catch (const sc_core::sc_report& report) {
    std::cout << report.get_msg() << std::endl;
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (!wanted.coverage.empty()) {
    ivshmem::lockstep::function_coverage before;
    std::ifstream old(wanted.coverage);
    if (before.load(old)) {
      coverage.add(before);
    }
    std::ofstream file(wanted.coverage);
    coverage.save(file);
  }
  std::cout << coverage.table();
  if (wanted.verbose) {
    std::cout << coverage.missing();
  }
  std::cout << "compared:";
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::cout << " " << to_string(static_cast<ivshmem::rtl::lockstep_port>(i)) << " " << events[i]
              << (i + 1 == events.size() ? "\n" : ",");
  }
  std::cout << "0 differences in " << tlps << " TLPs, " << cycles << " cycles; "
            << wanted.devices * wanted.requests << " requests, "
            << static_cast<std::uint64_t>(static_cast<double>(tlps) / took.count())
            << " TLPs a second\n";
  if (coverage.percent() < wanted.floor) {
    std::cout << "functional coverage is below its floor of " << wanted.floor << " %\n";
    return 1;
  }
  return 0;
}

}  // namespace

int sc_main(int argc, char** argv) {
  // Most random doorbells reach nobody.
  sc_core::sc_report_handler::set_actions(ivshmem::report_type::doorbell, sc_core::SC_WARNING,
                                          sc_core::SC_DO_NOTHING);
  options wanted;
  CLI::App app{"Random lockstep of model and RTL", "lockstep_fuzz"};
  app.add_option("--seed", wanted.seed, "of the first device; the next ones count up");
  app.add_option("--requests,--tlps", wanted.requests, "for each device");
  app.add_option("--devices", wanted.devices, "one for each seed")->check(CLI::Range(1, 1000));
  app.add_option("--width", wanted.width, "of the payload; drawn from the seed if not given")
      ->check(CLI::IsMember({64, 128, 256}));
  app.add_option("--vectors", wanted.vectors, "of a doorbell device; drawn if not given")
      ->check(CLI::Range(1, 2048));
  app.add_option("--waveform", wanted.waveform,
                 "begin of the names of the files around a difference");
  app.add_option("--coverage", wanted.coverage, "file to which functional coverage is added");
  app.add_option("--floor", wanted.floor, "least functional coverage, in percent");
  app.add_flag("--missing", wanted.verbose, "list what was not covered");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run(wanted);
}

int main(int argc, char** argv) {
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
