#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule of tree_check.py passes a good tree and reports a bad one."""

import tempfile
import unittest
from pathlib import Path

import tree_check

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


class TreeCheck(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, text, mode=0o644):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def passes(self, rule):
        self.assertEqual(list(tree_check.RULES[rule](self.root)), [])

    def reports(self, rule, *fragments):
        found = "\n".join(tree_check.RULES[rule](self.root))
        for fragment in fragments:
            self.assertIn(fragment, found)

    def test_layering(self):
        self.write("model/src/host_fd.cpp", "#include <unistd.h>\n#include <cstdint>\n")
        self.write("tlm/src/a.cpp", '#include <systemc>\n#include "ivshmem/model/types.h"\n')
        self.write("tools/a.cpp", '#include <unistd.h>\n#include "ivshmem/tlm/a.h"\n')
        self.passes("layering")
        for number, (file, text, message) in enumerate([
                ("model/src/a.cpp", "#include <systemc>", "includes no SystemC (systemc)"),
                ("model/src/b.cpp", "#  include <tlm.h>", "includes no SystemC (tlm.h)"),
                ("model/src/c.cpp", '#include "tlm_utils/peq.h"', "includes no SystemC"),
                ("model/src/d.cpp", '#include "ivshmem/tlm/a.h"', "must not include ivshmem/tlm"),
                ("model/src/e.cpp", "#include <thread>", "no threads"),
                ("model/src/f.cpp", "#include <sys/mman.h>", "host_* files (sys/mman.h)"),
                ("tlm/src/b.cpp", "#include <poll.h>", "host_* files (poll.h)"),
                ("tlm/src/c.cpp", '#include "ivshmem/rtl_bridge/a.h"', "tlm must not include"),
                ("tlm/src/d.cpp", "namespace ivshmem::tlm {", "hides TLM-2.0's"),
                ("rtl_bridge/src/a.cpp", '#include "tools/a.h"', "rtl_bridge must not include")]):
            with self.subTest(file):
                self.write(file, "\n" * number + text + "\n")
                self.reports("layering", f"{file}:{number + 1}: ", message)

    def test_namespaces(self):
        self.write("tlm/src/a.cpp", "namespace ivshmem {\n")
        self.write("testbench/a.h", "namespace ivshmem::test {\nnamespace {\n")
        self.write("testbench/b.cpp", "namespace ivshmem::rtl::test {\n")
        self.write("testbench/c.cpp", "namespace ivshmem::lockstep {\n")
        self.passes("namespaces")
        self.write("testbench/d.h", "\nnamespace ivshmem {\n")
        self.write("testbench/unit/e.cpp", "namespace ivshmem::rtl {\n")
        self.reports("namespaces", "testbench/d.h:2: ivshmem: not",
                     "testbench/unit/e.cpp:1: ivshmem::rtl: not")

    def test_licence(self):
        self.write("model/a.cpp", SPDX)
        self.write("scripts/run", "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\n")
        self.write("docs/a.md", "no source\n")
        self.passes("licence")
        for file in ("a.h", "x.sv", "tools/CMakeLists.txt", "cmake/a.cmake", ".ci/b"):
            with self.subTest(file):
                self.write(file, "#!/bin/sh\n")
                self.reports("licence", file)

    def test_size(self):
        self.write("a.h", "\n" * 150)
        self.write("a.cpp", "\n" * 400)
        self.write("a_test.cpp", "\n" * 250)
        self.write("b.h", "// Size: one table\n" + "\n" * 500)
        self.passes("size")
        self.write("a.h", "\n" * 151)
        self.write("a.cpp", "\n" * 401)
        self.write("a_test.cpp", "\n" * 251)
        self.reports("size", "a.h: 151", "a.cpp: 401", "a_test.cpp: 251")

    def test_heads(self):
        self.write("tlm/src/a.cpp", SPDX + "//\n// One half.\nbox::box(int a) : a_(a) {}\n"
                                           "int help(int a) { return std::max(a, 1); }\n")
        self.write("tlm/src/b.cpp", SPDX + "// The other.\nconst std::string& box::name() {\n")
        self.write("tlm/include/a.h", "/// Sources: a.cpp (one half), b.cpp (the other).\n"
                                      "class box final : public base {\n")
        self.write("model/src/c.cpp", SPDX + "// Another box.\nbox::box() {}\n")
        self.passes("heads")
        self.write("tlm/include/a.h", "// a.cpp\nclass box {\n")
        self.write("tlm/src/d.cpp", SPDX + "\n#include <vector>\n")
        self.reports("heads", "tlm/include/a.h: sources of box not listed: b.cpp",
                     "tlm/src/d.cpp: no line that says")
        self.write("tlm/src/inner.h", "struct box::part {\n")
        self.write("tlm/src/e.cpp", SPDX + "// A user.\nvoid f() {\n  box::all(1);\n}\n")
        self.assertNotIn("inner.h", "\n".join(tree_check.heads(self.root)))
        self.assertNotIn("e.cpp", "\n".join(tree_check.heads(self.root)))

    def test_words(self):
        self.write("a.cpp", "// todo list, autoTODOx\n")
        self.passes("words")
        self.write("a.cpp", "\n// TO" + "DO: more\n")
        self.write("b.md", "FIX" + "ME\n")
        self.reports("words", "a.cpp:2", "b.md:1")

    def test_links(self):
        self.write("docs/b.md", "")
        self.write("a.md", "[b](docs/b.md#top) [top](#top) [web](https://example.org/x.md)\n")
        self.passes("links")
        self.write("docs/c.md", "\n[b](docs/b.md)\n")
        self.reports("links", "docs/c.md:2: no such file: docs/b.md")

    def test_scripts(self):
        self.write("scripts/a", "#!/usr/bin/env bash\nif true; then :; fi\n", 0o755)
        self.passes("scripts")
        self.write("scripts/b", "#!/usr/bin/env bash\nif true; then :\n", 0o755)
        self.write("scripts/c", "#!/usr/bin/env bash\n")
        self.reports("scripts", "syntax error", "scripts/c: not executable")

    def test_portability(self):
        self.write("tools/a.cpp", "#include <fmt/ranges.h>\nfmt::join(names, \", \")\n")
        self.write("tlm/src/a.cpp", "  SC_HAS_PROCESS(a);\n")
        self.write("scripts/packages.txt", "test clang\ntest clang-tidy-14  # not lld-14\n")
        self.write("testbench/a.cpp", "CLI::Range(1, 2)\n")
        self.passes("portability")
        self.write("tools/b.cpp", "#include <fmt/format.h>\nfmt::join(names, \", \")\n")
        self.write("tlm/include/ivshmem/tlm/a.h", "\n  SC_HAS_PROCESS(a);\n")
        self.write("CMakePresets.json", '{ "CMAKE_CXX_COMPILER": "clang++-14",\n')
        self.write("tools/c.cpp", "->check(CLI::Range(0U, 9U))\n")
        self.reports("portability", "tools/b.cpp:2: fmt::join", "tlm/a.h:2: SC_HAS_PROCESS",
                     "CMakePresets.json:1: one version of clang", "tools/c.cpp:1: CLI11")

    def test_limits(self):
        self.write("testbench/CMakeLists.txt", "set(hang_seconds 600)  # TIMEOUT 60\n"
                   "DISCOVERY_TIMEOUT ${hang_seconds} PROPERTIES TIMEOUT ${long_hang_seconds})\n")
        self.passes("limits")
        self.write("testbench/a/CMakeLists.txt", "\nset_tests_properties(a PROPERTIES TIMEOUT 60)\n")
        self.write("testbench/b/CMakeLists.txt", "  TIMEOUT ${my_seconds})\n")
        self.reports("limits", "testbench/a/CMakeLists.txt:2: must be hang_seconds",
                     "testbench/b/CMakeLists.txt:1: must be")

    def test_format(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("a.cpp", "int a() { return 1; }\n")
        self.passes("format")
        self.write("a.cpp", "int a(){return 1 ;}\n")
        self.reports("format", "a.cpp:1")

    def write_errors(self, *rows, host="vectors = 9: must be less"):
        table = "| Text | From |\n|---|---|\n" + "".join(f"| `{row}` | link |\n" for row in rows)
        self.write("docs/errors.md", f"## Elaboration\n\n{table}\n## Host\n\n| Code | Text |\n"
                                     f"|---|---|\n| `range` | `{host}` |\n")

    def test_errors(self):
        self.write("model/src/properties.cpp",
                   'return property_error{"size", text(size), "must be even"};\n')
        self.write("tlm/src/a.cpp", 'auto report = [](auto what, auto range) {\n'
                   '  report_error(type, name(), what + (" = 0: must be " + range)); };\n'
                   'report("lanes", "1 or "\n       "more");\n')
        self.write("testbench/a_test.cpp",
                   'EXPECT_EQ(a, "lanes = 0: must be 1 or more");\n'
                   'EXPECT_EQ(b, "size = 3: must "\n             "be even");\n'
                   'EXPECT_EQ(c, "vectors = " + text(7) + ": must be less");\n')
        rows = ["lanes = 0: must be 1 or more", "size = 3: must be even"]
        self.write_errors(*rows)
        self.passes("errors")
        self.write_errors(*rows, "headers = 0: must be 1 or more")
        self.reports("errors", "errors.md:7: no test provokes: headers = 0: must be 1 or more")
        self.write_errors(*rows, host="vectors = 9: must be fewer")
        self.reports("errors", "errors.md:12: no test provokes: vectors = 9: must be fewer")
        self.write_errors(rows[1])
        self.reports("errors", "tlm/src/a.cpp:3: no row in docs/errors.md: lanes")
        self.write_errors(rows[0])
        self.reports("errors", "model/src/properties.cpp:1: no row in docs/errors.md: size")
        self.write_errors(*rows)
        self.write("tools/ivshmem-sim/a.cpp", 'refuse("x", fmt::format("must be {} or {}", a, b));\n')
        self.reports("errors", "tools/ivshmem-sim/a.cpp:1: no test in testbench/sim: must be {} or")
        self.write("testbench/sim/a.py", 'A = "1: x = 3: must be 1 " \\\n    "or 2"\n')
        self.passes("errors")
        self.write("testbench/a_test.cpp", "")
        self.reports("errors", *rows)

    def test_testplan(self):
        build = self.root / "build"
        self.write("build/CTestTestfile.cmake", 'add_test(unit.A.Works "true")\n'
                   'add_test(system.All/B.Works/1 "true")\nadd_test(a.drift.md "true")\n')
        self.write("docs/testplan.md", "| a | `unit.A.Works` `system.All/B.Works/1` `a.drift.md` |\n")
        self.assertEqual(list(tree_check.testplan(self.root, build)), [])
        self.write("docs/testplan.md", "| a | `unit.A.Works` |\n| b | `unit.A.Gone` `a.drift.sv` |\n")
        self.assertEqual(list(tree_check.testplan(self.root, build)),
                         ["docs/testplan.md:2: no such test: unit.A.Gone",
                          "docs/testplan.md:2: no such test: a.drift.sv",
                          "docs/testplan.md: no row for system.B"])
        self.write("docs/testplan.md", "nothing\n")
        self.assertEqual(len(list(tree_check.testplan(self.root, build))), 3)

    def test_testplan_of_what_is_not_everywhere(self):
        build = self.root / "build"
        plan = "| a | `a.drift.md` `cci.A.Works` |\n"
        self.write("docs/testplan.md", plan)
        self.write("build/CTestTestfile.cmake", 'add_test(a.drift.md "true")\n')
        self.assertEqual(list(tree_check.testplan(self.root, build)), [])
        self.write("build/CTestTestfile.cmake",
                   'add_test(a.drift.md "true")\nadd_test(cci.A.Gone "true")\n')
        self.assertEqual(list(tree_check.testplan(self.root, build)),
                         ["docs/testplan.md:1: no such test: cci.A.Works"])

    def test_build_trees_are_left_out(self):
        self.write("out/CMakeCache.txt", "")
        self.write("out/a.cpp", "")
        self.write("build/b.cpp", "")
        self.write(".git/c.cpp", "")
        self.passes("licence")


if __name__ == "__main__":
    unittest.main()
