// SPDX-License-Identifier: Apache-2.0
//
// timing_gen md <template>|sv: writes docs/timing.md or the SystemVerilog package from the timing
// table, so that neither can disagree with the model. The prose of the page is in timing.md.in.
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "ivshmem/model/timing.h"

namespace {

using namespace ivshmem;

void package() {
  const auto constant = [](const char* name, unsigned value) {
    std::printf("  localparam logic [31:0] %s = 32'd%u;\n", name, value);
  };
  std::printf(
      "// SPDX-License-Identifier: Apache-2.0\n"
      "// Generated from model/include/ivshmem/model/timing.h by timing_gen. Do not edit.\n"
      "// What each number counts is in docs/timing.md. Latencies are not here: they are how many\n"
      "// registers stand on the way, and the tests of the cycles find one too many.\n"
      "/* verilator lint_off UNUSED */\n"
      "package ivshmem_timing_pkg;\n");
  constant("RequestQueue", timing::request_queue);
  constant("HeldBeats", timing::held_beats);
  constant("CompletionQueue", timing::completion_queue);
  constant("OutputQueue", timing::output_queue);
  constant("MessageQueue", timing::message_queue);
  constant("DoorbellQueue", timing::doorbell_queue);
  constant("MemoryQueue", timing::memory_queue);
  constant("BurstBytes", timing::burst_bytes);
  constant("RegisterPieceBytes", timing::register_piece_bytes);
  constant("ScanVectors", timing::scan_vectors);
  std::printf("endpackage\n/* verilator lint_on UNUSED */\n");
}

std::string rows() {
  std::string text;
  for (const timing::row& row : timing::rows) {
    for (const std::string_view cell : {row.event, row.from, row.to}) {
      text.append("| ").append(cell).append(" ");
    }
    text.append("| ").append(std::to_string(row.cycles)).append(" |\n");
  }
  text.pop_back();  // the template ends the line
  return text;
}

/// What `@name@` in the template stands for; false: there is no such name.
bool fill_in(const std::string& name, std::string& value) {
  struct number {
    std::string_view name;
    std::uint64_t value;
  };
  constexpr std::array numbers{
      number{"clock_mhz", timing::default_clock_hz / 1'000'000},
      number{"beat_bytes", timing::default_beat_bytes},
      number{"request_queue", timing::request_queue},
      number{"held", timing::held_beats},
      number{"execute", timing::execute_cycles},
      number{"behind_configuration", 1 + timing::configuration_gap_cycles},
      number{"register_piece", timing::register_piece_bytes},
      number{"memory_queue", timing::memory_queue},
      number{"burst", timing::burst_bytes},
      number{"reset", timing::reset_cycles},
      number{"credit", timing::credit_cycles},
      number{"completion_queue", timing::completion_queue},
      number{"build", timing::build_cycles},
      number{"output_queue", timing::output_queue},
      number{"output", timing::output_cycles},
      number{"doorbell_queue", timing::doorbell_queue},
      number{"message_queue", timing::message_queue},
      number{"message", timing::message_cycles},
      number{"scan", timing::scan_vectors},
  };
  if (name == "rows") {
    value = rows();
    return true;
  }
  for (const number& one : numbers) {
    if (name == one.name) {
      value = std::to_string(one.value);
      return true;
    }
  }
  return false;
}

/// Writes the template with its numbers, without its first line, the licence; false: it cannot be
/// read, or names something unknown.
bool page(const char* path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || text.empty()) {
    std::fprintf(stderr, "timing_gen: cannot read %s\n", path);
    return false;
  }
  std::string page;
  std::size_t from = text.find('\n') + 1;
  for (std::size_t at = text.find('@', from); at != std::string::npos; at = text.find('@', from)) {
    const std::size_t end = text.find('@', at + 1);
    const std::string name = text.substr(at + 1, end - at - 1);
    std::string value;
    if (end == std::string::npos || !fill_in(name, value)) {
      std::fprintf(stderr, "timing_gen: %s: unknown name after '@': %.20s\n", path, name.c_str());
      return false;
    }
    page.append(text, from, at - from).append(value);
    from = end + 1;
  }
  page.append(text, from);
  std::fputs(page.c_str(), stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string form = argc >= 2 ? argv[1] : "";
  if (form == "md" && argc == 3) {
    return page(argv[2]) ? 0 : 1;
  }
  if (form == "sv" && argc == 2) {
    package();
    return 0;
  }
  std::fprintf(stderr, "usage: timing_gen md <template>|sv\n");
  return 2;
}
