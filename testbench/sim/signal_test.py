#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of signals to ivshmem-sim. See sim_test.py."""

import os
import signal

from sim_fixture import PAIR, OutputCase, main, read_vcd

ENDLESS = PAIR + '[[workload]]\ntype = "pingpong"\ncount = 1000000000000\n'
PLAIN = '[[node]]\nname = "n"\ncount = 2\nvariant = "plain"\n'


class Signals(OutputCase):
    def until_it_runs(self, run):
        """Until the trace has reached its file."""
        while not any(p.stat().st_size for p in self.folder.glob(".*.part")):
            self.assertIsNone(run.poll(), run.returncode)

    def test_WhatWasSimulatedIsKept(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            run = self.start(ENDLESS, "--trace", "t.vcd", "--stats", "s.json")
            self.until_it_runs(run)
            run.send_signal(number)
            done = self.finish(run)
            self.assertEqual(done.returncode, 128 + number)
            name = signal.Signals(number).name
            self.assertRegex(done.stderr, rf"^ivshmem-sim: {name} at .*: stopped there; what was "
                                          r"simulated is in t\.vcd, t\.gtkw, s\.json\n$")
            self.assertIn("STOPPED", done.stdout)
            result = self.stats()["result"]
            self.assertEqual((result["signal"], result["failures"]), (name, []))
            self.assertGreater(self.stats()["total"]["doorbells"]["delivered"], 0)
            self.assert_books_balance(self.stats()["total"]["doorbells"])
            self.assertGreater(len(read_vcd(self.path("t.vcd").read_text())["ivshmem.n0.doorbell"]),
                               9)
            self.assert_folder("s.json", "t.vcd", "t.gtkw")

    def test_StepsWithoutTimeAndPollsEndToo(self):
        rung = '[[node]]\nname = "r"\ncount = 2\n[[workload]]\ntype = "pingpong"\n'
        rung += 'nodes = ["r"]\n'  # fills the trace, then ends
        script = '[[workload]]\ntype = "script"\nfile = "s.steps"\n'
        for text, steps in (
                (rung + script, "node r0\ndelay 10 ms\nrepeat 1000000000\nread32 bar0+8\nend\n"),
                ('[limits]\ntime = "1000000 s"\n' + PLAIN + rung + '[[workload]]\n'
                 'type = "pingpong"\nnodes = ["n"]\ncount = 1000000000000\n' + script,
                 "node n1\ndelay 10 us\nleave\n")):
            run = self.start(text, "--trace", "t.vcd", "--stats", "s.json", steps=steps)
            self.until_it_runs(run)
            run.send_signal(signal.SIGTERM)
            done = self.finish(run)
            self.assertEqual(done.returncode, 128 + signal.SIGTERM, done.stderr)
            self.assertEqual(self.stats()["result"]["signal"], "SIGTERM")

    def test_WaitForAReaderOfAPipeEnds(self):
        os.mkfifo(self.path("s.json"))
        run = self.start(ENDLESS, "--trace", "t.vcd", "--stats", "s.json")
        while len(list(self.folder.glob(".*.part"))) != 2:
            self.assertIsNone(run.poll())
        run.send_signal(signal.SIGINT)
        done = self.finish(run)
        self.assertEqual((done.returncode, done.stderr),
                         (130, "ivshmem-sim: SIGINT before the simulation began: nothing was "
                               "written\n"))
        self.assert_folder("s.json")

    def test_IgnoredSignalStaysIgnored(self):
        run = self.start(PAIR + '[[workload]]\ntype = "pingpong"\ncount = 20000\n', "--trace",
                         "t.vcd", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.until_it_runs(run)
        run.send_signal(signal.SIGHUP)
        self.assert_passes(self.finish(run))


if __name__ == "__main__":
    main((Signals,))
