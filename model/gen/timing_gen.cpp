// SPDX-License-Identifier: Apache-2.0
//
// timing_gen md|sv: writes docs/timing.md or the SystemVerilog package from the timing table, so
// that neither can disagree with the model.
#include <array>
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
      "// What each number counts is in docs/timing.md. Latencies are not here: they are how many\n"
      "// registers stand on the way, and the tests of the cycles find one too many.\n"
      "/* verilator lint_off UNUSED */\n"
      "package ivshmem_timing_pkg;\n");
  constant("RequestQueue", timing::request_queue);
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

/// The prose of the contract; `{name}` stands for a constant.
constexpr const char* text = R"(
## Cycles

Cycle n is the n-th period of the device clock; in the model it is at n clock periods of simulation
time. A handshake in cycle n means that both sides were ready in cycle n; what it changes is seen
from cycle n + 1 on. L is the number of dwords in a beat (2, 4 or 8). What arrives between two clock
edges arrives at the next edge.

## Requests

One beat is accepted each cycle; the request buffer holds {request_queue} beats or more. A request
is *present* in execution from cycle

    P = max(A + {execute}, end of the request before + 1)

on, where A is the cycle of its first beat. It is executed in the cycles E >= P that this table gives;
each waits until what it needs is there.

| Request | Cycles in execution | Before the first | Before each |
|---|---|---|---|
| dropped or refused | its beats, at least 1 | BAR2 writes confirmed; completion room if it gets one | |
| configuration, served | 1 | writes confirmed, completion room, no scan, message room | |
| BAR0, BAR1 | 1 for each dword; a BAR0 dword that is written in two pieces takes 2 | writes confirmed | its request beat + {execute}; completion room at the first dword of each {register_piece} bytes read; doorbell room for a piece of the Doorbell dword; BAR1, and each piece in BAR0 of a device with INTx: no scan, message room |
| BAR2 write | 1 for each beat at the memory: ceil((s + n) / L) for n dwords from dword s of a beat on | | its request beat + {execute}; room for data; at the first beat of each burst also room for an address |
| BAR2 write of no bytes | 1, nothing reaches the memory | | |
| BAR2 read | 1 for each piece | writes confirmed | completion room, room for a read address |

* *Writes confirmed*: every BAR2 write has its B handshake, in an earlier cycle. BAR2 writes
  themselves do not wait for it.
* *Dropped*: messages; memory writes that no BAR takes whole or whose data is poisoned; malformed
  requests, which cross 4 KiB or write more than `timing_config::max_payload_bytes`. *Refused*: what
  ends as Unsupported Request.
* BAR0 bytes are written in runs of enabled bytes, cut at their alignment, lowest first.
* Address, data and read address are pushed into queues of {memory_queue} in the cycle of execution and
  offered to the memory from the next cycle on.
* BAR2 write bursts are cut at multiples of {burst} bytes. BAR2 read pieces are cut at multiples of
  the maximum payload or {burst} bytes, whichever is less; each is one burst and one completion.
* The credits of a request come back {credit} cycle after its last cycle in execution.

## Completions

* There are {completion_queue} places. A completion takes one in its first cycle of execution (a piece of a
  register read: of the piece) and gives it back after its last beat was built; the place can be
  taken in the next cycle.
* Completions are built in order, {build} cycles after their last cycle of execution at the
  earliest, one beat a cycle, into a queue of {output_queue} beats; a beat is offered {output} cycle after it was
  built.
* A completion of BAR2 is built from the memory's beats as they come: one is taken in a cycle in
  which the builder is at this completion and the output queue has room. The beat of the completion
  whose last dword it brings is built in the same cycle; if it brings the last dwords of two, the
  second is built one cycle later.

## Memory

* A read burst whose address is accepted in cycle a is offered from
  max(a + memory latency, last beat of the burst before + 1) on, one beat a cycle.
* A write burst is confirmed memory write latency cycles after its address and its last beat were
  accepted, one burst a cycle. The device takes confirmations at once.

## Doorbells and messages

* A doorbell goes into a queue of {doorbell_queue} in the cycle of execution and is offered from the next cycle
  on, one a cycle. Room is free in the cycle after it was accepted.
* A message, MSI-X write or INTx, goes into a queue of {message_queue} in the cycle of its cause and is offered
  {message} cycles later at the earliest, one a cycle, in order. Messages have a port of their own: they
  neither delay completions nor are delayed by them.
