"""External caches that are refused: never a sample, and the exit code says which side failed."""

import socket

import harness
from harness import scenario
from registry import Registry


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RegistryCache(harness.LabTest):
    def describe(self, reference):
        self.lab.describe(scenario("app.ephemeral", "ephemeral", cache_mode="registry", cache_ref=reference,
                                   gates={"min_hit_ratio": 1.0}))

    def test_a_registry_that_answers(self):
        registry = Registry()
        self.addCleanup(registry.close)
        self.describe(f"{registry.address}/cache:app")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 0)
        self.assertTrue(any(method == "GET" for method, _ in registry.requests), "the cache was never read")
        build = self.lab.records()[-1]["builds"][0]
        self.assertTrue(build["valid"], build)

    def test_an_export_that_is_refused_is_exit_99(self):
        self.describe(f"localhost:{closed_port()}/cache:app")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 99)
        self.assert_says(finished, "cache:app", "connection refused")

    def test_a_registry_that_vanishes_refuses_import_and_export(self):
        registry = Registry(after_manifest=lambda it: it.vanish())
        self.addCleanup(registry.close)
        self.describe(f"{registry.address}/cache:app")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 99)  # a run exports as a runner would: of both faults the first in order is told
        self.assert_says(finished, "connection refused", "importing cache manifest", "cache export")
        self.assertEqual([build["valid"] for build in self.lab.records()[-1]["builds"]], [False])

    def test_an_import_that_is_refused_is_exit_4_and_no_sample(self):
        registry = Registry(after_manifest=lambda it: it.manifests.clear())
        self.addCleanup(registry.close)
        self.describe(f"{registry.address}/cache:app")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 4)
        self.assert_says(finished, "not found")
        record = self.lab.records()[-1]
        self.assertEqual(record["outcome"], "not evaluated")
        self.assertEqual([build["valid"] for build in record["builds"]], [False])
        self.assertIn("import", record["builds"][0]["invalid_reason"])
        self.assertNotIn("pass", [gate["verdict"] for gate in record["gates"]])

    def test_a_private_registry_is_made_where_none_is_named(self):
        self.lab.describe(scenario("app.ephemeral", "ephemeral", cache_mode="registry", gates={"min_hit_ratio": 1.0}))
        self.assert_exit(self.lab.run("run", "--all"), 0)

    def test_a_local_folder(self):
        self.lab.describe(scenario("app.ephemeral", "ephemeral", cache_mode="local", runs=2, gates={"min_hit_ratio": 1.0}))
        self.assert_exit(self.lab.run("run", "--all"), 0)

    def test_without_a_cache_nothing_is_cached(self):
        self.lab.describe(scenario("app.ephemeral", "ephemeral", cache_mode="none", gates={"min_hit_ratio": 0.5}))
        self.assert_exit(self.lab.run("run", "--all"), 1)


if __name__ == "__main__":
    harness.main()
