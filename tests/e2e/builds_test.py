"""Runs that work, gates that fail, builds that fail: exit codes, and what a person is told."""

import json
import pathlib
import shutil

import harness
from harness import DOCKERFILE, scenario


class Outcomes(harness.LabTest):
    def report(self, name):
        """That scenario's part of the JSON report."""
        finished = self.lab.run("report", "--format", "json")
        self.assert_exit(finished, 0)
        return next(row for row in json.loads(finished.out)["scenarios"] if row["name"] == name)

    def test_golden_path_in_small(self):
        self.lab.describe(
            scenario("app.cold", "cold"),
            scenario("app.warm", "warm", runs=2, gates={"min_hit_ratio": 1.0}),
            scenario("app.edit", "edit", input_mutation=[{"append": "input.txt", "text": "{token}"}],
                     gates={"expect_cached": ["tools"], "expect_ran": ["COPY input.txt", "RUN /bin/busybox"]}),
            scenario("app.reproducibility", "reproducibility"),
            target="runtime",
        )
        before = tree(self.lab.project)
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 0)
        self.assertEqual(tree(self.lab.project), before, "the user's tree was written")
        self.assertIn("digest_stability: PASS", finished.out)
        self.assertEqual(sorted(record["name"] for record in self.lab.records()),
                         ["app.cold", "app.edit", "app.reproducibility", "app.warm"])
        digests = {
            build["digest"]
            for name in ("app.cold", "app.warm", "app.reproducibility")
            for build in self.report(name)["builds"]
        }
        self.assertEqual(len(digests), 1)

    def test_each_edit_is_fresh_even_where_it_cannot_carry_a_token(self):
        edits = {
            "deleted": {"delete": "second.txt"},
            "renamed": {"rename": "second.txt", "to": "third.txt"},
            "moded": {"chmod": "second.txt", "mode": "0755"},
            "argued": {"set_build_arg": "FLAVOUR", "value": "other"},
        }
        self.lab.describe(
            *(scenario(f"app.{name}", "edit", input_mutation=[edit], runs=2, gates={"expect_ran": ["RUN /bin/busybox ls"]})
              for name, edit in edits.items()),
            dockerfile=DOCKERFILE + "ARG FLAVOUR=plain\nCOPY . /all\nRUN /bin/busybox ls -l /all > list.txt\n",
        )
        self.lab.write("second.txt", "two\n")
        self.lab.write(".dockerignore", "buildlab.json\n")
        for _ in range(2):
            finished = self.lab.run("run", "--all")
            self.assert_exit(finished, 0)
        records = self.lab.records()
        self.assertEqual(len(records), 8)
        for record in records:
            for build in record["builds"]:
                self.assertLess(build["cache_hit_ratio"], 1, f"{record['name']} {build['iteration']}")

    def test_repeated_runs_that_differ_are_told(self):
        # Every second run changes input.txt, the others a file that no step reads.
        count = self.lab.base / "count"
        flip = (f"n=$(cat {count} 2>/dev/null || echo 0); echo $((n + 1)) > {count}; "
                "[ $((n % 2)) = 0 ] && echo $n >> input.txt || true")
        self.lab.describe(
            scenario("app.warm", "warm", runs=4, gates={"stable_hit_ratio": True, "max_spread": 5}),
            scenario("app.flip", "edit", runs=4, input_mutation=[{"run": ["sh", "-c", flip]}],
                     gates={"stable_hit_ratio": True}))
        self.assert_exit(self.lab.run("run", "--scenario", "app.warm"), 0)
        flipped = self.lab.run("run", "--scenario", "app.flip")
        self.assert_exit(flipped, 1)
        told = "Dockerfile:8 RUN /bin/busybox sha256sum input.txt > sum.txt: cached in build 2, build 4; ran"
        self.assertIn(told, flipped.err + flipped.out)
        self.assertIn(told, self.lab.run("report", "--format", "junit").out.replace("&gt;", ">"))

    def test_a_kept_builder_that_lost_its_cache_is_no_sample_and_is_primed_again(self):
        self.lab.describe(
            scenario("app.warm", "warm", gates={"min_hit_ratio": 0.0}),
            scenario("app.edit", "edit", input_mutation=[{"append": "input.txt", "text": "{token}"}],
                     gates={"min_hit_ratio": 0.0}))
        self.assert_exit(self.lab.run("run", "--all"), 0)
        for scenario_name in ("app.warm", "app.edit"):
            for root in self.lab.store.glob("builders/*/root"):
                shutil.rmtree(root)
                root.mkdir()
            lost = self.lab.run("run", "--scenario", scenario_name)
            self.assert_exit(lost, 4)
            self.assert_says(lost, "lost")
            step = self.lab.records()[-1]["builds"][0]["steps"][0]
            self.assertEqual((step["outcome"], step["miss_reason"]), ("ran", "result-gone"))
            self.assertIn("cache records that priming made are gone", step["miss_detail"])
            again = self.lab.run("run", "--scenario", scenario_name)
            self.assert_exit(again, 0)
        self.assertEqual(len(self.lab.records()[-1]["priming"]), 1)

    def test_an_image_without_layers(self):
        self.lab.describe(scenario("app.cold", "cold"), scenario("app.reproducibility", "reproducibility"),
                          dockerfile="FROM scratch\nLABEL a=b\n")
        self.assert_exit(self.lab.run("run", "--all"), 0)
        for record in self.lab.records():
            self.assertEqual(record["notes"], [])
            for build in record["builds"]:
                self.assertEqual(build["image"]["layers"], [])
                self.assertIsNone(build["cache_hit_ratio"])

    def test_a_failed_gate_is_exit_1(self):
        self.lab.describe(scenario("app.cold", "cold", gates={"max_image_size": "1KiB"}))
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 1)
        self.assert_says(finished, "max_image_size")

    def test_an_image_that_drifts_is_exit_1(self):
        self.lab.describe(
            scenario("app.reproducibility", "reproducibility"),
            dockerfile=DOCKERFILE + "RUN /bin/busybox cat /proc/sys/kernel/random/uuid > id.txt\n",
        )
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 1)
        self.assertIn("digest_stability: FAIL", finished.out)
        self.assert_says(finished, "2 digests")
        line = DOCKERFILE.count("\n") + 1
        self.assert_says(finished, f"written by Dockerfile:{line} RUN /bin/busybox cat /proc/sys/kernel/random/uuid")

    def test_a_gate_without_its_baseline_is_exit_4_and_says_how_to_get_it(self):
        gates = {"max_duration_ratio": {"limit": 0.9, "of": "app.cold"}}
        self.lab.describe(scenario("app.cold", "cold"), scenario("app.warm", "warm", gates=gates))
        finished = self.lab.run("run", "--scenario", "app.warm")
        self.assert_exit(finished, 4)
        self.assert_says(finished, "app.cold")

    def test_report_before_any_run_is_exit_4(self):
        self.lab.describe(scenario("app.cold", "cold"))
        finished = self.lab.run("report")
        self.assert_exit(finished, 4)
        self.assert_quiet_stdout(finished)

    def test_compare_with_fewer_than_two_runs_is_exit_4(self):
        self.lab.describe(scenario("app.cold", "cold"))
        self.assert_exit(self.lab.run("run", "--all"), 0)
        self.assert_exit(self.lab.run("compare", "--last", "2"), 4)
        self.assert_exit(self.lab.run("run", "--all"), 0)
        finished = self.lab.run("compare", "--last", "2")
        self.assert_exit(finished, 0)
        self.assertIn("digest", finished.out)

    def test_a_context_with_the_store_inside_stays_cached(self):
        self.lab.store = self.lab.project / "build" / "buildlab"
        self.lab.describe(
            scenario("app.warm", "warm", runs=2, gates={"min_hit_ratio": 1.0}),
            dockerfile=DOCKERFILE.replace("COPY input.txt .", "COPY . ."),
        )
        (self.lab.project / ".dockerignore").unlink()
        for _ in range(2):
            self.assert_exit(self.lab.run("run", "--all"), 0)


