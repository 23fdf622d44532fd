#!/usr/bin/env python3
"""Checks the sources against the plan of the house.

    check_includes.py PLAN SOURCE_ROOT

PLAN is JSON that CMake writes while configuring: the rooms with their LINKS, and what every target of framework/
and gates/ links. Each finding is one line `file:line: text`; exit 1 with findings, 2 when PLAN cannot be read.
"""

import json
import pathlib
import re
import sys

MAX_LINES = 500
# Programs and their own rooms print and end the process; everything below hands values back.
MAY_PRINT = {"framework/cli", "gates/driver"}
MAY_USE_GTEST = {"gates/driver"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
PRINTS = re.compile(
    r"\bstd::(cout|cerr|clog|exit|abort|quick_exit|terminate|puts|printf)\b"
    r"|\bfmt::print\b|(?<![\w:.>])(printf|puts|exit|abort)\s*\("
)
LITERAL = re.compile(r'"(?:\\.|[^"\\])*"')


def room_of(path, rooms):
    """The room that a path below the root belongs to; None outside all rooms."""
    for folder in pathlib.PurePosixPath(path).parents:
        if str(folder) in rooms:
            return str(folder)
    return None


def code_lines(text):
    """Lines without comments and without what stands in string literals."""
    text = re.sub(r'R"(\w*)\((.*?)\)\1"', lambda raw: '""' + "\n" * raw.group(0).count("\n"), text, flags=re.S)
    text = re.sub(r"/\*.*?\*/", lambda block: "\n" * block.group(0).count("\n"), text, flags=re.S)
    for number, line in enumerate(text.split("\n"), 1):
        bare = LITERAL.sub('""', line).split("//")[0]
        yield number, bare


def check_room_file(path, relative, room, rooms, links):
    text = path.read_text(encoding="utf-8")
    allowed = set(links[room]) | {room}
    for number, line in enumerate(text.split("\n"), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        if quote == "<":
            if name.startswith(("gtest/", "gmock/")) and room not in MAY_USE_GTEST:
                yield f"{relative}:{number}: {room} includes <{name}>; only gates/driver and tests use GoogleTest"
            continue
        target = room_of(name, rooms)
        if target is None:
            if (path.parent / name).exists():
                yield f'{relative}:{number}: "{name}" is named from its own folder; name it from the source root'
            elif name.startswith(("framework/", "gates/", "tests/", "cmake/", "examples/")):
                yield f'{relative}:{number}: "{name}" belongs to no room that {room} may include'
            continue
        if target not in allowed:
            yield (
                f'{relative}:{number}: {room} includes "{name}", but {target} is not among the LINKS '
                f"in {room}/CMakeLists.txt"
            )
    if room not in MAY_PRINT:
        for number, line in code_lines(text):
            found = PRINTS.search(line)
            if found:
                yield f"{relative}:{number}: {room} uses {found.group(0).strip('( ')}; only {', '.join(sorted(MAY_PRINT))} print or exit"
    if path.suffix == ".h" and "#pragma once" not in text:
        yield f"{relative}:1: no #pragma once"
    if not text.startswith(("//", "#include")) or (path.suffix == ".h" and not text.startswith("//")):
        yield f"{relative}:1: the first line does not say what the file is for"


def find_cycle(links):
    """Rooms along a circle of LINKS, the first repeated at the end; None without one."""
    done, path = set(), []

    def visit(room):
        if room in path:
            return path[path.index(room) :] + [room]
        if room in done:
            return None
        path.append(room)
        for link in links.get(room, []):
            cycle = visit(link)
            if cycle:
                return cycle
        path.pop()
        done.add(room)
        return None

    for room in links:
        cycle = visit(room)
        if cycle:
            return cycle
    return None


def check(plan, root):
    links = plan["rooms"]
    rooms = set(links)
    for room, targets in links.items():
        for target in targets:
            if target not in rooms:
                yield f"{room}/CMakeLists.txt:1: LINKS names {target}, which is no room"
    cycle = find_cycle(links)
    if cycle:
        yield f"{cycle[0]}/CMakeLists.txt:1: the LINKS run in a circle: {' -> '.join(cycle)}"
    for target, entry in plan["targets"].items():
        for library in entry["links"]:
            if re.search(r"\b(GTest::|gtest|gmock)", library) and entry["folder"] not in MAY_USE_GTEST:
                yield f"{entry['folder']}/CMakeLists.txt:1: {target} links {library}; only gates/driver and tests do"
    for top in ("framework", "gates", "cmake", "tests", "bench", "examples"):
        for path in sorted((root / top).rglob("*")):
            relative = path.relative_to(root).as_posix()
            if not path.is_file() or relative.startswith("tests/data/") or "__pycache__" in relative:
                continue
            if path.suffix not in (".h", ".cc", ".cmake", ".py", ".sh"):
                continue
            count = len(path.read_text(encoding="utf-8").splitlines())
            if count > MAX_LINES:
                yield f"{relative}:{count}: {count} lines, at most {MAX_LINES}: split it by subject"
            if path.suffix in (".h", ".cc") and top in ("framework", "gates"):
                room = room_of(relative, rooms)
                if room is None:
                    yield f"{relative}:1: belongs to no room (buildlab_room in a CMakeLists.txt)"
                else:
                    yield from check_room_file(path, relative, room, rooms, links)


def main(arguments):
    if len(arguments) != 2:
        print("usage: check_includes.py PLAN SOURCE_ROOT", file=sys.stderr)
        return 2
    try:
        plan = json.loads(pathlib.Path(arguments[0]).read_text(encoding="utf-8"))
        links = plan["rooms"]
        if not links or not plan["targets"]:
            raise ValueError("it names no room or no target")
    except (OSError, ValueError, KeyError) as error:
        print(f"{arguments[0]}: not a plan: {error}; configure the build again", file=sys.stderr)
        return 2
    findings = list(check(plan, pathlib.Path(arguments[1])))
    for finding in findings:
        print(finding)
    print(f"{len(links)} rooms, {len(plan['targets'])} targets: {len(findings)} finding(s)")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
