#!/usr/bin/env python3
"""Listing a store of many records / listing one with few.

The records are copies of one that a real run wrote, each in a run folder of its own. The first listing makes the
index; the later ones, which are compared, use it. Reading every record with jq or python would be the other way.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import measure
import overhead


def grown(store, copies):
    """The store's one run, again and again, a minute apart."""
    (run,) = (path for path in (store / "runs").iterdir() if path.is_dir())
    for number in range(copies):
        day, minute = divmod(number, 24 * 60)
        name = f"2020-{1 + day // 28:02}-{1 + day % 28:02}T{minute // 60:02}-{minute % 60:02}-00Z-{number:04x}"
        for record in run.glob("*/record.json"):
            value = json.loads(record.read_text())
            value["run_id"] = name
            target = run.parent / name / record.parent.name
            target.mkdir(parents=True)
            (target / "record.json").write_text(json.dumps(value, indent=2) + "\n")
        for file in run.iterdir():
            if file.is_file():
                shutil.copy(file, run.parent / name / file.name)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--command", help="the build-lab command (default: $BUILDLAB_COMMAND, ./build-lab)")
    arguments.add_argument("--records", type=int, default=10000)
    arguments.add_argument("--pairs", type=int, default=10)
    given = arguments.parse_args()
    command = measure.find_command(given.command)
    with tempfile.TemporaryDirectory(prefix="bl-bench-") as folder:
        work = pathlib.Path(folder)
        project = overhead.make_project(work / "project", overhead.NOTHING_TO_DO, [{"name": "app.cold", "kind": "cold"}])
        few, many = work / "few", work / "many"
        measure.Lab(command, project, few).run("app.cold")
        measure.Lab(command, project, many).run("app.cold")
        grown(many, given.records - 1)

        def listed(store):
            begin = time.monotonic()
            done = subprocess.run([command, "list", "--store", str(store)], cwd=project, check=True, capture_output=True)
            return time.monotonic() - begin, len(done.stdout.splitlines())

        first, _ = listed(many)
        times = {few: [], many: []}
        measure.in_turn(given.pairs, lambda _: times[few].append(listed(few)[0]), lambda _: times[many].append(listed(many)[0]))
        ratio, span = measure.paired_ratio(times[many], times[few])
        measure.table(f"Listing {given.records} records ({listed(many)[1]} lines)", [
            measure.row("one record", times[few]),
            measure.row(f"{given.records} records", times[many]),
            ["first time, without an index", f"{first:.3f} s", "", ""],
            ["many / one", measure.with_interval(ratio, span, "{:.1f}"), "", ""],
            ["added by a record", f"{1e6 * (statistics.median(times[many]) - statistics.median(times[few])) / given.records:.1f} µs",
             "", ""],
        ])


if __name__ == "__main__":
    main()
