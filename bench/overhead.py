#!/usr/bin/env python3
"""What Build Lab adds to the builds that it measures.

Wall of builds through Build Lab / the same builds with bare buildctl on the same kind of builder, interleaved
(A B B A), each arm on its own builder: a build in which nothing is to do, one of about ten seconds, and golden paths
as a whole, of a subject that needs no network and of hello-service, whose downloads vary more than what is sought.
Bars: golden path under 1.02, ten seconds under 1.01, nothing-to-do at most 40 ms from request to record.
"""

import argparse
import concurrent.futures
import datetime
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import uuid

import bare
import measure

PARTS = ("context_sec", "client_sec", "provenance_sec", "analysis_sec", "saving_sec")

NOTHING_TO_DO = """\
FROM scratch AS runtime
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]
WORKDIR /work
COPY input.txt .
RUN /bin/busybox sha256sum input.txt > sum.txt
"""

# Work of the CPU, the same amount each time; not sleep, which no machine slows down, and no pipe: fifty thousand
# changes of task a second measure how deep the builder's control group lies (docs/measured.md).
LONG = NOTHING_TO_DO + "RUN /bin/busybox awk 'BEGIN {{ while (i < {rounds}) s += ++i % 7; print s }}' > long.txt\n"


def make_project(folder, dockerfile, scenarios):
    folder.mkdir(parents=True)
    shutil.copy("/bin/busybox", folder / "busybox")
    (folder / "input.txt").write_text("one\n")
    (folder / "Dockerfile").write_text(dockerfile)
    (folder / ".dockerignore").write_text("*\n!busybox\n!input.txt\n")
    subject = {"context": ".", "dockerfile": "Dockerfile", "source_date_epoch": 0}
    (folder / "buildlab.json").write_text(json.dumps(
        {"schema_version": 1, "subjects": {"app": subject},
         "scenarios": [{"subject": "app", **scenario} for scenario in scenarios]}))
    return folder


def only_build(record, record_path):
    """A record's one measured build, with what came after it until the record stood: judging and saving."""
    (build,) = record["builds"]
    started = datetime.datetime.fromisoformat(build["started"][:26].rstrip("Z") + "+00:00").timestamp()
    after = record_path.stat().st_mtime - started - build["duration_sec"]
    known = sum(build["overhead"][part] for part in PARTS if part in build["overhead"] and part != "context_sec")
    build["overhead"]["saving_sec"] = after - known
    return build


def overhead_of(build):
    return sum(build["overhead"].values())


def print_parts(builds):
    rows = [[part.removesuffix("_sec"),
             f"{1000 * statistics.median([build['overhead'][part] for build in builds]):.1f} ms"] for part in PARTS]
    measure.table("  of that, by part (median):", rows)


def nothing_to_do(command, work, pairs):
    project = make_project(work / "idle", NOTHING_TO_DO, [{"name": "app.warm", "kind": "warm", "runs": 1}])
    lab = measure.Lab(command, project, work / "idle-store")
    builder = bare.Builder(work / "idle-bare")
    plain, builds, commands = [], [], []
    try:
        builder.build(project)
        lab.run("app.warm")

        def through_lab(_):
            wall, records = lab.run("app.warm")
            if records["app.warm"]["priming"]:
                raise SystemExit("the kept builder was primed again although nothing changed")
            commands.append(wall)
            builds.append(only_build(records["app.warm"], lab.record_path("app.warm")))

        measure.in_turn(pairs, lambda _: plain.append(builder.build(project)), through_lab)
    finally:
        builder.stop()
    client = [build["duration_sec"] for build in builds]
    recorded = [build["duration_sec"] + overhead_of(build) for build in builds]
    extra = [1000 * (b - a) for a, b in zip(plain, recorded, strict=True)]
    whole = 1000 * (statistics.median(commands) - statistics.median(plain))
    measure.table("Nothing to do (all steps cached)", [
        measure.row("bare buildctl", plain),
        measure.row("the client within Build Lab", client),
        measure.row("request to record", recorded),
        measure.row("the whole command", commands),
        ["request to record − bare", measure.with_interval(statistics.median(extra), measure.interval(extra), "{:.0f}"),
         "ms", measure.bar("nothing to do, ms over bare", statistics.median(extra), 40)],
        ["the whole command − bare", f"{whole:.0f}", "ms", measure.bar("a warm command, ms over bare", whole, 300)],
    ])
    print_parts(builds)


def calibrated(builder, work):
    """A count of rounds that takes about ten seconds here."""
    rounds = 5_000_000
    project = make_project(work / "calibration", LONG.format(rounds=rounds), [{"name": "app.cold", "kind": "cold"}])
    builder.build(project)
    (project / "input.txt").write_text("two\n")
    seconds = builder.build(project)
    return max(1, round(rounds * 10 / seconds))


