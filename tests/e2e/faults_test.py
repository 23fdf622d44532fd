"""Faults before the registry of an external cache: what each does to a build, as docs/faults.md says, and never a wrong
image: every image that comes out is the one of the undisturbed build, bit for bit.

Faults.test_all reads the table of docs/faults.md and tries every row; the others are the few of them that a gate has
time for.
"""

import json
import re

import harness
from harness import scenario

# A layer of some size below two small ones, all the same in each build.
DOCKERFILE = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]

FROM tools
WORKDIR /work
COPY input.txt .
RUN for i in 1 2 3 4; do /bin/busybox cat /bin/busybox; done | /bin/busybox sha512sum > sum.txt
RUN /bin/busybox cp /bin/busybox copy
"""

# What the table of docs/faults.md says of a build, by its first words.
NO_SAMPLE = "no sample"
SAME = "as without"
RAN_AGAIN = "ran again"
BUILD_FAILED = "build failed"
EXPORT_REFUSED = "export refused"


def fault(text):
    """"pull cut after_bytes=7" as a scenario file has it."""
    at, kind, *numbers = text.split()
    return {"at": at, "fault": kind, **{key: int(value) for key, value in (each.split("=") for each in numbers)}}


def documented():
    """(fault, outcomes, exit codes) of each row of the table; most have one of both."""
    rows = []
    for line in (harness.ROOT / "docs/faults.md").read_text().splitlines():
        if match := re.match(r"\| `((?:import|pull|export) [^`]+)` \| ([^|]+) \| ([0-9][0-9, or]*) \|", line):
            rows.append((match[1], match[2].strip().split(" or "), list(map(int, re.findall("[0-9]+", match[3])))))
    return rows


class FaultTest(harness.LabTest):
    def describe(self, *faults, **fields):
        disturbed = [scenario(f"app.f{number}", "ephemeral", cache_mode="registry", timeout_sec=90,
                              faults=[fault(text)], **fields) for number, text in enumerate(faults)]
        self.lab.describe(scenario("app.plain", "ephemeral", cache_mode="registry"), *disturbed, dockerfile=DOCKERFILE)

    def build(self, name):
        """Exit code and record of one scenario."""
        finished = self.lab.run("run", "--scenario", name, timeout=300)
        return finished, [record for record in self.lab.records() if record["name"] == name][-1]

    def undisturbed(self):
        finished, record = self.build("app.plain")
        self.assert_exit(finished, 0)
        (build,) = record["builds"]
        self.assertEqual((build["step_counts"]["ran"], build["transfer"]["faults"]), (0, 0), build)
        return build["digest"]

    def outcome(self, finished, record):
        """What happened, in the table's words."""
        (build,) = record["builds"]
        if build["cache_export_error"]:
            return EXPORT_REFUSED
        if build["failure"]:
            return BUILD_FAILED
        if not build["valid"]:
            return NO_SAMPLE
        return RAN_AGAIN if build["step_counts"]["ran"] else SAME

    def check(self, number, text, outcomes, codes, digest):
        with self.subTest(text):
            finished, record = self.build(f"app.f{number}")
            (build,) = record["builds"]
            self.assertIn(self.outcome(finished, record), outcomes, f"{text}\n{finished}")
            self.assertIn(finished.code, codes, f"{text}\n{finished}")
            self.assertEqual(record["faults"], [text])
            transfer = build["transfer"]
            self.assertGreater(transfer["faults"] + transfer.get("lookup_faults", 0), 0, "nothing was disturbed")
            # What counts has the undisturbed image, bit for bit; another one is told, and so is that it does not count.
            if build["valid"]:
                self.assertEqual(build["digest"], digest, text)
            elif build["digest"] not in (digest, None):
                self.assertIn("not to be trusted", build["invalid_reason"])

    def check_rows(self, rows):
        self.describe(*(text for text, _, _ in rows))
        digest = self.undisturbed()
        for number, (text, outcomes, codes) in enumerate(rows):
            self.check(number, text, outcomes, codes, digest)


