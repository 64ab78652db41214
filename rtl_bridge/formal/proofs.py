# SPDX-License-Identifier: Apache-2.0
"""The proofs of proofs.toml with Yosys: translates the RTL, and asks solvers about its assertions.

Needs yosys (with yosys-abc and yosys-smtbmc) and z3.
"""

import re
import subprocess
import tempfile
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
RTL = HERE.parent / "rtl"
FILES = [line for line in (RTL / "ivshmem.f").read_text(encoding="utf-8").split("\n")
         if line.endswith(".sv")]

# Down to single bits: solvers need minutes for the words that they do not need for the bits.
# Outputs are no longer outputs, so what no assertion depends on is removed.
SCRIPT = """
read_verilog -sv -formal -D{define} -I {rtl} -I {here} {files}
hierarchy -check -top {top} {params}
proc
{cut}
flatten
{free}
{see}
async2sync
{drop}
{only}
delete -output o:*
opt_clean -purge
memory -nomap
memory_map
{entries}
opt_clean
opt -full
setundef -undriven -anyseq
techmap
opt -fast
abc -g AND,XOR,MUX
opt -fast
dffunmap
opt_clean
write_smt2 -wires {model}.smt2
setundef -zero
aigmap
opt_clean
write_aiger -zinit {model}.aig
"""
# Ends what will never end; on a busy machine an answer of two minutes takes twenty.
HANG_SECONDS = 1800
ASSERTION = re.compile(r"^ *`IVSHMEM_(?:ASSERT|STABLE)\((\w+)", re.MULTILINE)


class broken(Exception):
    """A tool refused its input: what it said."""


def load():
    """The proofs by name."""
    table = tomllib.loads((HERE / "proofs.toml").read_text(encoding="utf-8"))["proof"]
    return {proof["name"]: proof for proof in table}


def assertions(rtl=RTL):
    """Names of all assertions and the file of each; a line for each name that stands twice."""
    seen, twice = {}, []
    for file in sorted([*HERE.glob("*.svh"), *rtl.glob("*.sv")]):
        for name in ASSERTION.findall(file.read_text(encoding="utf-8")):
            if name in seen:
                twice.append(f"{file.name}: {name}: the name is taken, in {seen[name]}")
            seen[name] = file.name
    return seen, twice


def call(command, limit=HANG_SECONDS):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=limit, check=False)
    except subprocess.TimeoutExpired as error:
        raise broken(f"{command[0]}: no answer in {limit} s") from error
    return done.returncode, done.stdout


def connections(proof, key):
    return "\n".join(f"connect -nounset -set {a} {b}" for a, b in proof.get(key, {}).items())


def smaller(numbers, package, folder):
    """A copy of ivshmem_timing_pkg with these numbers."""
    text = package.read_text(encoding="utf-8")
    for name, number in numbers.items():
        text, count = re.subn(rf"( {name} = 32'd)\d+;", rf"\g<1>{number};", text)
        if count != 1:
            raise broken(f"{package.name}: no {name}")
    copy = Path(folder, "smaller_timing_pkg.sv")
    copy.write_text(text, encoding="utf-8")
    return copy


def only(wanted):
    """Leaves no assertion but these, so that a fault is found by those that it is meant for."""
    if not wanted:
        return ""
    lines = [f"select -assert-any t:$assert c:{name} c:*.{name} %u %i" for name in wanted]
    every = " ".join(f"c:{name} c:*.{name}" for name in wanted) + " %u" * (2 * len(wanted) - 1)
    return "\n".join([*lines, f"select -set wanted {every}", "delete t:$assert @wanted %d"])


