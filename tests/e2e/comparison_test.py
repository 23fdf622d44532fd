"""build-lab baseline, and build-lab compare with one: real builds against a file that a team would commit."""

import json

import jsonschema

import harness
from harness import DOCKERFILE, scenario

SLEEP = "RUN /bin/busybox sleep {}\n"


class Baseline(harness.LabTest):
    def make(self):
        self.lab.describe(scenario("app.first", "cold", runs=2), scenario("app.again", "warm", runs=5),
                          dockerfile=DOCKERFILE + SLEEP.format(0.2))
        self.file = self.lab.project / "baseline.json"

    def compare(self, *arguments):
        return self.lab.run("compare", "--baseline", self.file, *arguments)

    def rows(self, finished):
        return {row["after"]["name"]: row for row in json.loads(finished.out)["rows"]}

    def test_made_compared_and_updated(self):
        self.make()
        nothing = self.lab.run("baseline", self.file)
        self.assert_exit(nothing, 4)
        self.assertFalse(self.file.exists())
        self.assert_exit(self.compare(), 2)
        self.assert_exit(self.lab.run("run", "--all"), 0)
        self.assert_exit(self.lab.run("baseline", self.file), 0)

        schema = json.loads((harness.ROOT / "docs/schema/baseline.schema.json").read_text())
        jsonschema.Draft7Validator(schema).validate(json.loads(self.file.read_text()))
        written = {row["name"]: row for row in json.loads(self.file.read_text())["scenarios"]}
        self.assertEqual(sorted(written), ["app.again", "app.first"])
        records = {record["name"]: record for record in self.lab.records()}
        self.assertEqual(written["app.again"]["durations_sec"],
                         [build["duration_sec"] for build in records["app.again"]["builds"]])
        self.assertEqual(written["app.again"]["cache_hit_ratio"], 1.0)

        same = self.compare("--json", "--fail-on", "slower,hits")
        self.assert_exit(same, 0)
        self.assertEqual({row["change"] for row in self.rows(same).values()}, {"no difference seen"})

        # Three seconds more are beyond any noise, even for two builds.
        self.lab.write("Dockerfile", DOCKERFILE + SLEEP.format(3))
        self.assert_exit(self.lab.run("run", "--scenario", "app.first"), 0)
        slower = self.compare("--json", "--fail-on", "slower")
        self.assert_exit(slower, 1)
        row = self.rows(slower)["app.first"]
        self.assertEqual(row["change"], "slower")
        self.assertTrue(any("Dockerfile" in each for each in row["circumstances"]), row["circumstances"])

        self.assert_exit(self.lab.run("baseline", self.file), 0)
        self.assert_exit(self.compare("--fail-on", "slower"), 0)

    def records_with(self, change):
        """The store's records of app.first, changed by hand."""
        for path in self.lab.store.glob("runs/*/app.first/record.json"):
            record = json.loads(path.read_text())
            change(record)
            path.write_text(json.dumps(record))

    def test_noisy_builds_are_no_norm(self):
        self.make()
        self.assert_exit(self.lab.run("run", "--scenario", "app.first"), 0)
        self.assert_exit(self.lab.run("baseline", self.file), 0)
        calm = self.file.read_text()

        def met_trouble(record):
            for build in record["builds"]:
                build["noisy_network"] = "3 of the 41 requests failed"

        self.records_with(met_trouble)
        refused = self.lab.run("baseline", self.file)
        self.assert_exit(refused, 4)
        self.assert_says(refused, "app.first: noisy network", "3 of the 41 requests failed")
        self.assertEqual(self.file.read_text(), calm, "the row stays")
        self.assert_says(self.compare("--fail-on", "slower"), "app.first: noisy network")
        [run] = [path.name for path in self.lab.store.glob("runs/*")]
        for arguments, code in ((["--fail-on", "slower"], 4), ([], 4), (["--fail-on", "digest"], 0)):
            done = self.lab.run("compare", run, run, *arguments)
            self.assert_exit(done, code)
            self.assertIn("noisy network", done.out)

    def test_one_build_a_side_is_not_decided_where_it_took_longer(self):
        self.lab.describe(scenario("app.first", "cold"), dockerfile=DOCKERFILE + SLEEP.format(0.5))
        self.file = self.lab.project / "baseline.json"
        self.assert_exit(self.lab.run("run", "--all"), 0)
        self.assert_exit(self.lab.run("baseline", self.file), 0)
        norm = json.loads(self.file.read_text())
        for factor, code in ((0.7, 4), (1.5, 0), (0.4, 1)):
            file = json.loads(json.dumps(norm))
            row = file["scenarios"][0]
            row["durations_sec"] = [seconds * factor for seconds in row["durations_sec"]]
            row["median_sec"] *= factor
            self.file.write_text(json.dumps(file))
            done = self.compare("--fail-on", "slower")
            self.assert_exit(done, code)
            self.assertEqual("too few to tell" in done.err, code == 4, done.err)
            self.assert_exit(self.compare(), 0)

    def test_refused_for_another_declaration(self):
        fields = {"cache_mode": "local", "cache_export_mode": "max"}
        self.lab.describe(scenario("app.first", "ephemeral", **fields))
        self.file = self.lab.project / "baseline.json"
        self.assert_exit(self.lab.run("run", "--all"), 0)
        self.assert_exit(self.lab.run("baseline", self.file), 0)
        self.assert_exit(self.compare(), 0)
        self.lab.describe(scenario("app.first", "ephemeral", cache_mode="local", cache_export_mode="min",
                                   cache_attributes={"compression": "uncompressed"}))
        self.assert_exit(self.lab.run("run", "--all"), 0)
        other = self.compare()
        self.assert_exit(other, 4)
        self.assert_says(other, "cache_export_mode max → min", "cache_attributes.compression none → uncompressed")
        # What an earlier Build Lab wrote says nothing of it.
        file = json.loads(self.file.read_text())
        file["schema_version"] = 1
        del file["scenarios"][0]["declaration"]
        self.file.write_text(json.dumps(file))
        old = self.compare()
        self.assert_exit(old, 4)
        self.assert_says(old, "version 1", "build-lab baseline")
        self.assert_exit(self.lab.run("baseline", self.file), 0)
        self.assertEqual(json.loads(self.file.read_text())["schema_version"], 2)
        self.assert_exit(self.compare(), 0)

    def test_refused(self):
        self.make()
        self.assert_exit(self.lab.run("run", "--scenario", "app.first"), 0)
        self.assert_exit(self.lab.run("baseline", self.file), 0)
        text = self.file.read_text()
        file = json.loads(text)
        file["scenarios"][0]["circumstances"]["cores"] += 62
        self.file.write_text(json.dumps(file, indent=2))
        other = self.compare()
        self.assert_exit(other, 4)
        cores = file["scenarios"][0]["circumstances"]["cores"]
        self.assertIn(f"app.first: cores {cores} → {cores - 62}", other.err)

        self.file.write_text(text[: len(text) // 2])
        for command in (self.compare, lambda: self.lab.run("baseline", self.file)):
            cut = command()
            self.assert_exit(cut, 2)
            self.assertRegex(cut.err, r"baseline\.json:\d+:")
        self.assertEqual(self.file.read_text(), text[: len(text) // 2], "a file that is not understood is kept")


if __name__ == "__main__":
    harness.main()
