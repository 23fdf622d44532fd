"""ctest in a user's project with the installed package, on real BuildKit. Images FROM scratch: no network."""

import os
import re
import unittest
import xml.etree.ElementTree as ElementTree

from nested import PACKAGE, WORK, Project, run

# The build folder and its store lie inside the context, and COPY . . takes everything there.
GOLDEN = """buildlab_add_golden_path(app CONTEXT ${CMAKE_SOURCE_DIR} EDIT src/main.cpp
  EDIT_EXPECT_RAN "COPY . /all/" REPRODUCIBILITY_RUNS 2)
"""


def configured(name, body):
    project = Project(name).scratch_image().lists(body, head=PACKAGE)
    done = project.configure()
    assert done.code == 0, done
    return project


class GoldenPath(unittest.TestCase):
    def test_passes_and_leaves_its_results(self):
        project = configured("golden", GOLDEN)
        # Outside of the context: what a CI job writes into it would rightly be built anew.
        summary = WORK / "step-summary.md"
        summary.unlink(missing_ok=True)
        # A user's own GoogleTest settings are not for the driver.
        done = project.ctest("-L", "reproducibility", "--output-on-failure", environment={
            "GTEST_FILTER": "Nothing.*", "GTEST_TOTAL_SHARDS": "7", "GTEST_SHARD_INDEX": "3",
            "GITHUB_STEP_SUMMARY": str(summary)})
        self.assertEqual(done.code, 0, done)
        self.assertIn("100% tests passed, 0 tests failed out of 6", done.text)

        results = project.build / "buildlab"
        self.assertEqual((results / "summary.md").read_text(), summary.read_text())
        self.assertIn("app.warm", summary.read_text())
        junit = ElementTree.parse(results / "junit.xml").getroot()
        self.assertEqual(junit.tag, "testsuites")
        cases = {(case.get("classname"), case.get("name")) for case in junit.iter("testcase")}
        self.assertTrue({"app.cold", "app.warm", "app.edit", "app.reproducibility"} <= {scenario for scenario, _ in cases})
        self.assertEqual([case for case in junit.iter("testcase") if list(case.iter("failure")) or list(case.iter("error"))], [])
        for kind in ("cold", "warm", "edit", "reproducibility"):
            ElementTree.parse(results / "results" / f"app.{kind}.junit.xml")

        records = {record["name"]: record for record in project.records()}
        self.assertEqual([build["cache_hit_ratio"] for build in records["app.warm"]["builds"]], [1.0, 1.0])
        self.assertEqual(len({record["run_id"] for record in records.values()}), 1, "one run for one ctest")
        left_out = records["app.cold"]["circumstances"]["context_left_out"]
        self.assertTrue(any("build" in each for each in left_out), left_out)

        # Another ctest, primed and with a changed build folder: still every step from the cache.
        (project.build / "noise.txt").write_text("new")
        done = project.ctest("-R", "warm", "--output-on-failure")
        self.assertEqual(done.code, 0, done)
        self.assertIn("app.warm", (results / "summary.md").read_text())
        self.assertNotIn("app.cold", (results / "summary.md").read_text(), "exactly this ctest run")
        again = [record for record in project.records() if record["name"] == "app.warm"]
        self.assertEqual(len(again), 2)
        self.assertEqual(again[-1]["priming"], [])
        self.assertEqual({build["cache_hit_ratio"] for build in again[-1]["builds"]}, {1.0})

    def test_repeated_in_one_ctest_keeps_every_record(self):
        project = configured("repeated", "buildlab_add_scenario(app.cold KIND cold CONTEXT .)\n")
        done = project.ctest("--repeat", "until-fail:2", "--output-on-failure")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(len([record for record in project.records() if record["name"] == "app.cold"]), 2)


