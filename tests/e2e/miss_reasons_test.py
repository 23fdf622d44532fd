"""Why steps ran again, told from real builds: each reason once, in the record and where gates fail, and what priming a
kept builder anew tells after a change of one thing."""

import http.server
import json
import os
import threading

from harness import LabTest, main, scenario

DOCKERFILE = """\
FROM scratch
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]
WORKDIR /work
COPY input.txt .
ARG VERSION=1
RUN /bin/busybox sha256sum input.txt > sum.txt
RUN /bin/busybox true
"""

STAGES = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]
FROM tools AS build
COPY input.txt .
ARG VERSION=1
RUN /bin/busybox head -c 16 /dev/urandom > /random
FROM tools AS final
COPY --from=build /random /
RUN /bin/busybox true
"""


class EachReason(LabTest):
    """Lines of STAGES: 2 COPY, 5 COPY input.txt, 7 RUN in build, 9 COPY --from, 10 RUN in final."""

    def run_all(self, *scenarios, code=0):
        self.lab.describe(*scenarios, dockerfile=STAGES)
        self.finished = self.lab.run("run", "--all", timeout=300)
        self.assert_exit(self.finished, code)
        return {record["name"]: record for record in self.lab.records()}

    def told(self, build):
        """Line -> reason and detail of what ran."""
        return {step["lines"][0]: (step["miss_reason"], step["miss_detail"] or "")
                for step in build["steps"] if step["outcome"] == "ran"}

    def reasons(self, build):
        return {line: reason for line, (reason, _) in self.told(build).items()}

    def test_on_a_kept_builder(self):
        attribute = "import os; os.setxattr('input.txt', 'user.mark', b'1')"
        records = self.run_all(
            scenario("app.cold", "cold"),
            scenario("app.warm", "warm", runs=1),
            scenario("app.text", "edit", input_mutation=[{"append": "input.txt", "text": "{token}\n"}]),
            scenario("app.mode", "edit", input_mutation=[{"chmod": "input.txt", "mode": "0640"}]),
            scenario("app.mark", "edit", input_mutation=[{"run": ["python3", "-c", attribute]}]),
            scenario("app.argument", "edit", input_mutation=[{"set_build_arg": "VERSION", "value": "2"}]),
            scenario("app.forced", "warm", runs=1, no_cache=["build"]))
        first = {line: "first-build" for line in (2, 5, 7, 9, 10)}
        self.assertEqual(self.reasons(records["app.cold"]["builds"][0]), first)
        self.assertEqual(self.reasons(records["app.warm"]["priming"][0]), first)
        self.assertEqual(self.told(records["app.warm"]["builds"][0]), {})
        cause = ("parent-rekeyed", "Dockerfile:5 COPY input.txt .")
        for name, told in (("text", ("input-content", "input.txt")),
                           ("mode", ("input-metadata", "mode of input.txt 0644 -> 0640 (umask 0022 -> 0027); `chmod 0644 "
                                     "input.txt` in the context mends it (COPY --chmod does not), umask 0022 keeps it")),
                           ("mark", ("input-metadata", "input.txt has the attribute user.mark now; `setfattr -x "
                                     "user.mark input.txt` in the context mends it (COPY --chmod does not)"))):
            self.assertEqual(self.told(records["app." + name]["builds"][0]),
                             {5: told, 7: cause, 9: cause, 10: cause}, name)
        self.assertEqual(self.told(records["app.argument"]["builds"][0])[7],
                         ("own-definition", "variable VERSION: 1 -> 2"))
        forced = self.told(records["app.forced"]["builds"][0])
        self.assertEqual(forced[7], ("forced", "stage build was told to use no cache"))
        self.assertEqual(forced[9][0], "nondeterministic-parent")
        self.assertIn("Dockerfile:7 RUN", forced[9][1])
        self.assertEqual(forced[10][0], "parent-rekeyed")
        self.assertNotIn(2, forced)

    def test_with_an_imported_cache(self):
        cached = {"cache_mode": "registry"}
        records = self.run_all(
            scenario("app.same", "ephemeral", **cached),
            scenario("app.min", "ephemeral", cache_export_mode="min", **cached,
                     input_mutation=[{"replace": "Dockerfile", "from": "true", "to": "false || true"},
                                     {"replace": "Dockerfile", "from": "--from=build", "to": "--chmod=0600 --from=build"}]),
            scenario("app.refused", "ephemeral", faults=[{"at": "import", "fault": "refused"}], **cached),
            code=4)
        self.assertEqual(self.told(records["app.same"]["builds"][0]), {})
        refused = self.told(records["app.refused"]["builds"][0])
        self.assertEqual({reason for reason, _ in refused.values()}, {"import-failed"})
        self.assertIn("importing cache manifest from", refused[7][1])
        by_min = self.told(records["app.min"]["builds"][0])
        self.assertEqual(by_min[7][0], "result-gone")
        self.assertIn("mode min", by_min[7][1])
        self.assertEqual(by_min[9][0], "own-definition")

    def test_on_several_runners(self):
        records = self.run_all(scenario("app.caches", "matrix", runs=1, backends=["none", "local", "builder"],
                                        input_mutation=[{"append": "input.txt", "text": "{token}\n"}]))
        builds = {build["builder"]: build for build in records["app.caches"]["builds"]}
        self.assertEqual(self.reasons(builds["none"]), {line: "first-build" for line in (2, 5, 7, 9, 10)})
        edited = {5: "input-content", 7: "parent-rekeyed", 9: "parent-rekeyed", 10: "parent-rekeyed"}
        self.assertEqual(self.reasons(builds["local"]), edited)
        self.assertEqual(self.reasons(builds["builder"]), edited)

    def test_where_gates_ask_for_hits(self):
        edit = {"input_mutation": [{"append": "input.txt", "text": "{token}\n"}]}
        gates = {"ratio": {"min_hit_ratio": 1}, "step": {"expect_cached": ["RUN /bin/busybox true"]}}
        self.run_all(*[scenario("app." + name, "edit", gates=gate, **edit) for name, gate in gates.items()], code=1)
        self.assert_says(self.finished, "; Dockerfile:5 COPY input.txt .: input-content: input.txt")
        self.assertIn("build 1; parent-rekeyed: Dockerfile:5 COPY input.txt .", self.finished.err + self.finished.out)
        for form in ("junit", "markdown", "json"):
            report = self.lab.run("report", "--format", form)
            self.assert_exit(report, 0)
            self.assertIn("input-content: input.txt", report.out, form)
        steps = json.loads(report.out)["scenarios"][0]["builds"][0]["steps"]
        self.assertEqual([step["miss_reason"] for step in steps if step["lines"][0] == 5], ["input-content"])
        self.assert_schema(report.out, "report")

    def test_where_a_mutation_changes_the_dockerfile(self):
        shorter = {"replace": "Dockerfile", "from": "ARG VERSION=1\n", "to": ""}
        another = {"replace": "Dockerfile", "from": "true", "to": "echo {token}"}
        records = self.run_all(scenario("app.edit", "edit", input_mutation=[shorter, another], runs=2),
                               scenario("app.fresh", "cold", input_mutation=[shorter, another]))
        for build in records["app.edit"]["builds"]:
            self.assertEqual([step["lines"][0] for step in build["steps"]], [2, 5, 6, 8, 9])
            self.assertNotIn("not-in-graph", [step["outcome"] for step in build["steps"]])
            self.assertEqual(self.reasons(build)[6], "own-definition")
            self.assertEqual(self.told(build)[9], ("own-definition", "text: it was RUN /bin/busybox true"))
        self.assertTrue([note for note in records["app.edit"]["notes"] if "changes the Dockerfile" in note])
        self.assertEqual([step["outcome"] for step in records["app.fresh"]["builds"][0]["steps"]], ["ran"] * 5)
        self.assertNotIn("ARG VERSION", records["app.fresh"]["dockerfile_text"])

    def test_a_stage_that_is_not_there_cannot_be_left_out(self):
        self.run_all(scenario("app.warm", "warm", no_cache=["biuld"]), code=2)
        self.assert_says(self.finished, '"biuld"', "its stages: tools, build, final")


class Server(http.server.BaseHTTPRequestHandler):
    content = b"one\n"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):
        pass


class WhatKeysSee(LabTest):
    def told(self, build):
        return {step["lines"][0]: (step["outcome"], step["miss_reason"], step["miss_detail"]) for step in build["steps"]}

    def test_of_another_folder(self):
        """The linked copies stand on nothing: what ran of them saw the folder itself."""
        self.lab.describe(
            scenario("app.edit", "edit", input_mutation=[{"replace": "Dockerfile", "from": "WORKDIR /a", "to": "WORKDIR /b"}]),
            dockerfile="FROM scratch\nCOPY busybox /bin/busybox\nWORKDIR /a\nWORKDIR sub\nCOPY --link input.txt /x/\n"
                       "COPY --link input.txt x/\nCOPY input.txt /y/\ncopy input.txt y/\n")
        self.assert_exit(self.lab.run("run", "--all"), 0)
        folder = ("ran", "own-definition", "folder: /a/sub -> /b/sub")
        self.assertEqual(self.told(self.lab.records()[-1]["builds"][0]), {
            2: ("hit", None, None), 3: ("ran", "own-definition", "text: it was WORKDIR /a"), 4: folder,
            5: ("hit", None, None), 6: folder, 7: ("ran", "parent-rekeyed", "Dockerfile:4 WORKDIR sub"), 8: folder})

    def test_of_a_download(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/file"
        dockerfile = ("FROM scratch AS one\nCOPY busybox /bin/busybox\nSHELL [\"/bin/busybox\", \"sh\", \"-c\"]\n"
                      f"add {url} /x/\nRUN /bin/busybox true\nFROM scratch\nCOPY --from=one /x/file /\n")
        other = [{"replace": "Dockerfile", "from": "/x/file /", "to": "/x/file /y"}]
        self.lab.describe(scenario("app.warm", "warm", runs=1),
                          scenario("app.min", "ephemeral", cache_mode="registry", cache_export_mode="min", input_mutation=other),
                          dockerfile=dockerfile)
        self.assert_exit(self.lab.run("run", "--all"), 0)
        records = {record["name"]: record for record in self.lab.records()}
        gone = self.told(records["app.min"]["builds"][0])
        for line in (4, 5):
            self.assertEqual(gone[line][:2], ("ran", "result-gone"))
            self.assertIn("mode min", gone[line][2])
        [(address, digest)] = records["app.warm"]["builds"][0]["sources"].items()
        self.assertEqual(address, url)

        Server.content = b"two\n"
        self.assert_exit(self.lab.run("run", "--scenario", "app.warm"), 0)
        build = self.lab.records()[-1]["builds"][0]
        self.assertEqual(self.told(build)[4], (
            "ran", "input-content", f"{url}, which was {digest[:19]} and is {build['sources'][url][:19]}"))
        self.assertEqual(self.told(build)[5], ("ran", "parent-rekeyed", f"Dockerfile:4 add {url} /x/"))
        report = self.lab.run("report", "--format", "json")
        self.assert_schema(report.out, "report")


class Priming(LabTest):
    def setUp(self):
        super().setUp()
        self.lab.describe(scenario("app.again", "warm", runs=1), dockerfile=DOCKERFILE)
        self.notes()

    def notes(self):
        """What the priming build of one run says; without seconds."""
        finished = self.lab.run("run", "--scenario", "app.again")
        self.assert_exit(finished, 0)
        return self.lab.records()[-1]["priming_notes"]

    def reasons(self):
        """Dockerfile line -> reason and detail, of what the priming build ran."""
        found = {}
        for note in self.notes()[1:]:
            place, _, _, reason = (note.strip().split("  ") + [""])[:4]
            found[int(place.split(":")[1])] = reason
        return found

    def test_first_and_none(self):
        first = self.lab.records()[0]["priming_notes"]
        self.assertIn("first build on this builder", first[0])
        self.assertFalse([note for note in first[1:] if "first-build" in note or "gone" in note], first)
        self.assertEqual(self.notes(), [])

    def test_a_changed_mode_then_a_changed_argument(self):
        path = self.lab.project / "input.txt"
        os.chmod(path, 0o604)
        reasons = self.reasons()
        self.assertIn("input-metadata: mode of input.txt 0644 -> 0604; ", reasons[5])
        self.assertIn("`chmod 0644 input.txt`", reasons[5])
        self.assertEqual(reasons[7], "parent-rekeyed: Dockerfile:5 COPY input.txt .")
        self.lab.write("Dockerfile", DOCKERFILE.replace("VERSION=1", "VERSION=2"))
        changed = "own-definition: variable VERSION: 1 -> 2"
        self.assertEqual(self.reasons(), {7: changed, 8: changed})

    def test_a_changed_and_moved_instruction(self):
        self.lab.write("Dockerfile", DOCKERFILE.replace("ARG", "# moved by one line\nARG").replace("sum.txt", "other.txt"))
        self.assertEqual(self.reasons(), {
            8: "own-definition: text: it was RUN /bin/busybox sha256sum input.txt > sum.txt",
            9: "parent-rekeyed: Dockerfile:8 RUN /bin/busybox sha256sum input.txt > other.txt"})

    def test_an_instruction_that_was_taken_out(self):
        self.lab.write("Dockerfile", DOCKERFILE.replace("RUN /bin/busybox sha256sum input.txt > sum.txt\n", ""))
        self.assertEqual(self.reasons(), {7: "parent-rekeyed: it stands on other instructions than before"})

    def test_a_priming_build_that_failed_is_not_compared_with(self):
        self.lab.write("Dockerfile", DOCKERFILE + "RUN /bin/busybox false\n")
        self.assert_exit(self.lab.run("run", "--scenario", "app.again"), 3)
        self.lab.write("Dockerfile", DOCKERFILE)
        self.lab.write("input.txt", "two\n")
        self.assertEqual(self.reasons()[5], "input-content: input.txt")


if __name__ == "__main__":
    main()
