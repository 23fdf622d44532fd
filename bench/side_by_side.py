#!/usr/bin/env python3
"""Two independent builds side by side: wall of both / one cold build alone.

A build bound by the CPU gains little from a second builder, one bound by the network much. Prints both.
"""

import argparse
import datetime
import tempfile

import measure


def wall_of(record):
    """Seconds from the first start to the last end of a record's builds."""
    starts = [datetime.datetime.fromisoformat(build["started"].replace("Z", "+00:00")).timestamp()
              for build in record["builds"]]
    ends = [start + build["duration_sec"] for start, build in zip(starts, record["builds"], strict=True)]
    return max(ends) - min(starts)


def example(command, name, prefix, rounds, store):
    lab = measure.Lab(command, measure.ROOT / "examples" / name, store)
    alone, together, digests = [], [], set()

    def cold(_):
        _, records = lab.run(f"{prefix}.cold")
        build = records[f"{prefix}.cold"]["builds"][0]
        alone.append(build["duration_sec"])
        digests.add(build["digest"])

    def both(_):
        _, records = lab.run(f"{prefix}.reproducibility")
        together.append(wall_of(records[f"{prefix}.reproducibility"]))
        digests.update(build["digest"] for build in records[f"{prefix}.reproducibility"]["builds"])

    measure.in_turn(rounds, cold, both)
    ratio, span = measure.paired_ratio(together, alone)
    measure.table(f"{name}: {len(digests)} digest(s) in {len(alone) + 2 * len(together)} builds", [
        measure.row("one cold build alone", alone),
        measure.row("two side by side", together),
        ["wall / one", measure.with_interval(ratio, span), "", "two in turn = 2.000"],
    ])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--command", help="the build-lab command (default: $BUILDLAB_COMMAND, ./build-lab)")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--example", action="append", choices=["hello-service", "node-api"])
    given = arguments.parse_args()
    command = measure.find_command(given.command)
    with tempfile.TemporaryDirectory(prefix="bl-bench-") as store:
        for name in given.example or ["hello-service", "node-api"]:
            example(command, name, {"hello-service": "hello"}.get(name, name), given.rounds, store)


if __name__ == "__main__":
    main()
