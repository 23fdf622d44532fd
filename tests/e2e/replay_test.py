"""build-lab replay: history of a generated repository, built commit after commit. The repository is hostile to
whoever runs more of git in it than reading objects, and must be the same bytes afterwards."""

import hashlib
import json
import os
import shutil
import signal
import subprocess

import harness
from history import DOCKERFILE, HistoryTest, fingerprint


class Replay(HistoryTest):
    def reasons(self, rows):
        """Of each row but the first: reason and detail, the latter only where no step is named in it."""
        return {row["number"]: [(step["miss_reason"],
                                 step["miss_detail"] if step["miss_reason"] != "parent-rekeyed" else None)
                                for step in row["ran"]]
                for row in rows[1:] if row["ran"]}

    def test_history(self):
        self.make_history()
        before = fingerprint(self.lab.project)
        done = self.lab.run("replay", "--commits", "9", "--json", environment={"GIT_DIR": "/nowhere"})
        self.assert_exit(done, 0)
        self.assertEqual(fingerprint(self.lab.project), before, "the repository was written to")
        self.assertFalse(self.pwned.exists(), "a program of the repository's configuration was run")
        rows = self.rows(done)
        self.assert_found(rows)
        self.assertEqual(rows[1]["subject"], "1 other dependencies")
        self.assertEqual(rows[2]["classes"], {"(left out by .dockerignore)": 1, "(outside the context)": 1})
        self.assertEqual(rows[6]["changed"], ["app/Dockerfile", "app/src/two words\nand a line"])
        self.assertEqual(rows[7]["changed"], ["app/src/b.txt"])
        self.assertEqual(rows[2]["digest"], rows[1]["digest"])
        self.assertNotEqual(rows[3]["digest"], rows[1]["digest"])
        self.assertIn("RUN /bin/busybox false", rows[4]["problem"])
        self.assertGreater(rows[1]["duration_sec"], 1)
        self.assertEqual(self.reasons(rows), {
            1: [("input-content", "deps.txt")] + 3 * [("parent-rekeyed", None)],
            3: [("input-content", "src/a.txt"), ("parent-rekeyed", None)],
            6: [("input-content", "src/two words and a line is new"), ("parent-rekeyed", None)],
            7: [("input-content", "src/b.txt is new"), ("parent-rekeyed", None)],
            8: [("input-metadata", "mode of src/a.txt 0644 -> 0755; `chmod 0644 src/a.txt` in the context mends it "
                                    "(COPY --chmod does not), in git with `git update-index --chmod=-x src/a.txt`"),
                ("parent-rekeyed", None)],
            9: [("own-definition", "text: it was RUN /bin/busybox cat /src/* > /all")],
        })
        self.assertEqual({step["miss_reason"] for step in rows[0]["ran"]}, {"first-build"})
        self.assertEqual(set(rows[1]["blame"]), {"deps.txt"})
        self.assertEqual(set(rows[9]["blame"]), {"Dockerfile"})
        self.assert_schema(done.out, "replay")
        sums = json.loads(done.out)["sums"]
        self.assertEqual((sums["commits"], sums["counted"], sums["failed"], sums["without_dockerfile"]), (9, 7, 1, 1))
        self.assertAlmostEqual(sum(row["expected_sec"] for row in sums["classes"]), sums["mean_sec"], 6)
        classes = {row["name"]: row for row in sums["classes"]}
        self.assertEqual(set(classes), {"deps.txt", "src/**/*.txt", "src/** without extension", "Dockerfile",
                                        "(left out by .dockerignore)", "(outside the context)"})
        self.assertEqual((classes["deps.txt"]["commits"], classes["src/**/*.txt"]["commits"]), (1, 3))
        self.assertGreater(classes["deps.txt"]["alone_sec"], 1)
        sleep, = [step for step in sums["steps"] if step["text"].startswith("RUN /bin/busybox sleep 1")]
        self.assertEqual((sleep["commits"], sleep["miss_reasons"]), (1, {"parent-rekeyed": 1}))
        self.assertGreater(sleep["mean_sec"], 0.9)

        # Once more is the finished walk again, in the other formats, and builds nothing.
        text = self.lab.run("replay", "--commits", "9")
        self.assert_exit(text, 0)
        self.assert_says(text, "was finished earlier")
        self.assertIn("7 builds of 9 commits count", text.out)
        self.assertIn("1 build failed, 1 commit has no Dockerfile", text.out)
        markdown = self.lab.run("replay", "main~9..main", "--format", "markdown")
        self.assert_exit(markdown, 0)
        self.assertIn("| <code>deps.txt</code> |", markdown.out)

    def kill_in_the_run(self):
        """Starts a walk and kills it while a RUN of a second sleeps; the COPY before that is done by then."""
        process = self.lab.start("replay", "--commits", "9", "--json")
        harness.wait_for(lambda: len(self.stored_rows()) == 1, 60, "the first row")
        harness.wait_for(lambda: any(harness.program_of(pid) == "busybox"
                                     for pid in harness.descendants(process.pid)), 30, "the RUN")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.assert_nothing_left()
        self.assertEqual(len(self.stored_rows()), 1)

    def test_killed_in_the_middle(self):
        self.make_history()
        self.kill_in_the_run()
        # Killed before the state was written and while a line was, too; then once more in the same build.
        state = next(self.lab.store.glob("replays/builders/*/state.json"))
        state.write_text(json.dumps({**json.loads(state.read_text()), "walk": "another", "row": None}))
        path = next(self.lab.store.glob("replays/builders/*/walks/*/rows.jsonl"))
        path.write_text(path.read_text() + '{"number": 1, "comm')
        self.kill_in_the_first_commit_again(state)
        done = self.lab.run("replay", "--commits", "9", "--json")
        self.assert_exit(done, 0)
        self.assert_says(done, "going on after commit 0")
        rows = self.rows(done)
        self.assert_found(rows)  # what the killed builds had made already is no hit
        self.assertIn("taken up again here", rows[1]["notes"][0])

    def kill_in_the_first_commit_again(self, state):
        """On a new builder, on which the row before is built again first: the state tells when that is done."""
        process = self.lab.start("replay", "--commits", "9", "--json")
        harness.wait_for(lambda: state.exists() and '"row": 0' in state.read_text(), 60, "the state")
        harness.wait_for(lambda: any(harness.program_of(pid) == "busybox"
                                     for pid in harness.descendants(process.pid)), 30, "the RUN")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.assert_nothing_left()

    def test_interrupted(self):
        self.make_history()
        process = self.lab.start("replay", "--commits", "9")
        harness.wait_for(lambda: any(path.read_text().count("\n") >= 2 for path in
                                     self.lab.store.glob("replays/builders/*/walks/*/rows.jsonl")), 60, "two rows")
        os.kill(process.pid, signal.SIGINT)
        done = harness.finish(process)
        self.assert_exit(done, 130)
        self.assert_says(done, "the same command goes on")
        again = self.lab.run("replay", "--commits", "9", "--json")
        self.assert_exit(again, 0)
        self.assert_found(self.rows(again))

    def test_shallow_clone_of_another_owner(self):
        self.make_history()
        clone = self.lab.base / "clone"
        subprocess.run(["git", "-c", "core.fsmonitor=", "clone", "-q", "--depth", "3",
                        f"file://{self.lab.project}", clone], check=True, capture_output=True)
        for path in [clone, *clone.rglob("*")]:
            os.lchown(path, 65534, 65534)
        before = fingerprint(clone)
        done = self.lab.run("replay", "--commits", "10", "--json", cwd=clone)
        self.assert_exit(done, 0)
        self.assertEqual(fingerprint(clone), before)
        found = json.loads(done.out)
        self.assertEqual([row["number"] for row in found["commits"]], [1, 2, 3])
        self.assertEqual([row["primes"] for row in found["commits"]], [True, False, False])
        self.assertIn("shallow", found["notes"][0])

    def tree_with(self, name):
        """A commit on HEAD whose context holds a file of that name, which git itself would not make."""
        blob = self.git("hash-object", "-w", "buildlab.json").strip()
        entry = f"100644 {name}".encode() + b"\0" + bytes.fromhex(blob)
        inner = subprocess.run(["git", "hash-object", "-w", "-t", "tree", "--literally", "--stdin"], input=entry,
                               cwd=self.lab.project, capture_output=True, check=True).stdout
        outer = b"40000 app\0" + bytes.fromhex(inner.decode().strip())
        tree = subprocess.run(["git", "hash-object", "-w", "-t", "tree", "--literally", "--stdin"], input=outer,
                              cwd=self.lab.project, capture_output=True, check=True).stdout.decode().strip()
        commit = self.git("commit-tree", tree, "-p", "HEAD", "-m", f"a file {name}").strip()
        self.git("update-ref", "HEAD", commit)

    def test_what_a_checkout_would_not_have(self):
        lab = self.lab
        file = {"schema_version": 1, "subjects": {"app": {"context": "app", "dockerfile": "Dockerfile"}},
                "scenarios": [harness.scenario("app.first", "cold")]}
        lab.write("buildlab.json", json.dumps(file))
        self.git("init", "-q", "-b", "main", ".")
        self.commit("0 no context yet")
        (lab.project / "app").mkdir()
        shutil.copy(harness.static_busybox(), lab.project / "app" / "busybox")
        dockerfile = DOCKERFILE.replace("COPY deps.txt /deps.txt\nRUN /bin/busybox sleep 1; "
                                        "/bin/busybox sha256sum /deps.txt > /deps.sum\n", "")
        lab.write("app/Dockerfile", dockerfile.replace("busybox cat /src/*", "busybox grep real /src/big"))
        lab.write("app/src/big", "real\n")
        self.commit("1 begin")
        content = b"real content of a large file\n"
        digest = hashlib.sha256(content).hexdigest()
        stored = lab.project / ".git" / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
        stored.parent.mkdir(parents=True)
        stored.write_bytes(content)
        pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
        lab.write("app/src/big", pointer.format(digest, len(content)))
        self.commit("2 content in lfs")
        lab.write("app/src/big2", pointer.format("0" * 64, 5))
        self.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},app/module")
        self.git("add", "app/src")
        self.git("commit", "-q", "-m", "3 a pointer to nothing and a submodule")
        self.tree_with("..")
        self.tree_with(".git")
        self.git("read-tree", "main~2")
        os.unlink(lab.project / "app" / "Dockerfile")
        os.symlink("/etc/passwd", lab.project / "app" / "Dockerfile")
        self.git("add", "app/Dockerfile")
        self.git("commit", "-q", "-m", "6 a link")
        done = lab.run("replay", "--commits", "6", "--json")
        self.assert_exit(done, 0)
        rows = self.rows(done)
        self.assertEqual([row["outcome"] for row in rows],
                         ["no-dockerfile", "built", "built", "built", "refused", "refused", "refused"], done)
        self.assertIn("did not exist", rows[0]["problem"])
        self.assertTrue(rows[1]["primes"])
        self.assertEqual(rows[2]["notes"], [])
        self.assertEqual(len(rows[3]["notes"]), 2)
        self.assertIn("submodule module", " ".join(rows[3]["notes"]))
        self.assertIn("src/big2 is a git-lfs pointer", " ".join(rows[3]["notes"]))
        self.assertIn("which no path may be", rows[4]["problem"])
        self.assertIn("leads out", rows[6]["problem"])

    def test_refusals(self):
        self.make_history()
        for arguments, code, text in (
            (["main..main"], 4, "holds no commit"),
            (["nothing..main"], 2, 'no commit "nothing"'),
            (["--commits", "1", "a..b"], 2, "excludes"),
            (["a...b"], 2, "three dots"),
            (["--", "--output=/tmp/x..main"], 2, "no commit"),
            ([], 2, "--commits N"),
        ):
            with self.subTest(arguments=arguments):
                done = self.lab.run("replay", "--store", self.lab.store, *arguments, store=False)
                self.assert_exit(done, code)
                self.assertIn(text, done.err.replace("excluded", "excludes"), str(done))
        outside = self.lab.base / "outside"
        shutil.copytree(self.lab.project, outside, ignore=shutil.ignore_patterns(".git"))
        done = self.lab.run("replay", "--commits", "1", cwd=outside)
        self.assert_exit(done, 2)
        self.assert_says(done, "lies in no git work tree")


if __name__ == "__main__":
    harness.main()
