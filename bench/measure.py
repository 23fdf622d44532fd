"""What the benchmarks share: running the command, reading its records, medians and intervals, a table."""

import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


_missed = []


def bar(what, value, most, span=None):
    """The cell that names a bar; at the end finish() tells which were missed. A value above the bar whose interval
    begins below it decides nothing."""
    if value <= most:
        return f"bar {most}: met"
    if span and span[0] <= most:
        return f"bar {most}: not decided"
    _missed.append(f"{what}: {value:.3f}, above {most}")
    return f"bar {most}: MISSED"


def finish():
    """Exit 1 where a bar was missed."""
    if _missed:
        sys.exit("\n".join(_missed))


def say(text):
    print(text, file=sys.stderr, flush=True)


def find_command(given):
    command = given or os.environ.get("BUILDLAB_COMMAND") or str(ROOT / "build-lab")
    if not shutil.which(command):
        sys.exit(f"no command {command}: give --command, or set BUILDLAB_COMMAND")
    return str(pathlib.Path(command).absolute())


class Lab:
    """The command with a store of its own."""

    def __init__(self, command, project, store):
        self.command, self.project, self.store = command, pathlib.Path(project), pathlib.Path(store)

    def run(self, *names, accept=(0,)):
        """Wall seconds of the command, and the records that it wrote, by scenario."""
        before = set(self.store.glob("runs/*"))
        arguments = [self.command, "run", "--json", "--store", str(self.store)]
        arguments += ["--all"] if not names else [item for name in names for item in ("--scenario", name)]
        begin = time.monotonic()
        done = subprocess.run(arguments, cwd=self.project, capture_output=True, text=True)
        wall = time.monotonic() - begin
        if done.returncode not in accept:
            sys.exit(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
        (self.folder,) = set(self.store.glob("runs/*")) - before
        records = [json.loads(path.read_text()) for path in self.folder.glob("*/record.json")]
        for record in records:
            wrong = [build["invalid_reason"] for build in record["builds"] if not build["valid"]]
            if wrong:
                sys.exit(f"{record['name']}: no sample: {wrong[0]}")
        return wall, {record["name"]: record for record in records}

    def record_path(self, name):
        """Of the last run."""
        return self.folder / name / "record.json"


def interval(values, of=statistics.median, rounds=2000):
    """95 % bootstrap interval; the same values give the same interval."""
    if len(values) < 2:
        return None
    chance = random.Random(7)
    estimates = sorted(of(chance.choices(values, k=len(values))) for _ in range(rounds))
    return estimates[round(0.025 * rounds)], estimates[round(0.975 * rounds) - 1]


def paired_ratio(above, below):
    """Median of the pairs' ratios with its interval: what drifts from pair to pair cancels."""
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    return statistics.median(ratios), interval(ratios)


def with_interval(value, span, form="{:.3f}"):
    text = form.format(value)
    return text if span is None else f"{text} ({form.format(span[0])} … {form.format(span[1])})"


def table(title, rows):
    print(f"\n{title}")
    if not rows:
        return
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  " + "  ".join(cells).rstrip())
    sys.stdout.flush()


def row(name, values, form="{:.3f} s"):
    return [name, form.format(statistics.median(values)),
            "" if len(values) < 2 else f"{form.format(min(values))} … {form.format(max(values))}", f"n={len(values)}"]


def in_turn(pairs, first, second):
    """A B B A A B …: neither arm is always the one after the other."""
    for pair in range(pairs):
        order = (first, second) if pair % 2 == 0 else (second, first)
        for arm in order:
            arm(pair)
