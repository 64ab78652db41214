#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of ivshmem-sim with the RTL in the nodes. See sim_test.py."""

import json

from sim_fixture import PAIR, SimCase, main

# random.toml has a node with irqfd; 1,024 nodes of RTL take minutes.
SCENARIOS = ("all_to_all", "broadcast", "faults", "legacy", "pingpong", "plain", "ring", "script")
SCRIPT = '[[workload]]\ntype = "script"\nfile = "s.steps"\n'


class Views(SimCase):
    def example(self, name, model, *options):
        run = self.sim("run", self.source / "examples" / f"{name}.toml", "--model", model,
                       "--stats", "s.json", *options)
        self.assert_passes(run)
        stats = json.loads((self.folder / "s.json").read_text())
        self.assert_books_balance(stats["total"]["doorbells"])
        return run, stats

    def test_EveryScenarioRunsOnTheRtl(self):
        for name in SCENARIOS:
            with self.subTest(scenario=name):
                self.example(name, "rtl")

    def test_RtlAndCycleModelGiveTheSameWaveformAndTheSameAccounts(self):
        for name in ("all_to_all", "legacy", "pingpong", "ring", "script", "stream"):
            with self.subTest(scenario=name):
                of = {}
                for model in ("rtl", "tlm-cycle"):
                    _, stats = self.example(name, model, "--trace", "s.vcd")
                    wave = (self.folder / "s.vcd").read_text()
                    of[model] = (stats["total"], stats["nodes"],
                                 stats["result"]["simulated_ps"], wave)
                self.assertTrue(of["rtl"] == of["tlm-cycle"], "they differ")

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
