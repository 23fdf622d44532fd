"""A base that is made here because docker.io does not answer: really made, really built on, and only where allowed.

The first use makes it (mmdebstrap, most of a minute); later ones find it in the cache folder.
"""

import json
import pathlib

import harness
from harness import finish, scenario

DOCKERFILE = """\
FROM debian:bookworm-slim AS runtime
WORKDIR /work
COPY input.txt .
RUN . /etc/os-release && test "$VERSION_CODENAME" = bookworm && test -s /etc/ssl/certs/ca-certificates.crt
RUN sha256sum input.txt > sum.txt
"""
# Nothing listens there: what a host without a way to docker.io sees.
NO_HUB = {"BUILDLAB_HUB_PROBE": "127.0.0.1:1"}


def own_authorities():
    return list(pathlib.Path("/usr/local/share/ca-certificates").rglob("*.crt"))


class LocalBase(harness.LabTest):
    def test_two_runs_at_once_make_it_once_and_agree(self):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile=DOCKERFILE, local_base=True)
        begun = [self.lab.start("run", "--all", environment=NO_HUB) for _ in range(2)]
        for each in begun:
            ended = finish(each, timeout=400)
            self.assert_exit(ended, 0)
            self.assertIn("made locally", ended.out + ended.err)
        records = self.lab.records()
        bases = [record["circumstances"]["bases"] for record in records]
        self.assertEqual(len(bases), 2)
        self.assertEqual(bases[0], bases[1])
        self.assertTrue(bases[0][0]["made_locally"], bases)
        self.assertEqual(len({record["builds"][0]["digest"] for record in records}), 1)

    def test_records_and_reports_say_what_the_base_was(self):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile=DOCKERFILE, local_base=True)
        self.assert_exit(self.lab.run("run", "--all", environment=NO_HUB, timeout=400), 0)
        report = json.loads(self.lab.run("report", "--format", "json").out)
        base = report["scenarios"][0]["circumstances"]["bases"][0]
        self.assertTrue(base["made_locally"], base)
        self.assertEqual(base["trusts_host_authorities"], bool(own_authorities()), base)
        self.assertIn("locally", self.lab.run("report", "--format", "markdown").out)

    def test_the_environment_may_allow_it(self):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile=DOCKERFILE)
        allowed = self.lab.run("run", "--all", environment={**NO_HUB, "BUILDLAB_LOCAL_BASE": "1"}, timeout=400)
        self.assert_exit(allowed, 0)

    def test_without_leave_it_is_an_error_that_says_how_to_give_it(self):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile=DOCKERFILE)
        refused = self.lab.run("run", "--all", environment=NO_HUB)
        self.assert_exit(refused, 99)
        self.assert_says(refused, "docker.io", "local_base", "BUILDLAB_LOCAL_BASE=1")

    def test_other_names_are_an_error_that_names_them(self):
        self.lab.describe(scenario("app.cold", "cold"), dockerfile=DOCKERFILE.replace("debian:", "python:"),
                          local_base=True)
        refused = self.lab.run("run", "--all", environment=NO_HUB)
        self.assert_exit(refused, 99)
        self.assert_says(refused, "python:bookworm-slim", "debian:SUITE")


if __name__ == "__main__":
    harness.main()
