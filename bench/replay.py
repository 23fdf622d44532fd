#!/usr/bin/env python3
"""What the commits of a history cost: replays a generated repository and prints the table of `build-lab replay`.

The history is of a small service: a base with tools, dependencies that take two seconds to install, sources that take
half a second to compile, documentation that no builder gets, merges, changes of the Dockerfile. The same seed gives
the same commits. Beside the table: how many commits re-ran exactly the steps that the map of the context foretells for
the paths that they changed. Exit 1 when one did not, or when fewer than 30 builds count.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile

import measure

DOCKERFILE = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]

FROM tools AS build
WORKDIR /work
COPY deps/lock.txt deps/
RUN /bin/busybox awk 'BEGIN {{ while (i < {install}) s += ++i % 7; print s }}' > deps/installed
COPY src src
RUN /bin/busybox awk 'BEGIN {{ while (i < {compile}) s += ++i % 7; print s }}' > out && /bin/busybox cat src/* >> out

FROM tools
COPY --from=build /work/out /out
COPY etc/app.conf /etc/app.conf
RUN /bin/busybox sha256sum /out > /sum
"""


class History:
    """A repository that grows commit by commit."""

    def __init__(self, folder, seed):
        self.folder, self.chance, self.count = folder, random.Random(seed), 0
        folder.mkdir(parents=True)
        shutil.copy("/bin/busybox", folder / "busybox")
        self.write("Dockerfile", DOCKERFILE.format(install=9_000_000, compile=2_000_000))
        self.write(".dockerignore", "docs\n*.md\n.git\n")
        self.write("deps/lock.txt", "one 1\n")
        self.write("etc/app.conf", "port=1\n")
        self.write("docs/guide.md", "guide\n")
        for i in range(4):
            self.write(f"src/part{i}.c", f"int part{i};\n")
        scenarios = [{"name": "app.cold", "subject": "app", "kind": "cold"}]
        self.write("buildlab.json", json.dumps({
            "schema_version": 1, "scenarios": scenarios,
            "subjects": {"app": {"context": ".", "dockerfile": "Dockerfile"}}}))
        self.git("init", "-q", "-b", "main", ".")
        self.commit("begin")

    def git(self, *arguments):
        self.count += 1
        when = f"2026-02-{1 + self.count // 1440:02}T{self.count // 60 % 24:02}:{self.count % 60:02}:00Z"
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            environment.update({f"GIT_{who}_NAME": "A", f"GIT_{who}_EMAIL": "a@example.com", f"GIT_{who}_DATE": when})
        subprocess.run(["git", *arguments], cwd=self.folder, env=environment, check=True, capture_output=True)

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def append(self, path, text):
        self.write(path, (self.folder / path).read_text() + text)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def grow(self, number):
        kind = self.chance.choices(["source", "docs", "dependency", "settings", "sources and docs", "new file", "merge"],
                                   [12, 5, 2, 3, 3, 2, 2])[0]
        part = f"src/part{self.chance.randrange(4)}.c"
        if kind == "merge":
            self.git("checkout", "-q", "-b", f"side{number}")
            self.append(part, f"int m{number};\n")
            self.commit(f"on a side: {part}")
            self.git("checkout", "-q", "main")
            self.git("merge", "-q", "--no-ff", "-m", f"{number} merge", f"side{number}")
            return
        if kind in ("source", "sources and docs"):
            self.append(part, f"int n{number};\n")
        if kind in ("docs", "sources and docs"):
            self.append("docs/guide.md", f"line {number}\n")
        if kind == "dependency":
            self.append("deps/lock.txt", f"another {number}\n")
        if kind == "settings":
            self.append("etc/app.conf", f"value={number}\n")
        if kind == "new file":
            self.write(f"src/more{number}.c", f"int more{number};\n")
        self.commit(f"{number} {kind}")


def foretold(map_, changed):
    """Lines of the steps that the map says these paths re-run: those that must, and those that may."""
    must, may = set(), set()
    for row in map_["classes"]:
        folder, _, rest = row["example"].partition("/")
        extension = pathlib.PurePosixPath(row["example"]).suffix
        of_class = [path for path in changed if (path.startswith(folder + "/") and path.endswith(extension)
                                                 if rest else path == row["example"])]
        for each in row["re_runs"] if of_class else []:
            line = map_["steps"][each["step"]]["line"]
            may.add(line)
            if each["reach"] == "certain":
                must.add(line)
    return must, may


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command")
    parser.add_argument("--commits", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    command = measure.find_command(options.command)
    work = pathlib.Path(tempfile.mkdtemp(prefix="buildlab-replay-"))
    try:
        history = History(work / "project", options.seed)
        for number in range(1, options.commits + 1):
            history.grow(number)

        def run(*arguments):
            done = subprocess.run([command, *arguments, "--store", str(work / "store")], cwd=history.folder,
                                  stdout=subprocess.PIPE, text=True)
            if done.returncode != 0:
                raise SystemExit(f"build-lab {' '.join(arguments)}: exit {done.returncode}")
            return done.stdout

        table = run("replay", "--commits", str(options.commits))
        print(table)
        found = json.loads(run("replay", "--commits", str(options.commits), "--json"))
        map_ = json.loads(run("map", "--json"))
        right, counted = 0, 0
        for row in found["commits"]:
            if row["primes"] or row["outcome"] != "built":
                continue
            counted += 1
            must, may = foretold(map_, row["changed"])
            ran = {step["line"] for step in row["ran"]}
            right += must <= ran <= may
            if not must <= ran <= may:
                measure.say(f"commit {row['number']}: ran {sorted(ran)}, foretold {sorted(must)} to {sorted(may)}")
        print(f"{counted} builds count; {right} of them re-ran the steps that the map foretells")
        return 0 if right == counted >= 30 else 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
