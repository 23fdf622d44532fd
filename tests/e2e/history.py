"""A generated repository, hostile to whoever runs more of git in it than reading objects, and what a replay of it
finds."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import harness

DOCKERFILE = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]

FROM tools
COPY deps.txt /deps.txt
RUN /bin/busybox sleep 1; /bin/busybox sha256sum /deps.txt > /deps.sum
COPY src /src
RUN /bin/busybox cat /src/* > /all
"""

# What a replay of the nine last commits finds: outcome and the instructions that ran.
EXPECTED = [
    ("built", ["COPY deps.txt /deps.txt", "RUN /bin/busybox sleep 1", "COPY src /src", "RUN /bin/busybox cat"]),
    ("built", []),
    ("built", ["COPY src /src", "RUN /bin/busybox cat"]),
    ("failed", None),
    ("no-dockerfile", None),
    ("built", ["COPY src /src", "RUN /bin/busybox cat"]),
    ("built", ["COPY src /src", "RUN /bin/busybox cat"]),
    ("built", ["COPY src /src", "RUN /bin/busybox cat"]),
    ("built", ["RUN /bin/busybox cat"]),
]


def fingerprint(folder):
    """Every file's name, content, mode and times, and every folder's."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        info = path.lstat()
        content = ""
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path)] = (info.st_mode, info.st_size, info.st_mtime_ns, info.st_ino, info.st_uid, content)
    return found


class HistoryTest(harness.LabTest):
    def setUp(self):
        super().setUp()
        self.commits = 0
        self.pwned = self.lab.base / "pwned"

    def git(self, *arguments, cwd=None):
        self.commits += 1
        environment = {
            **os.environ,
            **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"),
                                   ("DATE", f"2026-01-01T00:{self.commits:02}:00Z"))},
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
        }
        done = subprocess.run(["git", *arguments], cwd=cwd or self.lab.project, env=environment,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def make_history(self):
        lab = self.lab
        (lab.project / "app").mkdir()
        shutil.copy(harness.static_busybox(), lab.project / "app" / "busybox")
        lab.write("app/.dockerignore", "*.md\n")
        lab.write("app/Dockerfile", DOCKERFILE)
        lab.write("app/deps.txt", "1\n")
        lab.write("app/src/a.txt", "a1\n")
        file = {"schema_version": 1, "scenarios": [],
                "subjects": {"app": {"context": "app", "dockerfile": "Dockerfile"}}}
        file["scenarios"] = [harness.scenario("app.first", "cold")]
        lab.write("buildlab.json", json.dumps(file))
        self.git("init", "-q", "-b", "main", ".")
        self.commit("everything")
        lab.write("app/src/a.txt", "a2\n")
        self.commit("the parent of the first")
        lab.write("app/deps.txt", "2\n")
        self.commit("1 other dependencies")
        lab.write("README", "words\n")
        lab.write("app/notes.md", "words\n")
        self.commit("2 nothing that the builder gets")
        lab.write("app/src/a.txt", "a3\n")
        self.commit("3 a source")
        lab.write("app/Dockerfile", DOCKERFILE + "RUN /bin/busybox false\n")
        self.commit("4 a build that fails")
        (lab.project / "app" / "Dockerfile").unlink()
        self.commit("5 no Dockerfile")
        lab.write("app/Dockerfile", DOCKERFILE)
        lab.write("app/src/two words\nand a line", "odd\n")
        self.commit("6 back again\n\nwith a name of two lines")
        self.git("checkout", "-q", "-b", "side")
        lab.write("app/src/b.txt", "b1\n")
        self.commit("on the side")
        lab.write("app/src/b.txt", "b2\n")
        self.commit("on the side again")
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", "7 a merge", "side")
        (lab.project / "app" / "src" / "a.txt").chmod(0o755)
        self.commit("8 a mode")
        lab.write("app/Dockerfile", DOCKERFILE.replace("> /all", "> /others"))
        self.commit("9 another instruction")
        self.be_hostile()

    def be_hostile(self):
        """Whatever of git runs a program or changes content on the way out of the objects."""
        trap = self.lab.base / "trap"
        trap.write_text(f"#!/bin/sh\ntouch '{self.pwned}'\ncat\n")
        trap.chmod(0o755)
        for name in ("core.fsmonitor", "core.pager", "diff.external", "filter.bad.smudge", "filter.bad.process",
                     "core.sshCommand", "core.alternateRefsCommand", "diff.bad.textconv"):
            self.git("config", name, str(trap))
        self.git("config", "core.autocrlf", "true")
        self.git("config", "core.hooksPath", str(self.lab.base / "hooks"))
        hooks = self.lab.base / "hooks"
        hooks.mkdir()
        for hook in ("post-checkout", "post-index-change", "reference-transaction"):
            shutil.copy(trap, hooks / hook)
        attributes = self.lab.project / ".git" / "info" / "attributes"
        attributes.write_text("*.txt filter=bad diff=bad text\nsrc export-ignore\n")
        self.pwned.unlink(missing_ok=True)

    def rows(self, finished):
        return json.loads(finished.out)["commits"]

    def assert_found(self, rows, expected=EXPECTED):
        self.assertEqual([row["number"] for row in rows], list(range(len(expected) + 1)))
        self.assertTrue(rows[0]["primes"])
        for row, (outcome, ran) in zip(rows[1:], expected):
            self.assertEqual(row["outcome"], outcome, row)
            self.assertFalse(row["primes"], row)
            if ran is None:
                self.assertIsNone(row["duration_sec"])
                self.assertTrue(row["problem"])
                continue
            self.assertEqual(len(row["ran"]), len(ran), row)
            for step, text in zip(row["ran"], ran):
                self.assertTrue(step["text"].startswith(text), row)
            self.assertEqual(row["hits"] + len(ran), 5, row)

    def stored_rows(self):
        return [line for path in self.lab.store.glob("replays/builders/*/walks/*/rows.jsonl")
                for line in path.read_text().splitlines()]
