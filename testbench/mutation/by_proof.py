# SPDX-License-Identifier: Apache-2.0
"""The proofs as witnesses: each assertion that a fault is meant for must fail, by itself."""

import tempfile
from pathlib import Path

import proofs


def ask(fault, record, limit):
    """What the proof of `record` says of the broken RTL, and whether all its assertions fail."""
    proof = {**proofs.load()[record["proof"]],
             **{key: record[key] for key in ("depth", "small") if key in record}}
    with tempfile.TemporaryDirectory(prefix="ivshmem-fault-") as folder:
        for file in fault.path.parent.iterdir():
            text = fault.text if file == fault.path else file.read_text(encoding="utf-8")
            Path(folder, file.name).write_text(text, encoding="utf-8")
        model = proofs.prepare(proof, Path(folder), folder, record["fails"])
        cycles = proofs.failing(model, proof["depth"], limit)
    found = {wanted: min((cycle for name, cycle in cycles.items()
                          if name == wanted or name.endswith(f".{wanted}")), default=None)
             for wanted in record["fails"]}
    text = ", ".join(f"{wanted} {'does not fail' if cycle is None else f'fails in cycle {cycle}'}"
                     for wanted, cycle in found.items())
    return f"{record['proof']}: {text}", None not in found.values()
