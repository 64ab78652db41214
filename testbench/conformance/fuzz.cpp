// SPDX-License-Identifier: Apache-2.0
//
// Differential fuzzing: the same random operations on ivshmem-qtest and on QEMU, compared after
// each. Exit code 0: no difference, 1: a difference, 2: usage.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "fuzz_duel.h"
#include "fuzz_generator.h"
#include "fuzz_reduce.h"
#include "fuzz_setup.h"

namespace ivshmem::conformance {

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t history_length = 8;

struct fuzz_config {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;
  std::size_t operations = 1000;
  std::string kind = "any";
  duelists names{IVSHMEM_QTEST_PROGRAM, "qemu-system-x86_64", {}};
  std::string case_file;
  std::string folder = ".";
  unsigned seconds = 3600;
  unsigned reduce_seconds = 60;
  bool keep = false;
};

struct totals {
  std::uint64_t operations = 0;
  std::uint64_t messages = 0;
  std::uint64_t rings = 0;
  std::uint64_t lines = 0;
  std::string version;  // of the reference

  void add(const duel_result& result) {
    version = result.version;
    operations += result.answers.size();
    for (const json& answer : result.answers) {
      messages += answer.value("msi", json::array()).size();
      lines += answer.value("log", json::array()).size();
      for (const json& bell : answer.value("bell", json::array())) {
        rings += bell["count"].get<std::uint64_t>();
      }
    }
  }
};

void print_difference(const duel_result& result) {
  const difference& found = *result.found;
  const std::size_t from = found.index - std::min(found.index, history_length);
  for (std::size_t i = from; i < found.index; ++i) {
    std::cout << "  before     " << result.answers[i].dump() << '\n';
  }
  std::cout << "  reference  " << found.reference.dump() << "\n  program    "
            << found.program.dump() << std::endl;
}

/// A trace with the reference's answers, for --case and for trace_replay.
void write_case(const std::string& file, const json& header, const std::vector<json>& answers) {
  std::ofstream out(file);
  out << header.dump() << '\n';
  for (const json& answer : answers) {
    out << answer.dump() << '\n';
  }
  if (!out.flush()) {
    throw bench_error(file + ": cannot be written");
  }
}

void reduce_and_write(const fuzz_config& options, json header, std::vector<json> operations) {
  const auto find = [&](const std::vector<json>& some) -> std::optional<std::size_t> {
    const auto result = duel(options.names, header, some);
    return result.found ? std::optional(result.found->index) : std::nullopt;
  };
  const auto until = steady_clock::now() + seconds(options.reduce_seconds);
  const auto small = reduce(std::move(operations), find, until);
  const duel_result result = duel(options.names, header, small);
  if (!result.found) {
    std::cout << "  the reduced case differs only sometimes: the answer depends on timing\n";
  }
  std::cout << "reduced to " << small.size() << (small.size() == 1 ? " operation" : " operations")
            << ":\n";
  for (const json& answer : result.answers) {
    std::cout << "  " << answer.dump() << '\n';
  }
  if (result.found) {
    std::cout << "  where the program answers\n  " << result.found->program.dump() << '\n';
  }
  const std::string file = options.folder + "/fuzz-" + header["kind"].get<std::string>() + "-" +
                           std::to_string(header["seed"].get<std::uint64_t>()) + ".json";
  header["qemu"] = result.version;
  write_case(file, header, result.answers);
  std::cout << "written to " << file << std::endl;
}

/// True when the two programs agree.
bool fuzz_one(const fuzz_config& options, std::uint64_t seed, totals& sum) {
  dice random(seed);
  const json header = random_header(options.kind, seed, random);
  auto operations = fuzz_generator(header, random.bits(64)).operations(options.operations);
  std::cout << "seed " << seed << ": " << describe(header) << ": " << std::flush;
  const duel_result result = duel(options.names, header, operations);
  sum.add(result);
  if (!result.found) {
    std::cout << operations.size() << " operations, no difference" << std::endl;
    return true;
  }
  std::cout << "operation " << result.found->index << " differs\n";
  print_difference(result);
  operations.resize(result.found->index + 1);
  reduce_and_write(options, header, std::move(operations));
  return false;
}

int fuzz(const fuzz_config& options) {
  const auto start = steady_clock::now();
  totals sum;
  std::uint64_t done = 0;
  std::uint64_t different = 0;
  while (done < options.seeds && steady_clock::now() - start < seconds(options.seconds) &&
         (different == 0 || options.keep)) {
    different += fuzz_one(options, options.seed + done++, sum) ? 0 : 1;
  }
  const std::chrono::duration<double> took = steady_clock::now() - start;
  std::cout << done << " of " << options.seeds << " seeds from " << options.seed << ", kind "
            << options.kind << ", like " << sum.version << ": " << sum.operations << " operations, "
            << sum.messages << " messages, " << sum.rings << " rings of other peers, " << sum.lines
            << " error lines seen; " << different << " seeds differ; " << took.count() << " s"
            << std::endl;
  return different == 0 ? 0 : 1;
}

int replay_case(const fuzz_config& options) {
  std::ifstream in(options.case_file);
  json header;
  std::vector<json> operations;
  for (std::string line; std::getline(in, line);) {
    json one = json::parse(line, nullptr, false);
    if (!one.is_object() || !one.contains("op")) {
      std::cerr << options.case_file << ":" << operations.size() + 1
                << ": not an operation of a trace\n";
      return 2;
    }
    if (header.is_null()) {
      header = one;
    } else {
      operations.push_back(one);
    }
  }
  if (header.is_null() || header["op"] != "header") {
    std::cerr << options.case_file << ":1: a trace begins with its header\n";
    return 2;
  }
  const duel_result result = duel(options.names, header, operations);
  std::cout << describe(header) << ": ";
  if (!result.found) {
    std::cout << operations.size() << " operations, no difference" << std::endl;
    return 0;
  }
  std::cout << "operation " << result.found->index << " differs\n";
  print_difference(result);
  return 1;
}

/// Empty when the program can be started: a path, or a name in PATH.
std::string startable(const std::string& name) {
  bool found = name.find('/') != std::string::npos && ::access(name.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string file; !found && std::getline(folders, file, ':');) {
    file += '/';
    file += name;
    found = ::access(file.c_str(), X_OK) == 0;
  }
  return found ? "" : name + ": no such program";
}

}  // namespace

}  // namespace ivshmem::conformance

