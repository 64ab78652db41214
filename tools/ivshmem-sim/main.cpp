// SPDX-License-Identifier: Apache-2.0
//
// ivshmem-sim: simulates the nodes and workloads of a scenario file.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <systemc>

#include "interruption.h"
#include "ivshmem/tlm/device_view.h"
#include "ivshmem/tlm/report.h"
#include "outputs.h"
#include "printable.h"
#include "rtl_views.h"
#include "run.h"
#include "scenario.h"
#include "standard_streams.h"

namespace ivshmem::sim {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr const char* program = "ivshmem-sim";

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
  tool::print_error(text);
  return code;
}

/// What went wrong, a line each on standard error.
void print_failures(const run_result& result, const std::vector<std::string>& unwritten) {
  for (const std::string& text : result.failure_texts) {
    tool::print_error(text);
  }
  if (result.failures > result.failure_texts.size()) {
    tool::print_error(
        fmt::format("... and {} more", result.failures - result.failure_texts.size()));
  }
  for (const std::string& text : unwritten) {
    tool::print_error(text);
  }
}

int exit_code_of(const run_result& result, bool all_written) {
  if (result.signal != 0) {
    return exit_code_of_signal(result.signal);
  }
  return result.failures == 0 && all_written ? 0 : exit_failed;
}

int run(const arguments& args) {
  catch_signals();
  auto loaded = load_scenario(args.file, parse_device_view(args.model));
  if (!loaded) {
    return complain(loaded.error().what(), exit_usage);
  }
  scenario& settings = *loaded;
  settings.seed = parse_integer(args.seed).value_or(settings.seed);
  run_outputs outputs(args.trace, args.stats);
  auto memory = shared_memory::create(settings.memory);
  if (!memory) {
    return complain(fmt::format("{}:{}: [memory] {}{}", settings.file, settings.memory_line,
                                settings.memory.name.empty()
                                    ? ""
                                    : fmt::format("path = \"{}\": ", settings.memory.name),
                                to_string(memory.error())),
                    exit_usage);
  }
  outputs.check(settings, *memory);
  end_if_interrupted();
  outputs.begin();
  const run_result result = simulate(settings, *memory, args.show_progress, outputs.trace());
  const std::vector<std::string> unwritten = outputs.keep(statistics_text(result));
  if (!args.quiet && !outputs.takes_standard_output()) {
    tool::print(report_text(result));
  }
  const int code = tool::flush_standard_output(program, exit_code_of(result, unwritten.empty()));
  print_failures(result, unwritten);
  if (result.signal != 0) {
    tool::print_error(fmt::format("{}: {} at {}: stopped there{}{}", program,
                                  signal_text(result.signal), duration_text(result.simulated),
                                  outputs.kept().empty() ? "" : "; what was simulated is in ",
                                  outputs.kept()));
  }
  return code;
}

int check(const arguments& args) {
  const auto loaded = load_scenario(args.file);
  if (!loaded) {
    return complain(loaded.error().what(), exit_usage);
  }
  const scenario& settings = *loaded;
  if (!args.quiet) {
    tool::print(fmt::format("{}: OK, {} nodes, {} workloads\n", tool::printable(settings.file),
                            settings.nodes.size(), settings.workloads.size()));
  }
  return tool::flush_standard_output(program, 0);
}

template <class Action>
int guarded(Action action) {
  try {
    return action(given);
  } catch (const output_error& error) {
    return complain(error.what(), exit_usage);
  } catch (const interrupted&) {
    return complain(fmt::format("{}: {} before the simulation began: nothing was written", program,
                                signal_text(caught_signal())),
                    exit_code_of_signal(caught_signal()));
  } catch (const std::exception& error) {
    return complain(fmt::format("{}: {}", program, error.what()), exit_failed);
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
  const auto named = only([](const std::string& text) { return !text.empty(); }, "a file's name");
  app.add_option("--trace", given.trace,
                 "Write a waveform (VCD) here, and a GTKWave view beside it")
      ->check(named);
  app.add_option("--stats", given.stats, "Write the statistics (JSON) here")->check(named);
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
      "Exit code: 0 all right, 1 lost doorbell or wrong data, 2 mistake in a file or option,\n"
      "128 + N ended by signal N."};
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
    return tool::flush_standard_output(program, app.exit(done));
  } catch (const CLI::ParseError& error) {
    return complain(fmt::format("{}: {}; see ivshmem-sim --help", program, error.what()),
                    exit_usage);
  }
  if (checking->parsed()) {
    return guarded(check);
  }
  given.show_progress = !given.no_progress && !given.quiet && isatty(STDERR_FILENO) != 0;
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
  // The summary accounts for each doorbell.
  sc_core::sc_report_handler::set_actions(report_type::doorbell, sc_core::SC_WARNING,
                                          sc_core::SC_DO_NOTHING);
  return sc_core::sc_elab_and_sim(argc, argv);
}

}  // namespace
}  // namespace ivshmem::sim

int sc_main(int /*argc*/, char** /*argv*/) { return ivshmem::sim::guarded(ivshmem::sim::run); }

int main(int argc, char** argv) {
  try {
    ivshmem::tool::hold_standard_streams();
    ivshmem::add_rtl_views();
    return ivshmem::sim::command_line(argc, argv);
  } catch (...) {
    std::fputs("ivshmem-sim: out of memory\n", stderr);
    return ivshmem::sim::exit_failed;
  }
}
