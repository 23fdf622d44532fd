"""Bad days: a network that stalls, a cache that is thrown away in the middle, a clock that is put forward, two runs at
once. None of them is taken for what the Dockerfile does."""

import contextlib
import glob
import http.server
import os
import pathlib
import ssl
import subprocess
import threading

import harness
from harness import DOCKERFILE, scenario
from registry import Registry

# BuildKit's NO_PROXY names loopback, where the server here listens: the steps ask the proxy for it all the same.
ASK = "export no_proxy= NO_PROXY=;"
MORE = {"append": "input.txt", "text": "more\n"}
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


def fetch(**fields):
    return {"at": "fetch", **fields}


class Archive:
    """A server on loopback that gives every path the same text, over HTTPS where it has a certificate."""

    def __init__(self, certificate=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"given")

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class NoisyNetwork(harness.LabTest):
    def setUp(self):
        super().setUp()
        self.archive = Archive()
        self.addCleanup(self.archive.close)

    def build(self, code, *faults, steps=None, environment=None, **fields):
        """Runs one scenario whose last step fetches; returns the command and the record."""
        steps = steps or f"RUN {ASK} /bin/busybox wget -q -O /a {self.archive.url}/a\n"
        self.lab.describe(scenario("app.cold", "cold", network="observed", faults=list(faults), **fields),
                          dockerfile=DOCKERFILE + steps)
        finished = self.lab.run("run", "--all", timeout=240, environment=environment)
        self.assert_exit(finished, code)
        return finished, self.lab.records()[-1]

    def test_a_spike_in_one_build_is_left_out_and_built_again(self):
        """Eight seconds before an answer, in the second of two builds: a third is made, and the gate looks at two."""
        finished, record = self.build(0, fetch(fault="latency", latency_ms=8000, build=2), runs=2,
                                      gates={"max_duration_sec": 7})
        builds = record["builds"]
        self.assertEqual([build.get("noisy_network") is not None for build in builds], [False, True, False])
        self.assertIn("RUN export no_proxy=", builds[1]["noisy_network"])
        fetches = [build["steps"][-1]["fetches"] for build in builds]
        self.assertEqual([(each["requests"], each["failed"], each["retries"]) for each in fetches], [(1, 0, 0)] * 3)
        self.assertGreaterEqual(fetches[1]["slowest_answer_sec"], 8)
        self.assertLess(fetches[0]["seconds"], 2)
        (gate,) = [gate for gate in record["gates"] if gate["name"] == "max_duration_sec"]
        self.assertEqual(gate["verdict"], "pass")
        self.assertIn("of 2 builds", gate["message"])
        self.assertIn("left out for a noisy network: build 2", gate["message"])
        self.assertIn("1 further build was made in place of those with a noisy network", record["notes"])
        self.assertEqual(record["faults"], ["fetch latency latency_ms=8000 build=2"])
        self.assertEqual(len({build["digest"] for build in builds}), 1, "the image is the same")
        self.assert_schema((next(self.lab.store.glob("runs/*/*/record.json"))).read_text(), "record")
        report = self.lab.run("report", "--format", "markdown")
        self.assertIn("noisy network", report.out, str(report))

    def test_where_every_build_met_trouble_a_gate_says_noisy_and_not_slower(self):
        """A step that asks again after a 503, in each build: four builds, and no verdict on their time."""
        url = f"{self.archive.url}/a"
        steps = f"RUN {ASK} /bin/busybox wget -q -O /a {url} || /bin/busybox wget -q -O /a {url}\n"
        finished, record = self.build(4, fetch(fault="status", status=503, times=1), steps=steps,
                                      gates={"max_duration_sec": 0.01})
        self.assertEqual(len(record["builds"]), 4, "one, and three in place of noisy ones")
        fetches = record["builds"][0]["steps"][-1]["fetches"]
        self.assertEqual((fetches["requests"], fetches["failed"], fetches["retries"]), (2, 1, 1))
        (gate,) = [gate for gate in record["gates"] if gate["name"] == "max_duration_sec"]
        self.assertEqual(gate["verdict"], "not_evaluated")
        self.assert_says(finished, "noisy network: median", "1 of the 2 requests of steps failed")

    def test_without_trouble_the_same_gate_is_red(self):
        _, record = self.build(1, gates={"max_duration_sec": 0.01, "confirmation_runs": 0})
        self.assertNotIn("noisy_network", record["builds"][0])
        self.assertEqual(record["builds"][0]["steps"][-1]["fetches"]["failed"], 0)

    def test_each_fault_of_a_step_that_asks_once_is_as_documented(self):
        """A step that checks nothing and does not ask again: docs/faults.md says what becomes of its build."""
        self.build(0)
        digest = self.lab.records()[-1]["builds"][0]["digest"]
        for fault, code in (("refused", 3), ("gone", 3), ("cut", 3), ("unauthorized", 3), ("too_many_requests", 3),
                            ({"fault": "status", "status": 500}, 3), ({"fault": "latency", "latency_ms": 50}, 0),
                            ({"fault": "bandwidth", "bytes_per_sec": 1024}, 0), ("corrupt", 0), ("no_route", 3),
                            ("unresolved", 3), ({"fault": "slow_dns", "delay_ms": 50}, 0)):
            fields = fault if isinstance(fault, dict) else {"fault": fault}
            with self.subTest(fields):
                _, record = self.build(code, fetch(**fields))
                build = record["builds"][0]
                if code == 0:
                    self.assertEqual(build["digest"] == digest, fault != "corrupt")
                else:
                    self.assertIsNone(build["digest"])
                    self.assertIn("wget", build["failure"])

    def test_an_edited_build_is_made_again_too(self):
        url = f"{self.archive.url}/a"
        steps = f"RUN {ASK} /bin/busybox wget -q -O /a {url} || /bin/busybox wget -q -O /a {url}\n"
        self.lab.describe(scenario("app.edit", "edit", network="observed", input_mutation=[MORE],
                                   faults=[fetch(fault="refused", times=1, build=1)]), dockerfile=DOCKERFILE + steps)
        self.assert_exit(self.lab.run("run", "--all", timeout=240), 0)
        record = self.lab.records()[-1]
        self.assertEqual(["noisy_network" in build for build in record["builds"]], [True, False])
        self.assertEqual([build["valid"] for build in record["builds"]], [True, True])
        self.assertEqual(record["priming"][0]["steps"][-1]["fetches"]["failed"], 0, "priming is not disturbed")

    def test_a_download_over_https_goes_the_same_way(self):
        """The run's own server checks the certificate, and makes its faults there too."""
        certificate = str(self.lab.base / "server.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", certificate,
                        "-out", certificate + ".crt"], check=True, capture_output=True)
        pathlib.Path(certificate).write_text(pathlib.Path(certificate).read_text() +
                                             pathlib.Path(certificate + ".crt").read_text())
        secure = Archive(certificate)
        self.addCleanup(secure.close)
        steps = f"ADD {secure.url}/file /file\nRUN test \"$(/bin/busybox cat /file)\" = given\n"
        trusted = {"SSL_CERT_FILE": certificate + ".crt"}
        self.build(0, steps=steps, environment=trusted)
        finished, _ = self.build(3, fetch(fault="gone"), steps=steps, environment=trusted)
        self.assert_says(finished, "404")
        finished, _ = self.build(3, steps=steps, environment={"SSL_CERT_FILE": "/dev/null"})
        self.assert_says(finished, "502")


