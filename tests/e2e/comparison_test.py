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
