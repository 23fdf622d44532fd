"""What a builder's cache keys were computed from, as evidence of why steps ran, and where nothing else tells why."""

import os

from harness import LabTest, main, scenario

STAGES = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]
FROM tools AS build
COPY input.txt .
ARG VERSION=1
RUN /bin/busybox head -c 16 /dev/urandom > /random && /bin/busybox touch /same
FROM tools AS final
COPY --from=build /random /same /made/
RUN /bin/busybox true
"""

# A capability is in BuildKit's keys, and in no facts of a context, which hold user.* attributes.
CAPABILITY = ("import os, struct; "
              "os.setxattr('input.txt', 'security.capability', struct.pack('<5I', 0x02000001, 0x400, 0, 0, 0)); "
              "os.utime('input.txt')")


class Preimages(LabTest):
    """Lines of STAGES: 2 COPY, 5 COPY input.txt, 7 RUN in build, 9 COPY --from, 10 RUN in final."""

    def run_all(self, *scenarios, arguments=()):
        self.lab.describe(*scenarios, dockerfile=STAGES)
        self.assert_exit(self.lab.run("run", "--all", *arguments, timeout=300), 0)
        return {record["name"]: record for record in self.lab.records()}

    def told(self, build):
        """Line -> reason and detail of what ran."""
        return {step["lines"][0]: (step["miss_reason"], step["miss_detail"] or "")
                for step in build["steps"] if step["outcome"] == "ran"}

    def test_tell_more_on_a_kept_builder(self):
        capability = [{"run": ["python3", "-c", CAPABILITY]}]
        keys = {"cache_preimages": True}
        records = self.run_all(
            scenario("app.warm", "warm", runs=1, **keys),
            scenario("app.text", "edit", runs=2, input_mutation=[{"append": "input.txt", "text": "{token}\n"}], **keys),
            scenario("app.argument", "edit", input_mutation=[{"set_build_arg": "VERSION", "value": "2"}], **keys),
            scenario("app.capability", "edit", input_mutation=capability, **keys),
            scenario("app.untold", "edit", input_mutation=capability),
            scenario("app.forced", "warm", runs=1, no_cache=["build"], **keys))
        self.assertEqual(self.told(records["app.warm"]["builds"][0]), {})
        random = "by the builder's keys: /random (content)"
        for build in records["app.text"]["builds"]:
            told = self.told(build)
            self.assertEqual(told[5][0], "input-content")
            self.assertRegex(told[5][1], r"^input\.txt; by the builder's keys: /input\.txt \(content, \d+ -> \d+ bytes\)$")
            self.assertEqual(told[9], ("parent-rekeyed", f"Dockerfile:5 COPY input.txt .; {random}"))
        self.assertEqual(self.told(records["app.argument"]["builds"][0])[7], (
            "own-definition", "variable VERSION: 1 -> 2; by the builder's keys: another Exec.meta.env"))
        # Only the keys show why.
        self.assertEqual(self.told(records["app.untold"]["builds"][0])[5][0], "result-gone")
        self.assertEqual(self.told(records["app.capability"]["builds"][0])[5], (
            "input-metadata", "by the builder's keys: /input.txt (extended attributes)"))
        forced = self.told(records["app.forced"]["builds"][0])
        self.assertEqual(forced[9][0], "nondeterministic-parent")
        self.assertTrue(forced[9][1].endswith(random), forced)
        for record in records.values():
            self.assertEqual([note for note in record["notes"] if "keys" in note], [])

    def test_tell_more_on_a_fresh_runner(self):
        records = self.run_all(scenario("app.imported", "ephemeral", cache_mode="local", cache_export_mode="min",
                                        cache_preimages=True,
                                        input_mutation=[{"chmod": "input.txt", "mode": "0640"}]),
                               scenario("app.gone", "ephemeral", cache_mode="local", cache_export_mode="min",
                                        cache_preimages=True, no_cache=["final"]))
        told = self.told(records["app.imported"]["builds"][0])
        self.assertEqual(told[5][0], "input-metadata")
        self.assertIn("by the builder's keys: /input.txt (mode 0644 -> 0640)", told[5][1])
        self.assertEqual(told[9][0], "parent-rekeyed")
        self.assertIn("/random (content)", told[9][1])
        gone = self.told(records["app.gone"]["builds"][0])
        for line in (5, 7):
            self.assertEqual(gone[line][0], "result-gone")
            self.assertIn("mode min", gone[line][1])
            self.assertIn("its own definition and the files that it reads are what they were", gone[line][1])
        self.assertEqual(gone[9], ("forced", "stage final was told to use no cache"))

    def test_leave_nothing_behind(self):
        self.run_all(scenario("app.warm", "warm", runs=1, cache_preimages=True))
        kept = [path for path, _, names in os.walk(self.lab.store) if "cache-debug.db" in names]
        for path in kept:
            link = os.path.join(path, "cache-debug.db")
            self.assertTrue(os.path.islink(link), link)
            self.assertFalse(os.path.exists(link), "its memory is gone")
        self.assertEqual(len(kept), 1)


if __name__ == "__main__":
    main()
