#!/usr/bin/env python3
"""What cache backends are worth: each example's edit on every kind of runner, in one table (`KIND matrix`).

For each example two matrices: the backends side by side over --runs rounds, with their hit ratios, and the registry behind
bandwidths and latencies that the proxy before it makes, for the break-even. Exit 1 where a build is no sample, where an
image is another one than the uncached build's, or where the hits of one backend vary from round to round.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import measure

EXAMPLES = {"hello-service": "src/main.cpp", "node-api": "src/app.ts"}
BACKENDS = ["none", "builder", "local", "registry", "registry:zstd", "registry:min", "inline", "builder+registry"]
BYTES_PER_SEC = (100_000_000, 20_000_000, 5_000_000)
LATENCY_MS = (100, 1000)


def throttled(name, kind, **number):
    return {"name": name, "cache_mode": "registry",
            "faults": [{"at": at, "fault": kind, **number} for at in ("import", "pull", "export")]}


def break_even_backends(bandwidths, latencies):
    points = [throttled(f"{rate / 1e6:g}MB_s", "bandwidth", bytes_per_sec=rate) for rate in bandwidths]
    points += [throttled(f"{delay}ms", "latency", latency_ms=delay) for delay in latencies]
    return ["none", "registry", *points]


def describe(folder, example, given):
    """A project beside the example, with its subject."""
    source = measure.ROOT / "examples" / example
    (subject,) = json.loads((source / "buildlab.json").read_text())["subjects"].values()
    subject["context"] = str(source)
    edit = [{"append": EXAMPLES[example]}]
    scenarios = [{"name": f"{example}.caches", "subject": example, "kind": "matrix", "runs": given.runs,
                  "input_mutation": edit, "backends": given.backends}]
    if given.break_even_runs:
        scenarios.append({"name": f"{example}.break_even", "subject": example, "kind": "matrix",
                          "runs": given.break_even_runs, "input_mutation": edit,
                          "backends": break_even_backends(given.bytes_per_sec, given.latency_ms)})
    folder.mkdir()
    (folder / "buildlab.json").write_text(json.dumps(
        {"schema_version": 1, "subjects": {example: subject}, "scenarios": scenarios}))


def report(lab, output):
    done = subprocess.run([lab.command, "report", "--format", output, "--store", str(lab.store)], cwd=lab.project,
                          capture_output=True, text=True, check=True)
    return done.stdout


def check(scenarios):
    """What makes the figures worthless, in words."""
    for scenario in scenarios:
        for row in scenario["backends"]:
            where = f"{scenario['name']} {row['name']}"
            if row["valid"] != row["builds"]:
                yield f"{where}: {row['builds'] - row['valid']} builds are no samples"
            if row["same_image"] is not None and row["same_image"] != row["valid"]:
                yield f"{where}: {row['valid'] - row['same_image']} images are not the uncached build's"
            if row["least_hits"] != row["most_hits"]:
                yield f"{where}: {row['least_hits']} to {row['most_hits']} hits"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("examples", nargs="*", default=list(EXAMPLES), help=f"of {', '.join(EXAMPLES)}")
    arguments.add_argument("--command")
    arguments.add_argument("--runs", type=int, default=10)
    arguments.add_argument("--backends", nargs="*", default=BACKENDS)
    arguments.add_argument("--break-even-runs", type=int, default=3, help="0: without that part")
    arguments.add_argument("--bytes-per-sec", type=int, nargs="*", default=BYTES_PER_SEC)
    arguments.add_argument("--latency-ms", type=int, nargs="*", default=LATENCY_MS)
    given = arguments.parse_args()
    if unknown := set(given.examples) - set(EXAMPLES):
        arguments.error(f"no example {', '.join(sorted(unknown))}")
    wrong = []
    with tempfile.TemporaryDirectory(prefix="bl-bench-") as folder:
        for example in given.examples:
            project = pathlib.Path(folder, example)
            describe(project, example, given)
            lab = measure.Lab(measure.find_command(given.command), project, pathlib.Path(folder, f"{example}.store"))
            wall, _ = lab.run()
            measure.say(f"{example}: {wall:.0f} s")
            print(report(lab, "markdown"), flush=True)
            wrong += check(json.loads(report(lab, "json"))["scenarios"])
    return "\n".join(wrong) if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
