// SPDX-License-Identifier: Apache-2.0
//
// timing_gen md|sv: writes docs/timing.md or the SystemVerilog package from the timing table, so
// that neither can disagree with the model.
#include <cstdio>
#include <string>

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
      "// What each number counts is in docs/timing.md.\n"
      "/* verilator lint_off UNUSED */\n"
      "package ivshmem_timing_pkg;\n");
  constant("ExecuteCycles", timing::execute_cycles);
  constant("RegisterCycles", timing::register_cycles);
  constant("MemoryRequestCycles", timing::memory_request_cycles);
  constant("MemoryReturnCycles", timing::memory_return_cycles);
  constant("DoorbellCycles", timing::doorbell_cycles);
  constant("MessageCycles", timing::message_cycles);
  constant("MessageIntervalCycles", timing::message_interval_cycles);
  constant("CompletionQueue", timing::completion_queue);
  std::printf("endpackage\n/* verilator lint_on UNUSED */\n");
}

void page() {
  std::printf(
      "<!-- Generated from model/include/ivshmem/model/timing.h by timing_gen. Do not edit. -->\n"
      "# Timing of the device\n\n"
      "The contract between the timed model and any other view of the device: what happens in\n"
      "which cycle of the device clock, at the device's own ports. Links, switches and the host\n"
      "are described in [pcie.md](pcie.md).\n\n"
      "Device clock: %llu MHz unless the platform sets another (`device_timing::clock_period`).\n"
      "A beat carries up to %u bytes of payload (8, 16 or 32: `device_timing::beat_bytes`); a TLP\n"
      "without payload takes one beat. Payload starts at its own dword, so n bytes at address a\n"
      "take ceil((a mod 4 + n) / 4) dwords.\n\n"
      "| Event | From | To | Cycles |\n|---|---|---|---:|\n",
      static_cast<unsigned long long>(timing::default_clock_hz / 1'000'000),
      timing::default_beat_bytes);
  for (const timing::row& row : timing::rows) {
    std::printf("| %s | %s | %s | %u |\n", std::string(row.event).c_str(),
                std::string(row.from).c_str(), std::string(row.to).c_str(), row.cycles);
  }
  std::printf(
      "\n## Requests\n\n"
      "* One beat is accepted each cycle. A first beat that arrives between two clock edges is\n"
      "  accepted at the next edge.\n"
      "* Requests are executed in the order of their arrival, %u cycles after the last beat: that\n"
      "  is when a register, the table or the shared memory is read or changed.\n"
      "* BAR2 reads take %u cycles to the memory, the memory's latency (%u cycles unless the\n"
      "  platform says otherwise) and %u cycle back; then one beat leaves each cycle.\n"
      "* The buffer credits of a request are returned when it is executed.\n\n"
      "## Completions\n\n"
      "* Completions leave in the order of the requests, one beat a cycle, without gaps within "
      "one\n"
      "  completion. A completion that is ready while an earlier one is leaving waits.\n"
      "* %u completions may be under way. While the receiver has taken none of them, the next\n"
      "  request that needs a completion is held back before it is executed, and everything "
      "behind\n"
      "  it moves by as many cycles; posted requests behind it wait too, because order is kept.\n\n"
      "## Messages\n\n"
      "* MSI-X writes and INTx messages have a port of their own: they neither delay completions\n"
      "  nor are delayed by them. Behind the two ports the link sends in the order of time.\n"
      "* A notification is accepted at the next clock edge; one each cycle.\n"
      "* Messages of one cause, such as a function unmask, leave %u cycle apart in ascending "
      "order\n"
      "  of the vectors.\n\n"
      "## Modes\n\n"
      "* `tlm_cycle` shows exactly these cycles; contention moves them as described.\n"
      "* `tlm_lt` adds the same numbers, without contention, to the delay argument of b_transport. "
      "A\n"
      "  doorbell write first lets the caller's delay pass, so that nothing overtakes what was\n"
      "  written before it. An access that becomes several TLPs takes them one after another.\n"
      "* `functional` takes no time.\n",
      timing::execute_cycles, timing::memory_request_cycles, timing::default_memory_latency_cycles,
      timing::memory_return_cycles, timing::completion_queue, timing::message_interval_cycles);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string form = argc == 2 ? argv[1] : "";
  if (form != "md" && form != "sv") {
    std::fprintf(stderr, "usage: timing_gen md|sv\n");
    return 2;
  }
  form == "md" ? page() : package();
  return 0;
}
