#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/api-reference writes a page for what is documented, and fails on a comment that is wrong."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1))
GOOD = """#pragma once
/// A place.
namespace ivshmem {
/// A part.
struct part {
  int size = 0;
  /// Doubles `value`.
  int twice(int value) const;
};
}  // namespace ivshmem
"""


class ApiReference(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name in ("scripts/api-reference", "docs/Doxyfile", "CMakeLists.txt"):
            (self.root / name).parent.mkdir(exist_ok=True)
            shutil.copy(SOURCE / name, self.root / name)
        self.write("docs/api.md", "# API reference\n\nBegin with `ivshmem::part`.\n")
        for layer in ("model", "tlm", "rtl_bridge"):
            self.write(f"{layer}/include/ivshmem/{layer}/a.h", "#pragma once\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_with(self, header):
        self.write("tlm/include/ivshmem/tlm/part.h", header)
        return subprocess.run([self.root / "scripts/api-reference", self.root / "api"],
                              capture_output=True, text=True)

    def test_a_good_header_has_a_page(self):
        run = self.run_with(GOOD)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        page = (self.root / "api/structivshmem_1_1part.html").read_text()
        self.assertIn("Doubles", page)
        self.assertIn("structivshmem_1_1part.html", (self.root / "api/index.html").read_text())

    def test_a_structure_without_a_comment_fails(self):
        run = self.run_with(GOOD.replace("/// A part.\n", ""))
        self.assertEqual(run.returncode, 1)
        self.assertIn("part.h:", run.stderr)

    def test_a_parameter_that_is_not_there_fails(self):
        run = self.run_with(GOOD.replace("/// Doubles `value`.", "/// @param number is doubled"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("number", run.stderr)


if __name__ == "__main__":
    unittest.main()
