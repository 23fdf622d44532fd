"""Real images that drift as real ones do, each built twice: every cause is named with its line, and mended it is equal.

One folder of drift/ an ecosystem. Its Dockerfile says in comments what drifts and where (drift/README.md); its
Dockerfile.fixed holds just the fixes that the command prints for these causes. Packages come from where apt, pip, npm
and Maven have them. The table at the end is what docs/measured.md quotes.
"""

import dataclasses
import fnmatch
import hashlib
import json
import pathlib
import re
import shutil
import tarfile
import xml.etree.ElementTree as xml

import harness
from harness import scenario

FOLDER = pathlib.Path(__file__).resolve().parent / "drift"
LEAST_SHARE = 0.95
EPOCH = 1_795_000_000  # 2026-11-18: the project has no git that would tell its last commit's time


@dataclasses.dataclass(frozen=True)
class Planted:
    """A cause that the Dockerfile plants, and the instruction that writes the layer where it shows."""

    causes: tuple  # of (class, row): the first where all of them show, another where its values are equal by chance
    place: str  # a pattern of paths
    line: int

    def __str__(self):
        causes = " or ".join(" ".join(cause) for cause in self.causes)
        return f"{causes} {self.place}, line {self.line}"


def read_comments(text):
    """(what is planted, origin by line) of a Dockerfile: its comments speak of the next instruction."""
    planted, origins, pending = [], {}, []
    for number, line in enumerate(text.splitlines(), 1):
        drifts = re.fullmatch(r"# drifts: (\S+ \S+(?: or \S+ \S+)*) (\S+)", line)
        origin = re.fullmatch(r"# origin: (root|inherited)", line)
        if drifts or origin:
            pending.append((drifts, origin))
        elif line.strip() and not line.startswith("#"):
            for drifts, origin in pending:
                if drifts:
                    causes = tuple(tuple(cause.split()) for cause in drifts[1].split(" or "))
                    planted.append(Planted(causes, drifts[2], number))
                else:
                    origins[number] = origin[1]
            pending = []
    return planted, origins


def quoted_fixes(text):
    """(row, fix as it was printed) of each comment of a Dockerfile.fixed."""
    return re.findall(r"^# fix (\S+): (.+)$", text, re.MULTILINE)


def files_of(image):
    """Path -> digest of every regular file of an image, read with nothing of ours: what diff must agree with."""
    with tarfile.open(image) as archive:
        def blob(digest):
            return archive.extractfile("blobs/" + digest.replace(":", "/"))

        manifest = json.load(blob(json.load(archive.extractfile("index.json"))["manifests"][0]["digest"]))
        while "manifests" in manifest:
            manifest = json.load(blob(manifest["manifests"][0]["digest"]))
        files = {}
        for layer in manifest["layers"]:
            with tarfile.open(fileobj=blob(layer["digest"]), mode="r:*") as entries:
                for entry in entries:
                    if entry.isfile():
                        content = entries.extractfile(entry).read()
                        files[entry.name.removeprefix("./")] = hashlib.sha256(content).hexdigest()
        return files


def failure_text(report):
    """What a JUnit file says of its failed tests."""
    return "\n".join((element.text or "") for element in xml.fromstring(report).iter("failure"))


