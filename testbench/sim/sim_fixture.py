# SPDX-License-Identifier: Apache-2.0
"""What the tests of ivshmem-sim share: a temporary folder, the program, a reader of its traces."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

# Causes that are booked with the destination: its doorbells were rung.
CAUSES_THERE = ("msix_disabled", "bus_master_off", "reset", "destination_gone", "partitioned",
                "message_link_down", "message_poisoned")
# The sender's: they were not.
CAUSES_HERE = ("no_such_peer", "peer_left", "no_such_vector", "no_interrupts", "sender_reset",
               "sender_gone", "link_down", "poisoned")
PAIR = '[[node]]\nname = "n"\ncount = 2\nvectors = 2\n\n'


class SimCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.source = Path(os.environ["IVSHMEM_SOURCE"])

    def sim(self, *arguments):
        return subprocess.run([os.environ["IVSHMEM_SIM"], *map(str, arguments)], cwd=self.folder,
                              capture_output=True, text=True)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def run_text(self, scenario, steps=None, *options):
        """Runs a scenario, whose script workload, if any, is `steps`."""
        self.write("s.toml", scenario)
        if steps is not None:
            self.write("s.steps", steps)
        return self.sim("run", "s.toml", *options)

    def run_script(self, steps, before=PAIR):
        """Runs a script on nodes n0 and n1; returns the run and its statistics."""
        run = self.run_text(before + '[[workload]]\ntype = "script"\nfile = "s.steps"\n', steps,
                            "--stats", "s.json", "--quiet")
        stats = json.loads((self.folder / "s.json").read_text())
        return run, stats

    def assert_fails(self, run, *parts):
        self.assertEqual(run.returncode, 1, run.stderr)
        for part in parts:
            self.assertIn(part, run.stderr)

    def assert_books_balance(self, total):
        """Every doorbell ends exactly once."""
        there = sum(total["dropped"][c] for c in CAUSES_THERE)
        here = sum(total["dropped"][c] for c in CAUSES_HERE)
        self.assertEqual(set(total["dropped"]), {*CAUSES_HERE, *CAUSES_THERE})
        self.assertEqual(total["rung"], total["delivered"] + total["merged"] + there +
                         total["pending"] + total["under_way"] + total["lost"])
        self.assertEqual(total["issued"], total["rung"] + here + total["write_under_way"] +
                         total["write_lost"])

    def assert_passes(self, run):
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)


class OutputCase(SimCase):
    def start(self, text, *options, steps=None, **more):
        self.write("s.toml", text)
        self.write("s.steps", steps or "")
        run = subprocess.Popen([os.environ["IVSHMEM_SIM"], "run", "s.toml", *options],
                               cwd=self.folder, text=True,
                               **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})
        self.addCleanup(lambda: (run.kill(), run.communicate()))
        return run

    def finish(self, run):
        out, err = run.communicate(timeout=110)
        return subprocess.CompletedProcess(run.args, run.returncode, out, err)

    def path(self, name):
        return self.folder / name

    def stats(self, name="s.json"):
        return json.loads(self.path(name).read_text())

    def assert_folder(self, *names):
        left = {p.name for p in self.folder.iterdir()} - {"s.toml", "s.steps"}
        self.assertEqual(left, set(names))


def read_vcd(text):
    """All changes of a dump: {signal: [(time, value), ...]}; checks that time never goes back."""
    signals, codes, scope, now = {}, {}, [], 0
    for line in text.splitlines():
        words = line.split()
        if words[0] == "$scope":
            scope.append(words[2])
        elif words[0] == "$upscope":
            scope.pop()
        elif words[0] == "$var":
            codes[words[3]] = ".".join([*scope, words[4]])
            signals[codes[words[3]]] = []
        elif line.startswith("#"):
            assert int(line[1:]) >= now, line
            now = int(line[1:])
        elif line[0] in "bs":
            value = int(words[0][1:], 2) if line[0] == "b" else words[0][1:]
            signals[codes[words[1]]].append((now, value))
        elif line[0] in "01":
            signals[codes[line[1:]]].append((now, int(line[0])))
    return signals


def main(suites):
    """`--list` names the cases, a name runs one."""
    if sys.argv[1:] == ["--list"]:
        for suite in suites:
            for name in unittest.defaultTestLoader.getTestCaseNames(suite):
                print(f"{suite.__name__}.{name.removeprefix('test_')}")
    else:
        unittest.main(argv=[sys.argv[0], *(n.replace(".", ".test_", 1) for n in sys.argv[1:])])
