"""`build-lab diff` as a user has it: where images may lie, what is written, policies, provenance, exit codes."""

import base64
import gzip
import json
import re

import jsonschema

import harness
import image_maker as im
from image_maker import Layout, entry, layer
from registry import Registry

SCHEMA = json.loads((harness.ROOT / "docs/schema/diff.schema.json").read_text())
LOG = b"2026-11-24 10:0%d:00 startup archives unpack\n"


def base():
    return layer(entry(b"bin/", kind=b"5"), entry(b"bin/app", b"x" * 3000))


def top(minute, *more):
    return layer(entry(b"var/log/dpkg.log", LOG % minute), *more)


class Diffs(harness.LabTest):
    def setUp(self):
        super().setUp()
        self.count = 0

    def place(self, name):
        self.count += 1
        return self.lab.base / f"{self.count}-{name}"

    def image(self, *tars, **members):
        return Layout().image(*tars, **members).archive(self.place("image.tar"))

    def pair(self):
        return self.image(base(), top(0)), self.image(base(), top(1))

    def diff(self, *arguments, code=1, environment=None):
        finished = self.lab.run("diff", *arguments, store=False, environment=environment)
        self.assert_exit(finished, code)
        return finished

    def document(self, *arguments, code=1):
        finished = self.diff("--json", *arguments, code=code)
        self.assertEqual(finished.err, "")
        document = json.loads(finished.out)  # one document and nothing else
        jsonschema.Draft7Validator(SCHEMA).validate(document)
        return document

    def test_archives_folders_and_archives_of_docker(self):
        layout, other = Layout().image(base(), top(0)), Layout().image(base(), top(1))
        archive, folder = layout.archive(self.place("a.tar")), layout.folder(self.place("folder"))
        self.assertEqual(self.document(archive, folder, code=0)["verdict"], "identical")
        saved = self.place("saved.tar")
        saved.write_bytes(im.tar_of(im.docker_files(base(), top(0))))
        document = self.document(archive, saved)
        self.assertEqual(document["verdict"], "representation")
        self.assertEqual(document["digests"]["b"]["manifest"], None)
        self.document(archive, saved, "--tolerate", "representation", code=0)
        for kind in (archive, folder, saved):
            found = self.document(kind, other.archive(self.place("b.tar")))
            self.assertEqual(found["verdict"], "different")
            self.assertEqual(found["differences"][0]["path"], "var/log/dpkg.log")
            self.assertEqual(found["differences"][0]["class"], "TIME")
            # When the builds ran is not known here; with their provenance it is proven (below).
            self.assertFalse(found["differences"][0]["proven"])

    def test_images_of_a_registry(self):
        registry = Registry()
        self.addCleanup(registry.close)
        made = []
        for tag, minute in (("one", 0), ("two", 1)):
            layout = Layout().image(base(), top(minute))
            made.append(layout)
            descriptor = json.loads(layout.files["index.json"])["manifests"][0]
            for data in layout.files.values():
                registry.blobs[im.sha256(data)] = data
            manifest = registry.blobs[descriptor["digest"]]
            for name in (tag, descriptor["digest"]):
                registry.manifests["team/app", name] = (manifest, im.MANIFEST, descriptor["digest"])
        one, two = (f"{registry.address}/team/app:{tag}" for tag in ("one", "two"))
        document = self.document(one, two)
        self.assertEqual(document["digests"]["a"]["name"], one)
        self.assertEqual(document["differences"][0]["path"], "var/log/dpkg.log")
        # Of layers that both have, nothing was asked.
        shared = im.sha256(gzip.compress(base(), 1, mtime=0))
        self.assertNotIn(shared, "".join(path for _, path in registry.requests))
        self.assertEqual(self.document(one, made[0].archive(self.place("a.tar")), code=0)["verdict"], "identical")
        by_digest = f"{registry.address}/team/app@{document['digests']['b']['manifest']}"
        self.assertEqual(self.document(two, by_digest, code=0)["verdict"], "identical")
        # An index, of which the platform chooses.
        index = json.dumps({"schemaVersion": 2, "manifests": [
            dict(json.loads(layout.files["index.json"])["manifests"][0], platform={"os": "linux", "architecture": "amd64"})
            for layout in made[:1]]}).encode()
        registry.manifests["team/app", "index"] = (index, im.INDEX, im.sha256(index))
        self.document(f"{registry.address}/team/app:index", one, "--platform", "linux/amd64", code=0)
        # What is not there, what is not what it claims, and who does not answer.
        missing = self.diff(f"{registry.address}/team/app:none", one, code=2)
        self.assertEqual(missing.out, "")
        self.assert_says(missing, "team/app:none", "404")
        changed = next(digest for digest, data in registry.blobs.items() if data == gzip.compress(top(1), 1, mtime=0))
        registry.blobs[changed] = gzip.compress(top(2), 1, mtime=0)
        self.assert_says(self.diff(one, two, code=2), two, "digest")
        registry.blobs[changed] += bytes(5_000_000)
        self.assert_says(self.diff(one, two, code=2), "more than")
        registry.vanish()
        self.assert_says(self.diff(one, two, code=2), registry.address)

    def test_formats(self):
        a, b = self.pair()
        text = self.diff(a, b).out
        for words in ("different", "TIME B1, supposed", "var/log/dpkg.log", "layer 2 of 2", "fix: "):
            self.assertIn(words, text)
        self.assertNotIn("\x1b", text)
        markdown = self.diff(a, b, "--format", "markdown").out
        # A table ends at an empty line.
        self.assertRegex(markdown, r"\| where \| class \|.*\n\|( --- \|)+\n\| <code>var/log/dpkg.log</code> \| TIME")
        html = self.diff(a, b, "--format", "html").out
        self.assertTrue(html.startswith("<section") and html.endswith("</section>\n"), html)
        self.assertEqual(self.diff(a, b, "--format", "json").out, self.diff(a, b, "--json").out)

    def test_exit_codes(self):
        a, b = self.pair()
        self.diff(a, a, code=0)
        self.diff(a, b, code=1)
        for wrong in ((a,), (a, b, "--format", "yaml"), (a, "none.tar"), (a, b, "--tolerate", "everything"),
                      (a, b, "--provenance", "none.json", "none.json"), (a, b, "--provenance", a), (a, b, "--what"),
                      (a, b, "--platform", "plan9/amd64"), (a, b, "--platform", "linux")):
            with self.subTest(wrong=wrong[1:]):
                finished = self.diff(*wrong, code=2)
                self.assert_quiet_stdout(finished)
                self.assertNotEqual(finished.err, "")

    def test_thousands_of_equal_causes_are_one_line(self):
        def made(moment):
            return self.image(layer(*(entry(b"srv/f%04d" % n, b"x", mtime=moment) for n in range(5000))))

        a, b = made(1_795_514_400), made(1_795_514_500)
        text = self.diff(a, b).out
        self.assertIn("and 4999 more", text)
        self.assertLess(len(text.splitlines()), 30)
        self.assertEqual(len(self.document(a, b)["differences"]), 5000)
        self.assertEqual(len(re.findall(r"srv/f\d{4}", self.diff(a, b, "--all").out)), 5000)
        markdown = self.diff(a, b, "--format", "markdown").out
        self.assertEqual(len([line for line in markdown.splitlines() if "srv/" in line]), 1)

    def test_policies_say_why_and_hide_no_content(self):
        a = self.image(layer(entry(b"x", b"1", mtime=1), entry(b"y", b"1")))
        b = self.image(layer(entry(b"x", b"1", mtime=2), entry(b"y", b"2")))
        passed = self.document(a, b, "--ignore", "attribute=mtime:sources have no times")
        self.assertEqual([found["path"] for found in passed["differences"]], ["y"])
        self.assertEqual(passed["ignored"][0]["reason"], "sources have no times")
        self.assertEqual(passed["ignored"][0]["differences"], 1)
        for form in ("text", "markdown", "html"):
            self.assertIn("sources have no times", self.diff(a, b, "--ignore", "attribute=mtime:sources have no times",
                                                             "--format", form).out)
        hidden = self.document(a, b, "--ignore", "path=**:everything")
        self.assertEqual([found["attribute"] for found in hidden["differences"]], ["content"])
        allowed = self.document(a, b, "--ignore", "path=**,content:meant so", code=0)
        self.assertEqual(allowed["differences"], [])
        self.assertEqual(allowed["ignored"][0]["differences"], 2)
        for wrong in ("path=x", "path=x:", "attribute=colour:why", "attribute=content:why", ":why", "size=1:why"):
            with self.subTest(policy=wrong):
                self.assert_says(self.diff(a, b, "--ignore", wrong, code=2), "policy")

    def test_provenance_names_the_step(self):
        def provenance(name, started, materials=()):
            dockerfile = "FROM scratch\nCOPY app /bin/\nRUN apt-get \\\n  install x\n"
            steps = ["step0", "step1"]
            lines = {"step0": (2, 2), "step1": (3, 4)}
            chain = [{"digest": im.sha256(step.encode())} for step in steps]
            document = {
                "buildDefinition": {
                    "internalParameters": {"buildConfig": {
                        "llbDefinition": [{"id": "step0"}, {"id": "step1", "inputs": ["step0:0"]}],
                        "digestMapping": {im.sha256(step.encode()): step for step in steps}}},
                    "resolvedDependencies": [{"uri": uri, "digest": {"sha256": digest}} for uri, digest in materials]},
                "runDetails": {"metadata": {
                    "startedOn": started, "finishedOn": started[:17] + "59Z",
                    "buildkit_metadata": {
                        "source": {
                            "locations": {step: {"locations": [{"ranges": [
                                {"start": {"line": first}, "end": {"line": last}}]}]} for step, (first, last) in lines.items()},
                            "infos": [{"filename": "Dockerfile", "language": "Dockerfile",
                                       "data": base64.b64encode(dockerfile.encode()).decode()}]},
                        "layers": {f"step{n}:0": [chain[:n + 1]] for n in range(2)}}}}}
            path = self.place(name)
            path.write_text(json.dumps(document))
            return path

        a, b = self.pair()
        url = "https://example.org/x.tgz"
        of_a = provenance("a.json", "2026-11-24T10:00:00Z", [(url, "1" * 64)])
        of_b = provenance("b.json", "2026-11-24T10:01:00Z", [(url, "2" * 64)])
        document = self.document(a, b, "--provenance", of_a, of_b)
        self.assertEqual(document["differences"][0]["step"],
                         {"file": "Dockerfile", "first_line": 3, "last_line": 4, "text": "RUN apt-get install x"})
        self.assertTrue(document["differences"][0]["proven"], document["differences"][0])
        self.assertIn(url, document["inputs"][0]["what"])
        self.assertEqual(document["inputs"][0]["class"], "VERS")
        for form in ("text", "markdown", "html"):
            self.assertIn("Dockerfile:3", self.diff(a, b, "--provenance", of_a, of_b, "--format", form).out)
        broken = self.place("broken.json")
        broken.write_text("{}")
        self.assert_says(self.diff(a, b, "--provenance", of_a, broken, code=2), str(broken))


if __name__ == "__main__":
    harness.main()