class Faults(FaultTest):
    def test_some(self):
        wanted = {"import status status=503", "pull gone times=1", "pull corrupt", "pull cut times=1", "export gone",
                  "import no_route", "pull slow_dns delay_ms=500"}
        rows = [row for row in documented() if row[0] in wanted]
        self.assertEqual({text for text, _, _ in rows}, wanted, "docs/faults.md has other rows")
        self.check_rows(rows)

    def test_all(self):
        rows = documented()
        self.assertEqual({tuple(text.split()[:2]) for text, _, _ in rows},
                         {(at, kind) for at in ("import", "pull", "export") for kind in (
                             "refused", "status", "too_many_requests", "latency", "bandwidth", "cut", "corrupt", "gone",
                             "unauthorized", "unreachable", "no_route", "slow_dns", "unresolved")})
        self.check_rows(rows)


class Edits(FaultTest):
    """Builds of edited inputs, which no build that filled the cache is to be compared with."""

    # The cached layers below are pulled, and their time stamps rewritten, for the export alone.
    DOCKERFILE = DOCKERFILE.replace("COPY input.txt .\n", "") + "COPY --link input.txt /work/\n"
    # The same in each build: a file of text has no comments that could carry a token.
    EDIT = [{"replace": "input.txt", "from": "one", "to": "two"}]

    def describe_edits(self, *faults, dockerfile, runs=1):
        self.lab.describe(scenario("app.plain", "ephemeral", cache_mode="none", input_mutation=self.EDIT),
                          *(scenario(f"app.f{number}", "ephemeral", cache_mode="registry", input_mutation=self.EDIT,
                                     runs=runs, gates={"min_hit_ratio": 0.5}, faults=[fault(text)])
                            for number, text in enumerate(faults)), dockerfile=dockerfile)

    def test_another_image_is_no_sample(self):
        self.describe_edits("pull gone times=1", dockerfile=self.DOCKERFILE)
        finished, plain = self.build("app.plain")
        self.assert_exit(finished, 0)
        digest = plain["builds"][0]["digest"]
        finished, record = self.build("app.f0")
        (build,) = record["builds"]
        self.assertNotEqual(build["digest"], digest, "BuildKit gives the right image by now: change docs/faults.md")
        self.assertFalse(build["valid"], finished)
        (reference,) = record["references"]
        self.assertEqual(reference["digest"], digest, "undisturbed, the cache gives the image of no cache")
        self.assertTrue(reference["valid"], reference)
        self.assertEqual(reference["transfer"]["faults"], 0)
        self.assertIn("not to be trusted", build["invalid_reason"])
        self.assertIn(digest, build["invalid_reason"])
        self.assert_exit(finished, 4)
        self.assert_schema(json.dumps(record), "record")

    def test_the_right_image_is_a_sample_and_compared_once(self):
        self.describe_edits("pull status status=503 times=1", "pull latency latency_ms=100",
                            dockerfile=self.DOCKERFILE, runs=2)
        finished, record = self.build("app.f0")
        self.assert_exit(finished, 0)
        (reference,) = record["references"]
        self.assertEqual([build["digest"] for build in record["builds"]], [reference["digest"]] * 2)
        self.assertTrue(all(build["transfer"]["faults"] == 1 for build in record["builds"]), record["builds"])
        finished, record = self.build("app.f1")
        self.assert_exit(finished, 0)
        self.assertGreater(record["builds"][0]["transfer"]["faults"], 0)
        self.assertEqual(record["references"], [], "what only takes longer changes no image")

    def test_what_comes_out_otherwise_each_time_is_not_vouched_for(self):
        chance = "RUN /bin/busybox cat /proc/sys/kernel/random/uuid > chance.txt\n"
        self.describe_edits("pull status status=503 times=1",
                            dockerfile=DOCKERFILE.replace("COPY input.txt .\n", chance) + "COPY input.txt .\n")
        finished, record = self.build("app.f0")
        self.assert_exit(finished, 0)  # a step of chance that was a hit is the same in both
        self.assertEqual(record["builds"][0]["digest"], record["references"][0]["digest"])
        self.describe_edits("pull status status=503 times=1", "export status status=503 times=1",
                            dockerfile=DOCKERFILE.replace("COPY input.txt .\n", "") + "COPY input.txt .\n" + chance)
        finished, record = self.build("app.f0")
        self.assert_exit(finished, 4)
        self.assertIn("whose step ran", record["builds"][0]["invalid_reason"])
        finished, record = self.build("app.f1")
        self.assert_exit(finished, 0)
        (build,) = record["builds"]
        self.assertGreater(build["transfer"]["retries"], 0, "the export was not tried again")
        self.assertEqual(build["transfer"]["reading"], {"retries": 0, "cut": 0, "faults": 0, "lookup_faults": 0})
        self.assertEqual(record["references"], [], "trouble with the export touches no image")
        self.assert_schema(json.dumps(record), "record")


