#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of what ivshmem-sim writes to. See sim_test.py."""

import json
import os
import resource
import stat
import subprocess
import unittest

from sim_fixture import PAIR, OutputCase, main, read_vcd

WORK = PAIR + '[[workload]]\ntype = "pingpong"\ncount = 5\n'


class Outputs(OutputCase):
    """What an output is, it stays."""

    def test_PipeGetsTheTraceAndStaysAPipe(self):
        os.mkfifo(self.path("t.vcd"))
        run = self.start(WORK, "--trace", "t.vcd")
        self.assertIn("ivshmem.n0.doorbell", read_vcd(self.path("t.vcd").read_text()))
        self.assert_passes(self.finish(run))
        self.assertTrue(stat.S_ISFIFO(self.path("t.vcd").stat().st_mode))
        self.assert_folder("t.vcd")  # without a view

    def test_TerminalGetsTheStatistics(self):
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        run = self.start(WORK, "--stats", os.ttyname(theirs))
        text = ""
        while not text.endswith("\n}\r\n"):
            text += os.read(ours, 65536).decode()
        self.assert_passes(self.finish(run))
        self.assertTrue(json.loads(text)["result"]["ok"])

    def test_TerminalSeesProgressBeforeTheFirstStep(self):
        for options, shown in (((), True), (("--no-progress",), False), (("--quiet",), False)):
            ours, theirs = os.openpty()
            self.addCleanup(os.close, ours)
            run = self.start(WORK, *options, stderr=theirs)
            os.close(theirs)
            self.assertEqual(self.finish(run).returncode, 0)
            os.set_blocking(ours, False)
            try:
                text = os.read(ours, 65536).decode()
            except OSError:  # nothing, and nobody left who could write
                text = ""
            self.assertEqual("0 of 2 nodes built" in text, shown, options)
            if shown:
                self.assertTrue(text.endswith("\r\x1b[K"), text)

    def test_SymbolicLinkStaysAndItsFileIsWritten(self):
        self.path("far").mkdir()
        for number, there in enumerate((False, True)):
            target = self.path("far") / f"{number}.json"
            if there:
                target.write_text("old")
            self.path("s.json").unlink(missing_ok=True)
            self.path("s.json").symlink_to(f"far/{number}.json")
            self.assert_passes(self.run_text(WORK, None, "--stats", "s.json"))
            self.assertTrue(self.path("s.json").is_symlink())
            self.assertTrue(json.loads(target.read_text())["result"]["ok"])

    def test_OtherNameOfAFileStaysAnotherName(self):
        self.path("s.json").write_text("old " * 10000)
        os.link(self.path("s.json"), self.path("other"))
        self.assert_passes(self.run_text(WORK, None, "--stats", "s.json"))
        self.assertTrue(self.stats("other")["result"]["ok"])
        self.assert_folder("s.json", "other")

    def test_PermissionsStay(self):
        self.path("s.json").write_text("old")
        self.path("s.json").chmod(0o604)
        self.assert_passes(self.run_text(WORK, None, "--stats", "s.json"))
        self.assertEqual(stat.S_IMODE(self.path("s.json").stat().st_mode), 0o604)

    def test_LongestNameOfAFileIsEnough(self):
        name = "x" * 255
        self.assert_passes(self.run_text(WORK, None, "--stats", name))
        self.assert_folder(name)

    @unittest.skipUnless(os.path.exists("/dev/stdout"), "/proc is not mounted: no /dev/stdout")
    def test_StandardOutputHasTheStatisticsAlone(self):
        for out in ("/dev/stdout", "/proc/self/fd/1", "out"):
            with open(self.path("out"), "w+", encoding="utf-8") as file:
                self.assert_passes(self.finish(self.start(WORK, "--stats", out, stdout=file)))
                file.seek(0)
                self.assertTrue(json.load(file)["result"]["ok"])
        run = self.finish(self.start(WORK, "--stats", "/dev/stdout"))
        self.assertTrue(json.loads(run.stdout)["result"]["ok"])

    def test_NamesThatAreNotUtf8DoNotCostTheRun(self):
        folder = os.fsencode(self.folder)
        for name in (b"\xff.toml", b"a\n\x1b[31m.toml"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(WORK + '[[workload]]\ntype = "script"\nfile = "s.steps"\n')
            self.write("s.steps", "node n0\nexpect32 bar0+8 9\n")
            run = subprocess.run([os.environ["IVSHMEM_SIM"], "run", os.path.join(folder, name),
                                  "--stats", "s.json"], cwd=self.folder, capture_output=True,
                                 timeout=110)
            self.assertEqual(run.returncode, 1)
            self.assertEqual(len(run.stderr.splitlines()), 1)
            self.assertNotIn(b"\x1b", run.stdout + run.stderr)
            self.assertIn(rb"\xff.toml" if name[0] == 0xff else rb"a\n\x1b[31m.toml", run.stdout)
            self.assertIn("expected 0x9", self.stats()["result"]["failures"][0])


class OutputRefusals(OutputCase):
    """One line, exit code 2, and all files as they were."""

    def refused(self, answer, *options, text=WORK, steps=None):
        run = self.run_text(text, steps, *options)
        self.assertEqual((run.returncode, run.stdout), (2, ""), run.stderr)
        self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
        self.assertIn(answer, run.stderr)
        self.assertEqual(self.path("s.toml").read_text(), text)

    def test_OutputsOfOneFile(self):
        for options in (("--trace", "same", "--stats", "same"),
                        ("--trace", "x.vcd", "--stats", "x.gtkw"),
                        ("--trace", "x.vcd", "--stats", "./x.vcd"),
                        ("--trace", "demo.gtkw")):
            self.refused(": must be a file of its own", *options)
            self.assert_folder()
        if os.path.exists("/dev/stdout"):
            self.refused(": must be a file of its own", "--trace", "/dev/stdout",
                         "--stats", "/proc/self/fd/1")
            self.assert_folder()
        self.path("a").write_text("old")
        os.link(self.path("a"), self.path("b"))
        self.refused("the file of --trace = a: must be", "--trace", "a", "--stats", "b")
        self.assertEqual(self.path("a").read_text(), "old")

    def test_WhatTheRunReads(self):
        script = PAIR + '[[workload]]\ntype = "script"\nfile = "s.steps"\n'
        self.refused("--stats = s.toml: is the scenario: must be", "--stats", "s.toml")
        self.path("link").symlink_to("s.toml")
        self.refused("--trace = link: is the scenario: must be", "--trace", "link")
        self.path("link").unlink()
        self.refused("is the script s.steps: must be a file of its own", "--stats", "s.steps",
                     text=script, steps="node n0\nreset\n")
        self.assertEqual(self.path("s.steps").read_text(), "node n0\nreset\n")
        memory = '[memory]\nbacking = "file"\npath = "m"\n'
        self.refused("is the shared memory m: must be", "--stats", "m", text=memory + WORK)
        self.assert_folder()

    def test_NoName(self):
        for option in ("--stats", "--trace"):
            self.refused(f"ivshmem-sim: {option}: : must be a file's name", option, "")

    def test_Folder(self):
        self.refused("--stats = .: must be a file that can be written: Is a directory", "--stats",
                     ".")


class StandardOutput(OutputCase):
    def fails(self, run, reason):
        done = self.finish(run)
        self.assertEqual((done.returncode, done.stderr),
                         (1, f"ivshmem-sim: standard output could not be written: {reason}\n"))

    def test_FullClosedOrWithoutReaderIsAFailure(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.fails(self.start(WORK, "--stats", "s.json", stdout=full),
                       "No space left on device")
            self.assertTrue(self.stats()["result"]["ok"])
            for arguments in (["check", "s.toml"], ["--help"], ["run", "--help"], ["--version"]):
                run = subprocess.run([os.environ["IVSHMEM_SIM"], *arguments], stdout=full,
                                     stderr=subprocess.PIPE, cwd=self.folder, timeout=110)
                self.assertEqual(run.returncode, 1, arguments)
        self.fails(self.start(WORK, "--trace", "t.vcd", preexec_fn=lambda: os.close(1)),
                   "Bad file descriptor")
        self.assertNotIn("doorbells", self.path("t.vcd").read_text())  # no summary in the trace
        ours, theirs = os.pipe()
        os.close(ours)
        self.fails(self.start(WORK, stdout=theirs), "Broken pipe")
        os.close(theirs)

    def test_NothingToPrintNeedsNoStandardOutput(self):
        self.assert_passes(self.finish(self.start(WORK, "--quiet",
                                                  preexec_fn=lambda: os.close(1))))

    def test_FullFileIsNamedAndCostsNothingElse(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        run = self.finish(self.start(WORK.replace("count = 5\n", "count = 500\n"), "--trace",
                                     "t.vcd", "--stats", "s.json", preexec_fn=limit))
        self.assertEqual((run.returncode, run.stderr),
                         (1, "--trace = t.vcd: could not be written: File too large\n"))
        self.assertIn("OK: every doorbell", run.stdout)
        self.assertTrue(self.stats()["result"]["ok"])
        self.assert_folder("s.json", "t.gtkw")


if __name__ == "__main__":
    main((Outputs, OutputRefusals, StandardOutput))
