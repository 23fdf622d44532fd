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


class MovedBase(harness.LabTest):
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
        self.assert_says(finished, f"the tag {self.reference} moved during the run: all builds had {self.first}")
        markdown = self.lab.run("report", "--format", "markdown")
        self.assertIn("moved during the run", markdown.out)
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


if __name__ == "__main__":
    harness.main()
