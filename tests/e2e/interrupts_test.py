"""Ctrl-C, SIGTERM and SIGKILL at any moment: told, recorded, and nothing left."""

import os
import random
import signal
import time

import harness
from engine_faults_test import SLEEPING, asleep
from harness import DOCKERFILE, descendants, scenario, wait_for

SEED = int(os.environ.get("BUILDLAB_TEST_SEED", "1"))
KILLS = int(os.environ.get("BUILDLAB_TEST_KILLS", "8"))


class Interrupted(harness.LabTest):
    def interrupt(self, number, kind="cold"):
        self.lab.describe(scenario("app.one", kind), scenario("app.two", "cold"), dockerfile=SLEEPING)
        process = self.lab.start("run", "--all")
        wait_for(lambda: any(asleep(pid) for pid in descendants(process.pid)), 60, "the sleeping step")
        begin = time.monotonic()
        os.kill(process.pid, number)
        finished = harness.finish(process, 30)
        self.assert_exit(finished, 130)
        self.assertLess(time.monotonic() - begin, 5, "an interrupt takes effect at once")
        self.assert_says(finished, "interrupted")
        self.assertEqual([record["name"] for record in self.lab.records()], ["app.one"], "the rest was not run")
        self.assertEqual(self.lab.records()[-1]["outcome"], "interrupted")
        self.assertFalse(any(build["valid"] for build in self.lab.records()[-1]["builds"]))

    def test_ctrl_c(self):
        self.interrupt(signal.SIGINT)

    def test_terminate(self):
        self.interrupt(signal.SIGTERM)

    def test_ctrl_c_while_builders_work_side_by_side(self):
        self.interrupt(signal.SIGINT, "reproducibility")

    def test_ctrl_c_from_a_terminal_reaches_the_whole_group(self):
        self.lab.describe(scenario("app.one", "warm"), dockerfile=SLEEPING)
        process = self.lab.start("run", "--all")
        wait_for(lambda: any(asleep(pid) for pid in descendants(process.pid)), 60, "the sleeping step")
        os.killpg(process.pid, signal.SIGINT)
        self.assert_exit(harness.finish(process, 30), 130)

    def test_a_run_that_waits_for_a_kept_builder_says_so_and_ends_at_once(self):
        self.lab.describe(scenario("app.one", "warm"), dockerfile=SLEEPING)
        first = self.lab.start("run", "--all")
        wait_for(lambda: any(asleep(pid) for pid in descendants(first.pid)), 60, "the sleeping step")
        second = self.lab.start("run", "--all")
        time.sleep(2.5)  # it says so after one second
        begin = time.monotonic()
        os.kill(second.pid, signal.SIGINT)
        waited = harness.finish(second, 30)
        self.assert_exit(waited, 130)
        self.assertLess(time.monotonic() - begin, 2)
        self.assert_says(waited, "waiting for another run that uses the kept builder of subject app")
        self.assertIsNone(first.poll(), "the other run goes on")
        os.kill(first.pid, signal.SIGINT)
        self.assert_exit(harness.finish(first, 30), 130)

    def test_an_interrupted_run_hides_no_report(self):
        self.lab.describe(scenario("app.one", "reproducibility"))
        self.assert_exit(self.lab.run("run", "--all"), 0)
        self.lab.write("Dockerfile", SLEEPING)
        process = self.lab.start("run", "--all")
        wait_for(lambda: any(asleep(pid) for pid in descendants(process.pid)), 60, "the sleeping step")
        os.kill(process.pid, signal.SIGINT)
        self.assert_exit(harness.finish(process, 30), 130)
        report = self.lab.run("report")
        self.assertIn("digest_stability: PASS", report.out)
        self.assert_says(report, "was cut short")
        self.assert_exit(self.lab.run("compare", "--last", "2"), 4)

    def test_a_kept_builder_survives_an_interrupt(self):
        self.interrupt(signal.SIGINT, "warm")
        self.lab.describe(scenario("app.one", "warm", gates={"min_hit_ratio": 1.0}))
        self.assert_exit(self.lab.run("run", "--all"), 0)


class Killed(harness.LabTest):
    def test_at_random_moments_nothing_is_left_and_the_next_run_works(self):
        chance = random.Random(SEED)
        self.lab.describe(
            scenario("app.cold", "cold"),
            scenario("app.warm", "warm"),
            scenario("app.reproducibility", "reproducibility"),
            dockerfile=DOCKERFILE + "RUN /bin/busybox sleep 0.3\n",
        )
        whole = self.lab.run("run", "--all")
        self.assert_exit(whole, 0)
        for attempt in range(KILLS):
            moment = chance.uniform(0, whole.seconds)
            with self.subTest(seed=SEED, attempt=attempt, moment=round(moment, 3)):
                process = self.lab.start("run", "--all")
                time.sleep(moment)
                os.kill(process.pid, signal.SIGKILL)
                process.communicate(timeout=30)
                self.assert_processes_gone()
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 0)
        self.assert_nothing_left()
        latest = os.path.realpath(self.lab.store / "latest")
        self.assertTrue(os.path.exists(os.path.join(latest, "run.json")), "latest names a half-written run")

    def assert_processes_gone(self, within=3):
        """After SIGKILL no process may stay; sockets and folders are swept by the next start."""
        deadline = time.monotonic() + within

        def left():
            return [item for item in self.lab.leftovers() if not item.startswith("socket")]

        while left() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(left(), [], "left behind by a killed run")


if __name__ == "__main__":
    harness.main()
