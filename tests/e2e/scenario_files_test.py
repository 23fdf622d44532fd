"""Wrong command lines and wrong scenario files: exit 2, everything said at once, nothing run."""

import json

import harness
from harness import scenario


class CommandLine(harness.LabTest):
    def test_no_command_shows_help(self):
        finished = self.lab.run(store=False)
        self.assert_exit(finished, 0)
        self.assertIn("run", finished.out)

    def test_every_command_has_help(self):
        for command in ("run", "list", "report", "compare", "doctor", "init", "clean"):
            with self.subTest(command=command):
                finished = self.lab.run(command, "--help", store=False)
                self.assert_exit(finished, 0)
                self.assertIn(command, finished.out)
                self.assertEqual(finished.err, "")

    def test_version_is_one_line(self):
        finished = self.lab.run("--version", store=False)
        self.assert_exit(finished, 0)
        self.assertRegex(finished.out, r"^build-lab v?\d+\.\d+\.\d+[^\n]*\n$")

    def test_unknown_command_names_the_near_one(self):
        finished = self.lab.run("reprot", store=False)
        self.assert_exit(finished, 2)
        self.assert_says(finished, "reprot", "report")
        self.assert_quiet_stdout(finished)

    def test_unknown_option(self):
        finished = self.lab.run("run", "--al", store=False)
        self.assert_exit(finished, 2)
        self.assert_says(finished, "--al")

    def test_run_without_a_choice(self):
        self.lab.describe(scenario("app.cold", "cold"))
        finished = self.lab.run("run")
        self.assert_exit(finished, 2)
        self.assert_says(finished, "--all", "--scenario")


class ScenarioFile(harness.LabTest):
    def run_text(self, text):
        self.lab.describe(scenario("app.cold", "cold"))
        self.lab.write("buildlab.json", text)
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 2)
        self.assert_quiet_stdout(finished)
        self.assertEqual(self.lab.records(), [])
        return finished

    def run_file(self, **changes):
        file = {
            "schema_version": 1,
            "subjects": {"app": self.lab.subject()},
            "scenarios": [scenario("app.cold", "cold")],
        }
        file.update(changes)
        return self.run_text(json.dumps(file, indent=1))

    def test_no_file(self):
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 2)
        self.assert_says(finished, "buildlab.json", "build-lab init")
        self.assert_quiet_stdout(finished)

    def test_named_file_is_missing(self):
        finished = self.lab.run("run", "--all", "--file", "elsewhere/buildlab.json")
        self.assert_exit(finished, 2)
        self.assert_says(finished, "elsewhere/buildlab.json")

    def test_invalid_json_names_file_and_line(self):
        finished = self.run_text('{"schema_version": 1,\n "subjects": {\n')
        self.assert_says(finished, "buildlab.json:")

    def test_empty_file(self):
        self.assert_says(self.run_text(""), "buildlab.json")

    def test_binary_file(self):
        self.lab.describe(scenario("app.cold", "cold"))
        (self.lab.project / "buildlab.json").write_bytes(bytes(range(256)) * 8)
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 2)
        self.assert_says(finished, "buildlab.json")

    def test_a_file_nested_beyond_reason(self):
        self.assert_says(self.run_text("[" * 200_000), "buildlab.json")

    def test_unknown_key_names_the_nearest_and_its_line(self):
        wrong = {**scenario("app.cold", "cold"), "cachemode": "none"}
        finished = self.run_file(scenarios=[wrong])
        self.assert_says(finished, "cachemode", 'did you mean "cache_mode"')
        self.assertRegex(finished.err, r"buildlab\.json:\d+: ")

    def test_wrong_types(self):
        finished = self.run_file(scenarios=[{**scenario("app.cold", "cold"), "runs": "three"}])
        self.assert_says(finished, "runs")
        self.assertRegex(finished.err, r"buildlab\.json:\d+: ")

    def test_unknown_kind_names_the_nearest(self):
        self.assert_says(self.run_file(scenarios=[scenario("app.cold", "could")]), "could", '"cold"')

    def test_unknown_subject(self):
        wrong = {**scenario("app.cold", "cold"), "subject": "ap"}
        self.assert_says(self.run_file(scenarios=[wrong]), '"ap"', "app")

    def test_all_problems_at_once(self):
        wrong = [
            {**scenario("app.cold", "cold"), "cachemode": "none"},
            {**scenario("app.warm", "warm"), "runs": -1},
            scenario("app.edit", "edit"),  # no input_mutation
        ]
        finished = self.run_file(scenarios=wrong)
        self.assert_says(finished, "cachemode", "runs", "input_mutation", "nothing was run")
        self.assertGreaterEqual(finished.err.count("buildlab.json:"), 3, str(finished))

    def test_a_newer_schema_version(self):
        self.assert_says(self.run_file(schema_version=99), "schema_version", "99")

    def test_ratio_to_a_scenario_that_does_not_exist(self):
        gates = {"max_duration_ratio": {"limit": 0.5, "of": "app.clod"}}
        self.assert_says(self.run_file(scenarios=[scenario("app.cold", "cold"), scenario("app.warm", "warm", gates=gates)]),
                         "app.clod", "app.cold")

    def test_unknown_scenario_lists_the_known_ones(self):
        self.lab.describe(scenario("app.cold", "cold"))
        finished = self.lab.run("run", "--scenario", "app.clod")
        self.assert_exit(finished, 2)
        self.assert_says(finished, "app.clod", "app.cold")


class Files(harness.LabTest):
    def refused(self, *texts):
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 2)
        self.assert_says(finished, *texts)
        self.assert_quiet_stdout(finished)

    def test_missing_dockerfile(self):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile=harness.DOCKERFILE)
        (self.lab.project / "Dockerfile").rename(self.lab.project / "Dockerfile.app")
        self.refused("Dockerfile", "buildlab.json:")

    def test_missing_context(self):
        self.lab.describe(scenario("app.cold", "cold"), context="nowhere")
        self.refused("nowhere", "buildlab.json:")

    def test_missing_target(self):
        self.lab.describe(scenario("app.cold", "cold"), target="runtme")
        self.refused("runtme", "runtime")

    def test_mutated_file_is_missing(self):
        self.lab.describe(scenario("app.edit", "edit", input_mutation=[{"append": "input.text"}]))
        self.refused("input.text")

    def test_a_path_that_leaves_the_context(self):
        self.lab.describe(scenario("app.edit", "edit", input_mutation=[{"append": "../outside.txt"}]))
        (self.lab.base / "outside.txt").write_text("mine\n")
        self.refused("../outside.txt")
        self.assertEqual((self.lab.base / "outside.txt").read_text(), "mine\n")

    def test_a_step_selector_that_matches_nothing(self):
        self.lab.describe(scenario("app.warm", "warm", gates={"expect_cached": ["RUN gcc"]}))
        self.refused("RUN gcc")

    def test_a_dockerfile_that_does_not_parse(self):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile="FROM scratch\nCOPPY a b\n")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 2)
        self.assert_says(finished, "COPPY", "Dockerfile:2")


if __name__ == "__main__":
    harness.main()
