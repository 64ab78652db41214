// SPDX-License-Identifier: Apache-2.0
//
// Draws the timing diagrams of docs/rtl.md from what the verilated RTL does: `waves_gen NAME` runs
// a few accesses, samples the pins and prints an SVG.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "ivshmem/model/driver.h"
#include "ivshmem/rtl_bridge/core_driver.h"

namespace ivshmem::rtl {
namespace {

constexpr std::uint32_t bar0_at = 0xfe00'0000;
constexpr std::uint32_t bar1_at = 0xfe00'1000;
constexpr std::uint64_t bar2_at = 0x1'0000'0000;

/// Pins of one cycle.
struct sample {
  core_outputs out;
  core_inputs in;
};

class bench final : private driver_access {
 public:
  bench() : memory_(1U << 12U), view_({memory_.data(), memory_.size()}), driver_(chosen(), view_) {
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      memory_[i] = static_cast<std::uint8_t>(i);
    }
    guest_.place_bar(0, bar0_at);
    guest_.place_bar(1, bar1_at);
    guest_.place_bar(2, bar2_at);
    guest_.enable();
    guest_.set_up_vectors(0xfee0'0000, 0x41);
    run();
  }

  driver& guest() noexcept { return guest_; }
  void write(std::uint64_t address, const std::vector<std::uint32_t>& data) {
    memory(0x40, address, data);
  }
  void read(std::uint64_t address, unsigned dwords) {
    memory(0x00, address, std::vector<std::uint32_t>(dwords));
  }
  void notify(std::uint16_t vector) { driver_.notify(vector, driver_.cycle()); }

  /// Passes cycles until nothing is under way, and `extra` more.
  std::vector<sample> run(unsigned extra = 0) {
    std::vector<sample> seen;
    do {
      seen.push_back(pass());
    } while (!driver_.idle() || driver_.due() != never);
    for (; extra != 0; --extra) {
      seen.push_back(pass());
    }
    return seen;
  }

 private:
  static constexpr unsigned vectors = 4;

  static core_driver_config chosen() {
    core_driver_config chosen;
    chosen.core.vectors = vectors;
    return chosen;
  }

  // Requests are queued and nobody looks at their completions, so there is nothing to read.
  std::uint32_t read_config(std::uint32_t /*offset*/, unsigned /*bytes*/) override { return 0; }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    const std::uint32_t at = offset % 4;
    send({(std::uint32_t{0x44} << 24U) | 1, ((1U << bytes) - 1) << at, 0x0100'0000U | (offset - at),
          0},
         {value << 8U * at});
  }
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override {
    read((bar == 0 ? bar0_at : bar1_at) + offset, 1);
    return 0;
  }
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
    write((bar == 0 ? bar0_at : bar1_at) + offset, {value});
  }

  void memory(std::uint32_t kind, std::uint64_t address, const std::vector<std::uint32_t>& data) {
    const bool far = (address >> 32U) != 0;
    const auto dwords = static_cast<std::uint32_t>(data.size());
    const std::uint32_t last_enables = dwords > 1 ? 0xf0 : 0;
    const auto low = static_cast<std::uint32_t>(address);
    send({((kind | (far ? 0x20U : 0U)) << 24U) | dwords, last_enables | 0xf,
          far ? static_cast<std::uint32_t>(address >> 32U) : low, far ? low : 0},
         kind == 0 ? std::vector<std::uint32_t>{} : data);
  }
  void send(const header_words& header, std::vector<std::uint32_t> payload) {
    driver_.requests().push({header, std::move(payload)}, 0);
  }
  sample pass() {
    driver_.look();
    const core_outputs out = driver_.core().out();
    driver_.finish();
    return {out, driver_.core().in};
  }

  std::vector<std::uint8_t> memory_;
  view_memory view_;
  core_driver driver_;
  driver guest_{*this, vectors};
};

/// One line of a diagram: what to print while it is valid; empty while it is not.
struct line {
  const char* name;
  std::function<std::string(const sample&)> label;
};

std::string when(bool valid, const char* label) { return valid ? label : ""; }

std::string request_label(const sample& s) {
  const tlp_beat& beat = s.in.request;
  if (!beat.valid || !s.out.request_ready) {
    return "";
  }
  return beat.first ? (has_payload(beat.header) ? "MWr" : "MRd") : "data";
}

std::string completion_label(const sample& s) {
  const tlp_beat& beat = s.out.completion;
  return when(beat.valid, beat.first ? "CplD" : "data");
}

