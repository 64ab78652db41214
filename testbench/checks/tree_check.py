#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the source tree against the house rules.

tree_check.py <rule> <root> [<build directory>]

Prints one line per violation, `file[:line]: what is wrong`, and exits 1 if there is any.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

CPP = {".h", ".cpp"}
SOURCES = CPP | {".sv", ".v", ".py", ".cmake", ".toml", ".in"}

# Each folder may include its own headers and those of the folders before it.
LAYERS = ["model", "tlm", "rtl_bridge"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SYSTEMC_HEADER = re.compile(r"^(systemc|tlm|tlm_utils/.*|tlm_core/.*|sysc/.*)(\.h)?$")
THREAD_HEADERS = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "pthread.h"}
HOST_HEADER = re.compile(r"^(sys/.*|linux/.*|unistd\.h|fcntl\.h|poll\.h|netinet/.*|arpa/.*)$")
NAMESPACE = re.compile(r"^namespace\s+(ivshmem\b[\w:]*)")
TEST_NAMESPACES = {"test", "lockstep", "conformance"}  # one of them is a part of the name
TLM_NAMESPACE = re.compile(r"^\s*namespace\s+(ivshmem::)?tlm\b")

# A comment after the SPDX line; a member function's definition; a class's.
PURPOSE = re.compile(r"// SPDX.*\n(?://\n)?// \S")
MEMBER = re.compile(r"^(?!\s|using|return)(?:[\w:<>,&* ]*[ &*>])?(\w+)::(?:~?\w+|operator\S+)\(",
                    re.MULTILINE)
CLASS = re.compile(r"^(?:class|struct) (\w+)(?: final)?(?: *:(?!:)| *\{)", re.MULTILINE)

# Lines; a longer file says why in a comment that begins with "Size:", among its first lines.
MAX_HEADER, MAX_TEST, MAX_SOURCE = 150, 250, 400

UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E)\b")  # written so that this line is not one
MD_LINK = re.compile(r"\]\(([^)\s]+)\)")
TEST_NAME = re.compile(r"`([a-z]\w*\.(?:\w+/)?[A-Z]\w*\.[\w./]+|"
                       r"(?!conformance\.fuzz)[a-z]\w*\.[a-z]\w*(?:\.[\w-]+)*)`")
OPTIONAL = ("cci.",)  # tests that are built where a library was found that Debian does not have
SUITE = re.compile(r"([a-z]\w*\.)(?:\w+/)?([A-Z]\w*)\.")

# What one version of a tool or library takes and another does not: what it is, where, why not.
UNPORTABLE = [
    (re.compile(r"\bfmt::join\("), lambda path, text: "<fmt/ranges.h>" not in text,
     "fmt::join is in <fmt/ranges.h> from fmt 11 on"),
    (re.compile(r"^\s*SC_HAS_PROCESS\("), lambda path, text: "include" in path.parts,
     "SC_HAS_PROCESS in a public header: deprecated in SystemC 3.0"),
    (re.compile(r"\b(?:clang|clang\+\+|lld|llvm-\w+)-\d+\b"),
     lambda path, text: path.name in ("CMakePresets.json", "packages.txt"),
     "one version of clang: another will do"),
    (re.compile(r"\bCLI::(?:Range|Bound|PositiveNumber|NonNegativeNumber|IsMember)\b"),
     lambda path, text: "tools" in path.parts, "CLI11's text differs from version to version"),
]

LIMIT = re.compile(r"TIMEOUT\s+(?!\$\{(?:long_)?hang_seconds\})")

# Error texts: how an integrator is told, and what no test can compare.
STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
REPORT_HERE = re.compile(r"\b(report_(?:error|warning)\(|property_error\{)")
REPORT = re.compile(r"\b(?:report_error|report_warning|report|property_error)[({]")
VARIABLE = re.compile(r"\b\d\w*|-\d+|'[^']*'|<\w+>")
REFUSAL = re.compile(r"\b(?:refuse|scenario_error)[({]")
UNREADABLE = {"nothing to read: must be a file that can be read"}  # a superuser reads all
FAULTS_OF_RTL = {"an assertion of the RTL failed", "the core is still busy after 1000000 cycles"}


def is_script(path):
    """A file without a suffix that begins with #!."""
    if path.suffix:
        return False
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def is_source(path):
    return path.suffix in SOURCES or path.name == "CMakeLists.txt" or is_script(path)


def tree(root):
    """Every file of the project, sorted; no version control, build or cache directory."""
    files = []
    for folder, names, found in os.walk(root):
        names[:] = [n for n in names if n not in (".git", ".cache", "build", "__pycache__")
                    and not Path(folder, n, "CMakeCache.txt").exists()]
        files += [Path(folder, name) for name in found]
    return sorted(path for path in files if path.is_file())


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def folder_of(path, root):
    return path.relative_to(root).parts[0]