def engine_of(lab):
    """(buildctl, address) of the builder that runs for this lab now; None without one. Folders vanish meanwhile."""
    sockets = [os.path.join(folder, name) for folder, _, names in os.walk(lab.runtime) for name in names
               if name == "buildkitd.sock"]
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and harness.program_of(entry.name) == "buildkitd":
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
                folder = os.path.dirname(os.readlink(entry / "exe"))
                for socket in sockets:
                    if socket in command:
                        return os.path.join(folder, "buildctl"), f"unix://{socket}"
    return None


class LostCache(harness.LabTest):
    """Garbage collection, a full disk's administrator: what priming put into the cache is gone when it is needed."""

    def assert_no_verdict(self, finished, record, lost):
        self.assert_exit(finished, 4)
        self.assertEqual([not build["valid"] for build in record["builds"]], lost, record["builds"])
        self.assert_says(finished, "lost", "cache records that its priming made")
        self.assertNotIn("fail", [gate["verdict"] for gate in record["gates"]])

    def test_a_cache_that_is_thrown_away_before_an_edited_build(self):
        prune = self.lab.base / "prune.sh"
        prune.write_text("#!/bin/sh\nset -e\nread -r client address < \"$1\"\n"
                         "\"$client\" --addr \"$address\" prune --all >/dev/null\n")
        place = self.lab.base / "engine.txt"
        self.lab.describe(scenario("app.edit", "edit", gates={"min_hit_ratio": 0.5},
                                   input_mutation=[MORE, {"run": ["sh", str(prune), str(place)]}]))

        def tell():
            place.write_text(" ".join(harness.wait_for(lambda: engine_of(self.lab), 60, "a builder")) + "\n")

        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        finished = self.lab.run("run", "--all")
        teller.join(1)
        self.assert_no_verdict(finished, self.lab.records()[-1], [True])
        # The next run primes anew, and without the loss there is a verdict.
        self.lab.describe(scenario("app.edit", "edit", gates={"min_hit_ratio": 0.5},
                                   input_mutation=[MORE]))
        again = self.lab.run("run", "--all")
        self.assert_exit(again, 0)

    def test_a_cache_that_is_thrown_away_between_builds_without_a_change(self):
        self.lab.describe(scenario("app.warm", "warm", runs=6, gates={"min_hit_ratio": 1.0}))
        process = self.lab.start("run", "--all")
        image = "runs/*/app.warm/builds/1/image.oci.tar"
        harness.wait_for(lambda: next(self.lab.store.glob(image), None), 60, "a build")
        while process.poll() is None:
            if engine := engine_of(self.lab):
                subprocess.run([engine[0], "--addr", engine[1], "prune", "--all"], capture_output=True, timeout=30)
        finished = harness.finish(process)
        record = self.lab.records()[-1]
        valid = [build["valid"] for build in record["builds"]]
        self.assertIn(False, valid, finished)
        self.assertEqual(valid, sorted(valid, reverse=True), "once lost, it stays lost")
        self.assert_no_verdict(finished, record, [not each for each in valid])