class RealDrift(harness.LabTest):
    rows = []

    def check(self, name):
        source = FOLDER / name
        shutil.copytree(source, self.lab.project, dirs_exist_ok=True)
        subjects = {
            "drifting": self.lab.subject(local_base=True, source_date_epoch=EPOCH),
            "fixed": self.lab.subject(dockerfile="Dockerfile.fixed", local_base=True, source_date_epoch=EPOCH),
        }
        scenarios = [scenario(f"{name}.{subject}", "reproducibility", runs=2) | {"subject": subject}
                     for subject in subjects]
        self.lab.write("buildlab.json", json.dumps(
            {"schema_version": 1, "subjects": subjects, "scenarios": scenarios}, indent=2))
        text = (source / "Dockerfile").read_text()
        planted, origins = read_comments(text)
        self.assertTrue(planted and origins, "the Dockerfile plants nothing")

        failed = self.lab.run("run", "--scenario", f"{name}.drifting", timeout=1200)
        self.assert_exit(failed, 1)
        record = self.lab.records()[-1]
        drift = record["drift"][0]
        differences, truth = self.compared(record, drift)
        # A step whose every time was written in the same second of both builds did not drift in them.
        planted_there = {line: [c for c in planted if c.line == line] for line in origins}
        quiet = {line for line, causes in planted_there.items()
                 if causes and not any(fnmatch.filter(truth, cause.place) for cause in causes)}
        origins = {line: origin for line, origin in origins.items() if line not in quiet}
        found_steps = {step["lines"][0]: step["origin"] for step in drift["steps"]}
        mended = self.lab.run("run", "--scenario", f"{name}.fixed", timeout=1200)
        share = drift["with_cause"] / drift["places"]
        right = sum(found_steps.get(line) == origin for line, origin in origins.items())
        self.rows.append((name, drift["places"], drift["with_cause"], drift["proven"], right, len(origins), share,
                          {0: "yes", 1: "no"}.get(mended.code, f"exit {mended.code}")))

        with self.subTest("all that differs is seen"):
            seen = {d["path"] for d in differences if d["attribute"] in ("content", "missing", "added")}
            self.assertEqual(truth - seen, set())
        unknown = sorted({d["path"] for d in differences if d["class"] is None})
        with self.subTest("share"):
            self.assertGreaterEqual(share, LEAST_SHARE, f"unknown: {unknown[:20]}")
        for cause in planted:
            with self.subTest(str(cause)):
                if fnmatch.filter(truth, cause.place):
                    self.assert_named(cause, drift, differences, failed)
                else:  # a time in whole seconds, and both builds wrote in the same one
                    self.assertEqual({kind for kind, _ in cause.causes}, {"TIME"}, "nothing differs there")
                    print(f"{name}: by chance equal: {cause}", flush=True)
        with self.subTest("origins"):
            self.assertEqual(found_steps, origins, json.dumps(drift["steps"], indent=2))
        with self.subTest("fixes"):
            self.assert_fixes_are_the_suggested(source, differences)
        with self.subTest("mended"):
            self.assert_exit(mended, 0)
            self.assertEqual(len({build["digest"] for build in self.lab.records()[-1]["builds"]}), 1)

    def compared(self, record, drift):
        """Every difference of the kept images as `diff` lists them, and the paths of files that really differ."""
        kept = {build["iteration"]: self.lab.store / "runs" / record["run_id"] / build["artifacts"]
                for build in record["builds"]}
        a, b = (kept[iteration] for iteration in drift["builds"])
        epoch = record["circumstances"]["source_date_epoch"]
        compared = self.lab.run("diff", a / "image.oci.tar", b / "image.oci.tar", "--provenance",
                                a / "provenance.json", b / "provenance.json", "--source-date-epoch", epoch, "--json",
                                store=False)
        self.assert_exit(compared, 1)
        document = json.loads(compared.out)
        self.assertEqual(document["explained"]["with_cause"], drift["with_cause"], "the gate and diff disagree")
        files_a, files_b = files_of(a / "image.oci.tar"), files_of(b / "image.oci.tar")
        truth = {path for path in files_a.keys() | files_b.keys() if files_a.get(path) != files_b.get(path)}
        return document["differences"], truth

    def assert_named(self, cause, drift, differences, failed):
        """In the files' list, the record, the text on the terminal and JUnit."""
        at = [d for d in differences if fnmatch.fnmatch(d["path"], cause.place) and d["attribute"] != "mtime"]
        self.assertTrue(at, "not seen")
        for difference in at:
            kind, row = difference["class"], difference["row"]
            self.assertIn((kind, row), cause.causes, json.dumps(difference, indent=2))
            self.assertEqual(difference["step"]["first_line"], cause.line, difference["path"])
            self.assertIn((kind, row, cause.line),
                          [(c["class"], c["row"], (c["lines"] or [0])[0]) for c in drift["causes"]])
            texts = {"terminal": failed.err + failed.out, "junit": self.junit()}
            for name, text in texts.items():
                told = [line for line in text.splitlines()
                        if re.search(rf"\b{kind} {row} ", line) and f"Dockerfile:{cause.line} " in line]
                self.assertTrue(told, f"{name}:\n{text}")

    def junit(self):
        return failure_text(self.lab.run("report", "--format", "junit", "--subject", "drifting").out)

    def assert_fixes_are_the_suggested(self, source, differences):
        suggested = {}
        for difference in differences:
            if difference["row"] and not difference["root"]:
                suggested.setdefault(difference["row"], set()).add(difference["fix"])
        quoted = quoted_fixes((source / "Dockerfile.fixed").read_text())
        self.assertEqual(suggested.keys() - {row for row, _ in quoted}, set(), "Dockerfile.fixed says no word of these")
        for row, fix in quoted:
            if row in suggested:  # else it was equal by chance
                self.assertIn(fix, suggested[row])

    def test_apt(self):
        self.check("apt")

    def test_pip(self):
        self.check("pip")

    def test_npm(self):
        self.check("npm")

    def test_go(self):
        self.check("go")

    def test_cmake(self):
        self.check("cmake")

    def test_java(self):
        self.check("java")

    @classmethod
    def tearDownClass(cls):
        heads = ("image", "differing", "with a cause", "proven", "steps right", "explained", "equal when mended")
        lines = ["{:<8} {:>9} {:>13} {:>8} {:>12} {:>10}  {}".format(*heads)]
        for name, places, with_cause, proven, right, steps, share, equal in cls.rows:
            lines.append(f"{name:<8} {places:>9} {with_cause:>13} {proven:>8} {f'{right} of {steps}':>12}"
                         f" {share:>10.1%}  {equal}")
        places, with_cause, proven, right, steps = (sum(row[i] for row in cls.rows) for i in range(1, 6))
        if places > 0:
            lines.append(f"{'all':<8} {places:>9} {with_cause:>13} {proven:>8} {f'{right} of {steps}':>12}"
                         f" {with_cause / places:>10.1%}")
        print("\n" + "\n".join(lines), flush=True)


if __name__ == "__main__":
    harness.main()
