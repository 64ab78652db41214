// SPDX-License-Identifier: Apache-2.0
//
// Repeats the recorded single cases. Each one shows what was recorded, or exactly what the table of
// deviations says; everything else is a failure.
#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "cases.h"

namespace ivshmem::conformance {
namespace {

struct deviation {
  std::string shows;  ///< JSON: keys that differ, with this program's values; null: absent
  std::vector<std::string> options;
  std::string reason;
};

std::map<std::string, deviation> read_deviations(const std::string& path) {
  std::map<std::string, deviation> table;
  if (path.empty()) {
    return table;
  }
  const toml::table file = toml::parse_file(path);
  for (const toml::node& node : *file["deviation"].as_array()) {
    const toml::table& row = *node.as_table();
    deviation made;
    made.shows = row["shows"].value<std::string>().value();
    made.reason = row["reason"].value<std::string>().value();
    if (const toml::array* options = row["options"].as_array()) {
      for (const toml::node& option : *options) {
        made.options.push_back(option.value<std::string>().value());
      }
    }
    for (const toml::node& name : *row["cases"].as_array()) {
      table[name.value<std::string>().value()] = made;
    }
  }
  return table;
}

/// Error lines begin with the name of the program that was recorded.
json without_program(json value) {
  const std::string recorded = "qemu-system-x86_64: ";
  if (value.is_structured()) {
    for (json& item : value) {
      item = without_program(item);
    }
  } else if (value.is_string() && value.get<std::string>().rfind(recorded, 0) == 0) {
    value = value.get<std::string>().substr(recorded.size());
  }
  return value;
}

json wanted(const json& recorded, const json& deviating) {
  json want = without_program(recorded);
  for (const char* input :
       {"case", "args", "machine", "device", "server", "server_init", "second_run_differs"}) {
    want.erase(input);
  }
  for (const auto& [key, value] : deviating.items()) {
    want[key] = value;
    if (value.is_null()) {
      want.erase(key);
    }
  }
  return want;
}

unsigned replay_cases(const std::string& program, const std::string& file,
                      const std::map<std::string, deviation>& deviations, const std::string& only) {
  std::ifstream in(file);
  if (!in) {
    throw bench_error(file + ": cannot be read");
  }
  unsigned failures = 0;
  unsigned total = 0;
  for (std::string line; std::getline(in, line);) {
    const json recorded = json::parse(line);
    const std::string name = recorded["case"];
    if (name.find(only) == std::string::npos) {
      continue;
    }
    const auto found = deviations.find(name);
    const deviation rule = found == deviations.end() ? deviation{} : found->second;
    const json got = run_case({program, rule.options}, recorded);
    const json want =
        wanted(recorded, rule.shows.empty() ? json::object() : json::parse(rule.shows));
    const bool needed = rule.shows.empty() || want != wanted(recorded, json::object());
    ++total;
    if (got == want && needed) {
      std::cout << (rule.reason.empty() ? "equal      " : "deviation  ") << name
                << (rule.reason.empty() ? "" : ": " + rule.reason) << std::endl;
      continue;
    }
    ++failures;
    std::cout << "DIFFERENT  " << name << (needed ? "" : ": the deviation is none") << std::endl;
    for (const json& change : json::diff(want, got)) {
      const std::string path = change["path"];
      const json::json_pointer where(path);
      std::cout << "  " << path << "\n    want "
                << (want.contains(where) ? want[where].dump() : "nothing") << "\n    got  "
                << (got.contains(where) ? got[where].dump() : "nothing") << '\n';
    }
  }
  std::cout << file << ": " << total << " cases, " << failures << " failures" << std::endl;
  return failures;
}

}  // namespace
}  // namespace ivshmem::conformance

int main(int argc, char** argv) try {
  using namespace ivshmem::conformance;
  CLI::App app("Repeats recorded single cases of the real ivshmem device on a program");
  std::string program = "qemu-system-x86_64";
  std::string deviations;
  std::string only;
  std::vector<std::string> files;
  app.add_option("--program", program, "program that takes QEMU's command line")
      ->capture_default_str();
  app.add_option("--deviations", deviations, "TOML table of intended differences");
  app.add_option("--only", only, "cases whose name contains this");
  app.add_option("files", files, "recorded cases, one JSON object a line")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  ivshmem::raise_descriptor_limit();
  const auto table = read_deviations(deviations);
  unsigned failures = 0;
  for (const std::string& file : files) {
    failures += replay_cases(program, file, table, only);
  }
  return failures == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::cout << error.what() << std::endl;
  return 1;
}