class Ways(FaultTest):
    """Faults of the way to the registry, which need a name server of the run's own."""

    def test_run_steps_keep_the_machines_name_servers(self):
        """What a step sees of the resolver is in the image, and the image of a build that ran it again is the same."""
        self.lab.describe(scenario("app.f0", "ephemeral", cache_mode="registry", faults=[fault("import unresolved")]),
                          dockerfile=DOCKERFILE + "RUN /bin/busybox cp /etc/resolv.conf resolv.conf\n")
        finished, record = self.build("app.f0")
        self.assert_exit(finished, 4)
        (priming,), (build,) = record["priming"], record["builds"]
        self.assertGreater(build["step_counts"]["ran"], 0, "nothing ran again")
        self.assertEqual(build["digest"], priming["digest"])
        self.assertGreater(build["transfer"]["lookup_faults"], 0)
        self.assertNotIn("lookup_faults", priming["transfer"], "priming is not disturbed")
        self.assert_schema((next(self.lab.store.glob("runs/*/*/record.json"))).read_text(), "record")


class Transfers(FaultTest):
    def test_what_went_by_is_counted_and_told(self):
        self.describe()
        self.undisturbed()
        record = self.lab.records()[-1]
        priming, build = record["priming"][0]["transfer"], record["builds"][0]["transfer"]
        sent = {blob["digest"]: blob for blob in priming["blobs"] if blob["direction"] == "up"}
        fetched = {blob["digest"]: blob for blob in build["blobs"] if blob["direction"] == "down"}
        layers = [blob for blob in fetched.values() if blob["media"] == "layer"]
        self.assertGreaterEqual(len(layers), 4, fetched)
        for blob in layers:
            self.assertEqual((blob["bytes"], blob["complete"]), (blob["size_bytes"] * blob["count"], blob["count"]), blob)
            self.assertEqual(sent[blob["digest"]]["bytes"], blob["size_bytes"], "what came down is not what went up")
        # The image's own layers are those of the cache: their sizes are known from another side.
        sizes = {layer["digest"]: layer["size_bytes"] for layer in record["builds"][0]["image"]["layers"]}
        self.assertTrue(set(sizes) & set(fetched), "no layer of the image came from the cache")
        for digest in set(sizes) & set(fetched):
            self.assertEqual(fetched[digest]["bytes"], sizes[digest])
        self.assertEqual((build["retries"], build["cut"], build["faults"]), (0, 0, 0))
        self.assertGreater(build["first_byte_sec"], 0)
        text = self.lab.run("report", "--format", "text")
        self.assertRegex(text.out, r"app\.plain build 1 cache: [0-9.]+ [KM]iB down in [0-9]+ blobs")
        self.assertIn("What the cache transferred", self.lab.run("report", "--format", "markdown").out)

    def test_a_cache_that_costs_more_than_it_saves_is_a_finding(self):
        slow = fault("pull latency latency_ms=2500")
        self.lab.describe(scenario("app.bare", "ephemeral", cache_mode="none"),
                          scenario("app.slow", "ephemeral", cache_mode="registry", faults=[slow]), dockerfile=DOCKERFILE)
        self.assert_exit(self.lab.run("run", "--all"), 0)
        report = self.lab.run("report", "--format", "text").out
        self.assertIn("this cache costs more than it saves: a fresh runner with cache_mode registry with pull latency",
                      report)


if __name__ == "__main__":
    harness.main()
