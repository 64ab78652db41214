#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that a number of the register map or the timing table stands in one place.

numbers_check.py <root> <C++ compiler>

Changes an offset, a reset value and depths in a copy of the headers, and looks that the generated
files, the model and the RTL (under Icarus) follow in exactly these; that what cannot follow is named
by a static_assert or at elaboration; and that the RTL uses every generated constant and has no
literal where one belongs. Prints what is wrong and exits 1.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REGMAP = "model/include/ivshmem/model/regmap.h"
TIMING = "model/include/ivshmem/model/timing.h"
MODEL = ["config_space", "device", "device_interrupts", "doorbell", "msix", "parameter", "peer_table",
         "properties", "property_table", "snapshot", "types"]
# What is changed: file, text, its replacement, and the lines of the model's and the RTL's answers that
# differ then (old, new).
CHANGES = [
    (REGMAP, r'(doorbell   {"Doorbell",   )0x0c', r"\g<1>0x14",
     [("BAR0 c rings", "BAR0 14 rings")]),
    (REGMAP, r'(subsystem_id    {"Subsystem ID", .*access::ro, )0x1100', r"\g<1>0x4321",
     [("configuration 2c reads 11001af4", "configuration 2c reads 43211af4")]),
    (REGMAP, r"(express_capability = )0x80", r"\g<1>0xa0",
     [("configuration 40 reads 00008011", "configuration 40 reads 0000a011"),
      *((f"configuration {0x80 + at:x} reads {value}", f"configuration {0x80 + at:x} reads 00000000")
        for at, value in ((0, "00020010"), (4, "00008001"), (8, "00002810"), (12, "00000011"),
                          (16, "00110000"))),
      *((f"configuration {0xa0 + at:x} reads 00000000", f"configuration {0xa0 + at:x} reads {value}")
        for at, value in ((0, "00020010"), (4, "00008001"), (8, "00002810"), (12, "00000011"),
                          (16, "00110000")))]),
    (TIMING, r"(request_queue = )16", r"\g<1>32",
     [("queue of requests 16", "queue of requests 32")]),
    (TIMING, r"(memory_queue = )2", r"\g<1>4",
     [(f"queue of {name} 2", f"queue of {name} 4")
      for name in ("write addresses", "write data", "read addresses")]),
]
# Lines that differ in the packages then, by the constant's name.
CONSTANTS = {"Doorbell", "SubsystemId", "ExpressCapability", "CfgExpress", "CfgDeviceCapabilities",
             "CfgDeviceControl", "CfgLinkCapabilities", "CfgLinkControl", "CfgExpressEnd",
             "RequestQueue", "MemoryQueue"}
# Rows that differ in the pages, by a text in them.
ROWS = ["| Doorbell |", "| Subsystem ID |", "| PCI Express Capabilities |", "| Device Capabilities |",
        "| Device Control |", "| Link Capabilities |", "| Link Control |", "| Link Status |",
        "request buffer holds", "pushed into queues of"]
# A change that cannot follow: file, text, replacement, the check that says so.
REFUSED_BY_COMPILER = (REGMAP, r'("Interrupt Pin",        )0x3d', r"\g<1>0x3f",
                       "one dword of ivshmem_config")
REFUSED_BY_RTL = (TIMING, r"(scan_vectors = )64", r"\g<1>128", "ScanVectors = 128: must be 64")
# A register number or a depth as a literal, where the packages have it.
LITERALS = [re.compile(r"\.Depth\(\d"),
            re.compile(r"\b(?:register_i|dword|dword_i|dword_o)(?:\[[^]]*\])? *[=<>]=? *\d+'[hd]"),
            re.compile(r"^ *\d+'h[0-9a-f_]+ *:"),
            re.compile(r"\b(?:1[56]|24|32)'h(?!0+\b|0000_|[0f_]+\b)[0-9a-f_]+")]
problems = []


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def must(*command):
    code, out, error = run(*command)
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))}:\n{out}{error}")
    return out


