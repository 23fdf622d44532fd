"""Kind replay: a history as a scenario, on fresh runners that hand a cache on."""

import json
import os
import signal

import harness
from history import EXPECTED, HistoryTest


class ReplayScenario(HistoryTest):
    def scenario(self):
        report = self.lab.run("report", "--json")
        self.assert_exit(report, 0)
        self.assert_schema(report.out, "report")
        scenario, = json.loads(report.out)["scenarios"]
        return scenario

    def declare(self, **extra):
        file = json.loads((self.lab.project / "buildlab.json").read_text())
        file["scenarios"] = [{"name": "app.history", "kind": "replay", **{"commits": 9, **extra}}]
        self.lab.write("buildlab.json", json.dumps(file))

    def test_as_a_scenario_on_fresh_runners(self):
        """Each commit's runner imports what the one before exported: the same hits as on a kept builder."""
        self.make_history()
        self.declare(cache_mode="registry", gates={"min_hit_ratio": 0.5, "max_duration_sec": 600})
        self.assert_exit(self.lab.run("run", "--all"), 0)
        scenario = self.scenario()
        self.assert_found(scenario["replay"]["commits"])
        self.assertEqual([build["iteration"] for build in scenario["builds"]], [1, 2, 3, 6, 7, 8, 9])
        self.assertEqual([build["iteration"] for build in scenario["priming"]], [0])
        self.assertNotIn("local", {step["source"] for build in scenario["builds"] for step in build["steps"]
                                  if step["outcome"] == "hit"})
        self.assertRegex(scenario["builds"][0]["mutation"], "^commit [0-9a-f]{10} 1 other dependencies$")
        messages = {gate["name"]: gate["message"] for gate in scenario["gates"]}
        self.assertIn("in 7 commits (22 of 35 steps cached)", messages["min_hit_ratio"])
        self.assertFalse(list(self.lab.store.glob("replays/builders/*/fresh/*")), "a commit's builder is left")
        report = self.lab.run("report", "--format", "markdown")
        self.assertIn("What a commit costs", report.out)

    def test_a_scenario_that_was_killed_goes_on(self):
        self.make_history()
        self.declare(cache_mode="local", commits="main~9..main~6", gates={"min_hit_ratio": 0.99})
        process = self.lab.start("run", "--all")
        harness.wait_for(lambda: len(self.stored_rows()) >= 2, 60, "two rows")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.assert_nothing_left()
        # A line was cut off, and one before it is damaged: its commit is built again.
        path = next(self.lab.store.glob("replays/builders/*/walks/*/builds.jsonl"))
        first, *others = path.read_text().splitlines()
        path.write_text("\n".join([first, "{", *others[1:]]) + '\n{"iter')
        done = self.lab.run("run", "--all")
        self.assert_exit(done, 1)
        self.assert_says(done, "going on after commit", "in 3 commits (9 of 15 steps cached)")
        scenario = self.scenario()
        self.assert_found(scenario["replay"]["commits"], EXPECTED[:3])
        self.assertEqual([build["iteration"] for build in scenario["builds"]], [1, 2, 3])
        # A finished one is measured anew.
        self.assert_exit(self.lab.run("run", "--all"), 1)
        self.assertNotEqual([build["started"] for build in self.scenario()["builds"]],
                            [build["started"] for build in scenario["builds"]])


if __name__ == "__main__":
    harness.main()