def prepare(proof, rtl, folder, wanted=()):
    """Translates the RTL of a proof; returns the model's name without .smt2 and .aig."""
    model = Path(folder, proof["name"])
    params = " ".join(f"-chparam {k} {v}" for k, v in proof.get("params", {}).items())
    files = [str(rtl / name) for name in FILES]
    if proof.get("small"):
        timing = FILES.index("ivshmem_timing_pkg.sv")
        files[timing] = str(smaller(proof["small"], Path(files[timing]), folder))
    script = SCRIPT.format(
        define=proof["define"], rtl=rtl, here=HERE, top=proof["top"], params=params, model=model,
        files=" ".join(files),
        cut="\n".join(f"cutpoint */c:{cell}" for cell in proof.get("cut", [])),
        free="\n".join(f"cutpoint c:*{memory}*memrd*" for memory in proof.get("free", [])),
        drop="\n".join(f"delete t:$assert c:{name} %i" for name in proof.get("drop", [])),
        see=connections(proof, "see"), entries=connections(proof, "entries"),
        only=only(wanted or proof.get("only", ())))
    Path(f"{model}.ys").write_text(script, encoding="utf-8")
    code, text = call(["yosys", "-q", f"{model}.ys"])
    if code != 0:
        raise broken(text.strip())
    return model


def names(model):
    """The assertions, in the order that both files have them in."""
    text = Path(f"{model}.smt2").read_text(encoding="utf-8")
    return re.findall(r"^; yosys-smt2-assert \d+ (\S+)", text, re.MULTILINE)


def sat(model, commands, limit):
    code, text = call(["yosys-abc", "-c", f"read_aiger {model}.aig; fold; {commands}"], limit)
    if code != 0:
        raise broken(text.strip()[-2000:])
    return text


def bounded(model, depth, limit):
    """Empty if no assertion can fail within so many cycles, else what fails."""
    text = sat(model, f"strash; bmc3 -F {depth}", limit)
    if f"No output asserted in {depth} frames" in text:
        return ""
    found = re.search(r"Output (\d+) of miter .* was asserted in frame (\d+)", text)
    if not found:
        raise broken(text.strip()[-2000:])
    return f"{names(model)[int(found[1])]} fails in cycle {found[2]}"


def inductive(model, steps, limit):
    return "Networks are equivalent" in sat(model, f"orpos; strash; ind -F {steps} -C 0", limit)


def smt(model, options, limit):
    # Without --unroll a signal is expanded at every use.
    command = ["yosys-smtbmc", "--noprogress", "--unroll", "-s", "z3", *options, f"{model}.smt2"]
    code, text = call(command, limit)
    if code == 0 and "Status: PASSED" in text:
        return ""
    failed = sorted(set(re.findall(r"Assert failed in [^:]*: (.*)", text)))
    if not failed:
        raise broken(text.strip()[-2000:])
    return " ".join(failed)


def prove(proof, rtl, limit):
    began = time.monotonic()
    depth, steps, smt_depth = proof["depth"], proof.get("induction", 0), proof.get("smt", 0)
    result = ""
    try:
        with tempfile.TemporaryDirectory(prefix="ivshmem-proof-") as folder:
            model = prepare(proof, rtl, folder)
            count = len(names(model))
            result = bounded(model, depth, limit)
            if not result and steps and not inductive(model, steps, limit):
                result = "not inductive"
            if not result and smt_depth:
                result = smt(model, ["-t", str(smt_depth)], limit)
                if not result and steps:
                    result = smt(model, ["-i", "-t", str(steps)], limit)
    except broken as error:
        count, result = 0, f"error: {error}"
    took = time.monotonic() - began
    return (f"{proof['name']:<16} {count:>10} {depth:>6} {steps or '-':>10} {smt_depth or '-':>5} "
            f"{took:>6.1f} s  {result or 'proven'}", not result)


def failing(model, depth, limit):
    """In which cycle which assertion fails, each looked at alone."""
    # All at once (bmc3 -a) is not an option: ABC crashes when several fail.
    again = f"; read_aiger {model}.aig; fold; strash; "
    found = names(model)
    text = sat(model, "strash; " + again.join(f"cone -s -O {i}; bmc3 -F {depth}"
                                              for i in range(len(found))), limit) if found else ""
    answers = re.findall(r"was asserted in frame (\d+)|No output asserted in|"
                         r"Explored all reachable states", text)
    if len(answers) != len(found):
        raise broken(text.strip()[-2000:])
    return {name: int(cycle) for name, cycle in zip(found, answers) if cycle}
