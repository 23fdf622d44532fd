"""What buildlab_add_scenario() and buildlab_add_golden_path() register and write."""

import os
import unittest

from nested import SOURCE, STUB, Project

GOLDEN = "buildlab_add_golden_path(app CONTEXT . EDIT src/main.cpp)\n"


def configured(name, body, **options):
    project = Project(name).scratch_image().lists(body, **options)
    done = project.configure()
    assert done.code == 0, done
    return project


class GoldenPath(unittest.TestCase):
    def test_a_callers_own_variables_are_not_taken_for_keywords(self):
        project = Project("callers").scratch_image().lists("""
function(wrapper)
  set(arg_RUNS 7)
  set(arg_CACHE_MODE registry)
  set(arg_MIN_HIT_RATIO 0.5)
  set(arg_KIND cold)
  buildlab_add_golden_path(app CONTEXT . EDIT src/main.cpp REPRODUCIBILITY_RUNS 3)
endfunction()
wrapper()
""")
        done = project.configure()
        self.assertEqual(done.code, 0, done)
        scenarios = {each["name"]: each for each in project.scenario_file()["scenarios"]}
        self.assertEqual(scenarios["app.reproducibility"]["runs"], 3)
        for name in ("app.cold", "app.warm", "app.edit"):
            self.assertNotIn("runs", scenarios[name])
            self.assertNotIn("cache_mode", scenarios[name])
        self.assertNotIn("min_hit_ratio", scenarios["app.edit"].get("gates", {}))

    def test_is_four_tests_between_the_fixtures(self):
        tests = configured("golden", GOLDEN).tests()
        self.assertEqual(
            list(tests),
            ["buildlab.setup", "buildlab.finish", "app.cold", "app.warm", "app.edit", "app.reproducibility"])

    def test_has_labels_and_properties(self):
        tests = configured("properties", GOLDEN).tests()
        for kind in ("cold", "warm", "edit", "reproducibility"):
            test = tests[f"app.{kind}"]
            self.assertEqual(set(test["LABELS"]), {"buildlab", kind, "reproducibility"})
            self.assertEqual(test["FIXTURES_REQUIRED"], ["buildlab"])
            self.assertEqual(test["SKIP_RETURN_CODE"], 77)
            command = test["command"]
            deadline = float(command[command.index("--deadline") + 1])
            self.assertLess(deadline, test["TIMEOUT"])
            self.assertTrue(command[command.index("--declared-at") + 1].endswith("CMakeLists.txt:8"), command)
            self.assertEqual(test.get("RUN_SERIAL", False), kind != "reproducibility")
        self.assertEqual(tests["app.warm"]["RESOURCE_LOCK"], tests["app.edit"]["RESOURCE_LOCK"])
        self.assertNotIn("RESOURCE_LOCK", tests["app.cold"])
        self.assertEqual(tests["buildlab.setup"]["FIXTURES_SETUP"], ["buildlab"])
        self.assertEqual(tests["buildlab.finish"]["FIXTURES_CLEANUP"], ["buildlab"])

    def test_is_selected_by_label_and_kind_with_its_fixtures(self):
        project = configured("selected", GOLDEN)
        self.assertEqual(set(project.tests("-R", "warm")), {"buildlab.setup", "app.warm", "buildlab.finish"})
        self.assertEqual(len(project.tests("-L", "reproducibility")), 6)
        self.assertEqual(project.tests("-LE", "buildlab"), {})

    def test_writes_one_subject_and_four_scenarios(self):
        project = configured("file", GOLDEN)
        file = project.scenario_file()
        self.assertEqual(file["subjects"], {"app": {"context": str(project.folder), "dockerfile": "Dockerfile"}})
        self.assertEqual([each["kind"] for each in file["scenarios"]], ["cold", "warm", "edit", "reproducibility"])
        self.assertEqual(file["scenarios"][1]["gates"], {"min_hit_ratio": 1})
        self.assertEqual(file["scenarios"][2]["input_mutation"], [{"append": "src/main.cpp"}])

    def test_gives_each_part_its_own_settings(self):
        project = configured("parts", """buildlab_add_golden_path(app CONTEXT . EDIT src/main.cpp LABELS nightly
  TIMEOUT 90 WARM_RUNS 5 WARM_MAX_DURATION_RATIO 0.25 WARM_MIN_HIT_RATIO 0.9 EDIT_EXPECT_CACHED deps files
  EDIT_MAX_DURATION_RATIO 0.5 OF app.warm REPRODUCIBILITY_DIGEST_STABLE layers COLD_MAX_IMAGE_SIZE 1MiB RETURN names)
foreach(name IN LISTS names)
  set_tests_properties(${name} PROPERTIES COST 7)
endforeach()
""")
        cold, warm, edit, reproducibility = project.scenario_file()["scenarios"]
        self.assertEqual(cold["gates"], {"max_image_size": "1MiB"})
        self.assertEqual(warm["runs"], 5)
        self.assertEqual(
            warm["gates"], {"min_hit_ratio": 0.9, "max_duration_ratio": {"limit": 0.25, "of": "app.cold"}})
        self.assertEqual(
            edit["gates"],
            {"max_duration_ratio": {"limit": 0.5, "of": "app.warm"}, "expect_cached": ["deps", "files"]})
        self.assertEqual(reproducibility["gates"], {"digest_stable": "layers"})
        tests = project.tests()
        self.assertEqual(set(tests["app.cold"]["LABELS"]), {"buildlab", "cold", "nightly", "reproducibility"})
        self.assertEqual(tests["app.warm"]["TIMEOUT"], 90)
        self.assertIn("app.cold", tests["app.warm"]["DEPENDS"])
        self.assertEqual(tests["app.edit"]["COST"], 7)


    def test_reproducibility_takes_a_processor_for_each_build_that_runs_side_by_side(self):
        cores = os.cpu_count()
        for runs, processors in ((1, 1), (2, min(2, cores)), (cores + 3, cores)):
            tests = configured(f"processors{runs}", f"{GOLDEN[:-2]} REPRODUCIBILITY_RUNS {runs})\n").tests()
            self.assertEqual(tests["app.reproducibility"].get("PROCESSORS", 1), processors)


