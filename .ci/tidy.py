#!/usr/bin/env python3
"""clang-tidy over the sources of framework/ and gates/, several side by side.

    tidy.py BUILD_DIR SOURCE_ROOT CACHE_DIR [CHECKS]

CHECKS is added to the list in .clang-tidy, for example '-clang-analyzer-*'. A build with BUILDLAB_UNITY is checked a
target at a time, which takes a tenth of the time; the analyzer then looks at headers' functions alone, which are none.

A source is skipped when the same text (preprocessed, so with everything that it includes), settings and clang-tidy
were clean before: the outcome depends on nothing else. Exit 1 with findings, 2 when something cannot be run.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys


def room_of(source, build, root):
    """The first folder of a source's path, of one made for a unity build too."""
    for folder in (build, root):
        if source.is_relative_to(folder):
            return source.relative_to(folder).parts[0]
    return ""


def main(arguments):
    if len(arguments) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    build, root, cache = (pathlib.Path(argument).resolve() for argument in arguments[:3])
    checks = arguments[3:] or [""]
    tidy = shutil.which("clang-tidy")
    if tidy is None:
        print("no clang-tidy on PATH (Debian: clang-tidy)", file=sys.stderr)
        return 2
    version = subprocess.run([tidy, "--version"], capture_output=True, text=True, check=True).stdout
    salt = version.encode() + (root / ".clang-tidy").read_bytes() + checks[0].encode()
    cache.mkdir(parents=True, exist_ok=True)
    commands = [
        entry
        for entry in json.loads((build / "compile_commands.json").read_text())
        if room_of(pathlib.Path(entry["file"]), build, root) in ("framework", "gates")
    ]
    if not commands:
        print("no source of framework/ or gates/ in compile_commands.json", file=sys.stderr)
        return 2

    def check(entry):
        words = shlex.split(entry["command"])
        if pathlib.Path(words[0]).name == "ccache":
            words = words[1:]
        words[words.index("-o") + 1] = "-"
        words[words.index("-c")] = "-E"
        text = subprocess.run(words, cwd=entry["directory"], capture_output=True, check=False)
        if text.returncode != 0:
            return entry["file"], "does not preprocess: " + text.stderr.decode(errors="replace")
        clean = cache / hashlib.sha256(salt + text.stdout).hexdigest()
        if clean.exists():
            return entry["file"], None
        done = subprocess.run(
            [tidy, "--quiet", f"--config-file={root}/.clang-tidy", f"--checks={checks[0]}",
             "--extra-arg=-Wno-unknown-warning-option", "-p", build, entry["file"]],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return entry["file"], done.stdout + done.stderr
        clean.touch()
        return entry["file"], ""

    failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, problem in pool.map(check, commands):
            if problem is None:
                skipped += 1
            elif problem:
                failed += 1
                print(f"{name}\n{problem}")
    print(f"{len(commands)} sources, {skipped} unchanged since they were clean, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