class FailingBuilds(harness.LabTest):
    def failing(self, dockerfile):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile=dockerfile)
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 3)
        record = self.lab.records()[-1]
        self.assertEqual(record["outcome"], "build failed")
        return finished

    def test_a_failing_run_shows_its_last_lines_and_the_dockerfile_line(self):
        # One stream: BuildKit keeps no order between two.
        command = "exec 2>&1; for i in $(/bin/busybox seq 1 300); do echo line $i; done; echo the real cause; exit 7"
        finished = self.failing(DOCKERFILE + f"RUN {command}\n")
        self.assert_says(finished, "Dockerfile:9", "the real cause", "line 300", "exit code: 7")
        self.assertNotIn("line 12\n", finished.err, "only the last lines are wanted")

    def test_a_copy_of_a_missing_file(self):
        finished = self.failing(DOCKERFILE + "COPY --from=tools /absent.txt .\n")
        self.assert_says(finished, "Dockerfile:9", "absent.txt")

    def test_a_command_that_does_not_exist(self):
        self.assert_says(self.failing(DOCKERFILE + "RUN no-such-command\n"), "Dockerfile:9", "no-such-command")

    def test_the_build_that_primes_may_fail_too(self):
        self.lab.describe(scenario("app.warm", "warm"), dockerfile=DOCKERFILE + "RUN exit 3\n")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 3)
        self.assert_says(finished, "Dockerfile:9")

    def test_a_failed_build_does_not_stop_the_other_scenarios(self):
        self.lab.describe(
            scenario("app.break", "edit", input_mutation=[{"replace": "input.txt", "from": "one", "to": "bad {token}"}]),
            scenario("app.cold", "cold"),
            dockerfile=DOCKERFILE + "RUN ! /bin/busybox grep -q bad input.txt\n",
        )
        self.assert_exit(self.lab.run("run", "--all"), 3)
        self.assertEqual({r["name"]: r["outcome"] for r in self.lab.records()},
                         {"app.break": "build failed", "app.cold": "passed"})

    def test_a_build_beyond_its_deadline(self):
        self.lab.describe(scenario("app.cold", "cold", timeout_sec=2), dockerfile=DOCKERFILE + "RUN /bin/busybox sleep 60\n")
        finished = self.lab.run("run", "--all", timeout=30)
        self.assert_exit(finished, 3)
        self.assertLess(finished.seconds, 15)
        self.assert_says(finished, "longer than the scenario's timeout_sec")
        self.assertRegex(finished.err, r"still running: Dockerfile:\d+ RUN /bin/busybox sleep 60")


def tree(folder):
    """Everything a user could notice of a folder: names, kinds, modes, times, contents."""
    rows = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        rows[str(path)] = (status.st_mode, status.st_mtime_ns, status.st_nlink, hash(content))
    return rows


if __name__ == "__main__":
    harness.main()