class Scenario(unittest.TestCase):
    def test_a_single_bracket_swallows_nothing(self):
        project = configured("brackets", r"""
buildlab_add_scenario(app.edit KIND edit CONTEXT . TARGET "[files" BUILD_ARGS "A=[1;2" B=2 "C=]" LABELS "x[" y
  INPUT_MUTATION REPLACE "a[0" FROM "[" TO "]]" TOUCH t [=[{"run": ["true", "]"]}]=] RUN test "[" = "["
  EXPECT_CACHED "RUN [ -f x" 3 RUNS 2)
buildlab_add_golden_path(lib CONTEXT . BUILD_ARGS "A=[" B=2 EDIT "x[" y COLD_EXPECT_RAN "RUN [ 1" 3)
""")
        file = project.scenario_file()
        self.assertEqual(file["subjects"]["app"]["build_args"], {"A": "[1;2", "B": "2", "C": "]"})
        self.assertEqual(file["subjects"]["app"]["target"], "[files")
        self.assertEqual(file["subjects"]["lib"]["build_args"], {"A": "[", "B": "2"})
        edit, cold, _, lib_edit, _ = file["scenarios"]
        self.assertEqual(edit["input_mutation"], [
            {"replace": "a[0", "from": "[", "to": "]]"}, {"touch": "t"}, {"run": ["true", "]"]},
            {"run": ["test", "[", "=", "["]}])
        self.assertEqual(edit["gates"], {"expect_cached": ["RUN [ -f x", "3"]})
        self.assertEqual(edit["labels"], ["x[", "y"])
        self.assertEqual(edit["runs"], 2)
        self.assertEqual(cold["gates"], {"expect_ran": ["RUN [ 1", "3"]})
        self.assertEqual(lib_edit["input_mutation"], [{"append": "x["}, {"append": "y"}])

    def test_takes_every_keyword(self):
        project = configured("keywords", r"""
buildlab_add_scenario(app.base KIND cold CONTEXT . DOCKERFILE Dockerfile TARGET files BUILD_ARGS "A=x;y" "Q=\\\" q" E=
  PLATFORM linux/amd64 SECRETS npmrc=file:.npmrc token=env:API_TOKEN SOURCE_DATE_EPOCH 0 REWRITE_TIMESTAMP OFF
  LOCAL_BASE)
buildlab_add_scenario(app.all SUBJECT app KIND ephemeral CACHE_MODE registry CACHE_REF localhost:5000/cache
  CACHE_EXPORT_MODE min RUNS 4 MAX_RUNS 9 UNTIL_INTERVAL 0.05 TIME_BUDGET_SEC 60 TIMEOUT 600 TIMEOUT_SEC 30.5 LABELS a b DIGEST_STABLE MIN_HIT_RATIO 0.5
  MIN_TIME_WEIGHTED_HIT_RATIO 0.25 MAX_DURATION_SEC 12 MAX_DURATION_RATIO 0.5 OF app.base EXPECT_CACHED files 2
  MAX_SPREAD 0.2 STABLE_HIT_RATIO EXPECT_RAN "RUN sed 's;a;b;'" MAX_IMAGE_SIZE 200MiB STRICT_BASELINE ON
  CONFIRMATION_RUNS 8 CONFIRMATION_BUDGET_SEC 90.5)
""")
        file = project.scenario_file()
        self.assertEqual(file["subjects"]["app"], {
            "context": str(project.folder), "dockerfile": "Dockerfile", "target": "files",
            "build_args": {"A": "x;y", "Q": "\\\" q", "E": ""}, "platform": "linux/amd64", "local_base": True,
            "rewrite_timestamp": False, "source_date_epoch": 0,
            "secrets": [{"id": "npmrc", "file": f"{project.folder}/.npmrc"}, {"id": "token", "env": "API_TOKEN"}]})
        self.assertEqual(file["scenarios"][1], {
            "name": "app.all", "subject": "app", "kind": "ephemeral", "cache_mode": "registry",
            "cache_ref": "localhost:5000/cache", "cache_export_mode": "min", "runs": 4, "max_runs": 9,
            "until_interval": 0.05, "time_budget_sec": 60, "timeout_sec": 30.5,
            "labels": ["a", "b"], "gates": {
                "digest_stable": True, "min_hit_ratio": 0.5, "min_time_weighted_hit_ratio": 0.25,
                "stable_hit_ratio": True, "max_duration_sec": 12, "max_spread": 0.2, "max_duration_ratio": {"limit": 0.5, "of": "app.base"},
                "expect_cached": ["files", "2"], "expect_ran": ["RUN sed 's;a;b;'"], "max_image_size": "200MiB",
                "strict_baseline": True, "confirmation_runs": 8,
                "confirmation_budget_sec": 90.5}})

    def test_takes_variations(self):
        project = configured("variations", """
buildlab_add_scenario(app.vary KIND reproducibility CONTEXT . VARY all -umask clock=+12h MAX_BUILDS 40 VARIATIONS_STABLE OFF)
buildlab_add_golden_path(lib CONTEXT . EDIT x REPRODUCIBILITY_VARY hostname)
""")
        vary, *parts = project.scenario_file()["scenarios"]
        self.assertEqual(vary["vary"], ["all", "-umask", "clock=+12h"])
        self.assertEqual(vary["max_builds"], 40)
        self.assertEqual(vary["gates"], {"variations_stable": False})
        self.assertEqual([part.get("vary") for part in parts], [None, None, None, ["hostname"]])

    def test_takes_policies(self):
        project = configured("policies", """
buildlab_add_scenario(app.same KIND reproducibility CONTEXT .
  IGNORE_DIFFERENCES "path=var/log/*,attribute=mtime:rotated; unread" "attribute=config.Labels:[told")
buildlab_add_golden_path(lib CONTEXT . EDIT x REPRODUCIBILITY_IGNORE_DIFFERENCES "path=a:b")
""")
        same, *parts = project.scenario_file()["scenarios"]
        self.assertEqual(same["gates"], {"ignore_differences": [
            "path=var/log/*,attribute=mtime:rotated; unread", "attribute=config.Labels:[told"]})
        self.assertEqual([part.get("gates") for part in parts][-1], {"ignore_differences": ["path=a:b"]})

    def test_takes_the_network(self):
        project = configured("network", """
buildlab_add_scenario(app.listed KIND cold CONTEXT . NETWORK proxy)
buildlab_add_golden_path(lib CONTEXT . EDIT x REPRODUCIBILITY_NETWORK proxy)
""")
        listed, *parts = project.scenario_file()["scenarios"]
        self.assertEqual(listed["network"], "proxy")
        self.assertEqual([part.get("network") for part in parts], [None, None, None, "proxy"])

    def test_takes_faults(self):
        project = configured("faults", """
buildlab_add_scenario(app.bad_day KIND ephemeral CONTEXT . CACHE_MODE registry
  FAULT "pull cut after_bytes=65536" "import  status status=503 times=2" "export refused" "pull slow_dns delay_ms=2000" "export unreachable" RUNS 2)
""")
        (bad_day,) = project.scenario_file()["scenarios"]
        self.assertEqual(bad_day["faults"], [
            {"at": "pull", "fault": "cut", "after_bytes": 65536},
            {"at": "import", "fault": "status", "status": 503, "times": 2}, {"at": "export", "fault": "refused"},
            {"at": "pull", "fault": "slow_dns", "delay_ms": 2000}, {"at": "export", "fault": "unreachable"}])
        self.assertEqual(bad_day["runs"], 2)

    def test_takes_faults_of_what_run_steps_fetch(self):
        project = configured("fetches", """
buildlab_add_scenario(app.slow KIND cold CONTEXT . NETWORK observed
  FAULT "fetch latency latency_ms=2000 build=2 from_ms=500 for_ms=1000 every_ms=5000")
""")
        (slow,) = project.scenario_file()["scenarios"]
        self.assertEqual(slow["network"], "observed")
        self.assertEqual(slow["faults"], [{"at": "fetch", "fault": "latency", "latency_ms": 2000, "build": 2,
                                           "from_ms": 500, "for_ms": 1000, "every_ms": 5000}])

    def test_takes_caches(self):
        project = configured("caches", """
buildlab_add_scenario(app.bucket KIND ephemeral CONTEXT . CACHE_MODE s3 CACHE_ATTRIBUTES bucket=ci region=eu
  "name=a;b" touch_refresh=1h secret_access_key_env=KEY)
buildlab_add_scenario(app.all KIND matrix CONTEXT . RUNS 5 BACKENDS none builder registry:zstd builder+local:min
  [[{"name": "slow", "cache_mode": "registry", "faults": [{"at": "pull", "fault": "bandwidth", "bytes_per_sec": 2048}]}]])
""")
        bucket, compared = project.scenario_file()["scenarios"]
        self.assertEqual(bucket["cache_attributes"], {
            "bucket": "ci", "region": "eu", "name": "a;b", "touch_refresh": "1h", "secret_access_key_env": "KEY"})
        self.assertEqual(compared["backends"], ["none", "builder", "registry:zstd", "builder+local:min", {
            "name": "slow", "cache_mode": "registry",
            "faults": [{"at": "pull", "fault": "bandwidth", "bytes_per_sec": 2048}]}])

    def test_takes_stages_without_cache(self):
        project = configured("stages", """
buildlab_add_scenario(app.deps KIND warm CONTEXT . NO_CACHE build deps)
buildlab_add_scenario(app.all KIND edit CONTEXT . EDIT main.c NO_CACHE *)
""")
        self.assertEqual([each["no_cache"] for each in project.scenario_file()["scenarios"]], [["build", "deps"], ["*"]])

    def test_takes_cache_preimages(self):
        project = configured("preimages", """
buildlab_add_scenario(app.told KIND warm CONTEXT . CACHE_PREIMAGES)
buildlab_add_scenario(app.plain KIND warm CONTEXT . CACHE_PREIMAGES OFF)
""")
        self.assertEqual([each["cache_preimages"] for each in project.scenario_file()["scenarios"]], [True, False])

    def test_takes_commits(self):
        project = configured("commits", """
buildlab_add_scenario(app.last KIND replay CONTEXT . COMMITS 12)
buildlab_add_scenario(app.range KIND replay CONTEXT . COMMITS v1..main CACHE_MODE registry)
""")
        last, between = project.scenario_file()["scenarios"]
        self.assertEqual((last["commits"], between["commits"]), (12, "v1..main"))

    def test_takes_every_mutation(self):
        project = configured("mutations", r"""
buildlab_add_scenario(app.edit KIND edit CONTEXT . EDIT a.cpp "b;c.cpp" INPUT_MUTATION APPEND a.h TEXT "x;y"
  APPEND c.h REPLACE f FROM "a \"b\"" TO "" TOUCH t CHMOD r.sh MODE 0755 ADD new TEXT hello ADD empty DELETE old
  RENAME p TO q PATCH fix.patch SET_BUILD_ARG V=1=2 [[{"touch": "json"}]] RUN sed -i "s;a;b;" "x y")
""")
        self.assertEqual(project.scenario_file()["scenarios"][0]["input_mutation"], [
            {"append": "a.cpp"}, {"append": "b;c.cpp"}, {"append": "a.h", "text": "x;y"}, {"append": "c.h"},
            {"replace": "f", "from": "a \"b\"", "to": ""}, {"touch": "t"}, {"chmod": "r.sh", "mode": "0755"},
            {"add": "new", "text": "hello"}, {"add": "empty"}, {"delete": "old"}, {"rename": "p", "to": "q"},
            {"patch": f"{project.folder}/fix.patch"}, {"set_build_arg": "V", "value": "1=2"}, {"touch": "json"},
            {"run": ["sed", "-i", "s;a;b;", "x y"]}])

    def test_keys_are_those_of_the_schema(self):
        schema = SOURCE / "docs" / "schema" / "scenario.schema.json"
        text = schema.read_text()
        registered = (SOURCE / "cmake" / "BuildLabInternal.cmake").read_text()
        for group in ("SUBJECT_ONE", "SUBJECT_MULTI", "PART_ONE", "PART_MULTI", "SCENARIO_ONE"):
            start = registered.index(f"_BUILDLAB_{group}")
            for keyword in registered[registered.index('"', start) + 1:registered.index('")', start)].split(";"):
                self.assertIn(f'"{keyword.lower()}"', text, f"{keyword} is no field of a scenario file")

    def test_of_the_same_build_shares_a_subject(self):
        project = configured("subjects", """
buildlab_add_scenario(app.cold KIND cold CONTEXT .)
buildlab_add_scenario(other.warm KIND warm CONTEXT ${CMAKE_CURRENT_SOURCE_DIR})
buildlab_add_scenario(app.stage KIND cold CONTEXT . TARGET files)
""")
        file = project.scenario_file()
        self.assertEqual([each["subject"] for each in file["scenarios"]], ["app", "app", "app-2"])
        self.assertEqual(list(file["subjects"]), ["app", "app-2"])

    def test_is_told_apart_by_folder_but_shares_the_fixtures(self):
        project = Project("folders").scratch_image()
        project.write("inner/CMakeLists.txt", "buildlab_add_scenario(inner.cold KIND cold CONTEXT ..)\n")
        project.lists(GOLDEN + "add_subdirectory(inner)\n")
        done = project.configure()
        self.assertEqual(done.code, 0, done)
        names = list(project.tests())
        self.assertEqual(names.count("buildlab.setup"), 1)
        self.assertIn("inner.cold", names)
        self.assertEqual(len(project.scenario_file()["scenarios"]), 5)

    def test_in_a_loop_is_declared_at_its_file(self):
        project = configured("loop", """
foreach(stage IN ITEMS files)
  buildlab_add_scenario(app.${stage} KIND cold CONTEXT . TARGET ${stage})
endforeach()
""")
        command = project.tests()["app.files"]["command"]
        self.assertEqual(command[command.index("--declared-at") + 1], f"{project.folder}/CMakeLists.txt")

    def test_has_a_file_for_each_configuration(self):
        project = Project("configurations").scratch_image()
        project.lists('buildlab_add_scenario(app.cold KIND cold CONTEXT . BUILD_ARGS "TYPE=$<CONFIG>")\n')
        done = project.configure(generator="Ninja Multi-Config")
        self.assertEqual(done.code, 0, done)
        for config in ("Debug", "Release"):
            self.assertEqual(project.scenario_file(config)["subjects"]["app"]["build_args"], {"TYPE": config})
            command = project.tests("-C", config)["app.cold"]["command"]
            self.assertIn(f"{project.build}/buildlab/{config}/buildlab.json", command)

    def test_without_enable_testing_is_a_warning(self):
        project = Project("silent").scratch_image()
        project.write("CMakeLists.txt",
                      f"cmake_minimum_required(VERSION 3.25)\nproject(nested LANGUAGES NONE)\n{STUB}{GOLDEN}")
        done = project.configure()
        self.assertEqual(done.code, 0, done)
        self.assertIn("enable_testing() was not called", " ".join(done.text.split()))

    def test_of_a_context_that_the_build_makes_needs_no_files_yet(self):
        configured("generated", "buildlab_add_scenario(gen.cold KIND cold CONTEXT ${CMAKE_BINARY_DIR}/image)\n")


