#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the program ivshmem-sim. `--list` names them, a name runs one."""

import json
import re
from pathlib import Path

from sim_bad_input import SCENARIOS, SCRIPT, SCRIPTS
from sim_fixture import PAIR, SimCase, main, read_vcd

EXAMPLES = sorted(Path(__file__).resolve().parents[2].glob("examples/*.toml"))


class Examples(SimCase):
    """Every example runs, accounts for every doorbell, and exits 0."""


def add_example(path):
    def test(self):
        run = self.sim("run", self.source / "examples" / path.name, "--stats", "s.json")
        self.assert_passes(run)
        self.assertIn("OK: every doorbell accounted for", run.stdout)
        total = json.loads((self.folder / "s.json").read_text())["total"]["doorbells"]
        self.assert_books_balance(total)
        self.assertEqual(total["lost"], 0)
    setattr(Examples, f"test_{path.stem}", test)


for example in EXAMPLES:
    add_example(example)


class BadInput(SimCase):
    """One line, exit code 2, no output file."""

    def refused(self, run, answer):
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
        self.assertTrue(run.stderr.startswith(answer), f"{run.stderr}\nexpected: {answer}")
        left = {p.name for p in self.folder.iterdir()} - {"s.toml", "s.steps"}
        self.assertEqual(left, set())

    def test_OptionWithoutSense(self):
        self.refused(self.run_text(PAIR, None, "--model", "gates"),
                     "ivshmem-sim: --model: gates: must be functional, tlm-lt, ")

    def test_SeedThatIsNoNumber(self):
        self.refused(self.run_text(PAIR, None, "--seed", "x"),
                     "ivshmem-sim: --seed: x: must be a number from 0 to 2^64 - 1")

    def test_NoCommand(self):
        self.refused(self.sim(), "ivshmem-sim: A subcommand is required")

    def test_NoScenarioFile(self):
        self.refused(self.sim("run", "none.toml"), "none.toml:1: nothing to read: must be")

    def test_TraceThatCannotBeWritten(self):
        scenario = PAIR + '[[workload]]\ntype = "pingpong"\n'
        self.refused(self.run_text(scenario, None, "--stats", "x.json", "--trace", "no/where.vcd"),
                     "--trace = no/where.vcd: must be a file that can be written")

    def test_StatisticsThatCannotBeWritten(self):
        scenario = PAIR + '[[workload]]\ntype = "pingpong"\n'
        self.refused(self.run_text(scenario, None, "--trace", "x.vcd", "--stats", "no/where"),
                     "--stats = no/where: must be a file that can be written")


def add_bad_input():
    def scenario_test(text, answer):
        return lambda self: self.refused(
            self.run_text(text, None, "--trace", "x.vcd", "--stats", "x.json"), "s.toml:" + answer)

    def script_test(text, answer):
        return lambda self: self.refused(self.run_text(SCRIPT, text), "s.steps:" + answer)

    for name, (text, answer) in SCENARIOS.items():
        setattr(BadInput, f"test_{name}", scenario_test(text, answer))
    for name, (text, answer) in SCRIPTS.items():
        setattr(BadInput, f"test_Script{name}", script_test(text, answer))


add_bad_input()