const std::array<line, 9> lines{{
    {"rx", request_label},
    {"rx_done_o", [](const sample& s) { return when(s.out.request_done, "1"); }},
    {"m_axi_ar", [](const sample& s) { return when(s.out.ar.valid, "AR"); }},
    {"m_axi_r", [](const sample& s) { return when(s.in.r.valid && s.out.r_ready, "R"); }},
    {"tx_cpl", completion_label},
    {"db", [](const sample& s) { return when(s.out.doorbell.valid, "ring"); }},
    {"ntf", [](const sample& s) { return when(s.in.notify && s.out.notify_ready, "ntf"); }},
    {"evt", [](const sample& s) { return when(s.out.event.valid, "evt"); }},
    {"tx_msg", [](const sample& s) { return when(s.out.message.valid, "MWr"); }},
}};

constexpr unsigned cell = 44;
constexpr unsigned row = 34;
constexpr unsigned left = 100;
constexpr unsigned top = 46;

void draw_line(const line& what, const std::vector<sample>& seen, unsigned y) {
  std::printf("  <text class=\"code\" x=\"8\" y=\"%u\">%s</text>\n", y + 17, what.name);
  for (unsigned i = 0; i < seen.size(); ++i) {
    const unsigned x = left + i * cell;
    const std::string label = what.label(seen[i]);
    if (label.empty()) {
      std::printf("  <path class=\"low\" d=\"M%u %uh%u\"/>\n", x, y + 22, cell);
    } else {
      std::printf("  <rect class=\"high\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"20\"/>\n", x,
                  y + 2, cell);
      std::printf("  <text class=\"code mid\" x=\"%u\" y=\"%u\">%s</text>\n", x + cell / 2, y + 16,
                  label.c_str());
    }
  }
}

void draw(const char* title, const std::vector<sample>& seen) {
  std::vector<line> shown;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(shown), [&](const line& one) {
    return std::any_of(seen.begin(), seen.end(),
                       [&](const sample& s) { return !one.label(s).empty(); });
  });
  const auto cycles = static_cast<unsigned>(seen.size());
  const unsigned width = left + cycles * cell + 10;
  const unsigned height = top + static_cast<unsigned>(shown.size()) * row + 6;
  std::printf(
      "<!-- Generated from the verilated RTL by waves_gen. Do not edit. -->\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" "
      "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\">\n"
      "  <title>%s</title>\n"
      "  <style>\n"
      "    .page { fill: #ffffff; } text { fill: #1c2430; }\n"
      "    .code { font-family: Menlo, Consolas, monospace; font-size: 12px; }\n"
      "    .mid { text-anchor: middle; }\n"
      "    .grid { stroke: #c9d2de; } .low { stroke: #4a5a70; stroke-width: 1.5; }\n"
      "    .high { fill: #dcebdc; stroke: #3f6b45; stroke-width: 1.5; }\n"
      "    @media (prefers-color-scheme: dark) {\n"
      "      .page { fill: #12161c; } text { fill: #e6ebf2; } .grid { stroke: #39434f; }\n"
      "      .low { stroke: #93a4bb; } .high { fill: #1d3324; stroke: #86bd8f; }\n"
      "    }\n"
      "  </style>\n"
      "  <rect class=\"page\" width=\"%u\" height=\"%u\"/>\n"
      "  <text x=\"8\" y=\"18\">%s</text>\n"
      "  <text class=\"code\" x=\"8\" y=\"38\">cycle</text>\n",
      width, height, title, width, height, title);
  for (unsigned i = 0; i <= cycles; ++i) {
    const unsigned x = left + i * cell;
    std::printf("  <path class=\"grid\" d=\"M%u %uV%u\"/>\n", x, top - 4, height - 4);
    if (i < cycles) {
      std::printf("  <text class=\"code mid\" x=\"%u\" y=\"38\">%u</text>\n", x + cell / 2, i);
    }
  }
  for (unsigned i = 0; i < shown.size(); ++i) {
    draw_line(shown[i], seen, top + i * row);
  }
  std::printf("</svg>\n");
}

int generate(const std::string& name) {
  bench device;
  if (name == "register") {
    device.guest().ring(peer_id{1}, 2);
    device.guest().read_id();
    device.read(bar0_at, 1);
    draw("A doorbell, then two reads of registers", device.run(1));
  } else if (name == "memory") {
    device.read(bar2_at + 4, 6);
    draw("A BAR2 read of 24 bytes that starts in the second dword; memory latency 8",
         device.run(1));
  } else if (name == "interrupt") {
    device.notify(0);
    draw("A notification of an unmasked vector", device.run(1));
  } else {
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace ivshmem::rtl

/// SystemC is linked, but nothing is simulated with it.
int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

int main(int argc, char** argv) {
  const int failed = argc == 2 ? ivshmem::rtl::generate(argv[1]) : 2;
  if (failed != 0) {
    std::fputs("usage: waves_gen register|memory|interrupt\n", stderr);
  }
  return failed;
}
