# SPDX-License-Identifier: Apache-2.0
"""The list of faults: reads it, looks whether it can be meant, and applies a fault."""

import tomllib
from pathlib import Path

import proofs

SIMULATIONS = ("lockstep", "raw")
WITNESSES = ("proofs", *SIMULATIONS)
KEYS = {"file", "find", "put", "breaks", "noticed_by"}
PROOF_KEYS = {"proof", "fails", "depth", "small"}


class bad_list(Exception):
    """What is wrong with the list, a line for each fault."""


class fault:
    """One change of one file, and who must notice it.

    `proofs` are the records of noticed_by, `simulations` its words; `text` is the changed file.
    """

    def __init__(self, entry, root):
        self.file, self.find, self.put = entry["file"], entry["find"], entry["put"]
        self.breaks = entry["breaks"]
        self.proofs = [one for one in entry["noticed_by"] if isinstance(one, dict)]
        self.simulations = [one for one in entry["noticed_by"] if not isinstance(one, dict)]
        self.path = root / self.file
        self.text = None
        self.is_rtl = self.path.suffix == ".sv"

    def apply(self):
        """Makes `text`; returns what is wrong, empty if the fault applies."""
        if not self.path.is_file():
            return "no such file"
        whole = self.path.read_text(encoding="utf-8")
        count = whole.count(self.find) if self.find else 0
        if count != 1:
            return f"must stand there once, stands there {count} times: {self.find.strip()}"
        self.text = whole.replace(self.find, self.put)
        return "" if self.text != whole else f"changes nothing: {self.put.strip()}"

    def asked(self, witnesses):
        """Those of its witnesses that are among `witnesses`: records of proofs, names of others."""
        return ([one for one in self.proofs if "proofs" in witnesses],
                [name for name in self.simulations if name in witnesses])

    def holds(self, word):
        return any(word in text for text in (
            self.file, self.find, self.put, self.breaks, *(one["proof"] for one in self.proofs)))


def mistakes(entry, known, assertions):
    """What is wrong with an entry by itself; it is read no further then."""
    wrong = [f"no such key: {key}" for key in sorted(entry.keys() - KEYS)]
    wrong += [f"no {key}" for key in sorted(KEYS - entry.keys())]
    if wrong:
        return wrong
    if not entry["noticed_by"]:
        wrong.append("noticed_by nobody")
    for one in entry["noticed_by"]:
        if not isinstance(one, dict):
            if one not in SIMULATIONS:
                wrong.append(f"no such witness: {one}: must be {', '.join(SIMULATIONS)} or a proof")
            elif one == "raw" and not entry["file"].endswith(".sv"):
                wrong.append("raw requests see the RTL only")
            continue
        wrong += [f"no such key of a proof: {key}" for key in sorted(one.keys() - PROOF_KEYS)]
        if one.get("proof") not in known:
            wrong.append(f"no such proof: {one.get('proof')}")
        if not one.get("fails"):
            wrong.append(f"{one.get('proof')}: no assertion that fails")
        wrong += [f"no such assertion: {name}" for name in one.get("fails", ())
                  if name.split(".")[-1] not in assertions]
    return wrong


def load(file, root):
    """The faults of a file, each applied to a tree; throws bad_list."""
    try:
        entries = tomllib.loads(Path(file).read_text(encoding="utf-8"))["fault"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise bad_list(f"{file}: {error!r}") from error
    known, assertions = proofs.load(), proofs.assertions()[0]
    faults, wrong, seen = [], [], {}
    for number, entry in enumerate(entries, 1):
        where = f"{Path(file).name}: fault {number}, {entry.get('file', 'no file')}: "
        found = mistakes(entry, known, assertions)
        if not found:
            faults.append(fault(entry, root))
            found = [text for text in [faults[-1].apply()] if text]
        if not found and seen.setdefault((entry["file"], faults[-1].text), number) != number:
            found = [f"the change of fault {seen[entry['file'], faults[-1].text]}: {entry['put']}"]
        wrong += [where + text for text in found]
    if wrong:
        raise bad_list("\n".join(wrong))
    return faults


def uncovered(faults):
    """The proofs and assertions that no fault makes fail, and assertions of one name."""
    seen, lines = proofs.assertions()
    records = [one for each in faults for one in each.proofs]
    aimed = {name.split(".")[-1] for one in records for name in one["fails"]}
    lines += [f"{seen[name]}: {name}: no fault makes it fail" for name in seen if name not in aimed]
    tried = {one["proof"] for one in records}
    return lines + [f"proofs.toml: {name}: no fault makes it fail"
                    for name in proofs.load() if name not in tried]
