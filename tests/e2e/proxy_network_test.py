"""The proxy network: inputs that moved between two builds are named, and nothing of it stays in the image."""

import hashlib
import http.server
import json
import stat
import threading

import harness
from harness import DOCKERFILE, scenario

# A Dockerfile's own steps stand behind the usual ones.
LINES = DOCKERFILE.count("\n")
# BuildKit puts its authority into such a file while a step runs.
BUNDLE = "RUN /bin/busybox mkdir -p /etc/ssl/certs && echo '# none' > /etc/ssl/certs/ca-certificates.crt\n"
# BuildKit's NO_PROXY names loopback, where the server here listens: the steps ask the proxy for it all the same.
ASK = "export no_proxy= NO_PROXY=;"


class Archive:
    """A server on loopback that gives the first and the second asker of a path different things."""

    def __init__(self):
        self.answers = {}  # path -> list of bodies; the last one stays
        self.asked = []
        self.lock = threading.Lock()
        archive = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with archive.lock:
                    archive.asked.append(self.path)
                    bodies = archive.answers.get(self.path.split("?")[0])
                    body = None if not bodies else bodies.pop(0) if len(bodies) > 1 else bodies[0]
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def digest(text):
    return "sha256:" + hashlib.sha256(text).hexdigest()


class ProxyNetwork(harness.LabTest):
    def setUp(self):
        super().setUp()
        self.archive = Archive()
        self.addCleanup(self.archive.close)

    def build(self, steps, code, environment=None, kind="reproducibility", network="proxy"):
        """Runs one scenario; returns its record, if there is one."""
        self.lab.describe(scenario("app.net", kind, network=network), dockerfile=DOCKERFILE + steps)
        before = len(self.lab.records())
        self.finished = self.lab.run("run", "--all", environment=environment, timeout=240)
        self.assert_exit(self.finished, code)
        records = self.lab.records()
        return records[-1] if len(records) > before else None

    def fetch(self, path, target="/got"):
        return f"RUN {ASK} /bin/busybox wget -q -O {target} {self.archive.url}{path}\n"

    def test_another_version_on_the_second_build_is_named(self):
        """One build is told 1.3.0, the other 1.3.1: package, versions, digests, step and line are told."""
        texts = {"1.3.0": b"the old one", "1.3.1": b"the new one"}
        self.archive.answers = {"/latest": [b"1.3.0", b"1.3.1"], "/right-pad/-/right-pad-1.0.0.tgz": [b"the same"]}
        for version, text in texts.items():
            self.archive.answers[f"/left-pad/-/left-pad-{version}.tgz"] = [text]
        record = self.build(
            self.fetch("/right-pad/-/right-pad-1.0.0.tgz", "/right") +
            f"RUN {ASK} v=$(/bin/busybox wget -q -O - {self.archive.url}/latest) && "
            f"/bin/busybox wget -q -O /left {self.archive.url}/left-pad/-/left-pad-$v.tgz\n", 1)
        self.assertTrue(record["circumstances"]["proxy_network"])
        drift = record["drift"][0]
        package, latest = drift["moved_inputs"]
        versions = package["version_a"], package["version_b"]
        self.assertEqual(set(versions), set(texts))
        self.assertEqual((package["class"], package["ecosystem"], package["package"]), ("VERS", "npm", "left-pad"))
        for side, version in zip("ab", versions):
            self.assertEqual(package[side], [{"url": f"{self.archive.url}/left-pad/-/left-pad-{version}.tgz",
                                              "digest": digest(texts[version])}])
        self.assertEqual(package["steps"], [{"lines": [LINES + 2, LINES + 2]}])
        self.assertEqual(latest["what"], f"{self.archive.url}/latest")
        self.assertEqual({latest["a"][0]["digest"], latest["b"][0]["digest"]}, {digest(b"1.3.0"), digest(b"1.3.1")})
        # The file in the image is what the URL gave: it provably follows from the input.
        cause = next(cause for cause in drift["causes"] if cause["place"] == "left")
        self.assertEqual((cause["class"], cause["proven"], cause["input"]), ("VERS", True, package["what"]))
        # Of steps with the proxy network BuildKit's provenance knows no layers: the image's history does.
        self.assertEqual(cause["lines"], [LINES + 2, LINES + 2])
        self.assertEqual([(step["lines"], step["origin"]) for step in drift["steps"]],
                         [([LINES + 2, LINES + 2], "root")])
        for build in record["builds"]:
            self.assertEqual([layer["lines"] for layer in build["image"]["layers"]],
                             [[line, line] for line in (2, 6, 7, 8, LINES + 1, LINES + 2)])
        order = " → ".join(versions)
        self.assert_says(self.finished, f"input VERS: left-pad {order} (npm), read by Dockerfile:{LINES + 2} RUN export",
                         digest(b"the old one"), digest(b"the new one"), "with a lock file and npm ci")
        for shape in ("junit", "markdown", "json"):
            report = self.lab.run("report", "--format", shape)
            self.assertIn(f"left-pad {order}", report.out, str(report))
            self.assertIn(digest(b"the new one"), report.out, shape)

    def test_other_content_under_one_address_is_named_with_its_step(self):
        self.archive.answers = {"/install.sh": [b"one", b"two", b"three", b"four"]}
        record = self.build(self.fetch("/install.sh") + self.fetch("/install.sh?token=hunter2", "/other"), 1)
        moved = record["drift"][0]["moved_inputs"]
        first = next(entry for entry in moved if entry["what"] == f"{self.archive.url}/install.sh")
        self.assertEqual(first["steps"], [{"lines": [LINES + 1, LINES + 1]}])
        self.assertIn("ADD --checksum=sha256:", first["fix"])
        second = next(entry for entry in moved if "token" in entry["what"])
        self.assertEqual(second["steps"], [{"lines": [LINES + 2, LINES + 2]}])
        self.assertEqual(second["what"], f"{self.archive.url}/install.sh?token=***")
        # The provenance of both builds tells as much of images that are compared by hand.
        folder = self.lab.store / "runs" / record["run_id"]
        builds = [folder / build["artifacts"] for build in record["builds"]]
        compared = self.lab.run("diff", "--json", builds[0] / "image.oci.tar", builds[1] / "image.oci.tar",
                                "--provenance", builds[0] / "provenance.json", builds[1] / "provenance.json",
                                store=False)
        self.assert_exit(compared, 1)
        told = json.loads(compared.out)
        self.assertIn(first["what"], [entry["what"] for entry in told["inputs"]])
        self.assertIn(first["what"], [difference["input"] for difference in told["differences"]])
        steps = {difference["path"]: difference["step"]["first_line"] for difference in told["differences"]
                 if difference["path"] in ("got", "other")}
        self.assertEqual(steps, {"got": LINES + 1, "other": LINES + 2})

    def test_each_drifting_file_has_its_line_in_any_kind_of_step(self):
        """Stages, a linked COPY, a heredoc, a command over lines; a step that only passes drift on is told from it."""
        self.archive.answers = {"/noise": [b"one", b"two", b"three", b"four"]}
        steps = (
            "COPY --link input.txt /linked\n"
            f"RUN <<EOF\nexport no_proxy= NO_PROXY=\n/bin/busybox wget -q -O /noise {self.archive.url}/noise\nEOF\n"
            "FROM runtime\n"
            "ENV COPIED=/copied\n"
            "COPY --link --from=runtime /noise ${COPIED}\n"
            "RUN --network=none /bin/busybox cat /noise \\\n  # again\n  > /again\n"
            "RUN --network=none /bin/busybox echo same > /same\n"
            "CMD [\"/bin/busybox\"]\n")
        record = self.build(steps, 1)
        drift = record["drift"][0]
        written = {"noise": [LINES + 2, LINES + 5], "copied": [LINES + 8, LINES + 8], "again": [LINES + 9, LINES + 11]}
        self.assertEqual({cause["place"]: cause["lines"] for cause in drift["causes"]
                          if cause["place"] in written and "content" in cause["attributes"]},
                         written, json.dumps(drift["causes"], indent=2))
        origins = {tuple(step["lines"]): step["origin"] for step in drift["steps"]}
        self.assertEqual(origins, {tuple(written["noise"]): "root", tuple(written["copied"]): "inherited",
                                   tuple(written["again"]): "inherited"}, json.dumps(drift["steps"], indent=2))

    def test_nothing_of_it_stays_in_the_image(self):
        """Same bytes with and without the proxy: with a bundle of authorities in the image and without one."""
        self.archive.answers = {"/file": [b"content"]}
        for before in ("", BUNDLE):
            digests = set()
            for network in ("direct", "proxy"):
                record = self.build(before + self.fetch("/file") + "RUN /bin/busybox mkdir /made\n", 0, network=network)
                self.assertEqual(record["circumstances"]["proxy_network"], network == "proxy")
                digests |= {build["digest"] for build in record["builds"]}
            self.assertEqual(len(digests), 1, f"traces with {before!r}")

    def test_programs_with_a_bundle_of_their_own_are_told_of_the_authority(self):
        """The variables are there while the step runs, name a file with the proxy's authority, and stay nowhere."""
        self.build(BUNDLE + "ENV PIP_CERT=/mine\n"
                   "RUN test -n \"$NODE_EXTRA_CA_CERTS\" -a \"$NODE_EXTRA_CA_CERTS\" = \"$SSL_CERT_FILE\""
                   " && test $PIP_CERT = /mine && /bin/busybox grep -q 'buildkit proxy CA' $NODE_EXTRA_CA_CERTS\n"
                   "RUN --network=none test -z \"$NODE_EXTRA_CA_CERTS\" && test $PIP_CERT = /mine\n", 0)

    def test_other_traffic_is_blocked(self):
        """A raw connection fails in the step that makes it, whose line and reason are told."""
        self.build("RUN /bin/busybox nc -w 2 192.0.2.1 80 < /dev/null\n", 3, kind="cold")
        self.assert_says(self.finished, f"Dockerfile:{LINES + 1} RUN", "the step had the proxy network")

    def test_an_older_engine_is_refused_before_anything_is_built(self):
        engine = self.lab.base / "engine"
        engine.mkdir()
        for name in ("buildkitd", "buildctl"):
            (engine / name).write_text(f"#!/bin/sh\necho {name} github.com/moby/buildkit v0.31.1 abcdef\n")
            (engine / name).chmod(stat.S_IRWXU)
        self.build("", 99, environment={"BUILDLAB_BUILDKITD": str(engine / "buildkitd")})
        self.assert_says(self.finished, '"network": "proxy" needs BuildKit v0.32 or newer', "v0.31.1")


if __name__ == "__main__":
    harness.main()
