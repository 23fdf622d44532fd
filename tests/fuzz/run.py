#!/usr/bin/env python3
"""Runs the fuzzing programs, each target for the same time, as many at once as there are cores.

    run.py --build BUILD --corpus FOLDER --seconds N [TARGET...]

A target is PROGRAM.NAME (image.tar, formats.zip). What each learns stays in FOLDER/TARGET for the next time. A finding's
input is kept in FOLDER/findings and named; then the exit code is 1.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

PROGRAMS = ("image", "formats", "answers")


def targets_of(build):
    for program in PROGRAMS:
        path = build / "tests" / "fuzz" / f"buildlab_fuzz_{program}"
        # libFuzzer asks the target once before it reads any input.
        listing = subprocess.run([path, "-runs=1"], env={**os.environ, "BUILDLAB_FUZZ_TARGET": "list"},
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        for name in listing.stdout.split():
            yield program, path, name


def run(build, corpus, seconds, program, path, name):
    learned = corpus / f"{program}.{name}"
    findings = corpus / "findings"
    for folder in (learned, findings):
        folder.mkdir(parents=True, exist_ok=True)
    command = [path, f"-max_total_time={seconds}", "-max_len=16384", "-timeout=20", "-rss_limit_mb=1500",
               "-print_final_stats=1", f"-artifact_prefix={findings}/{program}.{name}-", learned,
               build / "tests" / "fuzz" / "seeds" / program]
    begin = time.monotonic()
    # Its own limit is checked between inputs only.
    result = subprocess.run(command, env={**os.environ, "BUILDLAB_FUZZ_TARGET": name}, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=seconds + 120, check=False)
    text = result.stdout.decode(errors="replace")
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    coverage = re.findall(r" cov: (\d+)", text)
    print(f"{program + '.' + name:<24} {time.monotonic() - begin:6.1f} s {runs.group(1) if runs else '?':>9} runs"
          f" {coverage[-1] if coverage else '?':>6} edges{'' if result.returncode == 0 else '  FOUND'}", flush=True)
    if result.returncode == 0:
        return None
    kept = re.findall(r"Test unit written to (\S+)", text)
    return "\n".join([f"{program}.{name}: {kept[-1] if kept else 'no input was kept'}",
                      f"again: BUILDLAB_FUZZ_TARGET={name} {path} {kept[-1] if kept else ''}", *text.splitlines()[-60:]])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    known = list(targets_of(options.build))
    chosen = [one for one in known if not options.targets or f"{one[0]}.{one[2]}" in options.targets]
    if not chosen:
        sys.exit("no such target; there are " + ", ".join(f"{program}.{name}" for program, _, name in known))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [text for text in pool.map(lambda one: run(options.build, options.corpus, options.seconds, *one), chosen)
                 if text]
    print("\n\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