class Program(SimCase):
    def test_CheckAcceptsAGoodScenarioWithoutRunningIt(self):
        self.write("s.toml", PAIR + '[[workload]]\ntype = "pingpong"\ncount = 1000000000\n')
        run = self.sim("check", "s.toml")
        self.assert_passes(run)
        self.assertEqual(run.stdout, "s.toml: OK, 2 nodes, 1 workloads\n")

    def test_VersionAndHelpExitZero(self):
        self.assertRegex(self.sim("--version").stdout, r"^ivshmem-sim \d+\.\d+\.\d+\n$")
        self.assertIn("--trace", self.sim("run", "--help").stdout)

    def test_RatesAreThoseOfTheWorkload(self):
        """Setting up 4,096 vectors takes thousands of accesses; the ring makes four a doorbell."""
        run = self.run_text(PAIR.replace("vectors = 2", "vectors = 2048") +
                            '[[workload]]\ntype = "ring"\ncount = 1\n')
        self.assert_passes(run)
        rates = re.search(r"rate +([0-9,]+) doorbells/s, ([0-9,]+) accesses/s", run.stdout)
        doorbells, accesses = (int(rate.replace(",", "")) for rate in rates.groups())
        self.assertLess(accesses, 10 * doorbells)

    def test_QuietPrintsNothingWhenAllIsRight(self):
        run = self.run_text(PAIR + '[[workload]]\ntype = "pingpong"\n', None, "--quiet")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))

    def test_OutputToAFileHasNeitherColourNorProgress(self):
        run = self.sim("run", self.source / "examples" / "random.toml")
        self.assertNotIn("\x1b", run.stdout + run.stderr)
        self.assertNotIn("\r", run.stdout + run.stderr)

    def test_ManyNodesAreSummedUp(self):
        run = self.sim("run", self.source / "examples" / "ring.toml")
        self.assertIn("5 of 64 nodes", run.stdout)
        self.assertNotIn("n17", run.stdout)

    def test_SameSeedSameBytesOtherSeedOtherBytes(self):
        def outputs(seed):
            self.assert_passes(self.sim("run", self.source / "examples" / "random.toml", "--seed",
                                        seed, "--trace", "t.vcd", "--stats", "s.json", "--quiet"))
            stats = json.loads((self.folder / "s.json").read_text())
            self.assertEqual(sorted(stats.pop("wall")),
                             ["doorbell_ns", "elaboration_seconds", "node_bytes", "run_seconds",
                              "set_up_seconds"])
            return [(self.folder / "t.vcd").read_bytes(), (self.folder / "t.gtkw").read_bytes(),
                    json.dumps(stats)]
        self.assertEqual(outputs(5), outputs(5))
        self.assertNotEqual(outputs(5), outputs(6))


class Losses(SimCase):
    """What a run says when doorbells or data go wrong."""

    def test_DroppedDoorbellIsAccountedByCause(self):
        for steps, cause in (("msix off", "msix_disabled"), ("bus-master off", "bus_master_off")):
            run, stats = self.run_script(f"node n1\n{steps}\nnode n0\ndelay 1 us\nring n1 0\n")
            self.assert_passes(run)
            self.assertEqual(stats["nodes"][1]["doorbells"]["dropped"][cause], 1)
            self.assertEqual(stats["nodes"][1]["doorbells"]["delivered"], 0)

    def test_WorkloadThatStarvesExitsOne(self):
        run = self.run_text(
            PAIR + '[[workload]]\ntype = "pingpong"\ncount = 100\n'
            '[[workload]]\ntype = "script"\nfile = "s.steps"\n',
            "node n1\ndelay 50 us\nbus-master off\n")
        self.assert_fails(run, "node n0 vector 0, pingpong: waits for n1: expected ")
        self.assertIn("dropped, bus_master_off: 1 (n1 1)", run.stdout)
        self.assertIn("FAILED", run.stdout)

    def test_MessageToTheWrongPlaceIsALostDoorbell(self):
        run, stats = self.run_script(
            "node n1\nwrite32 bar1+0x00 0x12345678\nnode n0\ndelay 1 us\nring n1 0\n")
        self.assert_fails(run, "node n1 vector 0: lost doorbell, rung by n0 at 1 us: expected 1 "
                               "interrupt, seen 0; its MSI-X message never reached the processor")
        self.assertEqual(stats["nodes"][1]["doorbells"]["lost"], 1)

    def test_DoorbellThatTheDeviceNeverSawIsLost(self):
        run, stats = self.run_script("node n0\nwrite16 config+4 0\nring n1 0\n")
        self.assert_fails(run, "node n0: lost doorbells: 1 written, 1 never seen by its device")
        self.assertEqual(stats["result"]["ok"], False)
        self.assertEqual(stats["nodes"][0]["doorbells"]["write_lost"], 1)
        self.assert_books_balance(stats["total"]["doorbells"])
        run = self.sim("run", "s.toml")
        self.assertIn("  written    1 = 0 rung + 0 dropped here + 1 lost\n"
                      "  doorbells  0 rung = 0 delivered + 0 merged + 0 dropped there + 0 pending + "
                      "0 lost\n", run.stdout)

    def test_WrongMessageDataIsAnUnexpectedInterrupt(self):
        run, _ = self.run_script("node n1\nwrite32 bar1+0x08 1\nnode n0\ndelay 1 us\nring n1 0\n")
        self.assert_fails(run, "node n1 vector 1 at 2 us: interrupt without an MSI-X message of it")

    def test_OverwrittenStreamIsNoticed(self):
        run = self.run_text(
            '[[node]]\nname = "n"\ncount = 3\n[[workload]]\ntype = "stream"\nnodes = ["n0", "n1"]\n'
            'block = "4 KiB"\nslots = 2\nbytes = "64 KiB"\ngap = "100 ns"\n'
            '[[workload]]\ntype = "script"\nfile = "s.steps"\n',
            "node n2\ndelay 350 ns\nwrite8 bar2+0x90 0x55\n")
        self.assert_fails(run, "node n1 at ", "stream: wrong data in block ",
                          "shared memory offset 0x90: expected ", "seen 0x55")

    def test_FailedExpectationNamesLineAndValues(self):
        run, _ = self.run_script("node n1\n# a comment\nexpect32 bar0+0x08 7\nreset\n")
        self.assert_fails(run, "node n1 at 0 ps, script: s.steps:3: bar0+0x8: expected 0x7, "
                               "seen 0x1")

    def test_WaitThatEndsWithoutAnInterruptFails(self):
        run, _ = self.run_script("node n1\nwait-irq 0 within 5 us\n")
        self.assert_fails(run, "node n1 at 5 us, script: s.steps:2: wait-irq 0: expected interrupt "
                               "1 within 5 us, seen 0")

    def test_LimitOfSimulatedTimeEndsAPollingRun(self):
        plain = '[[node]]\nname = "n"\ncount = 2\nvariant = "plain"\n'
        run = self.run_text(
            plain + '[limits]\ntime = "1 ms"\n[[workload]]\ntype = "pingpong"\n'
            '[[workload]]\ntype = "script"\nfile = "s.steps"\n',
            "node n1\ndelay 10 us\nleave\n")
        self.assert_fails(run, "pingpong: waits for n0: expected ", "pingpong: waits for n1: expected ")
        self.assertIn("stopped at the limit of simulated time", run.stdout)

    def test_ResetAndLeaveAccountForWhatWasThere(self):
        run, stats = self.run_script(
            "node n1\nmask 0\ndelay 5 us\nreset\ninit\ndelay 5500 ns\nleave\n"
            "node n0\ndelay 1 us\nring n1 0\ndelay 9 us\nring n1 0\ndelay 1 us\nring n1 0\n")
        self.assert_passes(run)
        dropped = stats["nodes"][1]["doorbells"]["dropped"]
        self.assertEqual((dropped["reset"], dropped["destination_gone"]), (1, 1))
        self.assertEqual(stats["nodes"][0]["doorbells"]["dropped"]["peer_left"], 1)


