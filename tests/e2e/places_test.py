"""No disk space, no rights, wrong places: exit 99, the place named, nothing half-written."""

import contextlib
import os
import pathlib
import subprocess

import harness
from harness import DOCKERFILE, scenario

NOBODY = 65534


class Places(harness.LabTest):
    def small_disk(self, folder, size):
        """A tmpfs of that size, unmounted at the end."""
        folder.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
        self.lab.own_mounts = (*self.lab.own_mounts, str(folder))
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=True)

    def setUp(self):
        super().setUp()
        self.lab.describe(scenario("app.cold", "cold"))

    def refused(self, *texts, arguments=("run", "--all"), **options):
        finished = self.lab.run(*arguments, **options)
        self.assert_exit(finished, 99)
        self.assert_says(finished, *texts)
        return finished

    def test_a_store_on_a_full_disk(self):
        self.small_disk(self.lab.store, "64k")
        with contextlib.suppress(OSError), open(self.lab.store / "fill", "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        self.refused("No space left on device", str(self.lab.store))

    def test_a_builder_that_outgrows_its_disk(self):
        self.small_disk(self.lab.store, "24m")
        self.lab.describe(
            scenario("app.cold", "cold"),
            scenario("app.warm", "warm"),
            dockerfile=DOCKERFILE + "RUN /bin/busybox dd if=/dev/urandom of=/big bs=1M count=64\n",
        )
        finished = self.refused("o space left on device")
        self.assertNotIn("Traceback", finished.err)
        for record in self.lab.records():
            self.assertFalse(any(build["valid"] for build in record["builds"]))

    def test_a_store_that_is_a_file(self):
        self.lab.store.write_text("not a folder")
        self.refused(str(self.lab.store))
        self.assertEqual(self.lab.store.read_text(), "not a folder")

    def test_a_store_that_may_not_be_written(self):
        self.small_disk(self.lab.store, "1m")
        subprocess.run(["mount", "-o", "remount,ro", str(self.lab.store)], check=True)
        self.refused(str(self.lab.store), "ead-only file system")

    def test_without_root_it_says_that_root_is_needed(self):
        os.chmod(self.lab.base, 0o755)
        home = self.lab.base / "home"
        home.mkdir()
        runtime = self.lab.base / "run-nobody"
        runtime.mkdir(mode=0o700)
        self.lab.store.mkdir()
        for folder in (home, runtime, self.lab.store):
            os.chown(folder, NOBODY, NOBODY)
        finished = self.lab.run(
            "run", "--all",
            wrapper=("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
            environment={"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "BUILDLAB_CACHE": str(home / "cache")},
        )
        self.assert_exit(finished, 99)
        self.assertRegex(finished.err, r"\broot\b|ermission denied")

    def test_a_copied_link_into_nothing_is_a_failed_build_with_its_line(self):
        copied = self.lab.project / "input.txt"
        copied.unlink()
        copied.symlink_to("/nowhere/gone")
        finished = self.lab.run("run", "--all")
        self.assert_exit(finished, 3)
        self.assert_says(finished, "Dockerfile:7", "input.txt")

    def test_a_runtime_folder_whose_name_is_too_long_for_a_socket(self):
        deep = self.lab.base / ("d" * 100) / ("e" * 100)
        deep.mkdir(parents=True)
        self.assert_exit(self.lab.run("run", "--all", environment={"XDG_RUNTIME_DIR": str(deep)}), 0)

    def test_the_store_is_left_as_it_was_by_reading_commands(self):
        self.assert_exit(self.lab.run("run", "--all"), 0)
        before = {str(path): path.lstat().st_mtime_ns for path in pathlib.Path(self.lab.store).rglob("*")}
        for arguments in (("report",), ("list",), ("report", "--format", "json")):
            self.assert_exit(self.lab.run(*arguments), 0)
        after = {str(path): path.lstat().st_mtime_ns for path in pathlib.Path(self.lab.store).rglob("*")}
        self.assertEqual(before, after)


if __name__ == "__main__":
    harness.main()
