"""Further builds before a gate on time is red, and scenarios that build until their durations are known."""

import harness
from harness import DOCKERFILE, scenario

# Each build sleeps as long as input.txt says.
SLEEPING = DOCKERFILE + "RUN /bin/busybox sleep $(/bin/busybox cat input.txt)\n"
QUICK, SLOW = "0.2", "4"
AGAINST = {"max_duration_ratio": {"limit": 1.2, "of": "app.quick"}}


class Confirmation(harness.LabTest):
    def describe(self, *scenarios):
        self.lab.describe(*scenarios, dockerfile=SLEEPING)
        self.lab.write("input.txt", QUICK)

    def verdict(self, record, gate="max_duration_ratio"):
        return next(row for row in record["gates"] if row["name"] == gate)

    def test_of_a_slow_arm(self):
        slower = [{"replace": "input.txt", "from": QUICK, "to": SLOW}]
        self.describe(
            scenario("app.quick", "cold", runs=2),
            scenario("app.same", "cold", runs=2, gates={"max_duration_ratio": {"limit": 3, "of": "app.quick"}}),
            scenario("app.slow", "cold", runs=2, input_mutation=slower, gates=AGAINST))
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 1)
        self.assert_says(finished, "confirming: a build of app.quick")
        records = {record["name"]: record for record in self.lab.records()}
        self.assertEqual(records["app.same"]["outcome"], "passed")
        self.assertEqual(records["app.same"]["confirmations"], [])

        record = records["app.slow"]
        [confirmation] = record["confirmations"]
        self.assertTrue(confirmation["confirmed"], confirmation)
        self.assertEqual(confirmation["of"], "app.quick")
        self.assertEqual([build["scenario"] for build in confirmation["builds"]][:2], ["app.slow", "app.quick"])
        self.assertEqual(len(record["builds"]), 2, "a confirmation is no sample")
        for build in confirmation["builds"]:
            folder = self.lab.store / "runs" / record["run_id"] / build["artifacts"]
            self.assertTrue(folder.is_dir(), folder)
            self.assertEqual(folder.parent.parent.name, "app.slow")
            self.assertEqual(build["duration_sec"] > 4, build["scenario"] == "app.slow", confirmation)
        verdict = self.verdict(record)
        self.assertEqual(verdict["verdict"], "fail")
        self.assertIn("confirmed by", verdict["message"])
        self.assertIn("confirmation 1: app.slow", "\n".join(verdict["evidence"]))
        report = self.lab.run("report", "--format", "json")
        self.assert_schema(report.out, "report")
        self.assert_schema((self.lab.store / "runs" / record["run_id"] / "app.slow" / "record.json").read_text(), "record")
        self.assertNotIn("confirmation", (self.lab.store / "runs" / record["run_id"] / "events.jsonl").read_text())

    def test_without_the_time_for_it(self):
        gates = {"max_duration_ratio": {"limit": 0.2, "of": "app.quick"}, "confirmation_budget_sec": 1}
        self.describe(scenario("app.quick", "cold"), scenario("app.slow", "cold", gates=gates))
        self.assert_exit(self.lab.run("run", "--all"), 4)
        record = next(record for record in self.lab.records() if record["name"] == "app.slow")
        [confirmation] = record["confirmations"]
        self.assertEqual((confirmation["builds"], confirmation["budget_sec"]), ([], 1))
        verdict = self.verdict(record)
        self.assertEqual(verdict["verdict"], "not_evaluated")
        self.assertIn("0 of 10 rounds fit into 1.0s", verdict["message"])
        self.assertIn("confirmation_budget_sec", verdict["message"])

    def test_of_a_slow_moment(self):
        """The scenario's builds are slow, and those that follow are not."""
        mark = self.lab.base / "mark"
        once = f"test -e {mark} && echo {QUICK} > input.txt || {{ touch {mark}; echo 8 > input.txt; }}"
        self.describe(
            scenario("app.quick", "cold", runs=2),
            scenario("app.once", "cold", runs=2, input_mutation=[{"run": ["sh", "-c", once]}], gates=AGAINST))
        self.assert_exit(self.lab.run("run", "--all"), 0)
        record = next(record for record in self.lab.records() if record["name"] == "app.once")
        [confirmation] = record["confirmations"]
        self.assertFalse(confirmation["confirmed"])
        self.assertIsNone(confirmation["error"])
        order = [(build["round"], build["scenario"]) for build in confirmation["builds"]]
        self.assertEqual(order[:4], [(1, "app.once"), (1, "app.quick"), (2, "app.quick"), (2, "app.once")])
        self.assertEqual(self.verdict(record)["verdict"], "pass")
        self.assertIn("not confirmed", self.verdict(record)["message"])

    def test_of_a_limit_in_seconds_and_none_at_all(self):
        self.describe(
            scenario("app.warm", "warm", gates={"max_duration_sec": 0.001}),
            scenario("app.again", "warm", gates={"max_duration_sec": 0.001, "confirmation_runs": 0}))
        self.assert_exit(self.lab.run("run", "--all"), 1)
        records = {record["name"]: record for record in self.lab.records()}
        [confirmation] = records["app.warm"]["confirmations"]
        self.assertTrue(confirmation["confirmed"])
        self.assertIsNone(confirmation["of"])
        self.assertEqual([build["scenario"] for build in confirmation["builds"]], ["app.warm"] * 2)
        self.assertEqual(records["app.again"]["confirmations"], [])
        self.assertEqual(self.verdict(records["app.again"], "max_duration_sec")["verdict"], "fail")


class AdaptiveRuns(harness.LabTest):
    def test_end_with_the_interval_the_budget_and_the_most(self):
        self.lab.describe(
            scenario("app.interval", "warm", max_runs=9, until_interval=10),
            scenario("app.budget", "cold", max_runs=200, until_interval=0.001, time_budget_sec=4),
            scenario("app.most", "ephemeral", cache_mode="local", max_runs=2, until_interval=0.001))
        self.assert_exit(self.lab.run("run", "--all"), 0)
        records = {record["name"]: record for record in self.lab.records()}
        ends = {name: record["run_length"]["stopped"] for name, record in records.items()}
        self.assertEqual(ends, {"app.interval": "interval", "app.budget": "budget", "app.most": "most"})
        self.assertEqual(len(records["app.interval"]["builds"]), 5, "fewer have no interval")
        self.assertEqual(len(records["app.most"]["builds"]), 2)
        self.assertLess(len(records["app.budget"]["builds"]), 50)
        self.assertIn("time budget", "\n".join(records["app.budget"]["notes"]))


if __name__ == "__main__":
    harness.main()
