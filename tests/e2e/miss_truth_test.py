"""Does the product know why steps ran? Generated Dockerfiles and changes, built for real through the command.

The truth comes from cache_rules.py, which works out the cache keys of both states; each RUN also calls a web server of this
test, so that the rules themselves are checked against what ran. Prints "N pairs, M steps, outcomes right K, reasons
right R of S", and each wrong one. The bars are all outcomes and 98 % of the reasons. The seed is fixed; --seed takes
another.
"""

import argparse
import copy
import datetime
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

import cache_rules
import harness
from generated_builds import Plan, Witness


class Edited(Plan):
    """More that depends on what it reads, so that not every stage comes out the same; and changes as mutations."""

    def generate(self):
        super().generate()
        for _, name, body in self.stages[1:-1]:
            if self.chance.random() < 0.4 and not name.endswith("twin"):
                file = f"f{self.chance.randrange(4)}.txt"
                flag = self.chance.choice(["", "", "--chmod=0600 ", "--link "])
                copied = self.copy(file, flag)
                body += [copied, self.run(f"$BB cat /{copied.mark}/x/{file} > /out.txt")]
            elif self.chance.random() < 0.3:
                body.append(self.run("echo $USED > /out.txt"))
        return self

    def change(self):
        more = self.chance.choice([None, None, None, "deleted", "renamed", "chmod flag", "folder mode"])
        bodies = [body for _, _, body in self.stages[1:]]
        if more == "deleted":
            self.files.pop("d/two.txt", None)
        elif more == "renamed" and "d/one.txt" in self.files:
            self.files["d/uno.txt"] = self.files.pop("d/one.txt")
        elif more == "chmod flag":
            lines = [line for body in bodies for line in body if line.text.startswith("COPY f")]
            for line in lines[:1]:
                line.text = line.text.replace("COPY ", "COPY --chmod=0640 ")
        elif more == "folder mode" and "d/one.txt" in self.files:
            self.modes["d/one.txt"] = 0o600
        else:
            return super().change()
        return more

    def edited(self, number, seed, fixed):
        """Another state of it, of which fixed() is the same."""
        chance = random.Random(seed)
        while True:
            plan = copy.deepcopy(self)
            plan.chance = chance
            plan.count += 100 * number
            plan.what = " and ".join(plan.change() for _ in range(chance.randrange(1, 4)))
            if fixed(plan) == fixed(self):
                return plan

    def build(self, busybox):
        files = {name: (text.encode(), self.modes.get(name, 0o644)) for name, text in self.files.items()}
        return cache_rules.Build(self.dockerfile()[0], {**files, "busybox": (busybox, 0o755)}, self.args)


def mutations(before, after):
    """What makes the one of the other, as a scenario says it."""
    made = []
    renamed = "d/uno.txt" in after.files and "d/uno.txt" not in before.files
    if renamed:
        made.append({"rename": "d/one.txt", "to": "d/uno.txt"})
    for name, text in after.files.items():
        old = before.files.get("d/one.txt" if renamed and name == "d/uno.txt" else name)
        if old is None:
            made.append({"add": name, "text": text.rstrip("\n") + " {token}\n"})
        elif text != old and text.startswith(old):
            made.append({"append": name, "text": text[len(old):].rstrip("\n") + " {token}\n"})
        elif text != old:
            made.append({"replace": name, "from": old.rstrip("\n"), "to": text.rstrip("\n") + " {token}"})
        if name in after.modes:
            made.append({"chmod": name, "mode": oct(after.modes[name]).replace("o", "")})
    made += [{"delete": name} for name in before.files
             if name not in after.files and not (renamed and name == "d/one.txt")]
    made += [{"set_build_arg": name, "value": value} for name, value in after.args.items()
             if value != before.args[name]]
    return made or [{"touch": "f0.txt"}]


class Pair:
    """One build on a known cache: the scenario's name, and what must come of it."""

    def __init__(self, scenario, what, now, expected):
        self.scenario, self.what, self.now, self.expected = scenario, what, now, expected


