"""External caches of every kind that can run here: a fresh builder takes from each what another one left there, and its
image is that of a build without a cache. One table compares them.
"""

import json
import pathlib
import tempfile

import harness
import services
from harness import scenario
from registry import Registry

# A layer of some size below small ones; the same in each build. All steps are in the last stage's chain, which is what
# an inline cache holds.
DOCKERFILE = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]

FROM tools
WORKDIR /work
COPY input.txt .
RUN for i in 1 2 3 4; do /bin/busybox cat /bin/busybox; done | /bin/busybox sha512sum > sum.txt
RUN /bin/busybox cp /bin/busybox copy
"""
STEPS = 5


def layers_of(build):
    return [layer["digest"] for layer in build["image"]["layers"]]


class Backends(harness.LabTest):
    def record(self, name, code=0, **options):
        finished = self.lab.run("run", "--scenario", name, timeout=300, **options)
        self.assert_exit(finished, code)
        return finished, [record for record in self.lab.records() if record["name"] == name][-1]

    def check_runner(self, name, exported="cache_export_sec", **options):
        """Every step was a hit, and the image has the layers of the uncached one, bit for bit."""
        finished, record = self.record(name, **options)
        (build,) = record["builds"]
        self.assertTrue(build["valid"], build["invalid_reason"])
        self.assertEqual((build["step_counts"]["hit"], build["step_counts"]["ran"]), (STEPS, 0), str(finished))
        self.assertEqual(build["digest"], record["priming"][0]["digest"])
        self.assertGreater(build["parts"]["cache_import_sec"] + build["parts"]["hydration_sec"], 0)
        self.assertGreater(build["parts"][exported], 0)
        self.assertGreater(build["builder_start_sec"], 0)
        _, plain = self.record("app.none")
        self.assertEqual(layers_of(build), layers_of(plain["builds"][0]))
        return record, plain

    def describe(self, mode, attributes, **fields):
        self.lab.describe(scenario("app.none", "ephemeral", cache_mode="none"),
                          scenario("app.runner", "ephemeral", cache_mode=mode, cache_attributes=attributes, **fields),
                          dockerfile=DOCKERFILE)

    def assert_kept_secret(self, finished, *secrets):
        for secret in secrets:
            self.assertNotIn(secret, finished.out + finished.err)
            for path in self.lab.store.rglob("*"):
                if path.is_file():
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)


class Registries(Backends):
    def test_zstd_reaches_the_registry(self):
        registry = Registry()
        self.addCleanup(registry.close)
        self.describe("registry", {"compression": "zstd", "image-manifest": False},
                      cache_ref=f"{registry.address}/cache:app")
        record, plain = self.check_runner("app.runner")
        self.assertEqual(record["builds"][0]["digest"], plain["builds"][0]["digest"])
        self.assertEqual(record["cache_attributes"]["compression"], "zstd")
        data, kind, _ = registry.manifests["cache", "app"]
        self.assertEqual(kind, "application/vnd.oci.image.index.v1+json")  # image-manifest=false
        layers = [each["mediaType"] for each in json.loads(data)["manifests"] if "layer" in each["mediaType"]]
        self.assertTrue(layers)
        self.assertEqual(set(layers), {"application/vnd.oci.image.layer.v1.tar+zstd"})

    def test_inline_lies_in_the_pushed_image(self):
        self.describe("inline", {})
        record, _ = self.check_runner("app.runner", exported="export_sec")  # with the image
        transfer = record["builds"][0]["transfer"]
        self.assertGreater(transfer["bytes_down"], 0)
        self.assertGreater(record["priming"][0]["transfer"]["bytes_up"], transfer["bytes_down"] // 2)
        self.assertEqual(record["cache_mode"], "inline")

    def test_an_inline_image_that_cannot_be_pushed_is_exit_99(self):
        self.describe("inline", {}, cache_ref=f"localhost:{services.free_port()}/app:main")
        finished, _ = self.record("app.runner", code=99)
        self.assert_says(finished, "could not be pushed", "connection refused")


class Services(Backends):
    def test_github_is_said_to_be_absent_outside_its_runners(self):
        self.describe("gha", {"scope": "app"})
        finished, record = self.record("app.runner", code=99)
        self.assert_says(finished, "exists only inside GitHub's runners", "ACTIONS_RUNTIME_TOKEN")
        self.assertEqual(record["builds"], [])

    def test_a_service_that_does_not_answer_is_exit_99(self):
        self.describe("s3", {"bucket": "ci", "region": "us-east-1", "use_path_style": True, "retry_max_attempts": 1,
                             "endpoint_url": f"http://127.0.0.1:{services.free_port()}",
                             "access_key_id_env": "S3_ID", "secret_access_key_env": "S3_KEY"})
        keys = {"S3_ID": "id-of-nobody", "S3_KEY": "key-of-nobody"}
        finished, _ = self.record("app.runner", code=99, environment=keys)
        self.assert_says(finished, "cache export", "credentials are right")
        self.assert_kept_secret(finished, "key-of-nobody")

    def test_a_credential_that_is_not_set_is_named(self):
        self.describe("azblob", {"account_url": "http://127.0.0.1:9/x", "secret_access_key_env": "BLOB_KEY_NOT_SET"})
        finished, _ = self.record("app.runner", code=2)
        self.assert_says(finished, "BLOB_KEY_NOT_SET", "is not set")


class ObjectStores(Backends):
    def test_s3(self):
        store = services.S3("ci-cache")
        self.addCleanup(store.close)
        self.describe("s3", {"bucket": "ci-cache", "region": "us-east-1", "name": "app", "use_path_style": True,
                             "endpoint_url": store.address, "access_key_id_env": "S3_ID",
                             "secret_access_key_env": "S3_KEY"})
        keys = {"S3_ID": "some-access-id", "S3_KEY": "some-secret-key-4711"}
        record, plain = self.check_runner("app.runner", environment=keys)
        self.assertEqual(record["builds"][0]["digest"], plain["builds"][0]["digest"])
        self.assertEqual(record["cache_attributes"]["secret_access_key_env"], "S3_KEY")
        self.assertGreaterEqual(store.objects("ci-cache"), STEPS)
        finished = self.lab.run("report", "--format", "json")
        self.assert_kept_secret(finished, "some-secret-key-4711")

    def test_azure_blobs(self):
        folder = tempfile.TemporaryDirectory(prefix="bl-azurite-")
        self.addCleanup(folder.cleanup)
        store = services.AzureBlobs(pathlib.Path(folder.name))
        self.addCleanup(store.close)
        self.describe("azblob", {"account_url": store.address, "account_name": services.ACCOUNT, "name": "app",
                                 "container": "ci-cache", "secret_access_key_env": "BLOB_KEY"})
        record, plain = self.check_runner("app.runner", environment={"BLOB_KEY": services.KEY})
        self.assertEqual(record["builds"][0]["digest"], plain["builds"][0]["digest"])
        self.assert_kept_secret(self.lab.run("report", "--format", "json"), services.KEY)


class Matrix(Backends):
    def test_compares_every_runner_in_turn(self):
        slow = {"name": "far", "cache_mode": "registry",
                "faults": [{"at": at, "fault": "latency", "latency_ms": 1000} for at in ("import", "pull", "export")]}
        self.lab.describe(
            scenario("app.caches", "matrix", runs=2, input_mutation=[{"append": "input.txt", "text": "{token}\n"}],
                     backends=["none", "builder", "registry", slow, "builder+registry"]),
            dockerfile=DOCKERFILE)
        finished, record = self.record("app.caches")
        names = ["none", "builder", "registry", "far", "builder+registry"]
        # The first measured round begins with the first, the second with the last.
        self.assertEqual([build["builder"] for build in record["builds"]], names + names[::-1])
        self.assert_schema(json.dumps(record), "record")
        self.assertEqual([build["iteration"] for build in record["builds"]], [1] * 5 + [2] * 5)
        self.assertTrue(all(build["valid"] for build in record["builds"]), record["builds"])
        by_backend = {name: [build for build in record["builds"] if build["builder"] == name] for name in names}
        for build in by_backend["none"]:
            self.assertEqual(build["step_counts"]["hit"], 0)
        for name in names[1:]:
            for build in by_backend[name]:  # the edit re-runs the COPY and what stands on it, and nothing else
                self.assertEqual((build["step_counts"]["hit"], build["step_counts"]["ran"]), (2, 3), name)
        for round_number in (1, 2):
            images = {build["digest"] for build in record["builds"] if build["iteration"] == round_number}
            self.assertEqual(len(images), 1, "a cache gave another image")
        self.assertTrue(all(build["transfer"]["faults"] > 0 for build in by_backend["far"]))
        self.assertTrue(all(build["transfer"]["faults"] == 0 for build in by_backend["registry"]))
        self.check_reports(names)

    def test_goes_on_where_one_backend_fails(self):
        bad = {"name": "bad", "cache_mode": "registry", "faults": [{"at": "pull", "fault": "gone"}]}
        shaken = {"name": "shaken", "cache_mode": "registry",
                  "faults": [{"at": "export", "fault": "unauthorized", "build": 2}]}
        self.lab.describe(scenario("app.caches", "matrix", runs=3, backends=["none", bad, shaken]),
                          dockerfile=DOCKERFILE)
        finished, record = self.record("app.caches", code=99)  # a refused export weighs more than a failed build
        builds = {name: [build for build in record["builds"] if build["builder"] == name]
                  for name in ("none", "bad", "shaken")}
        self.assertEqual([build["valid"] for build in builds["none"]], [True] * 3, finished)
        self.assertEqual([build["valid"] for build in builds["bad"]], [False] * 2, "two in a row are enough")
        self.assertEqual([build["valid"] for build in builds["shaken"]], [True, False, True])
        self.assert_says(finished, "backend shaken", "cache export was refused", "bad: 2 builds failed",
                         "shaken: a build failed", "backend bad has no builds after round 2")
        (one,) = json.loads(self.lab.run("report", "--format", "json").out)["scenarios"]
        rows = {row["name"]: row for row in one["backends"]}
        self.assertEqual([rows[name]["failed"] for name in ("none", "bad", "shaken")], [0, 2, 1])
        self.assertIsNone(rows["none"]["failure"])
        self.assertTrue(rows["bad"]["failure"])
        self.assertIsNone(rows["bad"]["duration_sec"])
        self.assertGreater(rows["shaken"]["duration_sec"]["median"], 0)

    def test_a_kept_builder_that_lost_its_cache_gives_no_samples(self):
        lose = {"run": ["sh", "-c", f"rm -rf '{self.lab.store}'/tmp/app.caches-*/2/root"]}
        self.lab.describe(scenario("app.caches", "matrix", runs=1, backends=["none", "builder"],
                                   input_mutation=[{"append": "input.txt", "text": "{token}\n"}, lose]),
                          dockerfile=DOCKERFILE)
        finished, record = self.record("app.caches", code=4)
        plain, kept = record["builds"]
        self.assertTrue(plain["valid"])
        self.assertFalse(kept["valid"], finished)
        self.assertIn("lost", kept["invalid_reason"])
        self.assertEqual({step["miss_reason"] for step in kept["steps"] if step["text"].startswith("WORKDIR")},
                         {"result-gone"})

    def check_reports(self, names):
        report = self.lab.run("report", "--format", "json")
        self.assert_schema(report.out, "report")
        (one,) = json.loads(report.out)["scenarios"]
        rows = {row["name"]: row for row in one["backends"]}
        self.assertEqual(list(rows), names)
        self.assertEqual({row["valid"] for row in rows.values()}, {2})
        self.assertEqual({row["same_image"] for name, row in rows.items() if name != "none"}, {2})
        self.assertIsNone(rows["none"]["value_sec"])
        self.assertLess(rows["far"]["value_sec"]["median"], -1)
        self.assertGreater(rows["far"]["hydration_sec"] + rows["far"]["import_sec"], 1)
        (even,) = one["break_even"]
        self.assertEqual((even["backend"], even["of"], len(even["points"])), ("registry", "latency_ms", 2))
        text = self.lab.run("report", "--format", "text").out
        self.assertIn("this cache costs more than it saves: a fresh runner with cache_mode far", text)
        self.assertIn("cache_backends:", text)
        self.assertIn("### Cache backends of app.caches", self.lab.run("report", "--format", "markdown").out)


if __name__ == "__main__":
    harness.main()