* A notification is accepted in a cycle in which no configuration request (nor BAR1 request, nor BAR0
  request of a device with INTx) is present, no scan or sweep runs, no function reset waits from an
  earlier cycle, and there is room for a message; one each cycle. That cycle is the cause. What is due in one cycle
  happens in this order: requests, notifications, function reset.
* The write that unmasks a pending vector is the cause of its message.
* A function unmask, or MSI-X enable, by a configuration write in cycle E starts a *scan* in E + 1 if
  a bit is pending: {scan} vectors at a time, ascending. A group takes a cycle for each of its vectors that
  is pending and unmasked (the cause of that message; it waits for message room, and takes its
  cycle also if COMMAND forbids the message), and one cycle if it has none.

## Function reset

Machine reset and hot reset are taken in a cycle in which no request is present, no scan runs and
there is room for a message, {reset} cycle after it arrived at the earliest. Requests that become present
and notifications that are accepted up to the cycle of its arrival go first, later ones wait. Then the
table is *swept* for as many cycles as there are vectors, at least 1: nothing is executed and no
notification accepted. What is under way at the outputs still leaves; requests in the buffer follow
and find memory space off.

## Back-pressure

Every port may be held up at any time; the queues above are all that stands between the ports and
execution. A partner that is not ready for tx_cpl, tx_msg, doorbell, AW, W or AR delays the handshake to
its next ready cycle. Memory read data that is late is offered in the first cycle in which it may
come, and stays. `endpoint::stall_with` sets such patterns, `endpoint::observe_cycles` shows every
cycle named here.

## Modes

* `tlm_cycle` shows exactly these cycles. The order between two devices that use the same bytes of
  the shared memory within a few cycles, without a doorbell or a read in between, is not modelled:
  the model reads and writes memory when the request is present.
* `tlm_lt` adds the same numbers, without contention, to the delay argument of b_transport. A
  doorbell write first lets the caller's delay pass, so that nothing overtakes what was written
  before it. An access that becomes several TLPs takes them one after another.
* `functional` takes no time.
)";

void contract() {
  struct value {
    const char* name;
    unsigned number;
  };
  constexpr std::array values{
      value{"{request_queue}", timing::request_queue},
      value{"{execute}", timing::execute_cycles},
      value{"{register_piece}", timing::register_piece_bytes},
      value{"{memory_queue}", timing::memory_queue},
      value{"{burst}", timing::burst_bytes},
      value{"{reset}", timing::reset_cycles},
      value{"{credit}", timing::credit_cycles},
      value{"{completion_queue}", timing::completion_queue},
      value{"{build}", timing::build_cycles},
      value{"{output_queue}", timing::output_queue},
      value{"{output}", timing::output_cycles},
      value{"{doorbell_queue}", timing::doorbell_queue},
      value{"{message_queue}", timing::message_queue},
      value{"{message}", timing::message_cycles},
      value{"{scan}", timing::scan_vectors},
  };
  std::string page = text;
  for (const value& one : values) {
    const std::string name = one.name;
    for (std::size_t at = page.find(name); at != std::string::npos; at = page.find(name)) {
      page.replace(at, name.size(), std::to_string(one.number));
    }
  }
  std::fputs(page.c_str(), stdout);
}

void page() {
  std::printf(
      "<!-- Generated from model/include/ivshmem/model/timing.h by timing_gen. Do not edit. -->\n"
      "# Timing of the device\n\n"
      "The contract between the timed model and any other view of the device: what happens in\n"
      "which cycle of the device clock, at the device's own ports. Links, switches and the host\n"
      "are described in [pcie.md](pcie.md).\n\n"
      "Device clock: %llu MHz unless the platform sets another (`timing_config::clock_period`).\n"
      "A beat carries up to %u bytes of payload (8, 16 or 32: `timing_config::beat_bytes`); a TLP\n"
      "without payload takes one beat. Payload starts at its own dword, so n bytes at address a\n"
      "take ceil((a mod 4 + n) / 4) dwords.\n\n"
      "| Event | From | To | Cycles |\n|---|---|---|---:|\n",
      static_cast<unsigned long long>(timing::default_clock_hz / 1'000'000),
      timing::default_beat_bytes);
  for (const timing::row& row : timing::rows) {
    std::printf("| %s | %s | %s | %u |\n", std::string(row.event).c_str(),
                std::string(row.from).c_str(), std::string(row.to).c_str(), row.cycles);
  }
  contract();
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
