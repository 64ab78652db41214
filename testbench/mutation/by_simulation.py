# SPDX-License-Identifier: Apache-2.0
"""Simulation as a witness: lockstep of RTL and model, and raw requests to the RTL.

Needs a build folder (Ninja) with lockstep_fuzz and lockstep_parts_test built; nothing in it or in
the sources is changed: what a fault touches is compiled in a temporary folder and linked in front
of the build's libraries. Broken RTL is verilated with 64 bits only.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import proofs

FUZZ, PARTS = "lockstep_fuzz", "lockstep_parts_test"
WIDTH = 64
LIMIT = 240  # seconds of a processor for one answer


def checks(witness, programs, rtl):
    """Command lines, quick ones first."""
    if witness == "raw":
        yield [str(programs[PARTS]), f"--gtest_filter=*RawRequest*{WIDTH}bits:*RawLength*{WIDTH}bits"]
        return
    fuzz = [str(programs[FUZZ]), *(["--width", str(WIDTH)] if rtl else [])]
    yield [*fuzz, "--seed", "1", "--devices", "8", "--requests", "1500"]
    yield [*fuzz, "--seed", "100", "--devices", "16", "--requests", "8000"]
    for vectors in ("64", "2048"):
        yield [*fuzz, "--seed", "300", "--devices", "16", "--requests", "6000",
               "--vectors", vectors]


class failure(Exception):
    """A tool refused its input: the command and what it said."""


def run(command, limit=None, **options):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=limit,
                          check=False, **options)
    return done.returncode, done.stdout + done.stderr


def must(command, **options):
    code, output = run(command, **options)
    if code != 0:
        raise failure(f"{shlex.join(map(str, command))}\n{output[-2000:]}")
    return output


class build:
    """The commands of a finished build of a source tree."""

    def __init__(self, folder, root):
        self.folder, self.root = folder, root
        ninja = ["ninja", "-C", str(folder)]
        # Ninja may say which folder it entered before the list.
        entries = json.loads("[" + must([*ninja, "-t", "compdb"]).partition("[")[2])
        self.compile = {}
        for entry in entries:
            source = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
            if source.endswith(".cpp") and " -c " in entry["command"]:
                self.compile.setdefault(source, entry["command"])
        self.link, self.program = {}, {}
        for program in (FUZZ, PARTS):
            lines = must([*ninja, "-t", "commands", program]).splitlines()
            self.link[program] = [line for line in lines
                                  if re.search(rf"-o (\S*/)?{program}\b", line)][-1]
            words = shlex.split(self.link[program])
            self.program[program] = folder / words[words.index("-o") + 1]

    def compile_command(self, source, replacement, output, before=()):
        """As `source` is compiled, but another file, with other include folders first."""
        if os.path.realpath(source) not in self.compile:
            raise failure(f"{self.folder}: does not compile {source}")
        words = shlex.split(self.compile[os.path.realpath(source)])
        while not re.fullmatch(r"[\w-]*\+\+[-\d.]*", os.path.basename(words[0])):
            del words[0]  # a compiler cache and its settings: what is broken is not kept
        out = words.index("-o")
        words[out + 1] = str(output)
        words[words.index("-c") + 1] = str(replacement)
        for flag in ("-MF", "-MT"):
            at = words.index(flag)
            del words[at:at + 2]
        words.remove("-MD")
        return words[:1] + [f"-I{folder}" for folder in before] + ["-O1"] + words[1:]

    def link_program(self, program, objects, into):
        """`objects` stand in front of all others, and so in place of what is in the libraries."""
        text = self.link[program].replace(": && ", "").replace(" && :", "")
        words = shlex.split(text)
        output = words.index("-o")
        words[output + 1] = str(into / program)
        first = next(at for at, word in enumerate(words) if word.endswith(".o"))
        words[first:first] = [str(file) for file in objects]
        must(words, cwd=self.folder)
        return into / program


def users(header, folder):
    """The sources of a folder that include a header of it, themselves or by another header."""
    headers, grown = {header}, True
    files = {file: file.read_text(encoding="utf-8")
             for file in sorted(folder.iterdir()) if file.is_file()}
    names = lambda file: any(f'"{name}"' in files[file] for name in headers)
    while grown:
        more = {file.name for file in files if file.suffix == ".h" and names(file)} - headers
        headers |= more
        grown = bool(more)
    return [file for file in files if file.suffix == ".cpp" and names(file)]


def users_of_public(header, made):
    """The sources of the libraries that include a public header, themselves or by another one."""
    files = {file: file.read_text(encoding="utf-8") for layer in ("model", "tlm", "rtl_bridge")
             for file in sorted((made.root / layer).rglob("*")) if file.suffix in (".h", ".cpp")}
    names, grown = {header}, True
    while grown:  # by the last part of the name: at worst a source too many is compiled
        wanted = re.compile("|".join(rf'#include ".*\b{re.escape(name)}"' for name in names))
        more = {file.name for file, text in files.items()
                if file.suffix == ".h" and wanted.search(text)} - names
        names |= more
        grown = bool(more)
    return [file for file, text in files.items() if file.suffix == ".cpp" and wanted.search(text)
            and os.path.realpath(file) in made.compile]


def objects_of_public(made, fault, temp):
    """For a header that is included as "ivshmem/...": a folder in front of all others has it."""
    parts = fault.path.relative_to(made.root).parts
    copy = temp.joinpath(*parts[parts.index("include"):])
    copy.parent.mkdir(parents=True)
    copy.write_text(fault.text, encoding="utf-8")
    objects = []
    for source in users_of_public(fault.path.name, made):
        objects.append(temp / f"{len(objects)}_{source.stem}.o")
        must([*made.compile_command(source, source, objects[-1], [temp / "include"]), "-w"],
             cwd=made.folder)
    if not objects:
        raise failure(f"{fault.file}: no source of the libraries includes it")
    return objects


def objects_of_model(made, fault, temp):
    if "include" in fault.path.relative_to(made.root).parts:
        return objects_of_public(made, fault, temp)
    folder = temp / "src"
    shutil.copytree(fault.path.parent, folder)
    (folder / fault.path.name).write_text(fault.text, encoding="utf-8")
    sources = ([fault.path] if fault.path.suffix == ".cpp"
               else users(fault.path.name, fault.path.parent))
    if not sources:
        raise failure(f"{fault.file}: no source beside it includes it")
    objects = []
    for source in sources:
        objects.append(temp / f"{source.stem}.o")
        must([*made.compile_command(source, folder / source.name, objects[-1]), "-w"],
             cwd=made.folder)
    return objects


def objects_of_rtl(made, fault, temp):
    folder = temp / "rtl"
    shutil.copytree(fault.path.parent, folder)
    (folder / fault.path.name).write_text(fault.text, encoding="utf-8")
    bridge = made.root / "rtl_bridge"
    listed = (bridge / "rtl/ivshmem.f").read_text(encoding="utf-8").splitlines()
    files = [line for line in listed if line.endswith(".sv")]
    cpp = temp / "verilated"
    name = f"Vivshmem_core_{WIDTH}"
    must(["verilator", "--cc", "--prefix", name, "--top-module", "ivshmem_core", "--Mdir", str(cpp),
          f"-GDataWidth={WIDTH}", "-GMaxVectors=2048", f"-I{folder}",
          str(bridge / "src/peek.vlt"), "-O3", "--x-assign", "fast", "--x-initial", "fast",
          "--assert", "-Wno-fatal", "--output-split", "0", *[str(folder / file) for file in files]])
    # One class stands for all widths; only one is used.
    for other in (128, 256):
        for tail in (".h", "___024root.h"):
            (cpp / f"Vivshmem_core_{other}{tail}").write_text(
                f'#pragma once\n#include "{name}{tail}"\n'
                + (f"using Vivshmem_core_{other} = {name};\n" if tail == ".h" else
                   f"using Vivshmem_core_{other}___024root = {name}___024root;\n"))
    model = bridge / "src/verilated_model.cpp"
    (temp / "all.cpp").write_text("".join(
        f'#include "{file.name}"\n' for file in sorted(cpp.glob(f"{name}*.cpp"))))
    objects = [temp / "model.o", temp / "all.o"]
    must([*made.compile_command(model, model, objects[0], [cpp]), "-w", "-UVM_TRACE",
          "-UVM_TRACE_FST", "-DVM_TRACE=0", "-DVM_TRACE_FST=0"], cwd=made.folder)
    must([*made.compile_command(model, temp / "all.cpp", objects[1], [cpp]), "-w", "-UVM_TRACE",
          "-UVM_TRACE_FST", "-DVM_TRACE=0", "-DVM_TRACE_FST=0"], cwd=made.folder)
    return objects


def reason(output):
    """What noticed it, in a few words."""
    found = re.search(r"RTL and model differ in cycle (\d+), ([^:]*):", output)
    if found:
        return f"{found.group(2)}, cycle {found.group(1)}"
    found = re.search(r"\[  FAILED  \] ([^\s,]+)", output)
    return found.group(1) if found else "a crash"


def notices(command, limit, folder):
    """Empty if a check passes, else what it saw."""
    # Time of the processor: on a busy machine, waiting is no sign of a fault.
    limited = ["sh", "-c", f'ulimit -St {limit} && exec "$0" "$@"', *command]
    try:
        code, output = run(limited, proofs.HANG_SECONDS, cwd=folder)
    except subprocess.TimeoutExpired:
        return f"no end in {proofs.HANG_SECONDS} s"
    if code == -signal.SIGXCPU:
        return f"no end in {limit} s"
    if code > 1:  # neither a difference nor a signal
        raise failure(f"{shlex.join(command)}: exit code {code}\n{output[-2000:]}")
    return reason(output) if code != 0 else ""


def sound(made, witnesses, limit):
    """Throws failure unless the first check of each witness passes with the unbroken programs."""
    for witness in witnesses:
        command = next(checks(witness, made.program, True))
        seen = notices(command, limit, made.folder)
        if seen:
            raise failure(f"{shlex.join(command)}: fails without a fault: {seen}")


def ask(made, fault, witnesses, limit):
    """What each witness says of the broken programs, and whether it noticed; a pair for each."""
    with tempfile.TemporaryDirectory(prefix="ivshmem-fault-") as name:
        temp = Path(name)
        objects = (objects_of_rtl if fault.is_rtl else objects_of_model)(made, fault, temp)
        programs = {program: made.link_program(program, objects, temp)
                    for program in {PARTS if witness == "raw" else FUZZ for witness in witnesses}}
        answers = []
        for witness in witnesses:
            seen = (notices(command, limit, temp)
                    for command in checks(witness, programs, fault.is_rtl))
            text = next((text for text in seen if text), "")
            answers.append((f"{witness}: {text or 'sees nothing'}", bool(text)))
        return answers
