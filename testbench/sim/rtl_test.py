#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of ivshmem-sim with the RTL in the nodes. See sim_test.py."""

import json
import os
import time

from random_scenario import scenario
from sim_fixture import PAIR, SimCase, main

# random.toml has a node with irqfd; 1,024 nodes of RTL take minutes.
SCENARIOS = ("all_to_all", "broadcast", "legacy", "pingpong", "plain", "ring", "script", "stream",
             "tree")
RANDOM_SECONDS = 15
SCRIPT = '[[workload]]\ntype = "script"\nfile = "s.steps"\n'


class Views(SimCase):
    def example(self, name, model, *options):
        run = self.sim("run", self.source / "examples" / f"{name}.toml", "--model", model,
                       "--stats", "s.json", *options)
        self.assert_passes(run)
        stats = json.loads((self.folder / "s.json").read_text())
        self.assert_books_balance(stats["total"]["doorbells"])
        return run, stats

    def of_a_run(self, run):
        """What a run leaves that must not depend on the view, as texts."""
        self.assert_passes(run)
        stats = json.loads((self.folder / "s.json").read_text())
        self.assert_books_balance(stats["total"]["doorbells"])
        return {"total": str(stats["total"]), "nodes": str(stats["nodes"]),
                "time": str(stats["result"]["simulated_ps"]),
                "wave": (self.folder / "s.vcd").read_text()}

    def assert_views_agree(self, file):
        options = ("--stats", "s.json", "--trace", "s.vcd", "--model")
        model = self.of_a_run(self.sim("run", file, *options, "tlm-cycle"))
        for view in ("rtl", "lockstep"):
            seen = self.of_a_run(self.sim("run", file, *options, view))
            differ = [part for part in model if model[part] != seen[part]]
            self.assertEqual(differ, [], f"{view} and tlm-cycle differ in these")

    def test_ViewsGiveTheSameWaveformAndTheSameAccounts(self):
        for name in SCENARIOS:
            with self.subTest(scenario=name):
                self.assert_views_agree(self.source / "examples" / f"{name}.toml")

    def test_ViewsAgreeOnRandomScenarios(self):
        """As many as fit into the time; each day's begin elsewhere. A failure names its seed."""
        first = int(os.environ.get("IVSHMEM_SEED", int(time.time()) // 86400 * 1001))
        end = time.monotonic() + RANDOM_SECONDS
        for seed in range(first, first + 1000):
            with self.subTest(repeat=f"IVSHMEM_SEED={seed}"):
                self.write("s.toml", scenario(seed))
                self.assert_views_agree("s.toml")
            if time.monotonic() > end:
                break

    def test_FaultsAreAccountedOnTheRtlToo(self):
        for model in ("rtl", "lockstep"):
            with self.subTest(model=model):
                self.example("faults", model)

    def test_LockstepSaysWhatItCompared(self):
        run, _ = self.example("pingpong", "lockstep")
        self.assertRegex(run.stdout, r"\n0 differences in [0-9,]+ TLPs, [0-9,]+ cycles\n")

    def test_TheFileMayAskForTheRtl(self):
        run = self.run_text('[platform]\nmodel = "rtl"\n' + PAIR + SCRIPT, "node n0\nring n1 0\n")
        self.assert_passes(run)
        self.assertIn("model rtl", run.stdout)

    def test_WhatTheRtlCannotIsRefusedWithItsLine(self):
        text = '[[node]]\nname = "n"\nirq_path = "irqfd"\n' + SCRIPT
        run = self.run_text(text, "node n\ndelay 1 ns\n", "--model", "rtl")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertEqual(len(run.stderr.splitlines()), 1)
        self.assertTrue(run.stderr.startswith(
            's.toml:1: irq_path = "irqfd": node n is RTL, which has no hypervisor around it: '
            "must be event_loop with model rtl"), run.stderr)


if __name__ == "__main__":
    main((Views,))