def layering(root):
    for path in tree(root):
        folder = folder_of(path, root)
        if folder not in LAYERS or path.suffix not in CPP:
            continue
        above = LAYERS[LAYERS.index(folder) + 1:] + ["tools", "testbench"]
        host_file = folder == "model" and path.name.startswith("host_")
        for number, line in enumerate(lines(path), 1):
            where = f"{path.relative_to(root)}:{number}"
            if TLM_NAMESPACE.match(line):
                yield f"{where}: a namespace called tlm hides TLM-2.0's"
            found = INCLUDE.match(line)
            if not found:
                continue
            header = found.group(2)
            if any(header.startswith((f"ivshmem/{a}/", f"{a}/")) for a in above):
                yield f"{where}: {folder} must not include {header}"
            if folder == "model" and SYSTEMC_HEADER.match(header):
                yield f"{where}: model includes no SystemC ({header})"
            if folder == "model" and header in THREAD_HEADERS:
                yield f"{where}: model has no threads ({header})"
            if HOST_HEADER.match(header) and not host_file:
                yield f"{where}: host calls belong into model's host_* files ({header})"


def namespaces(root):
    """Names of the test bench cannot collide with those of the libraries."""
    for path in tree(root):
        if folder_of(path, root) != "testbench" or path.suffix not in CPP:
            continue
        for number, line in enumerate(lines(path), 1):
            found = NAMESPACE.match(line)
            if found and not TEST_NAMESPACES & set(found.group(1).split("::")):
                yield f"{path.relative_to(root)}:{number}: {found.group(1)}: not a test's namespace"


def licence(root):
    for path in tree(root):
        if is_source(path) and not any(
                "SPDX-License-Identifier: Apache-2.0" in line for line in lines(path)[:3]):
            yield f"{path.relative_to(root)}: no SPDX line among the first three"


def size(root):
    for path in tree(root):
        if path.suffix == ".h":
            limit = MAX_HEADER
        elif path.name.endswith("_test.cpp"):
            limit = MAX_TEST
        elif path.suffix in (".cpp", ".sv", ".v", ".py") or is_script(path):
            limit = MAX_SOURCE
        else:
            continue
        text = lines(path)
        if len(text) > limit and not any("Size:" in line for line in text[:10]):
            yield f"{path.relative_to(root)}: {len(text)} lines, the limit is {limit}"


def heads(root):
    """A .cpp says first what it is for, and the header of a class lists its sources if there are
    several."""
    sources, headers = {}, {}
    for path in tree(root):
        text = path.read_text(encoding="utf-8") if path.suffix in CPP else ""
        if path.suffix == ".cpp":
            if not PURPOSE.match(text):
                yield f"{path.relative_to(root)}: no line that says what it is for, after the SPDX line"
            for name in set(MEMBER.findall(text)):
                sources.setdefault((folder_of(path, root), name), set()).add(path.name)
        for name in CLASS.findall(text) if path.suffix == ".h" else []:
            headers.setdefault((folder_of(path, root), name), []).append((path, text))
    for key, names in sorted(sources.items()):
        for path, text in headers.get(key, []) if len(names) > 1 else []:
            missing = sorted(name for name in names if not re.search(rf"\b{name}\b", text))
            if missing:
                yield f"{path.relative_to(root)}: sources of {key[1]} not listed: {', '.join(missing)}"


def words(root):
    for path in tree(root):
        if not is_source(path) and path.suffix != ".md":
            continue
        for number, line in enumerate(lines(path), 1):
            if UNFINISHED.search(line):
                yield f"{path.relative_to(root)}:{number}: unfinished: {line.strip()}"


def links(root):
    for path in tree(root):
        if path.suffix != ".md":
            continue
        for number, line in enumerate(lines(path), 1):
            for target in MD_LINK.findall(line):
                file = target.split("#")[0]
                if file and "://" not in file and not file.startswith("mailto:") \
                        and not (path.parent / file).exists():
                    yield f"{path.relative_to(root)}:{number}: no such file: {file}"


def scripts(root):
    for path in tree(root):
        if not is_script(path):
            continue
        if not os.access(path, os.X_OK):
            yield f"{path.relative_to(root)}: not executable"
        if "bash" in lines(path)[0]:
            run = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
            if run.returncode != 0:
                yield f"{path.relative_to(root)}: {run.stderr.strip()}"


def portability(root):
    """Nothing needs one version of a tool or library, or shows its words."""
    for path in tree(root):
        if path.suffix not in CPP and path.name not in ("CMakePresets.json", "packages.txt"):
            continue
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            for what, is_wrong, why in UNPORTABLE:
                if what.search(line.split("#")[0]) and is_wrong(path.relative_to(root), text):
                    yield f"{path.relative_to(root)}:{number}: {why}"


def limits(root):
    """A test's limit of time is one of the two that testbench/CMakeLists.txt sets."""
    for path in tree(root):
        if path.name != "CMakeLists.txt":
            continue
        for number, line in enumerate(lines(path), 1):
            if LIMIT.search(line.split("#")[0]):
                yield f"{path.relative_to(root)}:{number}: must be hang_seconds or long_hang_seconds"


