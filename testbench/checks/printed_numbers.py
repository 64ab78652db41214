#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does docs/pcie.md show what examples/switch_tree prints?

printed_numbers.py <pcie.md> <program>

Compares the list of functions, line by line, and the table of times: a column for each mode, a row
for each line that the program prints. Prints each difference; exit code 1 if there is any.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

MODES = {"functional": "functional", "tlm_lt": "tlm-lt", "tlm_cycle": "tlm-cycle"}
# What the program prints, and a word of the row that shows it.
LINES = {"doorbell write": "doorbell write", "MSI-X message": "MSI-X", "register read": "register read"}
FUNCTION = re.compile(r"^[0-9a-f]{2}:[0-9a-f]{2}\.\d .*$", re.MULTILINE)
PICOSECONDS = {"ps": 1, "ns": 10 ** 3, "us": 10 ** 6, "ms": 10 ** 9, "s": 10 ** 12}
TIME = re.compile(r"^(.+?) +after (.+)$", re.MULTILINE)


def picoseconds(text):
    """Of `299.094 ns`; a bare 0 is 0."""
    number, _, unit = text.partition(" ")
    return round(float(number) * PICOSECONDS[unit or "s"])


def times(page):
    """{(line, mode): time} of the table whose first column is `Time until`."""
    shown, columns = {}, None
    for line in page.splitlines():
        cells = [cell.strip(" `") for cell in line.split("|")[1:-1]]
        if cells and cells[0] == "Time until":
            columns = cells[1:]
        elif not cells:
            columns = None
        for name, word in LINES.items() if columns else ():
            if word in cells[0]:
                shown.update({(name, mode): time for mode, time in zip(columns, cells[1:])})
    return shown


def differences(page, outputs):
    """`outputs`: what the program printed in each mode."""
    shown = times(page)
    for mode, output in outputs.items():
        if FUNCTION.findall(page) != FUNCTION.findall(output):
            yield f"{mode}: functions: printed {FUNCTION.findall(output)}"
        printed = dict(TIME.findall(output))
        for name in LINES:
            pair = shown.get((name, mode)), printed.get(name)
            if None in pair or picoseconds(pair[0]) != picoseconds(pair[1]):
                yield f"{mode}: {name}: shown {pair[0]}, printed {pair[1]}"


def main(page, program):
    environment = {**os.environ, "SC_COPYRIGHT_MESSAGE": "DISABLE"}
    outputs = {mode: subprocess.run([program, argument], env=environment, check=True, text=True,
                                    stdout=subprocess.PIPE).stdout
               for mode, argument in MODES.items()}
    found = list(differences(Path(page).read_text(encoding="utf-8"), outputs))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