class Failure(unittest.TestCase):
    def test_of_a_gate_is_read_by_its_name_at_its_declaration(self):
        project = configured("gate", """
buildlab_add_scenario(app.edit KIND edit CONTEXT . EDIT src/main.cpp MIN_HIT_RATIO 1)
""")
        self.assertEqual(run("git", "init", "--quiet", project.folder).code, 0)
        done = project.ctest("-V", environment={"GITHUB_ACTIONS": "true"})
        self.assertEqual(done.code, 8, done)
        self.assertIn("[  FAILED  ] app.edit.min_hit_ratio", done.text)
        self.assertIn("[       OK ] app.edit.build_1", done.text)
        self.assertIn(f"{project.folder}/CMakeLists.txt:6: Failure", done.text)
        self.assertIn("::error file=", done.text)
        junit = ElementTree.parse(project.build / "buildlab" / "junit.xml").getroot()
        failed = [case.get("name") for case in junit.iter("testcase") if list(case.iter("failure"))]
        self.assertEqual(failed, ["min_hit_ratio"])
        # GitLab takes attachments relative to the repository.
        for file in ("junit.xml", "results/app.edit.junit.xml"):
            text = (project.build / "buildlab" / file).read_text()
            attached = re.findall(r"\[\[ATTACHMENT\|(.*?)\]\]", text)
            self.assertTrue(attached, file)
            for path in attached:
                self.assertTrue(path.startswith("build/buildlab/runs/"), path)
                self.assertTrue((project.folder / path).is_file(), path)

    def test_of_a_build_names_the_step(self):
        project = Project("build").scratch_image()
        project.write("Dockerfile", "FROM scratch\nCOPY no-such-file /\n")
        project.lists("buildlab_add_scenario(app.cold KIND cold CONTEXT .)\n", head=PACKAGE)
        self.assertEqual(project.configure().code, 0)
        done = project.ctest("-V")
        self.assertEqual(done.code, 8, done)
        self.assertIn("[  FAILED  ] app.cold.build_1", done.text)
        self.assertIn("no-such-file", done.text)

    def test_of_a_baseline_that_was_never_made_is_not_green(self):
        project = configured("baseline", """
buildlab_add_scenario(app.cold KIND cold CONTEXT .)
buildlab_add_scenario(app.warm KIND warm SUBJECT app MAX_DURATION_RATIO 0.9 OF app.cold)
""")
        done = project.ctest("-R", "warm", "-V")
        self.assertEqual(done.code, 8, done)
        self.assertIn("[  FAILED  ] app.warm.max_duration_ratio", done.text)
        self.assertIn("could not be evaluated", done.text)

    def test_of_the_scenario_file_is_told_once_by_setup(self):
        project = configured("file", "buildlab_add_scenario(app.cold KIND cold CONTEXT . MIN_HIT_RATIO 1.5 RUNS 0)\n")
        done = project.ctest("-V")
        self.assertEqual(done.code, 8, done)
        self.assertIn("buildlab.setup (Failed)", done.text)
        self.assertIn("app.cold (Not Run)", done.text)
        self.assertEqual(done.text.count("min_hit_ratio"), 1, done)
        junit = ElementTree.parse(project.build / "buildlab" / "junit.xml").getroot()
        self.assertEqual(len(list(junit.iter("error"))), 1)

    def test_of_the_deadline_is_reported_and_leaves_nothing(self):
        project = configured("deadline", "buildlab_add_scenario(app.cold KIND cold CONTEXT . RUNS 1000 TIMEOUT 30)\n")
        done = project.ctest("-V")
        self.assertEqual(done.code, 8, done)
        self.assertIn("the deadline of 15 s passed", done.text)
        self.assertNotIn("***Timeout", done.text)


class NoBuilder(unittest.TestCase):
    """A machine on which no engine is found and none can be installed."""

    def setUp(self):
        empty = WORK / "nothing"
        empty.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "BUILDLAB_BUILDKITD": str(empty / "no-buildkitd"), "BUILDLAB_CACHE": str(empty),
            "PATH": "/nonexistent", "BUILDLAB_RELEASE_MIRROR": "http://127.0.0.1:9"}

    def test_fails_with_what_to_do(self):
        project = configured("none", "buildlab_add_scenario(app.cold KIND cold CONTEXT .)\n")
        done = project.ctest("-V", environment=self.environment)
        self.assertEqual(done.code, 8, done)
        self.assertIn("buildlab.setup (Failed)", done.text)
        self.assertIn("BUILDLAB_BUILDKITD", done.text)

    def test_is_a_skip_only_where_that_was_asked_for(self):
        project = configured("skip", "buildlab_add_scenario(app.cold KIND cold CONTEXT .)\n")
        done = project.ctest(environment={**self.environment, "BUILDLAB_SKIP_UNAVAILABLE": "1"})
        self.assertEqual(done.code, 0, done)
        self.assertIn("app.cold (Skipped)", done.text)


if __name__ == "__main__":
    os.umask(0o022)
    unittest.main()