class Trace(SimCase):
    def dump(self, example):
        run = self.sim("run", self.source / "examples" / example, "--trace", "t.vcd", "--quiet")
        self.assert_passes(run)
        return read_vcd((self.folder / "t.vcd").read_text())

    def test_ScriptShowsDoorbellsPendingBitsAndDrops(self):
        vcd = self.dump("script.toml")
        us = 1_000_000
        self.assertIn((12 * us, 1), vcd["ivshmem.a.doorbell"])
        self.assertIn((13 * us, 1), vcd["ivshmem.b.notify_vector"])
        self.assertEqual(vcd["ivshmem.b.pending"], [(0, 0), (13 * us, 1), (16 * us, 0)])
        self.assertEqual(vcd["ivshmem.b.irq"],
                         [(0, "idle"), (13 * us, "pending"), (16 * us, "idle")])
        self.assertIn((16 * us, 1), vcd["ivshmem.b.message_vector"])
        self.assertIn((23 * us, "msix_disabled"), vcd["ivshmem.b.drop_cause"])
        self.assertIn((42 * us, "peer_left"), vcd["ivshmem.a.drop_cause"])

    def test_LegacyShowsTheInterruptLine(self):
        vcd = self.dump("legacy.toml")
        levels = [value for _, value in vcd["ivshmem.old0.intx"]]
        self.assertEqual(len(levels), 1 + 2 * 500)
        self.assertEqual(set(levels), {0, 1})

    def test_ViewNamesSignalsOfTheDump(self):
        vcd = self.dump("script.toml")
        view = (self.folder / "t.gtkw").read_text().splitlines()
        self.assertIn('[dumpfile] "t.vcd"', view)
        shown = {line.split("[")[0] for line in view if line.startswith("ivshmem.")}
        self.assertEqual(shown, set(vcd))

    def test_FailedRunKeepsItsTrace(self):
        run = self.run_text(PAIR + '[[workload]]\ntype = "script"\nfile = "s.steps"\n',
                            "node n0\nexpect32 bar0+8 9\n", "--trace", "t.vcd", "--quiet")
        self.assertEqual(run.returncode, 1)
        self.assertTrue((self.folder / "t.vcd").exists())


if __name__ == "__main__":
    main((Examples, BadInput, Program, Losses, Trace))
