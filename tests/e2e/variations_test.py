"""Builds in varied surroundings: what leaks is named, what does not passes, what cannot be varied is neither."""

import http.server
import os
import pathlib
import shutil
import subprocess
import threading

import harness
from harness import DOCKERFILE, scenario

# Enough of a system for RUN to look at its surroundings, dynamically linked with the host's glibc.
PROGRAMS = ("dash", "date", "uname", "nproc", "hostname", "env", "cat", "cut", "touch", "mkdir")
GLIBC_DOCKERFILE = """\
FROM scratch
COPY --chmod=0755 root /
"""


def copy_glibc_root(target):
    files = set()
    for name in PROGRAMS:
        program = shutil.which(name)
        shutil.copy(program, place(target, "/bin/" + ("sh" if name == "dash" else name)))
        listing = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
        files |= {word for word in listing.split() if word.startswith("/")}
    libraries = pathlib.Path(next(f for f in files if "/libc.so.6" in f)).parent
    files.add(str(libraries / "libm.so.6"))  # libfaketime needs it
    for file in files:
        shutil.copy(os.path.realpath(file), place(target, file))


def place(root, path):
    target = pathlib.Path(root) / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


class Variations(harness.LabTest):
    def vary(self, steps, words, code, libc=True, environment=None, subject=None, **fields):
        """Runs one scenario that varies `words`; returns its record with the findings by name."""
        if libc:
            copy_glibc_root(self.lab.project / "root")
        dockerfile = (GLIBC_DOCKERFILE if libc else DOCKERFILE) + steps
        self.lab.describe(scenario("app.vary", "reproducibility", vary=words, **fields), dockerfile=dockerfile,
                          **(subject or {}))
        self.lab.write(".dockerignore", "*\n!busybox\n!input.txt\n!root\n")
        before = len(self.lab.records())
        finished = self.lab.run("run", "--all", environment=environment, timeout=240)
        self.assert_exit(finished, code)
        self.finished = finished
        self.assertEqual(len(self.lab.records()), before + 1)
        record = self.lab.records()[-1]
        self.found = {row["name"]: row for row in record["variations"]}
        self.record = record
        return record

    def outcomes(self):
        return {name: row["outcome"] for name, row in self.found.items()}

    def assert_guilty(self, *names):
        self.assertEqual({name for name, outcome in self.outcomes().items() if outcome == "failed"}, set(names),
                         str(self.finished))

    def digests(self):
        """Of the plain builds and of the varied ones."""
        return ({build["digest"] for build in self.record["builds"]},
                {build["digest"] for build in self.record["varied_builds"]})

    def test_an_image_that_depends_on_nothing_stays_the_same_and_shows_no_trace(self):
        """All container variations at once give the plain image, so the shim itself left nothing in it."""
        self.vary("RUN umask 022; mkdir /made; echo hello > /made/file\n", "all", 0)
        plain, varied = self.digests()
        self.assertEqual(plain, varied)
        self.assertEqual(len(plain), 1)
        self.assertLessEqual(len(self.record["builds"]) + len(self.record["varied_builds"]), 5)
        outcomes = self.outcomes()
        for name in ("environment", "hostname", "clock=+1d", "clock=+35d", "clock=+1y", "time_zone", "locale", "umask",
                     "user", "aslr", "kernel", "context_umask", "context_mtime", "file_order", "parallelism", "network",
                     "builder_options"):
            self.assertEqual(outcomes[name], "passed", str(self.found[name]))
        self.assertEqual(outcomes["cpus"], "passed" if os.cpu_count() > 1 else "not_applied")
        self.assertEqual(outcomes["cache_mounts"], "not_applied")
        self.assert_says(self.finished, "variation cache_mounts was not applied: no RUN has a cache mount")
        self.assertIn("variations_stable", {gate["name"] for gate in self.record["gates"]})

    def test_without_vary_there_is_no_shim(self):
        """Off unless asked for: a shim that could not even be started changes nothing."""
        self.lab.describe(scenario("app.plain", "reproducibility"))
        broken = self.lab.write("not-a-program", "")
        finished = self.lab.run("run", "--all", environment={"BUILDLAB_RUNTIME": str(broken)})
        self.assert_exit(finished, 0)
        record = self.lab.records()[-1]
        self.assertEqual((record["variations"], record["varied_builds"]), ([], []))

    def test_a_host_name_in_the_image_is_proven_by_its_canary(self):
        self.vary("RUN hostname > /name\n", ["hostname", "environment", "time_zone", "kernel", "umask", "-umask"], 1)
        self.assert_guilty("hostname")
        self.assertIn("buildlab-canary-hostname", self.found["hostname"]["reason"])
        self.assertEqual(len(self.record["varied_builds"]), 2, "the canary needs no search")
        self.assertEqual(self.record["varied_builds"][0]["canaries"], ["hostname"])
        self.assert_says(self.finished, "the image changes with hostname")
        causes = self.found["hostname"]["drift"]["causes"]
        self.assertEqual([(cause["place"], cause["row"], cause["proven"]) for cause in causes], [("name", "G9", True)])
        guilty = self.found["hostname"]["digest"]
        kept = [build["artifacts"] for build in self.record["varied_builds"] if build["digest"] == guilty]
        image = self.lab.store / "runs" / self.record["run_id"] / kept[0] / "image.oci.tar"
        self.assertTrue(image.exists(), "the guilty image stays for a comparison")
        plain = self.lab.store / "runs" / self.record["run_id"] / self.record["builds"][0]["artifacts"] / "image.oci.tar"
        self.assertEqual(self.lab.run("diff", plain, image, store=False).code, 1)

    def test_a_time_zone_in_the_image_is_found(self):
        self.vary("RUN date -d @0 +%H:%M > /time\n", ["hostname", "time_zone", "clock=+1d", "cpus", "aslr"], 1)
        self.assert_guilty("time_zone")
        self.assertIn("in each of 3 builds", self.found["time_zone"]["reason"])

    def test_a_date_in_the_image_is_found(self):
        self.vary("RUN date +%Y-%m-%d > /date\n", ["hostname", "time_zone", "-time_zone", "clock", "environment"], 1)
        self.assert_guilty("clock=+1d", "clock=+35d", "clock=+1y")

    def test_a_year_in_the_image_is_no_matter_of_days(self):
        """The clock of a plain build is real, so this fails in the last day of a year only."""
        self.vary("RUN date +%Y > /year\n", ["clock=+1y", "clock=+1s"], 1)
        self.assert_guilty("clock=+1y")
        self.assertEqual(self.found["clock=+1s"]["outcome"], "passed")

    def test_what_containers_see_of_processors_kernel_user_and_layout_is_found(self):
        steps = ("RUN nproc > /cpus\n"
                 "RUN uname -r > /kernel\n"
                 "RUN echo \"$USER\" > /user\n"
                 "RUN cat /proc/self/personality > /layout\n")
        words = ["cpus", "kernel", "user", "aslr", "hostname", "parallelism"]
        self.vary(steps, words, 1, max_builds=40)
        self.assert_guilty(*(["cpus"] if os.cpu_count() > 1 else []), "kernel", "user", "aslr")
        self.assertIn("buildlab-canary-user", self.found["user"]["reason"])
        # The image that shows one may be kept of a build with others that changed nothing.
        kernel = {c["place"]: (c["class"], c["row"], c["lines"]) for c in self.found["kernel"]["drift"]["causes"]}
        self.assertEqual(kernel.pop("kernel"), ("HOST", "G9", [4, 4]))
        # An older kernel is a personality, as the layout of memory is.
        self.assertIn(kernel, ({}, {"layout": ("HOST", "G9", [6, 6])}))
        layout = self.found["aslr"]["drift"]["causes"]
        self.assertEqual([(c["place"], c["class"], c["row"]) for c in layout], [("layout", "RAND", "G9")])

    def test_names_of_variables_in_the_image_are_found(self):
        self.vary("RUN env | cut -d = -f 1 > /names\n", ["environment", "locale", "hostname"], 1)
        self.assert_guilty("environment", "locale")
        self.assertIn("BUILDLAB_CANARY_VARIABLE", self.found["environment"]["reason"])

    def test_the_umask_of_run_and_of_the_context_is_found(self):
        self.vary("COPY input.txt /copied\nRUN echo > /made\n", ["umask", "context_umask", "hostname"], 1)
        self.assert_guilty("umask", "context_umask")
        for name, path, line in (("umask", "made", 4), ("context_umask", "copied", 3)):
            drift = self.found[name]["drift"]
            self.assertEqual([cause["place"] for cause in drift["causes"]], [path])
            self.assertEqual((drift["causes"][0]["class"], drift["causes"][0]["lines"]), ("PERM", [line, line]))
            self.assertTrue(drift["causes"][0]["fix"])
            self.assert_says(self.finished, f"{path} [mode], written by Dockerfile:{line}")

    def test_times_of_the_context_are_found_where_nothing_sets_them(self):
        self.vary("COPY input.txt /copied\n", ["context_mtime", "context_order"], 1, subject={"rewrite_timestamp": False})
        self.assert_guilty("context_mtime")
        self.assertIn(self.found["context_order"]["outcome"], ("passed", "not_applied"))

    def test_what_a_cache_mount_holds_is_found(self):
        steps = "RUN --mount=type=cache,target=/cache umask 022; if [ -e /cache/x ]; then echo warm; fi > /out; touch /cache/x\n"
        self.vary(steps, ["cache_mounts", "hostname"], 1)
        self.assert_guilty("cache_mounts")

    def test_hosts_and_limits_of_the_builder_are_found(self):
        self.vary("RUN cat /etc/hosts > /names\n", ["builder_options", "environment"], 1)
        self.assert_guilty("builder_options")
        self.assertIn("buildlab-canary-hosts", self.found["builder_options"]["reason"])

    def test_the_order_of_files_is_found(self):
        """tmpfs lists files otherwise than ext4; where the store itself lies on tmpfs there is nothing to vary."""
        kind = subprocess.run(["stat", "-f", "-c", "%T", str(self.lab.base)], check=True, capture_output=True, text=True)
        if "ext" not in kind.stdout:
            self.skipTest("the test's folder is on " + kind.stdout.strip())
        steps = ("RUN /bin/busybox mkdir /d && for i in $(/bin/busybox seq 50); do /bin/busybox touch /d/$i; done\n"
                 "RUN /bin/busybox find /d > /list\n")
        self.vary(steps, ["file_order", "hostname"], 1, libc=False)
        self.assert_guilty("file_order")

    def test_a_static_program_sees_no_other_clock_and_is_not_said_to(self):
        self.vary("RUN /bin/busybox true\n", ["clock=+1d", "hostname", "environment"], 0, libc=False)
        self.assertEqual(self.found["clock=+1d"]["outcome"], "not_applied")
        self.assertIn("/bin/busybox is a static program", self.found["clock=+1d"]["reason"])
        self.assertEqual(self.found["hostname"]["outcome"], "passed")
        self.assert_says(self.finished, "variation clock=+1d was not applied")

    def test_a_clock_that_some_steps_do_not_see_is_not_passed(self):
        steps = "COPY busybox /bin/busybox\nRUN date > /dev/null\nRUN [\"/bin/busybox\", \"true\"]\n"
        self.vary(steps, ["clock=+1d", "hostname"], 0)
        self.assertEqual(self.found["clock=+1d"]["outcome"], "not_applied")
        self.assertIn("not applied to 1 of 2 RUN", self.found["clock=+1d"]["reason"])

    def test_a_static_program_that_a_shell_starts_is_noticed(self):
        """What the first program is says nothing of those that it starts, also of one that is gone by then."""
        steps = ("COPY busybox /bin/busybox\n"
                 "RUN /bin/busybox cp /bin/busybox /gone; /gone true; /bin/busybox rm /gone; touch -d @0 /\n")
        self.vary(steps, ["clock=+1d", "hostname"], 0)
        self.assertEqual(self.found["clock=+1d"]["outcome"], "not_applied")
        self.assertIn("is a static program", self.found["clock=+1d"]["reason"])

    def test_a_shell_that_starts_programs_of_glibc_sees_the_clock_everywhere(self):
        self.vary("RUN date > /dev/null; touch /made; cat /made\n", ["clock=+1d", "hostname"], 0)
        self.assertEqual(self.found["clock=+1d"]["outcome"], "passed", self.found["clock=+1d"]["reason"])

    def test_what_the_image_sets_itself_is_passed_and_said(self):
        self.vary("ENV TZ=UTC\nRUN umask 022; date -d @0 > /time\n", ["time_zone", "hostname"], 0)
        self.assertEqual(self.found["time_zone"]["outcome"], "passed")
        self.assertIn("the image sets TZ itself", self.found["time_zone"]["reason"])

    def test_a_build_that_needs_the_network_is_not_said_to_pass_without(self):
        class Quiet(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        step = f"RUN /bin/busybox wget -q -O /dev/null http://127.0.0.1:{server.server_port}/\n"
        self.vary(step, ["network", "hostname", "parallelism"], 0, libc=False)
        self.assertEqual(self.found["network"]["outcome"], "not_applied")
        self.assertIn("the build needs the network", self.found["network"]["reason"])
        self.assertIn("wget", self.found["network"]["reason"])
        self.assertEqual(self.found["hostname"]["outcome"], "passed")

    def test_a_missing_libfaketime_is_told_with_what_to_install(self):
        self.vary("RUN true\n", ["clock=+1d", "hostname"], 0, environment={"BUILDLAB_FAKETIME": "/nowhere"})
        self.assertEqual(self.found["clock=+1d"]["outcome"], "not_applied")
        self.assertEqual(self.found["clock=+1d"]["builds"], 0)
        self.assert_says(self.finished, "apt-get install libfaketime")

    def test_where_nothing_can_be_applied_nothing_is_evaluated(self):
        self.vary("RUN true\n", ["hostname", "clock=+1d"], 4, environment={"BUILDLAB_RUNTIME": "/nowhere"})
        self.assertEqual(set(self.outcomes().values()), {"not_applied"})
        self.assertEqual(self.record["varied_builds"], [])

    def test_an_image_that_drifts_by_itself_blames_no_variation(self):
        self.vary("RUN cat /proc/sys/kernel/random/uuid > /id\n", ["umask", "environment", "kernel"], 1)
        self.assertEqual(set(self.outcomes().values()), {"unknown"})
        self.assertIn("nothing varied", self.found["umask"]["reason"])
        self.assertLessEqual(len(self.record["varied_builds"]), 1)

    def test_what_policies_pass_over_makes_no_image_another_one(self):
        drifting = "RUN mkdir -p /var/log && cat /proc/sys/kernel/random/uuid > /var/log/id\n"
        policy = {"ignore_differences": ["path=var/log/*,content:the log is not read"]}
        self.vary(drifting, ["hostname", "kernel"], 0, gates=policy)
        self.assertEqual(set(self.outcomes().values()), {"passed"})
        first, second = (build["image"] for build in self.record["builds"])
        self.assertNotEqual(first["digest"], second["digest"])
        self.assertEqual((first["same_as"], second["same_as"]), (None, first["digest"]))
        self.assertEqual(second["passed_over"], [
            {"policy": "path=var/log/*,content", "reason": "the log is not read", "differences": 1}])
        self.assertEqual(self.record["drift"], [])
        digests = next(gate for gate in self.record["gates"] if gate["name"] == "digest_stable")
        self.assertIn("2 different manifest digests; ignore_differences passes over all", digests["message"])
        self.assertIn("the log is not read", str(digests["evidence"]))

        self.vary(drifting + "RUN uname -r > /kernel\n", ["hostname", "kernel"], 1, gates=policy)
        self.assertEqual(self.outcomes(), {"hostname": "passed", "kernel": "failed"})
        row = self.found["kernel"]["drift"]
        self.assertEqual([cause["place"] for cause in row["causes"]], ["kernel"])
        self.assertEqual([one["differences"] for one in row["passed_over"]], [1])

    def test_a_policy_hides_no_content_unless_it_says_so(self):
        self.vary("RUN cat /proc/sys/kernel/random/uuid > /id\n", ["umask"], 1,
                  gates={"ignore_differences": ["path=id:its times do not matter"]})
        self.assertEqual([build["image"]["same_as"] for build in self.record["builds"]], [None, None])
        self.assert_says(self.finished, "2 different manifest digests")

    def test_the_budget_of_builds_is_kept(self):
        self.vary("RUN uname -r > /kernel\n", "all", 1, max_builds=7, gates={"variations_stable": False, "max_image_size": "1KiB"})
        self.assertLessEqual(len(self.record["builds"]) + len(self.record["varied_builds"]), 7)
        self.assertIn("unknown", set(self.outcomes().values()))


if __name__ == "__main__":
    harness.main()
