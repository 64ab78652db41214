#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a clean build of the verilated core at 64 bits, without ccache, one job.

usage: build_time.py RESULT.json

Verilator and compiler with the options of rtl_bridge/CMakeLists.txt, without waveforms, in a
temporary folder. Writes a result such as Google Benchmark's, for report.py.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RTL = ROOT / "rtl_bridge/rtl"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    listed = (ROOT / "rtl_bridge/rtl/ivshmem.f").read_text().splitlines()
    files = [line for line in listed if line.endswith(".sv")]
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["verilator", "--cc", "--build", "-j", "1", "--prefix", "Vivshmem_core_64",
             "--top-module", "ivshmem_core", "--Mdir", folder, "-GDataWidth=64", "-GMaxVectors=2048",
             f"-I{RTL}", str(ROOT / "rtl_bridge/src/peek.vlt"), "-O3", "--x-assign", "fast",
             "--x-initial", "fast", "--assert", "-Wno-fatal", "-MAKEFLAGS", "OPT_FAST=-O3",
             *(str(RTL / file) for file in files)],
            env={**os.environ, "CCACHE_DISABLE": "1"}, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"build_time: verilator failed:\n{done.stdout}{done.stderr}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {"run_name": "build/verilated_model", "time_unit": "ns",
              "real_time": 1e9 * (time.monotonic() - begin),
              "cpu_time": 1e9 * (used.ru_utime + used.ru_stime)}
    Path(sys.argv[1]).write_text(json.dumps({"benchmarks": [result]}) + "\n")


if __name__ == "__main__":
    main()
