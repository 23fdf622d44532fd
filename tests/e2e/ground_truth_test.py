"""Does the product know which steps ran? Generated pairs of Dockerfile and change, built for real.

The truth is taken from outside the progress stream:
  * each RUN calls a web server of this test while it runs; a call during the second build means it ran;
  * each COPY, ADD and WORKDIR makes a folder of its own, whose mtime in the exported file system of its stage is the
    moment it was made: at or after the start of the second build means it ran.
Prints "N pairs, M steps, K right"; any difference is a failure with the Dockerfile's line. The seed is fixed, so that
a failure comes again; --seed takes another.
"""

import argparse
import http.server
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from buildkit_daemon import Daemon, write_tree  # noqa: E402
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


class Witness:
    """Hears what runs: GET /ran/ID. Also serves /file/NAME for ADD."""

    def __init__(self):
        self.heard = []
        witness = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/ran/"):
                    witness.heard.append(self.path[5:])
                body = b"served\n"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", '"fixed"')
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *arguments):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Line:
    """One instruction; `mark` names its truth, None for those that are no step."""

    def __init__(self, text, mark=None, kind=None):
        self.text, self.mark, self.kind = text, mark, kind


class Plan:
    """A Dockerfile as stages of lines, with its context's files and build args."""

    def __init__(self, number, chance, port):
        self.number, self.chance, self.port = number, chance, port
        self.count = 0
        self.files = {f"f{i}.txt": f"pair {number} file {i}\n" for i in range(4)}
        self.files.update({"d/one.txt": f"one of {number}\n", "d/two.txt": f"two of {number}\n"})
        self.modes = {}
        self.args = {"USED": "1", "IDLE": "1"}
        self.stages = []

    def mark(self):
        self.count += 1
        return f"p{self.number}m{self.count}"

    def run(self, command="true", flags="", mark=None):
        mark = mark or self.mark()
        return Line(f"RUN {flags}{command} && $BB wget -q -O /dev/null http://127.0.0.1:{self.port}/ran/{mark}", mark,
                    "run")

    def copy(self, source, flags="", verb="COPY"):
        mark = self.mark()
        return Line(f"{verb} {flags}{source} /{mark}/x/", mark, "file")

    def random_line(self, earlier):
        choice = self.chance.choice(["run", "run", "reads", "arg", "cache", "bind", "copy", "copy", "dir", "link",
                                     "heredoc", "workdir", "url", "label", "env", "from", "from", "mount-from"])
        name = f"f{self.chance.randrange(4)}.txt"
        if choice == "run":
            return [self.run(f"echo {self.chance.randrange(1000)}")]
        if choice == "reads":  # its output is the same for another text of as many lines: content cut-off
            copied = self.copy(name)
            return [copied, self.run(f"$BB wc -l < /{copied.mark}/x/{name} > /out.txt")]
        if choice == "arg":
            return [Line("ARG " + self.chance.choice(["USED", "IDLE"])), self.run("echo $USED")]
        if choice == "cache":
            return [self.run("echo >> /c/log", f"--mount=type=cache,target=/c,id=p{self.number} ")]
        if choice == "bind":
            return [self.run("$BB cat /b", f"--mount=type=bind,source={name},target=/b ")]
        if choice == "copy":
            return [self.copy(name)]
        if choice == "dir":
            return [self.copy("d")]
        if choice == "link":
            return [self.copy(name, "--link ")]
        if choice == "heredoc":
            mark = self.mark()
            return [Line(f"COPY <<EOF /{mark}/x/inline.txt\ntext {self.chance.randrange(9)}\nEOF", mark, "file")]
        if choice == "workdir":
            mark = self.mark()
            return [Line(f"WORKDIR /{mark}/x", mark, "file")]
        if choice == "url":
            return [self.copy(f"http://127.0.0.1:{self.port}/file/{name}", verb="ADD")]
        if choice == "label":
            return [Line(f"LABEL a={self.chance.randrange(9)}")]
        if choice == "env":
            return [Line(f"ENV E=e{self.chance.randrange(9)}")]
        if not earlier:
            return [self.copy(name)]
        stage = self.chance.choice(earlier)
        if choice == "from":
            return [self.copy("/out.txt", f"--from={stage} ")]
        return [self.run("$BB cat /o", f"--mount=type=bind,from={stage},source=/out.txt,target=/o ")]

    def generate(self):
        tools = [Line("COPY busybox /tools/x/", "tools", "file"),
                 Line('SHELL ["/tools/x/busybox", "sh", "-c"]'), Line("ENV BB=/tools/x/busybox")]
        self.stages = [("scratch", "tools", tools)]
        names = []
        twins = self.chance.random() < 0.3
        for index in range(self.chance.randrange(1, 4)):
            body = [Line("ARG USED")] if self.chance.random() < 0.3 else []
            for _ in range(self.chance.randrange(2, 6)):
                body += self.random_line(names)
            body.append(self.run("echo 1 > /out.txt" if self.chance.random() < 0.5 else
                                 "$BB wc -l < /tools/x/busybox > /out.txt"))
            base = self.chance.choice(names) if names and self.chance.random() < 0.3 else "tools"
            names.append(f"s{index}")
            self.stages.append((base, names[-1], body))
            if twins:
                twins = False
                names.append(f"s{index}twin")
                self.stages.append((base, names[-1], body))
        final = [self.copy("/out.txt", f"--from={name} ") for name in names]
        self.stages.append(("tools", "final", final + [self.run("echo end")]))
        return self

    def change(self):
        """Changes one thing and says what."""
        what = self.chance.choice(["nothing", "content", "content", "content", "lines", "touch", "mode", "arg", "arg",
                                   "insert", "delete", "text", "file-added", "heredoc", "label", "folder"])
        name = f"f{self.chance.randrange(4)}.txt"
        bodies = [body for _, _, body in self.stages[1:]]
        body = self.chance.choice(bodies)
        if what == "content":
            self.files[name] = self.files[name].rstrip("\n") + " edited\n"
        elif what == "lines":
            self.files[name] += "another line\n"
        elif what == "touch":
            pass  # every file is written again in any case, with a new time
        elif what == "mode":
            self.modes[name] = 0o755
        elif what == "arg":
            which = self.chance.choice(["USED", "IDLE"])
            self.args[which] = "2"
            return f"arg {which}"
        elif what == "insert":
            body.insert(self.chance.randrange(len(body)), self.run("echo inserted"))
        elif what == "delete" and len(body) > 2:
            candidates = [line for line in body[:-1] if line.kind == "file" or line.mark is None]
            used = " ".join(line.text for line in body)
            candidates = [line for line in candidates if line.mark is None or used.count(line.mark) == 1]
            if candidates:
                body.remove(self.chance.choice(candidates))
        elif what == "text":
            line = self.chance.choice([line for line in body if line.kind == "run"])
            line.text = line.text.replace(" && ", " && true && ", 1)
        elif what == "file-added":
            self.files["d/three.txt" if self.chance.random() < 0.5 else "unused.txt"] = "new\n"
        elif what == "heredoc":
            for line in body:
                line.text = line.text.replace("\ntext ", "\nother text ")
        elif what == "label":
            body.insert(0, Line("LABEL changed=yes"))
        elif what == "folder":
            self.files["d/one.txt"] = "one, edited\n"
        return f"{what} {name}" if what in ("content", "lines", "touch", "mode") else what

    def dockerfile(self):
        """Its text, and of each step (first line, mark, kind, stage)."""
        text, steps = [], []
        for base, name, body in self.stages:
            text.append(f"FROM {base} AS {name}")
            for line in body:
                number = sum(part.count("\n") + 1 for part in text) + 1
                if line.mark:
                    steps.append((number, line.mark, line.kind, name))
                text.append(line.text)
        return "\n".join(text) + "\n", steps


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
