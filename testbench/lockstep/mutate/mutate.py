#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the RTL or the model in one line at a time and looks whether a check notices.

usage: mutate.py --build DIR [--only TEXT] [--sample N] [--check]

Reads mutations.json beside it. Needs a build folder (Ninja) with lockstep_fuzz and
lockstep_parts_test built; nothing in it or in the sources is changed: what a mutation touches is
compiled in a temporary folder and linked in front of the build's libraries. Mutated RTL is
verilated with 64 bits only. Exit code 1: a mutation survived; 2: one does not apply.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PROGRAMS = ("lockstep_fuzz", "lockstep_parts_test")
WIDTH = 64
TIMEOUT = 180


def checks(programs, rtl):
    """Command lines, quick ones first."""
    width = ["--width", str(WIDTH)] if rtl else []
    fuzz = [str(programs["lockstep_fuzz"]), *width]
    yield "lockstep", [*fuzz, "--seed", "1", "--devices", "8", "--requests", "1500"]
    if rtl:
        yield "raw", [str(programs["lockstep_parts_test"]),
                      f"--gtest_filter=*RawRequest*{WIDTH}bits"]
    yield "lockstep", [*fuzz, "--seed", "100", "--devices", "16", "--requests", "8000"]
    for vectors in ("64", "2048"):
        yield "lockstep", [*fuzz, "--seed", "300", "--devices", "16", "--requests", "6000",
                           "--vectors", vectors]


class Failure(Exception):
    pass


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                          timeout=TIMEOUT, **options)
    return done.returncode, done.stdout + done.stderr


def must(command, **options):
    code, output = run(command, **options)
    if code != 0:
        raise Failure(f"{shlex.join(map(str, command))}\n{output[-2000:]}")
    return output


class Build:
    """The commands of a finished build."""

    def __init__(self, folder):
        self.folder = folder
        ninja = ["ninja", "-C", str(folder)]
        # Ninja may say which folder it entered before the list.
        entries = json.loads("[" + must([*ninja, "-t", "compdb"]).partition("[")[2])
        self.compile = {}
        for entry in entries:
            source = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
            if source.endswith(".cpp") and " -c " in entry["command"]:
                self.compile.setdefault(source, entry["command"])
        self.link = {}
        for program in PROGRAMS:
            lines = must([*ninja, "-t", "commands", program]).splitlines()
            self.link[program] = [line for line in lines if re.search(rf"-o \S*/{program}\b", line)][-1]

    def compile_command(self, source, replacement, output, before=()):
        """As `source` is compiled, but another file, with other include folders first."""
        words = shlex.split(self.compile[os.path.realpath(source)])
        words = words[words.index("ccache") + 1:] if "ccache" in words else words
        out = words.index("-o")
        words[out + 1] = str(output)
        words[words.index("-c") + 1] = str(replacement)
        for flag in ("-MF", "-MT"):
            at = words.index(flag)
            del words[at:at + 2]
        words.remove("-MD")
        compiler = 1 + next(i for i, word in enumerate(words) if "++" in word or word.endswith("cc"))
        return words[:compiler] + [f"-I{folder}" for folder in before] + ["-O1"] + words[compiler:]

    def link_program(self, program, objects, into):
        """`objects` stand in front of the libraries and so in place of what is in them."""
        text = self.link[program].replace(": && ", "").replace(" && :", "")
        words = shlex.split(text)
        output = words.index("-o")
        words[output + 1] = str(into / program)
        words[output + 2:output + 2] = [str(one) for one in objects]
        must(words, cwd=self.folder)
        return into / program


def mutated(one):
    """Path and text of the file with the mutation in it."""
    path = ROOT / one["file"]
    lines = path.read_text().splitlines(keepends=True)
    hits = [i for i, line in enumerate(lines) if one["line"] in line]
    if len(hits) != 1:
        raise Failure(f'{one["file"]}: {len(hits)} lines hold "{one["line"]}", wanted is 1')
    lines[hits[0]] = lines[hits[0]].replace(one["line"], one["with"])
    return path, "".join(lines)


def objects_of_model(build, one, temp):
    path, text = mutated(one)
    folder = temp / "src"
    shutil.copytree(path.parent, folder)
    (folder / path.name).write_text(text)
    sources = [path] if path.suffix == ".cpp" else [
        source for source in path.parent.glob("*.cpp")
        if f'"{path.name}"' in source.read_text() or '"endpoint_pipeline.h"' in source.read_text()]
    objects = []
    for source in sources:
        objects.append(temp / f"{source.stem}.o")
        must([*build.compile_command(source, folder / source.name, objects[-1]), "-w"],
             cwd=build.folder)
    return objects


