#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""found_check.py on this machine's own packages: a list that lacks one is reported.

found_check_test.py <packages.txt>
"""
import sys
import tempfile
import unittest
from pathlib import Path

import found_check

CMAKE = "CMAKE_COMMAND:INTERNAL=/usr/bin/cmake\n"
COMPILER = "//CXX compiler\nCMAKE_CXX_COMPILER:FILEPATH=/usr/bin/c++\n"
CLI11 = "CLI11_DIR:PATH=/usr/share/cmake/CLI11\n"
BENCHMARK = "benchmark_DIR:PATH=/usr/include/benchmark\n"
YOSYS = "//Optional: synthesises\nYOSYS:FILEPATH=/usr/bin/yosys\n"


class FoundCheck(unittest.TestCase):
    def check(self, cache, group="build", without=""):
        groups = found_check.read_list(LIST.read_text())
        groups = {name: packages - {without} for name, packages in groups.items()}
        return list(found_check.check(groups, [group], cache, [Path("/project")]))

    def reports(self, entry, package, *arguments, **options):
        (line,) = self.check(*arguments, **options)
        self.assertTrue(line.startswith(f"{entry}: /"), line)
        self.assertIn(f"belongs to {package}, not in build", line)

    def test_what_the_list_names_passes_with_what_it_needs(self):
        # g++ needs g++-12, which owns the file behind the link of update-alternatives.
        self.assertEqual(self.check(CMAKE + COMPILER + CLI11), [])

    def test_a_package_that_the_list_lacks_is_reported(self):
        self.reports("CLI11_DIR", "libcli11-dev", CMAKE + CLI11, without="libcli11-dev")
        self.reports("CMAKE_CXX_COMPILER", "g++-12", CMAKE + COMPILER, without="g++")

    def test_a_package_of_another_group_is_reported(self):
        self.reports("benchmark_DIR", "libbenchmark-dev", CLI11 + BENCHMARK)

    def test_an_optional_program_may_be_of_another_group_but_of_one(self):
        self.assertEqual(self.check(YOSYS), [])
        self.reports("YOSYS", "yosys", YOSYS, without="yosys")
        self.reports("YOSYS", "yosys", YOSYS.split("\n", 1)[1])

    def test_what_no_package_owns_is_reported_but_not_what_is_ours(self):
        with tempfile.TemporaryDirectory() as folder:
            cache = f"A_DIR:PATH={folder}\nB_DIR:PATH=/nowhere\nC_DIR:PATH=C_DIR-NOTFOUND\n"
            self.reports("A_DIR", "no package", cache)
            groups = found_check.read_list(LIST.read_text())
            self.assertEqual(list(found_check.check(groups, ["build"], cache, [Path(folder)])), [])

    def test_each_path_of_a_list_is_looked_at(self):
        self.reports("A", "yosys", "A:STRING=/usr/bin/cmake;/usr/bin/yosys\n")


if __name__ == "__main__":
    LIST = Path(sys.argv.pop(1))
    unittest.main()
