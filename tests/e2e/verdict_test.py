"""Statements of real builds: made, checked with the command and with OpenSSL alone, tampered with, merged."""

import base64
import json
import shutil
import subprocess
import tarfile

import harness
from harness import DOCKERFILE, scenario


class Verdicts(harness.LabTest):
    def setUp(self):
        super().setUp()
        self.lab.describe(scenario("app.same", "reproducibility", runs=2))
        self.files = self.lab.base / "files"
        self.files.mkdir()
        for name in ("one", "two"):
            self.openssl("genpkey", "-algorithm", "ed25519", "-out", self.path(name + ".pem"))
            self.openssl("pkey", "-in", self.path(name + ".pem"), "-pubout", "-out", self.path(name + ".pub"))

    def path(self, name):
        return self.files / name

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=True)

    def make(self, name, *arguments, code=0):
        finished = self.lab.run("verdict", "make", "--output", self.path(name), *arguments)
        self.assert_exit(finished, code)
        return self.path(name)

    def check(self, *arguments, code=0):
        finished = self.lab.run("verdict", "check", *arguments)
        self.assert_exit(finished, code)
        return finished

    def merge(self, *arguments, code=0):
        finished = self.lab.run("verdict", "merge", *arguments)
        self.assert_exit(finished, code)
        return finished

    def build(self, code=0):
        self.assert_exit(self.lab.run("run", "--all"), code)
        return self.lab.records()[-1]

    def test_a_statement_of_equal_builds(self):
        self.assert_exit(self.lab.run("verdict", "make"), 4)  # nothing is recorded yet
        record = self.build()
        digest = record["builds"][0]["image"]["digest"]
        signed = self.make("signed.json", "--key", self.path("one.pem"))
        text = self.check(signed, "--key", self.path("one.pub"), "--require-pass", "--subject", digest).out
        for word in ("verified", "PASSED", digest, record["circumstances"]["context_digest"]):
            self.assertIn(word, text)
        self.check(signed, code=2)
        self.check(signed, "--key", self.path("two.pub"), code=1)
        self.check(signed, "--key", self.path("one.pub"), "--subject", "sha256:" + "0" * 64, code=1)

        self.openssl_alone_agrees(signed, digest)
        self.no_byte_changes_unnoticed(signed)
        self.the_image_is_looked_into(signed)

        unsigned = self.make("unsigned.json")
        self.check(unsigned, code=1)
        self.check(unsigned, "--unsigned")
        self.check(unsigned, "--unsigned", self.path("none.json"), code=2)

    def openssl_alone_agrees(self, signed, digest):
        envelope = json.loads(signed.read_text())
        payload = base64.b64decode(envelope["payload"])
        self.assertEqual(json.loads(payload)["subject"][0]["digest"]["sha256"], digest.removeprefix("sha256:"))
        kind = envelope["payloadType"].encode()
        self.path("pae").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
        self.path("sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
        self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", self.path("one.pub"), "-rawin", "-in", self.path("pae"),
                     "-sigfile", self.path("sig"))

    # tests/unit/statement changes every byte; these are enough to see that the command listens.
    def no_byte_changes_unnoticed(self, signed):
        content = signed.read_bytes()
        changed = self.path("changed.json")
        for at in [*range(0, len(content), 61), len(content) - 1]:
            changed.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            finished = self.lab.run("verdict", "check", changed, "--key", self.path("one.pub"))
            self.assertIn(finished.code, (1, 2), f"byte {at}: {finished}")
        for other in (content + b"\n", content[:-1], b" " + content):
            changed.write_bytes(other)
            self.check(changed, "--key", self.path("one.pub"), code=1)

    def the_image_is_looked_into(self, signed):
        image = next(self.lab.store.glob("runs/*/app.same/builds/1/image.oci.tar"))
        self.check(signed, "--key", self.path("one.pub"), "--subject", image)
        changed = self.path("changed.oci.tar")
        shutil.copy(image, changed)
        with tarfile.open(changed) as archive:
            layer = max(archive.getmembers(), key=lambda member: member.size)
        content = bytearray(changed.read_bytes())
        content[layer.offset_data + layer.size // 2] ^= 1
        changed.write_bytes(content)
        finished = self.check(signed, "--key", self.path("one.pub"), "--subject", changed, code=1)
        self.assertIn("has the content of", finished.out)
        self.check(signed, "--key", self.path("one.pub"), "--subject", self.path("none.tar"), code=2)

    def test_a_statement_of_builds_that_differ(self):
        self.lab.write("Dockerfile", DOCKERFILE + "RUN /bin/busybox head -c 16 /dev/urandom > token\n")
        self.build(code=1)
        signed = self.make("failed.json", "--key", self.path("one.pem"))
        finished = self.check(signed, "--key", self.path("one.pub"), "--json")
        statement = json.loads(finished.out)["files"][0]["statement"]
        self.assertEqual(statement["predicate"]["result"], "FAILED")
        self.assertEqual(statement["predicate"]["failedTests"], ["base"])
        self.assertEqual(len(statement["subject"]), 2)
        self.check(signed, "--key", self.path("one.pub"), "--require-pass", code=1)

    def test_statements_of_several_builders(self):
        self.build()
        keys = ("--key", self.path("one.pub"), "--key", self.path("two.pub"))
        one = self.make("a.json", "--key", self.path("one.pem"))
        two = self.make("b.json", "--key", self.path("two.pem"))
        merged = self.path("merged.json")
        finished = self.merge(one, two, *keys, "--quorum", "2", "--output", merged, "--sign-key", self.path("one.pem"))
        self.assertIn("2 of 2 builders agree", finished.out)
        self.assertIn("the same machine", finished.out)  # which a test cannot change
        self.check(merged, "--key", self.path("one.pub"), "--require-pass")
        self.merge(one, one, *keys, "--quorum", "2", code=1)
        self.merge(one, two, *keys, "--quorum", "3", code=1)
        self.merge(one, two, "--key", self.path("one.pub"), code=1)
        self.merge(one, merged, *keys, code=2)

        self.lab.write("input.txt", "two\n")
        self.build()
        other = self.make("c.json", "--key", self.path("two.pem"))
        finished = self.merge(one, other, *keys, code=4)
        self.assertIn("context: sha256:", finished.err)

    def test_keys_of_other_kinds(self):
        self.build()
        self.openssl("genpkey", "-algorithm", "RSA", "-out", self.path("rsa.pem"))
        finished = self.lab.run("verdict", "make", "--key", self.path("rsa.pem"))
        self.assert_exit(finished, 2)
        self.assertIn("not Ed25519", finished.err)
        self.assertEqual(finished.out, "")
        self.path("one.pem").chmod(0o644)
        finished = self.lab.run("verdict", "make", "--key", self.path("one.pem"))
        self.assert_exit(finished, 0)
        self.assertIn("others can read the private key", finished.err)


if __name__ == "__main__":
    harness.main()