class Trial:
    """Three ways to a second state: an edit by mutations on a kept builder, the same on a fresh one with an imported
    cache, and a user who changes files and Dockerfile and then runs warm, whose priming build tells."""

    def __init__(self, work, seed, preimages=False):
        self.seed, self.lab, self.witness, self.preimages = seed, harness.Lab(work), Witness(), preimages
        self.busybox = pathlib.Path(harness.static_busybox()).read_bytes()
        self.subjects, self.scenarios, self.pairs = {}, [], []
        self.walks = []  # [plan, keys that its builder holds]
        self.keys_seen = {}  # by subject: those of earlier edits, whose results were taken out of the cache again

    def plan(self, number, name):
        plan = Edited(number, random.Random(self.seed * 1000 + number), self.witness.port).generate()
        plan.name = name
        self.subjects[name] = {"context": name}
        self.write(plan)
        return plan

    def write(self, plan):
        """Its files; what did not change keeps its time."""
        folder = self.lab.project / plan.name
        files = {**{name: text.encode() for name, text in plan.files.items()}, "busybox": self.busybox,
                 "Dockerfile": plan.dockerfile()[0].encode(), ".dockerignore": b"Dockerfile\n.dockerignore\n"}
        for old in [each for each in folder.rglob("*") if each.is_file()]:
            if str(old.relative_to(folder)) not in files:
                old.unlink()
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != content:
                target.write_bytes(content)
            target.chmod(0o755 if path == "busybox" else plan.modes.get(path, 0o644))
        self.subjects[plan.name]["build_args"] = dict(plan.args)

    def edit(self, plan, edit, kind, **fields):
        name = f"{plan.name}.{kind}{edit}"
        min_mode = fields.get("cache_export_mode") == "min"
        before = plan.build(self.busybox)
        results = cache_rules.kept_by_min(before) if min_mode else before.keys()
        seen = self.keys_seen.setdefault(plan.name, set()) if kind == "edit" else set()
        for attempt in range(100 if min_mode else 1):
            seed = self.seed * 100000 + plan.number * 100 + edit + 10000000 * attempt
            after = plan.edited(edit, seed, lambda each: sorted(each.args))
            now = after.build(self.busybox)
            expected = cache_rules.reasons(now, before, before.keys() | seen, results)
            if {"result-gone"} in expected.values():
                break
        made = mutations(plan, after)
        if after.dockerfile()[0] != plan.dockerfile()[0]:
            edited = self.lab.base / f"{name}.Dockerfile"
            edited.write_text(after.dockerfile()[0])
            made.append({"run": ["cp", str(edited), "Dockerfile"]})
        self.scenarios.append({"name": name, "subject": plan.name, "kind": kind, "input_mutation": made, **fields})
        if "faults" in fields:
            expected = {step: {"import-failed"} for step in now.steps}
        seen |= now.keys()
        self.pairs.append(Pair(name, after.what, now, expected))

    def walk(self, number):
        plan = self.plan(number, f"w{number}")
        self.scenarios.append({"name": f"{plan.name}.warm", "subject": plan.name, "kind": "warm", "runs": 1})
        self.walks.append([plan, plan.build(self.busybox).keys()])

    def changes_of_walks(self, count):
        """The user changes every project, runs warm, and so on; each priming build is one of a pair."""
        for turn in range(1, count + 1):
            due = {}
            for walk in self.walks:
                plan, keys = walk
                # With other arguments it is another subject, with a builder of its own.
                after = plan.edited(turn, self.seed * 100000 + plan.number * 100 + turn, lambda each: each.args)
                before, now = plan.build(self.busybox), after.build(self.busybox)
                due[f"{plan.name}.warm"] = Pair(f"{plan.name}.warm, change {turn}", after.what, now,
                                                cache_rules.reasons(now, before, keys, keys))
                walk[0], walk[1] = after, keys | now.keys()
                self.write(after)
            records = self.run("--scenario", "warm")
            for name, pair in due.items():
                yield pair, (records[name]["priming"] or records[name]["builds"])[0]

    def run(self, *selection):
        """The newest record of each scenario."""
        told = [{**each, "cache_preimages": self.preimages} for each in self.scenarios]
        file = {"schema_version": 1, "subjects": self.subjects, "scenarios": told}
        self.lab.write("buildlab.json", json.dumps(file, indent=1))
        finished = self.lab.run("run", *(selection or ["--all"]), timeout=7000)
        if finished.code not in (0, 4):  # 4: a build without its cache is no sample
            sys.exit(str(finished))
        return {record["name"]: record for record in self.lab.records()}

    def builds(self, changes):
        """(pair, the JSON of its build) of all."""
        records = self.run()
        for pair in self.pairs:
            yield pair, records[pair.scenario]["builds"][0]
        first = self.walks[0][0]
        now = first.build(self.busybox)
        yield (Pair(f"{first.name}.warm", "first build", now, {step: {"first-build"} for step in now.steps}),
               records[f"{first.name}.warm"]["priming"][0])
        yield from self.changes_of_walks(changes)