class Copy:
    """The headers, the generators and the RTL, to change and to build in a folder of their own."""

    def __init__(self, root, compiler, folder, changes=()):
        self.root, self.compiler, self.folder = root, compiler, folder
        shutil.copytree(root / "model", folder / "model")
        shutil.copytree(root / "rtl_bridge/rtl", folder / "rtl")
        for file, pattern, replacement, *_ in changes:
            path = folder / file
            text, count = re.subn(pattern, replacement, path.read_text())
            if count != 1:
                sys.exit(f"{file}: {count} places match {pattern}")
            path.write_text(text)

    def compile(self, program, *sources):
        return run(self.compiler, "-std=c++17", "-O0", "-w", f"-I{self.folder}/model/include", "-o",
                   self.folder / program, *sources)

    def generate(self):
        """The generated files; the packages are the copy's then."""
        made = {}
        template = self.folder / "model/gen/timing.md.in"
        for name, page, package, *prose in (
                ("regmap", "registers.md", "ivshmem_regs_pkg.sv"),
                ("timing", "timing.md", "ivshmem_timing_pkg.sv", template)):
            code, out, error = self.compile(name, self.folder / f"model/gen/{name}_gen.cpp")
            if code != 0:
                return None, out + error
            made[page] = must(self.folder / name, "md", *prose)
            made[package] = must(self.folder / name, "sv")
            (self.folder / "rtl" / package).write_text(made[package])
        return made, ""

    def model(self):
        sources = [self.folder / f"model/src/{name}.cpp" for name in MODEL]
        code, out, error = self.compile("model_says", self.root / "testbench/rtl/numbers_model.cpp",
                                        *sources)
        if code != 0:
            sys.exit(out + error)
        return must(self.folder / "model_says").splitlines()

    def rtl(self, refused=False):
        files = re.findall(r"^\w+\.sv$", (self.folder / "rtl/ivshmem.f").read_text(), re.MULTILINE)
        must("iverilog", "-g2012", f"-I{self.folder}/rtl", "-s", "numbers_tb", "-o",
             self.folder / "rtl_says", *(self.folder / "rtl" / file for file in files),
             self.root / "testbench/rtl/numbers_tb.sv")
        says = [self.folder / "rtl_says"]
        if refused:
            code, out, _ = run("vvp", "-n", *says)
            return out.splitlines() if code != 0 else []
        return must("vvp", "-n", *says).splitlines()


def expect(what, got, wanted):
    for line in sorted(set(got) - set(wanted)):
        problems.append(f"{what}: has {line}")
    for line in sorted(set(wanted) - set(got)):
        problems.append(f"{what}: lacks {line}")


def changed(before, after):
    return set(after.splitlines()) - set(before.splitlines())


def follows(root, compiler, folder):
    as_it_is, as_changed = Copy(root, compiler, folder / "a"), Copy(root, compiler, folder / "b", CHANGES)
    (old, _), (new, error) = as_it_is.generate(), as_changed.generate()
    if new is None:
        sys.exit(error)
    lines = {line for name in new if name.endswith(".sv") for line in changed(old[name], new[name])}
    expect("packages", [re.sub(r".*\] (\w+) =.*", r"\1", line) for line in lines], CONSTANTS)
    lines = {line for name in new if name.endswith(".md") for line in changed(old[name], new[name])}
    expect("pages", [row for row in ROWS if any(row in line for line in lines)], ROWS)
    for line in lines:
        if not any(row in line for row in ROWS):
            problems.append(f"pages: changed as well: {line}")

    before = as_it_is.model()
    expect("RTL as it is, against the model", as_it_is.rtl(), before)
    swaps = dict(pair for change in CHANGES for pair in change[3])
    wanted = [swaps.get(line, line) for line in before]
    expect("model", as_changed.model(), wanted)
    expect("RTL", as_changed.rtl(), wanted)


def refused(root, compiler, folder):
    made, error = Copy(root, compiler, folder / "c", [REFUSED_BY_COMPILER]).generate()
    if made is not None or REFUSED_BY_COMPILER[3] not in error:
        problems.append(f"a moved Interrupt Pin is not refused: {error[-500:]}")
    copy = Copy(root, compiler, folder / "d", [REFUSED_BY_RTL])
    copy.generate()
    if not any(REFUSED_BY_RTL[3] in line for line in copy.rtl(refused=True)):
        problems.append("another ScanVectors is not refused by the RTL")


def literals(root):
    rtl = root / "rtl_bridge/rtl"
    text = {path.name: path.read_text() for path in sorted(rtl.glob("*.sv"))}
    for package in ("ivshmem_regs_pkg", "ivshmem_timing_pkg"):
        for name in re.findall(r"localparam .* (\w+) =", text[f"{package}.sv"]):
            if not any(re.search(rf"\b{package}::{name}\b", body) for body in text.values()):
                problems.append(f"{package}: nothing uses {name}")
    for file, body in text.items():
        if file.endswith("_pkg.sv") or file == "ivshmem_axis_adapter.sv":
            continue
        for number, line in enumerate(body.splitlines(), 1):
            if any(literal.search(line) for literal in LITERALS):
                problems.append(f"{file}:{number}: a literal: {line.strip()}")


def main():
    root, compiler = Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="ivshmem-numbers-") as folder:
        follows(root, compiler, Path(folder))
        refused(root, compiler, Path(folder))
    literals(root)
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
