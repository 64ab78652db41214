#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the JSON of the benchmarks into a Markdown table: each median beside its baseline.

usage: report.py RESULT.json...
"""
import json
import re
import sys

# measurement, baseline, goal of the ratio (None: no goal), "at most" or "at least"
ROWS = [
    ("Registers, against a bare b_transport that switches on the address", [
        ("register_read/functional", "bare_read", 2.1),
        ("register_write/functional", "bare_write", 2.8),
        ("register_read/tlm_lt", "bare_read", 10.0),
    ]),
    ("One more hop (a link and a switch), against the bare time", [
        ("register_read/functional_hop", "bare_read", None),
        ("register_read/tlm_lt_hop", "bare_read", None),
    ]),
    ("Shared memory, 4 KiB, against memcpy", [
        ("dmi_block", "memcpy_block", 1.02),
        ("memory_block/functional", "memcpy_block", None),
        ("memory_block/tlm_lt", "memcpy_block", None),
    ]),
    ("Cycle-exact, against a bare four-phase non-blocking pair", [
        ("register_read/tlm_cycle", "bare_four_phases", 1.7),
        ("register_write/tlm_cycle", "bare_four_phases", 2.0),
        ("register_read/tlm_cycle_hop", "bare_four_phases", None),
        ("memory_block/tlm_cycle", "bare_four_phases", None),
    ]),
    ("Doorbell written to MSI-X message delivered, against the bare b_transport", [
        ("doorbell/2_nodes", "bare_write", None),
        ("doorbell/64_nodes", "bare_write", None),
        ("doorbell/1024_nodes", "bare_write", None),
    ]),
    ("Half of a server's clients leave: a message of 1,024 clients, against one of 128", [
        ("half_leaves/1024", "half_leaves/128", 1.5),
    ]),
    ("RTL behind SystemC, against a bare loop around the verilated core", [
        ("run/mixed_rtl_unchecked", "bare/mixed", 1.2),
        ("run/registers_rtl_unchecked", "bare/registers", 1.3),
        ("run/blocks_rtl_unchecked", "bare/blocks", 1.11),
    ]),
    ("Checks and assertions, against the RTL without", [
        ("run/mixed_rtl", "run/mixed_rtl_unchecked", 1.1),
        ("run/registers_rtl", "run/registers_rtl_unchecked", 1.1),
        ("run/blocks_rtl", "run/blocks_rtl_unchecked", 1.1),
    ]),
    ("Lockstep, against the RTL alone", [
        ("run/mixed_lockstep", "run/mixed_rtl", 1.67),
    ]),
    ("The model in tlm_cycle, against the RTL that is clocked all the time", [
        ("run/registers_tlm_cycle", "run/registers_rtl", 0.5),
        ("run/blocks_tlm_cycle", "run/blocks_rtl", 0.05),
        ("run/idle_tlm_cycle", "bare/idle", 0.005),
        ("run/idle_rtl", "bare/idle", None),
    ]),
]
BUILD = "build/verilated_model"


def medians(paths):
    runs = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            runs += json.load(file)["benchmarks"]
    chosen = [run for run in runs if run.get("aggregate_name", "median") == "median"]
    return {re.sub(r"/iterations:\d+", "", run["run_name"]): run["cpu_time"] for run in chosen}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    times = medians(sys.argv[1:])
    for title, rows in ROWS:
        if all(name not in times for name, _, _ in rows):
            continue  # a program that was not built
        print(f"### {title}\n")
        print("| measurement | ns each | million a second | baseline | ns each | ratio | goal |")
        print("|---|---:|---:|---|---:|---:|---|")
        for name, base, goal in rows:
            if name not in times:
                continue
            mine, other = times[name], times[base]
            wanted = f"at most {goal:g}" if goal else ""
            print(f"| `{name}` | {mine:.1f} | {1e3 / mine:.2f} | `{base}` | {other:.1f} "
                  f"| {mine / other:.3g} | {wanted} |")
        print()
    if BUILD in times:
        print("### Building the verilated model\n")
        print("| measurement | seconds |")
        print("|---|---:|")
        print(f"| `{BUILD}` | {times[BUILD] / 1e9:.1f} |")


if __name__ == "__main__":
    main()
