"""A base image whose tag moves while a run goes on: all builds have the first, and the move is told."""

import gzip
import hashlib
import io
import json
import pathlib
import tarfile

import harness
import registry
from harness import scenario, wait_for

KIND = "application/vnd.oci.image.{}"


def put_image(served, tag, text):
    """An image with a busybox and `text` in a file; its digest."""

    def keep(content):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        served.blobs[digest] = content
        return digest

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in (("bin/busybox", pathlib.Path(harness.static_busybox()).read_bytes()), ("text", text.encode())):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    plain = stream.getvalue()
    packed = gzip.compress(plain, 1, mtime=0)
    config = json.dumps({
        "architecture": "arm64" if pathlib.Path("/lib/ld-linux-aarch64.so.1").exists() else "amd64", "os": "linux",
        "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(plain).hexdigest()]}}).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": KIND.format("manifest.v1+json"),
        "config": {"mediaType": KIND.format("config.v1+json"), "digest": keep(config), "size": len(config)},
        "layers": [{"mediaType": KIND.format("layer.v1.tar+gzip"), "digest": keep(packed), "size": len(packed)}]}).encode()
    digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
    for reference in (tag, digest):
        served.manifests["base", reference] = (manifest, KIND.format("manifest.v1+json"), digest)
    return digest


class Base(harness.LabTest):
    """Scenarios on an image whose tag can be moved."""

    def setUp(self):
        super().setUp()
        self.served = registry.Registry()
        self.addCleanup(self.served.close)
        self.first = put_image(self.served, "v1", "first")
        self.reference = f"{self.served.address}/base:v1"
        self.lab.describe(
            scenario("app.cold", "cold", runs=2, gates={"digest_stable": True}),
            scenario("app.ephemeral", "ephemeral", cache_mode="local", gates={"min_hit_ratio": 1}),
            scenario("app.warm", "warm", gates={"min_hit_ratio": 1}),
            dockerfile=f"FROM {self.reference}\nRUN [\"/bin/busybox\", \"grep\", \"first\", \"/text\"]\n")


class MovedBase(Base):
    def pulled(self):
        return any(path.startswith("/v2/base/blobs/") for _, path in list(self.served.requests))

    def test_is_pinned_and_told(self):
        process = self.lab.start("run", "--all")
        wait_for(self.pulled, what="the first build's pull")
        second = put_image(self.served, "v1", "second")
        finished = harness.finish(process)
        # The step fails in every build that has the second image.
        self.assert_exit(finished, 0)
        records = self.lab.records()
        self.assertEqual(len(records), 3)
        for record in records:
            self.assertEqual(record["moved_bases"], [
                {"reference": self.reference, "digest": self.first, "digest_now": second}], record["name"])
            self.assertEqual([base["digest"] for base in record["circumstances"]["bases"]], [self.first])
            self.assertTrue(all(build["valid"] for build in record["builds"]), record["builds"])
        self.assert_says(finished, f"the tag {self.reference} moved since it was resolved: all builds of the run had {self.first}")
        markdown = self.lab.run("report", "--format", "markdown")
        self.assertIn("moved since it was resolved", markdown.out)
        self.assert_schema(self.lab.run("report", "--format", "json").out, "report")

    def test_that_stays_is_not_told(self):
        self.assert_exit(self.lab.run("run", "--scenario", "app.cold"), 0)
        [record] = self.lab.records()
        self.assertEqual(record["moved_bases"], [])
        self.assertEqual(record["notes"], [])

    def test_that_cannot_be_asked_again_is_a_note(self):
        process = self.lab.start("run", "--scenario", "app.cold")
        wait_for(self.pulled, what="the first build's pull")
        del self.served.manifests["base", "v1"]
        self.assert_exit(harness.finish(process), 0)
        [record] = self.lab.records()
        self.assertEqual(record["moved_bases"], [])
        self.assertIn("could not be asked", "\n".join(record["notes"]))


