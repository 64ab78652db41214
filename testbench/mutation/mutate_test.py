#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mutate names a fault that nobody notices, and refuses a list that cannot be meant.

mutate_test.py [-v] [Lists | Simulations | Proofs]      Proofs needs yosys
"""

import contextlib
import io
import os
import runpy
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
mutate = runpy.run_path(str(Path(__file__).resolve().parent / "mutate"))
FIFO = "rtl_bridge/rtl/ivshmem_fifo.sv"
ROOM = "assign room_o  = !count_q[PtrWidth];"


def entry(**change):
    """A fault of the list, as TOML: one that the proof fifo-2 notices, but for `change`."""
    keys = {"file": FIFO, "find": ROOM, "put": "assign room_o  = 1'b1;", "breaks": "a text",
            "noticed_by": [{"proof": "fifo-2", "fails": ["CountWithinDepth"]}], **change}
    value = lambda one: ("{" + ", ".join(f"{k} = {value(v)}" for k, v in one.items()) + "}"
                         if isinstance(one, dict) else
                         "[" + ", ".join(map(value, one)) + "]" if isinstance(one, list)
                         else f'"{one}"')
    return "[[fault]]\n" + "".join(f"{k} = {value(v)}\n" for k, v in keys.items() if v is not None)


class Mutate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_list(self, text, *options):
        """Exit code and all output of mutate with a list."""
        (self.folder / "faults.toml").write_text(text, encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = mutate["main"](["--faults", str(self.folder / "faults.toml"), *options])
        return code, said.getvalue()

    def expect(self, code, text, *fragments, options=("--check",)):
        found, said = self.run_list(text, *options)
        for fragment in fragments:
            self.assertIn(fragment, said)
        self.assertEqual(found, code, said)


class Lists(Mutate):
    def test_a_good_list_applies(self):
        self.expect(0, entry() + entry(put="assign room_o  = 1'b0;", noticed_by=["raw"]),
                    "2 faults apply")

    def test_a_list_that_cannot_be_meant_is_refused(self):
        proof = lambda **change: {"proof": "fifo-2", "fails": ["CountWithinDepth"], **change}
        for change, fragment in [
                ({"find": "assign no_such_thing"}, f"fault 1, {FIFO}: must stand there once, "
                                                   "stands there 0 times: assign no_such_thing"),
                ({"find": "end"}, "times: end"),
                ({"find": ""}, "stands there 0 times"),
                ({"put": ROOM}, "changes nothing"),
                ({"file": "rtl_bridge/rtl/none.sv"}, "none.sv: no such file"),
                ({"breaks": None}, "no breaks"),
                ({"line": "x"}, "no such key: line"),
                ({"noticed_by": []}, "noticed_by nobody"),
                ({"noticed_by": ["lockstop"]}, "no such witness: lockstop"),
                ({"file": "model/src/msix.cpp", "noticed_by": ["raw"]}, "see the RTL only"),
                ({"noticed_by": [proof(proof="fifo-3")]}, "no such proof: fifo-3"),
                ({"noticed_by": [proof(fails=["Nothing"])]}, "no such assertion: Nothing"),
                ({"noticed_by": [proof(fails=[])]}, "no assertion that fails"),
                ({"noticed_by": [proof(deep="9")]}, "no such key of a proof: deep")]:
            with self.subTest(fragment):
                self.expect(2, entry(**change), fragment)
        self.expect(2, entry() + entry(), "fault 2", "the change of fault 1")
        self.expect(2, "[[fault", "faults.toml")

    def test_a_proof_or_an_assertion_without_a_fault_is_named(self):
        self.expect(1, entry(), "proofs.toml: fifo-16: no fault",
                    "NoOverflow: no fault makes it fail", options=["--uncovered"])

    def test_every_nth_is_chosen_from_an_offset(self):
        faults = [mutate["fault_list"].fault(
            {"file": f"{i}.sv", "find": "", "put": "", "breaks": "", "noticed_by": ["lockstep"]},
            self.folder) for i in range(10)]
        names = lambda *given: [one.file[:-3] for one in mutate["chosen"](
            faults, mutate["arguments"](given))]
        self.assertEqual(names("--every", "4"), ["0", "4", "8"])
        parts = [names("--every", "4", "--offset", str(k)) for k in range(3, 7)]
        self.assertEqual(sorted(sum(parts, [])), names())  # each once in every N runs
        self.assertEqual(names("--sample", "3"), ["0", "3", "6"])
        self.assertEqual(names("7.sv", "2.sv"), ["2", "7"])
        self.assertEqual(names("--witness", "raw"), [])

    def test_the_day_chooses_the_part(self):
        rotating = Path(__file__).resolve().parents[1] / "rotating_seed"
        parts = set()
        for day in range(4):
            said = subprocess.run(["bash", "-c", f"date() {{ echo {86400 * (20000 + day)}; }}; "
                                   f"set -- echo; . '{rotating}'"], check=True,
                                  env={**os.environ, "IVSHMEM_SEED": ""}, capture_output=True,
                                  text=True).stdout
            given = said.splitlines()[-1].split()
            parts.add(mutate["arguments"](["--every", "4", *given]).offset % 4)
        self.assertEqual(parts, {0, 1, 2, 3})

    def test_nothing_chosen_is_a_mistake(self):
        self.expect(2, entry(), "no fault is chosen", options=["no such text"])

    def test_a_simulation_needs_a_build(self):
        self.expect(2, entry(noticed_by=["lockstep"]), "need --build", options=[])


class Proofs(Mutate):
    def test_a_fault_that_its_assertion_does_not_notice_is_named(self):
        self.expect(0, entry(), "CountWithinDepth fails in cycle", "1 of 1", options=[])
        self.expect(1, entry(put=ROOM.replace("  ", "   "), breaks="no harm"),
                    f"NOT NOTICED: {FIFO}: no harm", "CountWithinDepth does not fail", "0 of 1",
                    options=[])
        both = {"proof": "fifo-2", "fails": ["ElementComesOutInTurn", "CountWithinDepth"]}
        self.expect(1, entry(find="rd_q <= rd_q + 1'b1;", put="rd_q <= rd_q;", noticed_by=[both]),
                    "ElementComesOutInTurn fails in", "CountWithinDepth does not", options=[])

    def test_an_rtl_that_yosys_refuses_is_an_error(self):
        self.expect(2, entry(put="assign room_o = ;"), "error: ", "0 of 1", options=[])


class Simulations(Mutate):
    """With a tree and a build of its own: a library of one function, and two programs with it."""

    def setUp(self):
        super().setUp()
        self.write("model/include/ivshmem/model/more.h", "inline int more() { return 0; }\n")
        self.write("model/src/answer.h", '#include "ivshmem/model/more.h"\n'
                   "inline int number() { return 42; }\nint answer();\n")
        self.write("model/src/answer.cpp",
                   '#include "answer.h"\nint answer() { return more() + number(); }\n')
        self.program("return answer() == 42 ? 0 : 1;")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def program(self, body):
        self.write("model/main.cpp", f"int answer();\nint main() {{ {body} }}\n")
        self.write("build/build.ninja", textwrap.dedent("""\
            rule cxx
              command = c++ -I../model/include -MD -MT $out -MF $out.d -o $out -c $in
            rule ar
              command = rm -f $out && ar rcs $out $in
            rule link
              command = : && c++ $objects -o $out $libs && :
            build answer.o: cxx ../model/src/answer.cpp
            build main.o: cxx ../model/main.cpp
            build libanswer.a: ar answer.o
            build bin/lockstep_fuzz: link main.o libanswer.a
              objects = main.o
              libs = libanswer.a
            build bin/lockstep_parts_test: link main.o libanswer.a
              objects = main.o
              libs = libanswer.a
            build lockstep_fuzz: phony bin/lockstep_fuzz
            build lockstep_parts_test: phony bin/lockstep_parts_test
            """))
        mutate["by_simulation"].must(["ninja", "-C", str(self.folder / "build")])

    def judge(self, code, *fragments, limit="20", **change):
        change = {"file": "model/src/answer.cpp", "find": "number();", "noticed_by": ["lockstep"],
                  **change}
        self.expect(code, entry(**change), *fragments, options=[
            "--root", str(self.folder), "--build", str(self.folder / "build"), "--limit", limit])

    def test_a_fault_that_nobody_sees_is_named(self):
        self.judge(0, "lockstep: a crash", "1 of 1", put="number() + (__builtin_trap(), 1);")
        self.judge(1, "NOT NOTICED: model/src/answer.cpp: no harm", "lockstep: sees nothing",
                   "0 of 1", put="number() + 0;", breaks="no harm")
        self.judge(0, "1 of 1", file="model/src/answer.h", find="42", put="41")
        self.judge(0, "1 of 1", file="model/include/ivshmem/model/more.h", find="0", put="1")
        self.judge(0, "lockstep: no end in 1 s", limit="1",
                   put="[] { volatile int i = 0; while (i == 0) {} return 0; }();")

    def test_an_end_that_is_no_answer_is_an_error(self):
        self.judge(2, "error: ", put="no_such_function();")
        self.write("model/src/unused.h", "number();\n")
        self.judge(2, "no source beside it includes it", file="model/src/unused.h", put="1")
        self.write("model/src/unused.cpp", "number();\n")
        self.judge(2, "does not compile", file="model/src/unused.cpp", put="1")
        self.program("return answer() == 42 ? 0 : 2;")  # as for an option that does not exist
        self.judge(2, "exit code 2", put="number() + 1;")

    def test_a_build_that_fails_without_a_fault_is_an_error(self):
        self.program("return 1;")
        self.judge(2, "fails without a fault", put="number() + 1;")


if __name__ == "__main__":
    unittest.main()
