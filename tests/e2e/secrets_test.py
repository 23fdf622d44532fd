"""A planted secret, and credentials in URLs, reach no file that is kept and no line that is printed."""

import gzip
import os
import pathlib
import zlib

import harness
from harness import DOCKERFILE, scenario

TOKEN = "buildlab-planted-7f3ac0ffee-token"
PASSWORD = "planted-hunter2-password"
URL = f"https://deployer:{PASSWORD}@registry.invalid/repository"


def places_with(folder, needle):
    """Files below `folder` that hold `needle`, plain or inside gzip."""
    found = []
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if needle in data:
                found.append(str(path))
            elif data[:2] == b"\x1f\x8b":
                try:
                    if needle in gzip.decompress(data):
                        found.append(f"{path} (gzip)")
                except (OSError, EOFError, zlib.error):
                    pass
    return found


class Secrets(harness.LabTest):
    def assert_nowhere(self, outputs, needle, but=()):
        for finished in outputs:
            self.assertNotIn(needle, finished.out)
            self.assertNotIn(needle, finished.err)
        runs = [path for path in places_with(self.lab.store / "runs", needle.encode()) if not path.endswith(but)]
        self.assertEqual(runs, [], "kept in the records")
        self.assertEqual(places_with(self.lab.runtime, needle.encode()), [])

    def every_report(self):
        outputs = [self.lab.run("report", "--format", kind) for kind in ("text", "markdown", "json", "junit")]
        return [*outputs, self.lab.run("list", "--json")]

    def test_a_secret_from_the_environment(self):
        self.lab.describe(
            scenario("app.cold", "cold"), scenario("app.warm", "warm"),
            secrets=[{"id": "token", "env": "PLANTED_TOKEN"}],
            dockerfile=DOCKERFILE + "RUN --mount=type=secret,id=token,required "
                       "/bin/busybox sha256sum /run/secrets/token | /bin/busybox cut -c1-64 > token.sum\n",
        )
        finished = self.lab.run("run", "--all", environment={"PLANTED_TOKEN": TOKEN})
        self.assert_exit(finished, 0)
        self.assert_nowhere([finished, *self.every_report()], TOKEN)

    def test_a_secret_that_a_step_prints_in_two_writes(self):
        half = len(TOKEN) // 2
        pieces = f"/bin/busybox cut -c1-{half} /run/secrets/token | /bin/busybox tr -d '\\n'; /bin/busybox sleep 1; " \
                 f"/bin/busybox cut -c{half + 1}- /run/secrets/token; exit 1"
        self.lab.describe(
            scenario("app.cold", "cold"), secrets=[{"id": "token", "env": "PLANTED_TOKEN"}],
            dockerfile=DOCKERFILE + f"RUN --mount=type=secret,id=token,required {pieces}\n",
        )
        finished = self.lab.run("run", "--all", environment={"PLANTED_TOKEN": TOKEN})
        self.assert_exit(finished, 3)
        self.assertIn("***", finished.err)
        self.assert_nowhere([finished, *self.every_report()], TOKEN)

    def test_a_secret_from_a_file(self):
        secret = self.lab.base / "token.txt"
        secret.write_text(TOKEN)
        os.chmod(secret, 0o600)
        self.lab.describe(
            scenario("app.cold", "cold"), secrets=[{"id": "token", "file": str(secret)}],
            dockerfile=DOCKERFILE + "RUN --mount=type=secret,id=token,required /bin/busybox test -s /run/secrets/token\n",
        )
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 0)
        self.assert_nowhere([finished, *self.every_report()], TOKEN)

    def test_a_step_that_prints_its_secret_and_fails(self):
        self.lab.describe(
            scenario("app.cold", "cold"), secrets=[{"id": "token", "env": "PLANTED_TOKEN"}],
            dockerfile=DOCKERFILE + "RUN --mount=type=secret,id=token "
                       "echo the token is $(/bin/busybox cat /run/secrets/token) >&2; exit 9\n",
        )
        finished = self.lab.run("run", "--all", environment={"PLANTED_TOKEN": TOKEN})
        self.assert_exit(finished, 3)
        self.assert_says(finished, "the token is")
        self.assert_nowhere([finished, *self.every_report()], TOKEN)

    def test_a_secret_that_is_not_there(self):
        self.lab.describe(
            scenario("app.cold", "cold"), secrets=[{"id": "token", "env": "PLANTED_TOKEN_THAT_IS_UNSET"}],
            dockerfile=DOCKERFILE + "RUN --mount=type=secret,id=token,required true\n",
        )
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 2)
        self.assert_says(finished, "token")

    def test_credentials_in_a_build_argument(self):
        self.lab.describe(
            scenario("app.cold", "cold"), build_args={"REPOSITORY": URL},
            dockerfile=DOCKERFILE.replace("WORKDIR /work", "WORKDIR /work\nARG REPOSITORY")
            + 'RUN echo "from $REPOSITORY" && /bin/busybox test -n "$REPOSITORY"\n',
        )
        finished = self.lab.run("run", "--all", "--json")
        self.assert_exit(finished, 0)
        # BuildKit itself writes a RUN step's build arguments into the image's history: the image is what was built.
        self.assert_nowhere([finished, *self.every_report()], PASSWORD, but=("image.oci.tar",))

    def test_credentials_in_a_step_that_fails(self):
        self.lab.describe(scenario("app.cold", "cold"),
                          dockerfile=DOCKERFILE + f"RUN echo fetching {URL} >&2; exit 5\n")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 3)
        self.assert_says(finished, "registry.invalid")
        self.assert_nowhere([finished, *self.every_report()], PASSWORD)


if __name__ == "__main__":
    harness.main()