int main(int argc, char** argv) try {
  using namespace ivshmem::conformance;
  fuzz_config options;
  CLI::App app("Random operations on ivshmem-qtest and on QEMU, compared one by one");
  app.add_option("--seed", options.seed, "first seed")->capture_default_str();
  app.add_option("--seeds", options.seeds, "number of seeds")->capture_default_str();
  app.add_option("--ops", options.operations, "operations of each seed")->capture_default_str();
  app.add_option("--kind", options.kind, "kind of machine")
      ->check(CLI::IsMember(fuzz_kinds()))
      ->capture_default_str();
  app.add_option("--program", options.names.program, "program under test")
      ->check(startable)
      ->capture_default_str();
  app.add_option("--reference", options.names.reference, "program that is right")
      ->check(startable)
      ->capture_default_str();
  app.add_option("--qemu", options.names.qemu,
                 "version that the reference follows if it is no QEMU");
  app.add_option("--case", options.case_file, "replay this file instead")->check(CLI::ExistingFile);
  app.add_option("--out", options.folder, "folder of the reduced cases")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "start no further seed after this time")
      ->capture_default_str();
  app.add_option("--reduce-seconds", options.reduce_seconds, "time to reduce one difference")
      ->capture_default_str();
  app.add_flag("--keep", options.keep, "keep going after a difference");
  app.add_flag("--invert-answer", options.names.invert_answer)->group("");
  try {
    app.parse(argc, argv);
    if (const std::string missing = startable(options.names.reference); !missing.empty()) {
      throw CLI::ValidationError("--reference", missing);
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  ivshmem::raise_descriptor_limit();
  return options.case_file.empty() ? fuzz(options) : replay_case(options);
} catch (const std::exception& error) {
  std::fprintf(stderr, "fuzz: %s\n", error.what());
  return 1;
}