class Verdict:
    """Counts of all pairs."""

    def __init__(self, witness):
        self.witness, self.pairs, self.steps, self.ran = witness, 0, 0, 0
        self.outcomes = self.reasons = self.said = 0
        self.wrong, self.kinds, self.rules_broken = [], {}, False

    def check_rules(self, pair, build):
        """The marks of RUN that called during the build are those that must run."""
        began = datetime.datetime.fromisoformat(build["started"][:19] + "+00:00").timestamp()
        began += float("0" + build["started"][19:].rstrip("Z"))
        heard = {mark for mark, when in self.witness.times if began <= when <= began + build["duration_sec"] + 0.05}
        due = {step.mark for step in pair.expected if step.verb == "RUN"}
        if heard != due:
            self.rules_broken = True
            self.wrong.append(f"{pair.scenario} ({pair.what}): the rules of this test are wrong: ran beside them "
                              f"{sorted(heard - due)}, did not run {sorted(due - heard)}")

    def judge(self, pair, build):
        self.pairs += 1
        self.check_rules(pair, build)
        told = {step["lines"][0]: step for step in build["steps"]}
        for step in pair.now.steps:
            said = told.get(step.line, {})
            due = "ran" if step in pair.expected else "hit"
            self.steps += 1
            self.ran += due == "ran"
            where = f"{pair.scenario} ({pair.what}), line {step.line} {step.text!r}"
            if said.get("outcome") != due:
                self.wrong.append(f"{where}: {due}, told {said.get('outcome')}")
            else:
                self.outcomes += 1
            if due == "ran":
                self.reason(where, said, pair.expected[step])
            elif said.get("miss_reason") is not None:
                self.wrong.append(f"{where}: a hit, told {said['miss_reason']}")
                self.outcomes -= said.get("outcome") == due

    def reason(self, where, said, right):
        self.said += 1
        count = self.kinds.setdefault(" or ".join(sorted(right)), [0, 0])
        count[1] += 1
        if said.get("miss_reason") in right:
            self.reasons += 1
            count[0] += 1
        else:
            self.wrong.append(f"{where}: {' or '.join(sorted(right))}, told {said.get('miss_reason')} "
                              f"({said.get('miss_detail')})")


def generate(trial, subjects, edits):
    for number in range(subjects):
        plan = trial.plan(number, f"p{number}")
        for edit in range(edits):
            trial.edit(plan, edit, "edit")
        other = [{"cache_export_mode": "max"}, {"cache_export_mode": "min"},
                 {"faults": [{"at": "import", "fault": "refused"}]}]
        if number < 3 or number % 4 == 0:
            trial.edit(plan, edits, "ephemeral", cache_mode="registry", **other[number % 3])
        trial.walk(number + 500)


def report(verdict, seconds):
    """Prints all; whether the bars hold."""
    print(*verdict.wrong, sep="\n")
    for right, (good, all_) in sorted(verdict.kinds.items()):
        print(f"  {right}: {good} of {all_}")
    share = verdict.reasons / max(verdict.said, 1)
    print(f"{verdict.pairs} pairs, {verdict.steps} steps, outcomes right {verdict.outcomes}, reasons right "
          f"{verdict.reasons} of {verdict.said} ({100 * share:.1f} %; {verdict.ran} ran, {seconds:.0f} s)")
    # A trial in which nothing or everything runs would show nothing.
    enough = verdict.ran > verdict.steps // 10 and verdict.steps - verdict.ran > verdict.steps // 10
    return verdict.outcomes == verdict.steps and share >= 0.98 and enough and not verdict.rules_broken


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=2, help="of kind edit, and as many that warm follows")
    parser.add_argument("--edits", type=int, default=1, help="of each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--preimages", action="store_true", help="reasons are told with the builders' cache keys too")
    parser.add_argument("--keep", action="store_true", help="leave the working folder")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("end-to-end tests run builders as root")
    work = tempfile.mkdtemp(prefix="bl-misses-", dir="/tmp")
    began = time.monotonic()
    try:
        trial = Trial(work, options.seed, options.preimages)
        generate(trial, options.subjects, options.edits)
        verdict = Verdict(trial.witness)
        for pair, build in trial.builds(options.edits):
            verdict.judge(pair, build)
    finally:
        if options.keep:
            print(work)
        else:
            shutil.rmtree(work, ignore_errors=True)
    return 0 if report(verdict, time.monotonic() - began) else 1


if __name__ == "__main__":
    sys.exit(main())
