#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does a list of packages name all that CMake found?

found_check.py <packages.txt> <build directory> <group>...

Takes every file and folder outside the project that CMakeCache.txt names, asks dpkg whose it is,
and prints those whose package neither stands in one of the groups, nor is needed by such a
package, nor is part of every Debian; exit code 1 if there is any. A machine where more is
installed than the list says would hide them. What CMake looks for with a description that begins
with "Optional" may belong to a package of another group.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ENTRY = re.compile(r"([^#/:=][^:=]*):([A-Z]+)=(.*)")


def read_list(text):
    """Packages by group."""
    groups = {}
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words:
            groups.setdefault(words[0], set()).add(words[1])
    return groups


def found(cache, ours):
    """(entry, path, is it optional) for each path in the text of a CMakeCache.txt."""
    description = ""
    for line in cache.splitlines():
        if line.startswith("//"):
            description += line[2:]
            continue
        entry = ENTRY.fullmatch(line)
        if entry and not entry[1].endswith("INSTALL_PREFIX"):  # chosen, not found
            for path in entry[3].split(";"):
                if path.startswith("/") and os.path.exists(path) and not any(
                        Path(path).is_relative_to(folder) for folder in ours):
                    yield entry[1], path, description.startswith("Optional")
        description = ""


def installed_packages():
    """What each installed package needs, by name, a virtual name included; and every Debian's."""
    fields = "${db:Status-Status}\t${Package}\t${Provides}\t${Depends}, ${Pre-Depends}" \
        "\t${Essential}\t${Priority}\n"
    text = subprocess.run(["dpkg-query", "-W", "-f", fields], capture_output=True, text=True,
                          check=True).stdout
    needs, base = {}, set()
    for line in text.splitlines():
        status, name, provides, depends, essential, priority = line.split("\t")
        if status != "installed":
            continue
        needs.setdefault(name, set()).update(names(depends))
        for virtual in names(provides):
            needs.setdefault(virtual, set()).add(name)
        if essential == "yes" or priority == "required":
            base.add(name)
    return needs, base


def names(relations):
    """Of `a (>= 1) | b:any, c`: a, b, c."""
    return {re.split(r"[\s(:]", one.strip())[0] for one in re.split(r"[,|]", relations)} - {""}


def closure(needs, wanted):
    """The packages of `wanted` and all that they need, as far as they are installed."""
    reached, left = set(), list(wanted)
    while left:
        name = left.pop()
        if name in needs and name not in reached:
            reached.add(name)
            left += needs[name]
    return reached


def spellings(path):
    """The path as dpkg may know it: /usr merged or not, links followed or not."""
    for one in (path, os.path.realpath(path)):
        one = os.path.normpath(one)
        yield one
        yield one.removeprefix("/usr") if one.startswith("/usr/") else f"/usr{one}"


def owners_of(paths):
    """The packages that own each path."""
    asked = sorted({one for path in paths for one in spellings(path)})
    answer = subprocess.run(["dpkg-query", "-S", *asked], capture_output=True, text=True).stdout
    known = {}
    for line in answer.splitlines():
        packages, _, path = line.rpartition(": ")
        if not packages.startswith("diversion by"):
            known[path] = {name.split(":")[0] for name in packages.split(", ")}
    return {path: next((known[one] for one in spellings(path) if one in known), set())
            for path in paths}


def check(groups, wanted, cache, ours):
    """One line for each thing that was found and is not covered."""
    needs, base = installed_packages()
    allowed = closure(needs, base.union(*(groups[group] for group in wanted)))
    anywhere = closure(needs, base.union(*groups.values()))
    things = sorted(set(found(cache, ours)))
    owners = owners_of({path for _, path, _ in things})
    for entry, path, optional in things:
        if not owners[path] & (anywhere if optional else allowed):
            owner = ", ".join(sorted(owners[path])) or "no package"
            yield f"{entry}: {path} belongs to {owner}, not in {' or '.join(wanted)}"


def main(arguments):
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    package_list, build, *wanted = arguments
    cache = Path(build, "CMakeCache.txt").read_text(encoding="utf-8")
    ours = [Path(build).resolve(), Path(package_list).resolve().parents[1]]
    violations = list(check(read_list(Path(package_list).read_text()), wanted, cache, ours))
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
