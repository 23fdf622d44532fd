"""Does the product know which steps ran? Generated pairs of Dockerfile and change, built for real.

The truth is taken from outside the progress stream:
  * each RUN calls a web server of this test while it runs; a call during the second build means it ran;
  * each COPY, ADD and WORKDIR makes a folder of its own, whose mtime in the exported file system of its stage is the
    moment it was made: at or after the start of the second build means it ran.
Prints "N pairs, M steps, K right"; any difference is a failure with the Dockerfile's line. The seed is fixed, so that
a failure comes again; --seed takes another.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from buildkit_daemon import Daemon, write_tree  # noqa: E402
from generated_builds import Plan, Witness  # noqa: E402
from harness import static_busybox  # noqa: E402


def find_tools():
    """As the command finds them: the variable, PATH, the pinned copy in the cache folder."""
    named = os.environ.get("BUILDLAB_BUILDKITD") or shutil.which("buildkitd")
    if named:
        return pathlib.Path(named).parent
    cache = pathlib.Path(os.environ.get("BUILDLAB_CACHE") or
                         pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "buildlab")
    for found in sorted(cache.glob("**/buildkitd")):
        return found.parent
    sys.exit("no buildkitd: set BUILDLAB_BUILDKITD, or let ./build-lab install the pinned one")


class Trial:
    def __init__(self, work, tools):
        self.work, self.tools, self.witness = work, tools, Witness()
        self.busybox = (pathlib.Path(static_busybox()).read_bytes(), 0o755)
        self.kept = Daemon(tools, work / "kept").start()
        self.expected = []  # (folder, pair, what, steps, marks heard, made times, started)

    def write(self, folder, plan):
        text, steps = plan.dockerfile()
        shutil.rmtree(folder / "d", ignore_errors=True)
        write_tree(folder, {"busybox": self.busybox, "Dockerfile": text,
                            **{name: (content, plan.modes.get(name, 0o644))
                               for name, content in plan.files.items()}})
        return steps

    def options(self, plan):
        return [word for name, value in plan.args.items() for word in ("--opt", f"build-arg:{name}={value}")]

    def build(self, daemon, folder, *options):
        built = daemon.build(folder, *options)
        if built.exit_code != 0:
            raise RuntimeError(f"{folder}: {built.stream.decode()}\n{(folder / 'Dockerfile').read_text()}")
        return built

    def made_times(self, daemon, folder, plan, stage, imports):
        """mark -> ns when its folder was made, of all folders in the stage's file system."""
        out = self.work / "export"
        shutil.rmtree(out, ignore_errors=True)
        self.build(daemon, folder, "--opt", f"target={stage}", "--output", f"type=local,dest={out}",
                   *imports, *self.options(plan))
        # The outer folder's: a copied folder gives its own mtime to the inner one.
        return {entry.name: entry.stat().st_mtime_ns for entry in out.iterdir() if (entry / "x").is_dir()}

    def pair(self, number, seed):
        chance = random.Random(seed * 1000 + number)
        plan = Plan(number, chance, self.witness.port).generate()
        folder = self.work / f"c{number}"
        self.write(folder, plan)
        cache = self.work / f"cache{number}"
        fresh = number % 5 == 4  # a new builder with an imported cache
        first_options = ["--export-cache", f"type=local,dest={cache},mode=max"] if fresh else []
        self.build(self.kept, folder, *first_options, *self.options(plan))
        what = " and ".join(plan.change() for _ in range(chance.randrange(1, 4)))
        steps = self.write(folder, plan)

        daemon = Daemon(self.tools, self.work / f"fresh{number}").start() if fresh else self.kept
        imports = ["--import-cache", f"type=local,src={cache}"] if fresh else []
        try:
            self.witness.heard.clear()
            time.sleep(0.02)  # a file system's clock may be some milliseconds behind
            built = self.build(daemon, folder, *imports, *self.options(plan))
            heard = list(self.witness.heard)
            record = self.work / f"r{number}"
            record.mkdir()
            shutil.copy(folder / "Dockerfile", record)
            (record / "progress.rawjson").write_bytes(built.stream)
            provenance = daemon.provenance(built.ref)
            if provenance:
                (record / "provenance.json").write_bytes(provenance)
            (record / "case.json").write_text(json.dumps({
                "window": {"started_ns": built.started_ns, "duration_ns": built.duration_ns},
                "builder_is_fresh": fresh, "imports_cache": fresh, "target": None, "build_args": plan.args}))
            made = {}
            # "tools" is the base of every stage, so its folder is in the others' file systems too.
            for stage in dict.fromkeys(step[3] for step in steps if step[2] == "file" and step[3] != "tools"):
                made[stage] = self.made_times(daemon, folder, plan, stage, imports)
            if len(self.witness.heard) != len(heard):
                raise RuntimeError(f"pair {number}: looking at a stage ran steps again; the truth is not known")
        finally:
            if fresh:
                daemon.remove()
                shutil.rmtree(cache, ignore_errors=True)
        self.expected.append((record, number, what, steps, heard, made, built.started_ns, fresh))

    def judge(self, program):
        answers = subprocess.run([program, *[str(entry[0]) for entry in self.expected]], capture_output=True, text=True)
        if answers.returncode != 0:
            sys.exit(answers.stderr)
        total, right, ran, wrong = 0, 0, 0, []
        for line, (record, number, what, steps, heard, made, started, fresh) in zip(answers.stdout.splitlines(),
                                                                                    self.expected):
            answer = json.loads(line)
            told = {step["lines"][0]: step for step in answer["steps"]}
            if answer["broken_laws"]:
                wrong.append(f"pair {number}: {answer['broken_laws']}")
            for first, mark, kind, stage in steps:
                truth = mark in heard if kind == "run" else made[stage if stage in made else "final"][mark] >= started
                total += 1
                ran += truth
                said = told[first]["outcome"] if first in told else "not told"
                if said == ("ran" if truth else "hit"):
                    right += 1
                else:
                    text = (record / "Dockerfile").read_text().splitlines()[first - 1]
                    wrong.append(f"pair {number} ({what}{', fresh builder' if fresh else ''}), line {first} {text!r}: "
                                 f"told {said}, but it {'ran' if truth else 'did not run'}")
        return total, right, ran, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=os.environ.get("BUILDLAB_NUMBERS"), help="numbers_of_builds")
    parser.add_argument("--pairs", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the working folder")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="buildlab-truth-"))
    trial = Trial(work, find_tools())
    began = time.monotonic()
    try:
        for number in range(options.pairs):
            trial.pair(number, options.seed)
        total, right, ran, wrong = trial.judge(options.program)
    finally:
        trial.kept.remove()
        if options.keep:
            print(work)
        else:
            shutil.rmtree(work, ignore_errors=True)
    print(*wrong, sep="\n")
    print(f"{options.pairs} pairs, {total} steps, {right} right ({ran} ran, {total - ran} did not; "
          f"{time.monotonic() - began:.0f} s)")
    # A trial in which nothing or everything runs would show nothing.
    enough = ran > total // 10 and total - ran > total // 10
    return 0 if not wrong and right == total and enough and options.pairs >= 30 else 1


if __name__ == "__main__":
    sys.exit(main())