class OneRunOfSeveralProcesses(Base):
    """As CTest makes it: a process sets up the run, each scenario has one of its own, the last one ends it."""

    def run_of(self, *names, moves=False):
        """One run of these scenarios: their exit codes. The tag moves after the first one."""
        self.assert_exit(self.lab.drive("--setup"), 0)
        codes = []
        for name in names:
            codes.append(self.lab.drive("--name", name).code)
            if moves and len(codes) == 1:
                self.move()
        self.assert_exit(self.lab.drive("--finish"), 0)
        return codes

    def newest(self, name):
        return [record for record in self.lab.records() if record["name"] == name][-1]

    def move(self):
        self.second = put_image(self.served, "v1", "second")

    def describe_any_image(self):
        """Scenarios whose builds succeed whatever image they have."""
        self.lab.describe(scenario("app.cold", "cold"), scenario("app.warm", "warm"),
                          scenario("app.edit", "edit", input_mutation=[{"append": "input.txt", "text": "more\n"}]),
                          dockerfile=f"FROM {self.reference}\nRUN [\"/bin/busybox\", \"sha256sum\", \"/text\"]\n"
                                     "COPY input.txt /\n")

    def bases(self, *names):
        return [[base["digest"] for base in self.newest(name)["circumstances"]["bases"]] for name in names]

    def test_has_one_set_of_images(self):
        # A build that has the second image fails.
        self.assertEqual(self.run_of("app.cold", "app.ephemeral", "app.warm", moves=True), [0, 0, 0])
        self.assertEqual(self.bases("app.cold", "app.ephemeral", "app.warm"), [[self.first]] * 3)
        self.assertEqual(self.newest("app.cold")["moved_bases"], [], "it had ended by then")
        moved = [{"reference": self.reference, "digest": self.first, "digest_now": self.second}]
        self.assertEqual(self.newest("app.ephemeral")["moved_bases"], moved)
        self.assertEqual(self.newest("app.warm")["moved_bases"], moved)
        # Another run asks anew.
        self.assertEqual(self.run_of("app.cold"), [3])
        self.assertEqual(self.bases("app.cold"), [[self.second]])
        self.assertEqual(len(list(self.lab.store.glob("runs/*/bases.json"))), 2)
        self.assert_exit(self.lab.run("clean", "--older-than", "0"), 0)
        self.assertEqual(list(self.lab.store.glob("runs/*")), [])

    def test_primes_a_builder_anew_that_has_others(self):
        self.describe_any_image()
        self.assertEqual(self.run_of("app.warm", "app.edit"), [0, 0])
        self.assertEqual(self.newest("app.edit")["priming"], [])
        self.move()
        self.assertEqual(self.run_of("app.cold", "app.warm", "app.edit"), [0, 0, 0])
        self.assertEqual(self.bases("app.cold", "app.warm", "app.edit"), [[self.second]] * 3)
        self.assertIn("moved from", "\n".join(self.newest("app.warm")["priming_notes"]))
        self.assertEqual(self.newest("app.edit")["priming"], [])

    def test_of_a_primed_builder_has_its_images_where_it_comes_first(self):
        self.describe_any_image()
        self.assertEqual(self.run_of("app.warm"), [0])
        self.move()
        # Asked moments ago: no registry is asked for the builder, and what it has holds for all.
        self.assertEqual(self.run_of("app.warm", "app.cold"), [0, 0])
        self.assertEqual(self.bases("app.warm", "app.cold"), [[self.first]] * 2)
        self.assertEqual(self.newest("app.warm")["priming"], [])
        self.assertEqual(self.newest("app.cold")["moved_bases"], [
            {"reference": self.reference, "digest": self.first, "digest_now": self.second}])

    def test_asks_for_the_images_of_a_builder_that_was_primed_long_ago(self):
        self.describe_any_image()
        self.assertEqual(self.run_of("app.warm"), [0])
        [primed] = self.lab.store.glob("builders/*/primed.json")
        state = json.loads(primed.read_text())
        primed.write_text(json.dumps({**state, "bases_asked": "2020-01-01T00:00:00Z"}))
        self.move()
        self.assertEqual(self.run_of("app.warm", "app.cold"), [0, 0])
        self.assertEqual(self.bases("app.warm", "app.cold"), [[self.second]] * 2)
        self.assertIn("moved from", "\n".join(self.newest("app.warm")["priming_notes"]))
        # Where nobody answers the builder is as it was, which is said.
        primed.write_text(json.dumps({**json.loads(primed.read_text()), "bases_asked": "2020-01-01T00:00:00Z"}))
        del self.served.manifests["base", "v1"]
        self.assertEqual(self.run_of("app.warm"), [0])
        self.assertEqual(self.bases("app.warm"), [[self.second]])
        self.assertIn("could not be asked", "\n".join(self.newest("app.warm")["notes"]))

    def test_has_the_one_that_was_made_locally(self):
        no_hub = {"BUILDLAB_HUB_PROBE": "127.0.0.1:1"}
        names = ("app.cold", "app.again", "app.third")
        self.lab.describe(*(scenario(name, "cold") for name in names), local_base=True,
                          dockerfile="FROM debian:bookworm-slim\nRUN true\n")
        self.assert_exit(self.lab.drive("--setup"), 0)
        for name in names[:2]:
            self.assert_exit(self.lab.drive("--name", name, environment=no_hub, timeout=400), 0)
        one, other = (self.newest(name)["circumstances"]["bases"] for name in names[:2])
        self.assertEqual(one, other)
        self.assertTrue(other[0]["made_locally"])
        # One that is another by now is not built on.
        [file] = self.lab.store.glob("runs/*/bases.json")
        file.write_text(file.read_text().replace(one[0]["digest"], "sha256:" + 64 * "0"))
        done = self.lab.drive("--name", names[2], environment=no_hub)
        self.assert_exit(done, 99)
        self.assertIn("was made locally again since", done.out + done.err)
        self.assert_exit(self.lab.drive("--finish"), 0)

    def test_with_a_torn_file_of_its_images_builds_nothing(self):
        self.assert_exit(self.lab.drive("--setup"), 0)
        self.assertEqual(self.lab.drive("--name", "app.cold").code, 0)
        [file] = self.lab.store.glob("runs/*/bases.json")
        file.write_text(file.read_text()[:40])
        done = self.lab.drive("--name", "app.ephemeral")
        self.assert_exit(done, 99)
        self.assertIn("bases.json", done.out + done.err)
        self.assertEqual(self.newest("app.ephemeral")["builds"], [])
        self.assert_exit(self.lab.drive("--finish"), 0)


if __name__ == "__main__":
    harness.main()
