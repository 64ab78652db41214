#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# ignored_refusal.py <compiler> <option>... : ignored_refusal.cpp compiles without a warning as it
# stands, and once its calls ignore their outcome, each one of them is an error.
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).with_suffix(".cpp")
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
ERROR = re.compile(rf"{re.escape(SOURCE.name)}:(\d+):\d+: error: (.*)")
IGNORED = re.compile("ignoring return.*nodiscard")


def compile_with(options):
    command = [*sys.argv[1:], *WARNINGS, *options, "-fsyntax-only", str(SOURCE)]
    return subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"})


def main():
    used = compile_with([])
    if used.returncode != 0:
        sys.exit(f"does not compile where outcomes are used:\n{used.stderr}")
    calls = {number for number, line in enumerate(SOURCE.read_text().splitlines(), 1)
             if "CALL(" in line and "#define" not in line}
    ignored = compile_with(["-DIGNORED"])
    errors = {}
    for number, text in ERROR.findall(ignored.stderr):
        errors.setdefault(int(number), text)
    silent = sorted(calls - errors.keys())
    strange = {n: t for n, t in errors.items() if n not in calls or not IGNORED.search(t)}
    if not calls or silent or strange or ignored.returncode == 0:
        sys.exit(f"{len(calls)} calls; ignored without an error in lines {silent}; "
                 f"other errors: {strange}\n{ignored.stderr}")
    print(f"{len(calls)} calls, none can be ignored")


if __name__ == "__main__":
    main()