class Clock(harness.LabTest):
    def test_a_clock_that_is_put_forward_during_a_build_is_told(self):
        self.assertTrue(FAKETIME, "libfaketime is not installed: apt-get install libfaketime")
        now = self.lab.base / "now"
        now.write_text("+0")
        self.lab.describe(scenario("app.cold", "cold", runs=2),
                          dockerfile=DOCKERFILE + "RUN /bin/busybox sleep 1.5\n")
        process = self.lab.start("run", "--all", environment={
            "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(now), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        harness.wait_for(lambda: [path for path in self.lab.store.glob("runs/*/*/builds/1/progress.rawjson")
                                  if b"sleep" in path.read_bytes()], 60, "the step")
        now.write_text("+3600")
        finished = harness.finish(process)
        self.assert_exit(finished, 0)
        first, second = self.lab.records()[-1]["builds"]
        self.assertAlmostEqual(first["clock_step_sec"], 3600, delta=1)
        self.assertNotIn("clock_step_sec", second)
        for build in (first, second):
            self.assertGreater(build["duration_sec"], 1.5)
            self.assertLess(build["duration_sec"], 60)
            self.assertGreaterEqual(min(build["parts"].values()), 0)
        self.assert_says(finished, "the machine's clock was put forward by")


class TwoRuns(harness.LabTest):
    def both(self, timeout=240):
        """Two runs of everything, started at once."""
        processes = [self.lab.start("run", "--all") for _ in range(2)]
        return [harness.finish(process, timeout) for process in processes]

    def test_on_one_store_both_end_right(self):
        self.lab.describe(
            scenario("app.warm", "warm", runs=1, gates={"min_hit_ratio": 1.0}),
            scenario("app.ephemeral", "ephemeral", cache_mode="registry", gates={"min_hit_ratio": 1.0}))
        both = self.both()
        for finished in both:
            self.assert_exit(finished, 0)
        self.assertIn("waiting for another run that uses the kept builder of subject app", both[0].err + both[1].err)
        records = self.lab.records()
        self.assertEqual(len({record["run_id"] for record in records}), 2)
        self.assertEqual(len(records), 4)
        for name in ("app.warm", "app.ephemeral"):
            digests = {build["digest"] for record in records if record["name"] == name for build in record["builds"]}
            self.assertEqual(len(digests), 1, name)

    def test_on_one_registry_and_reference_both_end_right(self):
        registry = Registry()
        self.addCleanup(registry.close)
        self.lab.describe(scenario("app.ephemeral", "ephemeral", cache_mode="registry",
                                   cache_ref=f"{registry.address}/cache:app", runs=2, gates={"min_hit_ratio": 1.0}))
        for finished in self.both():
            self.assert_exit(finished, 0)
        builds = [build for record in self.lab.records() for build in record["builds"]]
        self.assertEqual([build["valid"] for build in builds], [True] * 4)
        self.assertEqual(len({build["digest"] for build in builds}), 1)


if __name__ == "__main__":
    harness.main()
