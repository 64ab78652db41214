#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/tidy: what passed is not checked again; what changed, or failed, is.

tidy_test.py <path of scripts/tidy>
"""
import importlib.util
import json
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

GOOD = '#include "a.h"\nint twice(int value) { return 2 * value + none; }\n'
BAD = "const char* text() { return 0; }\n"
RULES = "Checks: '-*,modernize-use-nullptr'\nWarningsAsErrors: '*'\n"


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store = Path(folder.name, "store")
        self.make_clone(Path(folder.name, "clone"))

    def make_clone(self, root):
        self.root = root
        self.write("a.cpp", GOOD)
        self.write("include/a.h", "constexpr int none = 0;\n")
        self.write(".clang-tidy", RULES)
        self.compile_with()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        tidy.digest.cache_clear()

    def compile_with(self, *flags, programs=1):
        words = ["clang++", "-I", f"{self.root}/include", *flags]
        entries = [{"directory": str(self.root), "file": f"{self.root}/a.cpp",
                    "command": " ".join([*words, "-o", f"{number}.o", "-c", f"{self.root}/a.cpp"])}
                   for number in range(programs)]
        self.write("compile_commands.json", json.dumps(entries))

    def run_tidy(self):
        return tidy.run(self.root / "compile_commands.json", self.root, ["."], self.store)

    def test_what_passed_is_not_checked_again(self):
        self.assertEqual(self.run_tidy(), (1, []))
        self.assertEqual(self.run_tidy(), (0, []))

    def test_it_has_passed_in_every_clone(self):
        self.run_tidy()
        self.make_clone(self.root.parent / "another")
        self.assertEqual(self.run_tidy(), (0, []))

    def test_a_source_of_two_programs_is_checked_once(self):
        self.compile_with(programs=2)
        self.assertEqual(self.run_tidy(), (1, []))

    def test_each_change_is_checked(self):
        for name, change in {
                "source": lambda: self.write("a.cpp", GOOD + "\n"),
                "header": lambda: self.write("include/a.h", "constexpr int none = 1;\n"),
                "another header found first": lambda: self.write("a.h", "constexpr int none = 0;\n"),
                "flag": lambda: self.compile_with("-DNDEBUG"),
                "configuration": lambda: self.write(".clang-tidy", RULES + "# changed\n")}.items():
            with self.subTest(name):
                self.run_tidy()
                change()
                self.assertEqual(self.run_tidy(), (1, []))

    def test_another_clang_tidy_checks_again(self):
        (one,) = tidy.compilations(self.root / "compile_commands.json", self.root, ["."])
        self.assertNotEqual(tidy.key_of(one, self.root, "14.0.6"),
                            tidy.key_of(one, self.root, "14.0.7"))

    def test_what_fails_fails_again(self):
        self.write("a.cpp", BAD)
        for _ in range(2):
            checked, (finding,) = self.run_tidy()
            self.assertEqual(checked, 1)
            self.assertIn("modernize-use-nullptr", finding)
        self.write("a.cpp", GOOD)
        self.assertEqual(self.run_tidy(), (1, []))

    def test_a_stricter_configuration_finds_what_passed_before(self):
        self.write("a.cpp", BAD)
        self.write(".clang-tidy", RULES.replace("modernize-use-nullptr", "performance-*"))
        self.assertEqual(self.run_tidy(), (1, []))
        self.write(".clang-tidy", RULES)
        self.assertEqual(len(self.run_tidy()[1]), 1)


if __name__ == "__main__":
    loader = SourceFileLoader("tidy", sys.argv.pop(1))
    tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
    loader.exec_module(tidy)
    unittest.main()