def format(root):
    files = [path for path in tree(root) if path.suffix in CPP]
    run = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files],
                         capture_output=True, text=True)
    for line in run.stderr.splitlines():
        if ": error:" in line:
            yield line
    if run.returncode != 0 and ": error:" not in run.stderr:
        yield f"clang-format-14: {run.stderr.strip()}"


def balanced(text, start):
    """What stands between the bracket at `start` and its partner, without strings' contents."""
    depth = 0
    for part in re.finditer(r'"(?:[^"\\\n]|\\.)*"|[(){}]', text[start:]):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(part[0], 0)
        if depth == 0:
            return text[start:start + part.end()]
    return text[start:]


def literals(text):
    """String literals, those that stand side by side as one."""
    return [re.sub(r'"\s*"', "", found)[1:-1].replace('\\"', '"')
            for found in STRINGS.findall(text)]


def errors(root):
    """docs/errors.md quotes what the code says: an integrator's errors word for word, in both
    directions; of the other texts what stands between numbers and names."""
    page = root / "docs" / "errors.md"
    tests = [one for path in tree(root / "testbench") if path.suffix == ".cpp"
             for one in literals(path.read_text(encoding="utf-8"))]
    package_check = root / "testbench" / "checks" / "package_check"
    spoken = "\n".join([*tests, package_check.read_text() if package_check.exists() else ""])
    rows, section, column = [], "", None
    for number, line in enumerate(lines(page), 1):
        section = line[3:] if line.startswith("## ") else section
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if "Text" in cells:
            column = cells.index("Text")
            continue
        quoted = re.match("`([^`]+)`", cells[column]) if cells and column is not None else None
        column = column if cells else None
        if not quoted:
            continue
        if section == "Elaboration":
            rows.append(quoted[1])
            found = quoted[1] in tests
        else:
            found = all(part.strip() in spoken for part in VARIABLE.split(quoted[1]))
        if not found:
            yield f"{page.relative_to(root)}:{number}: no test provokes: {quoted[1]}"
    table = "\n".join(rows)
    sources = [path for folder in ("tlm", "rtl_bridge") for path in tree(root / folder / "src")]
    for path in [*sources, root / "model" / "src" / "properties.cpp"]:
        text = path.read_text(encoding="utf-8") if path.suffix == ".cpp" else ""
        for call in REPORT.finditer(text) if REPORT_HERE.search(text) else []:
            for said in literals(balanced(text, call.end() - 1)):
                if said not in FAULTS_OF_RTL and said.strip() not in table:
                    line = text.count("\n", 0, call.start()) + 1
                    yield f"{path.relative_to(root)}:{line}: no row in docs/errors.md: {said}"
    yield from refusals(root)


def refusals(root):
    """A scenario's or script's mistake that ivshmem-sim names is made by a test of it."""
    cases = "\n".join(
        node.value for path in tree(root / "testbench" / "sim") if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str))
    for path in tree(root / "tools" / "ivshmem-sim"):
        text = path.read_text(encoding="utf-8") if path.suffix == ".cpp" else ""
        for call in REFUSAL.finditer(text):
            for said in literals(balanced(text, call.end() - 1)):
                if said not in UNREADABLE and \
                        any(part.strip() not in cases for part in said.split("{}")):
                    line = text.count("\n", 0, call.start()) + 1
                    yield f"{path.relative_to(root)}:{line}: no test in testbench/sim: {said}"


def testplan(root, build):
    """Every test that docs/testplan.md names exists in the build tree, and each suite of tests there
    has a row. Tests of a library that was not found are not missed."""
    listed = subprocess.run(["ctest", "--test-dir", build, "-N"],
                            capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^\s*Test\s+#\d+: (\S+)", listed, re.MULTILINE))
    plan = root / "docs" / "testplan.md"
    named = set()
    absent = tuple(one for one in OPTIONAL if not any(name.startswith(one) for name in known))
    for number, line in enumerate(lines(plan), 1):
        for name in TEST_NAME.findall(line):
            named.add(name)
            if name not in known and not name.startswith(absent):
                yield f"{plan.relative_to(root)}:{number}: no such test: {name}"
    suites = lambda names: {"".join(found.groups()) for found in map(SUITE.match, names) if found}
    for suite in sorted(suites(known) - suites(named)):
        yield f"{plan.relative_to(root)}: no row for {suite}"
    if not named:
        yield f"{plan.relative_to(root)}: names no test"


RULES = {rule.__name__: rule
         for rule in (layering, namespaces, licence, size, heads, words, links, scripts, portability, limits,
                      format, errors, testplan)}


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in RULES:
        print(f"usage: tree_check.py {'|'.join(RULES)} <root> [<build>]", file=sys.stderr)
        return 2
    rule, root, *rest = arguments
    violations = list(RULES[rule](Path(root), *rest))
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
