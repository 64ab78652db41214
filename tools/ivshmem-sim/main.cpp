// SPDX-License-Identifier: Apache-2.0
//
// ivshmem-sim: simulates the nodes and workloads of a scenario file.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <systemc>

#include "ivshmem/tlm/device_view.h"
#include "ivshmem/tlm/vcd_trace.h"
#include "output_file.h"
#include "rtl_views.h"
#include "run.h"
#include "scenario.h"

namespace ivshmem::sim {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr std::size_t viewed_nodes = 8;  // more make a view that nobody can read

struct arguments {
  std::string file;
  std::string trace;
  std::string stats;
  std::string seed;
  std::string model;
  bool show_progress = false;
  bool quiet = false;
  bool no_progress = false;
};

/// The command line, kept for sc_main, which the kernel calls without any of it.
arguments given;

int complain(const std::string& text, int code) {
  fmt::print(stderr, "{}\n", text);
  return code;
}

/// The trace and its view; both appear when the run is over.
class trace_output {
 public:
  explicit trace_output(const std::string& file)
      : dump_(file), view_(view_name(file)), trace_(dump_.stream()) {}

  bool is_open() { return dump_.stream().is_open() && view_.stream().is_open(); }
  vcd_trace& trace() noexcept { return trace_; }
  bool keep() {
    const std::string name = std::filesystem::path(dump_.name()).filename().string();
    trace_.write_view(view_.stream(), name, viewed_nodes);
    return dump_.keep() && view_.keep();
  }

 private:
  static std::string view_name(const std::string& file) {
    return std::filesystem::path(file).replace_extension(".gtkw").string();
  }

  output_file dump_;
  output_file view_;
  vcd_trace trace_;
};

int cannot_write(const char* option, const std::string& file) {
  return complain(fmt::format("{} = {}: must be a file that can be written", option, file),
                  exit_usage);
}

int run(const arguments& args) {
  auto loaded = load_scenario(args.file, parse_device_view(args.model));
  if (!loaded) {
    return complain(loaded.error().what(), exit_usage);
  }
  scenario& settings = *loaded;
  settings.seed = parse_integer(args.seed).value_or(settings.seed);
  auto memory = shared_memory::create(settings.memory);
  if (!memory) {
    return complain(fmt::format("{}:{}: [memory] {}{}", settings.file, settings.memory_line,
                                settings.memory.name.empty()
                                    ? ""
                                    : fmt::format("path = \"{}\": ", settings.memory.name),
                                to_string(memory.error())),
                    exit_usage);
  }
  std::optional<trace_output> trace;
  if (!args.trace.empty() && !trace.emplace(args.trace).is_open()) {
    return cannot_write("--trace", args.trace);
  }
  std::optional<output_file> stats;
  if (!args.stats.empty() && !stats.emplace(args.stats).stream().is_open()) {
    return cannot_write("--stats", args.stats);
  }
  const run_result result =
      simulate(settings, *memory, args.show_progress, trace ? &trace->trace() : nullptr);
  if (trace && !trace->keep()) {
    return complain("--trace = " + args.trace + ": could not be written", exit_failed);
  }
  if (stats) {
    stats->stream() << statistics_text(result);
    if (!stats->keep()) {
      return complain("--stats = " + args.stats + ": could not be written", exit_failed);
    }
  }
  if (!args.quiet) {
    fmt::print("{}", report_text(result));
    std::fflush(stdout);
  }
  for (const std::string& text : result.failure_texts) {
    fmt::print(stderr, "{}\n", text);
  }
  if (result.failures > result.failure_texts.size()) {
    fmt::print(stderr, "... and {} more\n", result.failures - result.failure_texts.size());
  }
  return result.failures == 0 ? 0 : exit_failed;
}

int check(const arguments& args) {
  const auto loaded = load_scenario(args.file);
  if (!loaded) {
    return complain(loaded.error().what(), exit_usage);
  }
  const scenario& settings = *loaded;
  if (!args.quiet) {
    fmt::print("{}: OK, {} nodes, {} workloads\n", settings.file, settings.nodes.size(),
               settings.workloads.size());
  }
  return 0;
}

template <class Action>
int guarded(Action action) {
  try {
    return action(given);
  } catch (const std::exception& error) {
    return complain(fmt::format("ivshmem-sim: {}", error.what()), exit_failed);
  }
}

/// A check whose refusal says what the text must be.
template <class Accept>
auto only(Accept accept, const std::string& range) {
  return [=](const std::string& text) {
    return accept(text) ? std::string{} : fmt::format("{}: must be {}", text, range);
  };
}

void declare_run(CLI::App& app) {
  const std::string views = available_views();
  app.add_option("FILE", given.file, "Scenario file (TOML), see docs/user.md")->required();
  app.add_option("--trace", given.trace,
                 "Write a waveform (VCD) here, and a GTKWave view beside it");
  app.add_option("--stats", given.stats, "Write the statistics (JSON) here");
  app.add_option("--seed", given.seed, "Use this seed instead of the scenario's")
      ->check(only([](const std::string& text) { return parse_integer(text).has_value(); },
                   "a number from 0 to 2^64 - 1"));
  app.add_option("--model", given.model,
                 fmt::format("What the devices are: {}; instead of the scenario's", views))
      ->check(only(
          [](const std::string& text) {
            const auto view = parse_device_view(text);
            return view && is_available(*view);
          },
          views));
  app.add_flag("--quiet", given.quiet, "Print failures only");
  app.add_flag("--no-progress", given.no_progress, "No progress line, even on a terminal");
}

int command_line(int argc, char** argv) {
  CLI::App app{
      "Simulates computers that share memory and ring each other's doorbells through ivshmem.\n"
      "Exit code: 0 all right, 1 lost doorbell or wrong data, 2 mistake in a file or option."};
  app.set_version_flag("--version", "ivshmem-sim " IVSHMEM_VERSION);
  app.require_subcommand(1);
  CLI::App* running = app.add_subcommand("run", "Simulate a scenario and print a summary");
  declare_run(*running);
  CLI::App* checking = app.add_subcommand("check", "Check a scenario without running it");
  checking->add_option("FILE", given.file, "Scenario file (TOML)")->required();
  checking->add_flag("--quiet", given.quiet, "Print mistakes only");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    return complain(fmt::format("ivshmem-sim: {}; see ivshmem-sim --help", error.what()),
                    exit_usage);
  }
  if (checking->parsed()) {
    return guarded(check);
  }
  given.show_progress = !given.no_progress && !given.quiet && isatty(STDERR_FILENO) != 0;
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}

}  // namespace
}  // namespace ivshmem::sim

int sc_main(int /*argc*/, char** /*argv*/) { return ivshmem::sim::guarded(ivshmem::sim::run); }

int main(int argc, char** argv) {
  try {
    ivshmem::add_rtl_views();
    return ivshmem::sim::command_line(argc, argv);
  } catch (...) {
    std::fputs("ivshmem-sim: out of memory\n", stderr);
    return ivshmem::sim::exit_failed;
  }
}