def ten_seconds(command, work, pairs):
    builder = bare.Builder(work / "long-bare")
    plain, builds, commands = [], [], []
    try:
        rounds = calibrated(builder, work)
        project = make_project(work / "long", LONG.format(rounds=rounds), [
            {"name": "app.edit", "kind": "edit", "input_mutation": [{"append": "input.txt", "text": "# {token}\n"}]}])
        copy = work / "long-copy"
        shutil.copytree(project, copy)
        lab = measure.Lab(command, project, work / "long-store")
        builder.build(copy)
        lab.run("app.edit")

        def by_hand(_):
            (copy / "input.txt").write_text(f"one\n# {uuid.uuid4()}\n")
            plain.append(builder.build(copy))

        def through_lab(_):
            wall, records = lab.run("app.edit")
            commands.append(wall)
            builds.append(only_build(records["app.edit"], lab.record_path("app.edit")))

        measure.in_turn(pairs, by_hand, through_lab)
    finally:
        builder.stop()
    recorded = [build["duration_sec"] + overhead_of(build) for build in builds]
    ratio, span = measure.paired_ratio(recorded, plain)
    whole, whole_span = measure.paired_ratio(commands, plain)
    measure.table(f"Ten seconds of work ({rounds} rounds of arithmetic)", [
        measure.row("bare buildctl", plain),
        measure.row("request to record", recorded),
        measure.row("the whole command", commands),
        ["request to record / bare", measure.with_interval(ratio, span), "", measure.bar("ten seconds of work", ratio, 1.01, span)],
        ["the whole command / bare", measure.with_interval(whole, whole_span), "", ""],
    ])
    print_parts(builds)


class BareGoldenPath:
    """A golden path by hand: the builds that the command does, in its order, and nothing else."""

    def __init__(self, work, project, edited, mirror=None):
        self.work, self.mirror = work, mirror
        self.context = work / "context"
        shutil.copytree(project, self.context)
        self.main = self.context / edited
        self.pristine = self.main.read_text()
        self.kept = work / "kept"

    def fresh(self, name):
        builder = bare.Builder(self.work / name, self.mirror)
        try:
            return builder.build(self.context, target="runtime")
        finally:
            builder.stop()

    def prime(self):
        builder = bare.Builder(self.kept, self.mirror)
        builder.build(self.context, target="runtime")
        builder.stop(keep=True)

    def run(self):
        begin = time.monotonic()
        self.fresh("cold")
        builder = bare.Builder(self.kept, self.mirror)
        try:
            for _ in range(2):
                builder.build(self.context, target="runtime")
            self.main.write_text(f"{self.pristine}// {uuid.uuid4()}\n")
            builder.build(self.context, target="runtime")
        finally:
            self.main.write_text(self.pristine)
            builder.stop(keep=True)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(self.fresh, ("a", "b")))
        return time.monotonic() - begin


def offline_golden_path(command, work, pairs):
    work = work / "offline"
    builder = bare.Builder(work / "calibration-builder")
    try:
        rounds = calibrated(builder, work)
    finally:
        builder.stop()
    dockerfile = LONG.format(rounds=rounds // 2)  # five seconds
    project = make_project(work / "project", dockerfile, [
        {"name": "app.cold", "kind": "cold"}, {"name": "app.warm", "kind": "warm", "runs": 2},
        {"name": "app.edit", "kind": "edit", "input_mutation": [{"append": "input.txt", "text": "# {token}\n"}]},
        {"name": "app.reproducibility", "kind": "reproducibility"}])
    lab = measure.Lab(command, project, work / "store")
    lab.run()
    compare_golden_paths("a subject without network", lab, BareGoldenPath(work, project, "input.txt"), pairs)


def golden_path(command, work, pairs):
    work = work / "golden"
    work.mkdir()
    lab = measure.Lab(command, measure.ROOT, work / "store")
    _, records = lab.run(accept=(0, 1))
    base = records["hello.cold"]["circumstances"]["bases"][0]
    registry = bare.Registry(bare.local_base_storage(), work) if base["made_locally"] else None
    try:
        by_hand = BareGoldenPath(work, measure.ROOT / "examples" / "hello-service", "src/main.cpp",
                                 registry and registry.endpoint)
        compare_golden_paths("hello-service", lab, by_hand, pairs)
    finally:
        if registry:
            registry.stop()


def compare_golden_paths(name, lab, by_hand, pairs):
    by_hand.prime()
    plain, commands, added = [], [], []

    def through_lab(_):
        wall, records = lab.run(accept=(0, 1))  # a gate on time may fail on a busy machine: not the question here
        commands.append(wall)
        added.append(sum(overhead_of(build) for record in records.values() for build in record["builds"]))

    measure.in_turn(pairs, lambda _: plain.append(by_hand.run()), through_lab)
    ratio, span = measure.paired_ratio(commands, plain)
    measure.table(f"The golden path of {name} (cold, 2 warm, edit, 2 independent), primed", [
        measure.row("by hand with buildctl", plain),
        measure.row("build-lab run --all", commands),
        measure.row("of that, around builds", added),
        ["whole / by hand", measure.with_interval(ratio, span), "", measure.bar(f"golden path of {name}", ratio, 1.02, span)],
    ])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--command", help="the build-lab command (default: $BUILDLAB_COMMAND, ./build-lab)")
    arguments.add_argument("--pairs", type=int, default=10)
    arguments.add_argument("--golden-pairs", type=int, default=10)
    arguments.add_argument("--part", action="append", choices=["idle", "long", "offline", "golden"])
    given = arguments.parse_args()
    command = measure.find_command(given.command)
    parts = given.part or ["idle", "long", "offline", "golden"]
    with tempfile.TemporaryDirectory(prefix="bl-bench-") as folder:
        work = pathlib.Path(folder)
        if "idle" in parts:
            nothing_to_do(command, work, given.pairs)
        if "long" in parts:
            ten_seconds(command, work, given.pairs)
        if "offline" in parts:
            offline_golden_path(command, work, given.golden_pairs)
        if "golden" in parts:
            golden_path(command, work, given.golden_pairs)
    measure.finish()


if __name__ == "__main__":
    main()