def objects_of_rtl(build, one, temp):
    path, text = mutated(one)
    folder = temp / "rtl"
    shutil.copytree(path.parent, folder)
    (folder / path.name).write_text(text)
    listed = (ROOT / "rtl_bridge/CMakeLists.txt").read_text()
    files = re.search(r"set\(IVSHMEM_RTL_FILES\s+([^)]*)\)", listed).group(1).split()
    made = temp / "verilated"
    name = f"Vivshmem_core_{WIDTH}"
    must(["verilator", "--cc", "--prefix", name, "--top-module", "ivshmem_core", "--Mdir", str(made),
          f"-GDataWidth={WIDTH}", "-GMaxVectors=2048", f"-I{folder}",
          str(ROOT / "rtl_bridge/src/peek.vlt"), "-O3", "--x-assign", "fast", "--x-initial", "fast",
          "--assert", "-Wno-fatal", "--output-split", "0", *[str(folder / file) for file in files]])
    # One class stands for all widths; only one is used.
    for other in (128, 256):
        for tail in (".h", "___024root.h"):
            (made / f"Vivshmem_core_{other}{tail}").write_text(
                f'#pragma once\n#include "{name}{tail}"\n'
                + (f"using Vivshmem_core_{other} = {name};\n" if tail == ".h" else
                   f"using Vivshmem_core_{other}___024root = {name}___024root;\n"))
    model = ROOT / "rtl_bridge/src/verilated_model.cpp"
    (temp / "all.cpp").write_text("".join(
        f'#include "{file.name}"\n' for file in sorted(made.glob(f"{name}*.cpp"))))
    objects = [temp / "model.o", temp / "all.o"]
    must([*build.compile_command(model, model, objects[0], [made]), "-w", "-UVM_TRACE",
          "-UVM_TRACE_FST", "-DVM_TRACE=0", "-DVM_TRACE_FST=0"], cwd=build.folder)
    must([*build.compile_command(model, temp / "all.cpp", objects[1], [made]), "-w", "-UVM_TRACE",
          "-UVM_TRACE_FST", "-DVM_TRACE=0", "-DVM_TRACE_FST=0"], cwd=build.folder)
    return objects


def reason(check, output):
    """What noticed it, in a few words."""
    found = re.search(r"RTL and model differ in cycle (\d+), ([^:]*):", output)
    if found:
        return f"{check}: {found.group(2)}, cycle {found.group(1)}"
    found = re.search(r"\[  FAILED  \] (\S+)", output)
    return f"{check}: {found.group(1) if found else 'no end, or a crash'}"


def examine(build, one):
    rtl = one["file"].endswith(".sv")
    with tempfile.TemporaryDirectory(prefix="ivshmem-mutate-") as name:
        temp = Path(name)
        objects = (objects_of_rtl if rtl else objects_of_model)(build, one, temp)
        programs = {}
        for program in PROGRAMS if rtl else PROGRAMS[:1]:
            programs[program] = build.link_program(program, objects, temp)
        for check, command in checks(programs, rtl):
            try:
                code, output = run(command, cwd=temp)
            except subprocess.TimeoutExpired:
                return f"{check}: no end"
            if code != 0:
                return reason(check, output)
    return None


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--build", type=Path, help="finished build folder")
    options.add_argument("--only", default="", help="mutations whose file or line holds this text")
    options.add_argument("--sample", type=int, default=0, help="about N of them, evenly picked")
    options.add_argument("--check", action="store_true", help="only look whether all of them apply")
    given = options.parse_args()
    wanted = [one for one in json.loads((HERE / "mutations.json").read_text())
              if given.only in one["file"] + " " + one["line"]]
    if given.sample:
        wanted = wanted[::max(1, len(wanted) // given.sample)]
    try:
        for one in wanted:
            mutated(one)
        if given.check:
            print(f"{len(wanted)} mutations apply")
            return 0
        if given.build is None:
            options.error("--build is needed")
        build = Build(given.build.resolve())
        survivors = 0
        begin = time.monotonic()
        for number, one in enumerate(wanted, 1):
            caught = examine(build, one)
            survivors += caught is None
            print(f'{number:3} {Path(one["file"]).name:26} {one["breaks"]:62} '
                  f'{caught or "SURVIVED"}', flush=True)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 2
    print(f"{len(wanted) - survivors} of {len(wanted)} mutations caught, "
          f"{time.monotonic() - begin:.0f} s")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