class Drifting(unittest.TestCase):
    """The example whose gate fails on purpose: CTest is content with two digests only."""

    def test_passes_only_on_different_digests(self):
        complaint = "[  FAILED  ] drifting.reproducibility.digest_stable"
        for number, (words, code) in enumerate((
                ("2 builds, 2 different manifest digests (configs different, DiffIDs different)", 0),
                ("not evaluated: the build failed: Dockerfile:3 RUN exit 1 failed", 8),
                ("could not be evaluated: 1 of 2 builds is a sample", 8),
                ("not evaluated: 2 builds, 2 different manifest digests", 8),
                ("", 8))):
            with self.subTest(words=words):
                project = Project(f"drifting-{number}").lists(f"add_subdirectory({SOURCE}/examples/drifting drifting)\n")
                project.write("driver", f"#!/bin/sh\necho '{words}'\necho '{complaint}'\nexit 1\n")
                (project.folder / "driver").chmod(0o755)
                lists = project.folder / "CMakeLists.txt"
                lists.write_text(lists.read_text().replace("/bin/true", f"{project.folder}/driver"))
                done = project.configure()
                self.assertEqual(done.code, 0, done)
                done = project.ctest("-R", "drifting", "-FA", "buildlab")
                self.assertEqual(done.code, code, done)


if __name__ == "__main__":
    unittest.main()
