"""What the command prints and stores parses with other people's parsers and validates against the schemas."""

import json
import re
import xml.etree.ElementTree

import harness
import jsonschema
import yaml
from harness import DOCKERFILE, ROOT, scenario


def validate(instance, schema_name):
    schema = json.loads((ROOT / "docs" / "schema" / schema_name).read_text())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    kind(schema).validate(instance)


class Reports(harness.LabTest):
    def setUp(self):
        super().setUp()
        self.lab.describe(
            scenario("app.cold", "cold"),
            scenario("app.warm", "warm", gates={"min_hit_ratio": 1.0, "max_duration_sec": 0.001}),
            scenario("app.edit", "edit", input_mutation=[{"append": "input.txt", "text": "{token}"}]),
            dockerfile=DOCKERFILE + 'RUN echo "a: b # c \'d\' - <&> \x1b[31m"\n',
        )
        self.finished = self.lab.run("run", "--all", "--json")
        self.assert_exit(self.finished, 1)  # no build takes less than a millisecond

    def report(self, kind):
        finished = self.lab.run("report", "--format", kind)
        self.assert_exit(finished, 0)
        return finished.out

    def test_text_is_yaml(self):
        value = yaml.safe_load(self.report("text"))
        self.assertEqual(list(value)[:5], ["cold_duration", "warm_duration", "cache_hit_ratio", "digest_stability",
                                           "recommended_actions"])
        self.assertIn(value["digest_stability"], ("PASS", "FAIL", "NOT_EVALUATED"))
        self.assertTrue(all(isinstance(action, str) for action in value["recommended_actions"]))

    def test_json_holds_what_other_tools_are_written_against(self):
        value = json.loads(self.report("json"))
        validate(value, "report.schema.json")
        self.assertEqual([row["name"] for row in value["scenarios"]], ["app.cold", "app.warm", "app.edit"])
        for row in value["scenarios"]:
            for key in ("name", "kind", "cache_mode", "input_mutation", "gates", "priming", "builds"):
                self.assertIn(key, row)
            for build in row["builds"]:
                self.assertAlmostEqual(sum(build["parts"].values()), build["duration_sec"], delta=0.005)
                self.assertRegex(build["digest"], r"^sha256:[0-9a-f]{64}$")
                self.assertEqual([step["lines"][0] for step in build["steps"]], sorted(
                    step["lines"][0] for step in build["steps"]))
                for step in build["steps"]:
                    self.assertIn(step["outcome"], ("hit", "ran", "failed", "not-run", "not-in-graph"))
        cold, warm, edit = value["scenarios"]
        self.assertEqual({step["outcome"] for step in cold["builds"][0]["steps"]}, {"ran"})
        self.assertEqual({step["outcome"] for step in warm["builds"][0]["steps"]}, {"hit"})
        self.assertEqual({step["outcome"] for step in edit["builds"][0]["steps"]}, {"hit", "ran"})
        verdicts = {gate["name"]: gate["verdict"] for gate in warm["gates"]}
        self.assertEqual(verdicts["min_hit_ratio"], "pass")
        self.assertEqual(verdicts["max_duration_sec"], "fail")

    def test_junit_counts_what_it_holds(self):
        root = xml.etree.ElementTree.fromstring(self.report("junit"))
        self.assertEqual(root.tag, "testsuites")
        failures = root.findall(".//testcase/failure")
        self.assertEqual(len(failures), 1)
        self.assertIn("max_duration_sec", xml.etree.ElementTree.tostring(root).decode())
        for suite in root.findall("testsuite"):
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))

    def test_markdown_has_a_table_and_names_the_failed_gate(self):
        text = self.report("markdown")
        self.assertRegex(text, r"(?m)^\|.*\|$")
        self.assertIn("max_duration_sec", text)

    def test_the_same_records_give_the_same_bytes(self):
        kinds = ("text", "markdown", "json", "junit")
        before = [self.report(kind) for kind in kinds]
        self.lab.write("Dockerfile", "FROM debian:another\n")  # the records are of what was built, not of this
        self.assertEqual([self.report(kind) for kind in kinds], before)

    def test_events_validate_and_are_kept(self):
        events = self.lab.events(self.finished)
        for event in events:
            validate(event, "event.schema.json")
            for key in ("name", "duration_sec", "cache_hit_ratio", "digest"):
                self.assertIn(key, event)
        kept = next(self.lab.store.glob("runs/*/events.jsonl")).read_text()
        self.assertEqual([json.loads(line) for line in kept.splitlines()], events)

    def test_records_validate(self):
        for record in self.lab.records():
            validate(record, "record.schema.json")

    def test_the_scenario_file_validates(self):
        validate(json.loads((self.lab.project / "buildlab.json").read_text()), "scenario.schema.json")

    def test_every_example_validates(self):
        for path in [ROOT / "buildlab.json", *sorted(ROOT.glob("examples/*/buildlab.json"))]:
            with self.subTest(path=str(path)):
                validate(json.loads(path.read_text()), "scenario.schema.json")

    def test_github_gets_one_line_for_the_failed_gate(self):
        finished = self.lab.run("run", "--scenario", "app.warm", environment={"GITHUB_ACTIONS": "1"})
        self.assert_exit(finished, 1)
        lines = [line for line in (finished.out + finished.err).splitlines() if line.startswith("::error ")]
        self.assertEqual(len(lines), 1, str(finished))
        self.assertRegex(lines[0], r"^::error file=[^,]+,line=\d+[,:]")

    def test_progress_in_a_log_has_no_control_characters(self):
        finished = self.lab.run("run", "--scenario", "app.cold")
        self.assertIsNone(re.search(r"[\x00-\x08\x0b-\x1f\x7f]", finished.err), repr(finished.err))
        self.assertIsNone(re.search(r"[\x00-\x08\x0b-\x1f\x7f]", finished.out), repr(finished.out))

    def test_list_names_every_scenario_with_its_outcome(self):
        value = json.loads(self.lab.run("list", "--json").out)
        outcomes = {row["name"]: row["last_outcome"] for row in value["scenarios"]}
        self.assertEqual(outcomes, {"app.cold": "passed", "app.warm": "gate failed", "app.edit": "passed"})

    def test_clean_all_leaves_no_record_and_no_builder(self):
        self.assert_exit(self.lab.run("clean", "--all"), 0)
        self.assertEqual(list(self.lab.store.glob("runs/*")), [])
        self.assertEqual(list(self.lab.store.glob("builders/*")), [])
        self.assert_exit(self.lab.run("report"), 4)
        self.assertTrue((self.lab.project / "buildlab.json").exists())


if __name__ == "__main__":
    harness.main()
