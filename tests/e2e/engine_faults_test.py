"""No builder, a wrong one, one that dies, a stream that is cut: exit 99, the cause, and what to do."""

import os
import pathlib
import shutil
import signal
import stat

import harness
from harness import DOCKERFILE, descendants, finish, program_of, scenario, wait_for

SLEEPING = DOCKERFILE + "RUN echo asleep now; /bin/busybox sleep 60\n"


def engine_file(name):
    """Where the command found its engine: asked from `doctor`-independent facts, as the command looks for it."""
    given = os.environ.get(f"BUILDLAB_{name.upper()}")
    if given:
        return given
    if "BUILDLAB_BUILDKITD" in os.environ:
        return str(pathlib.Path(os.environ["BUILDLAB_BUILDKITD"]).parent / name)
    if found := shutil.which(name):
        return found
    cache = pathlib.Path(os.environ.get("BUILDLAB_CACHE")
                         or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "buildlab")
    return str(next(cache.glob(f"engine/*/**/{name}")))


class NoEngine(harness.LabTest):
    def failing_installer(self):
        script = self.lab.base / "install.sh"
        script.write_text("#!/bin/sh\necho 'installer: no way to get the engine here' >&2\nexit 99\n")
        script.chmod(0o755)
        return str(script)

    def without(self, **environment):
        self.lab.describe(scenario("app.cold", "cold"))
        finished = self.lab.run("run", "--all", environment=environment)
        self.assert_exit(finished, 99)
        return finished

    def test_nothing_found_says_where_it_looked_and_what_to_do(self):
        empty = self.lab.base / "cache"
        empty.mkdir()
        tools = self.lab.base / "bin"
        tools.mkdir()
        for name in ("sh", "env", "cat"):
            (tools / name).symlink_to(shutil.which(name))
        finished = self.without(PATH=str(tools), BUILDLAB_BUILDKITD="", BUILDLAB_BUILDCTL="", BUILDLAB_CACHE=str(empty),
                                BUILDLAB_INSTALLER=self.failing_installer())
        self.assert_says(finished, "BUILDLAB_BUILDKITD", "PATH", "pinned copy")
        self.assert_quiet_stdout(finished)

    def test_an_installer_ends_with_the_command_that_started_it(self):
        script = self.lab.base / "install.sh"
        script.write_text(f"#!/bin/sh\nsh -c 'sleep 300; : {self.lab.base}/compiler' & wait\n")
        script.chmod(0o755)
        self.lab.describe(scenario("app.cold", "cold"))
        process = self.lab.start("run", "--all", environment={
            "BUILDLAB_BUILDKITD": "/nowhere/buildkitd", "BUILDLAB_CACHE": str(self.lab.base / "cache"),
            "BUILDLAB_INSTALLER": str(script)})
        wait_for(lambda: any("compiler" in line for line in self.lab.leftovers()), what="the installer's own child")
        process.kill()
        finish(process)
        self.assert_nothing_left()

    def test_a_named_buildkitd_that_does_not_exist(self):
        finished = self.without(BUILDLAB_BUILDKITD="/nowhere/buildkitd", PATH="/usr/bin:/bin",
                                BUILDLAB_CACHE=str(self.lab.base / "cache"), BUILDLAB_INSTALLER=self.failing_installer())
        self.assert_says(finished, "/nowhere/buildkitd")
        self.assert_quiet_stdout(finished)

    def test_a_buildkitd_that_ends_at_once(self):
        fake = self.lab.base / "buildkitd"
        fake.write_text("#!/bin/sh\n"
                        'if [ "$1" = --version ]; then echo "buildkitd github.com/moby/buildkit v0.32.2 0"; exit; fi\n'
                        "echo 'buildkitd: could not lock the state folder' >&2\nexit 1\n")
        fake.chmod(0o755)
        finished = self.without(BUILDLAB_BUILDKITD=str(fake), BUILDLAB_BUILDCTL=engine_file("buildctl"))
        self.assert_says(finished, "could not lock the state folder")
        self.assertLess(finished.seconds, 15)


class DyingEngine(harness.LabTest):
    def start_sleeping(self, kind="cold", **environment):
        self.lab.describe(scenario("app.one", kind), dockerfile=SLEEPING)
        process = self.lab.start("run", "--all", environment=environment)

        def sleeper():
            return next((pid for pid in descendants(process.pid) if asleep(pid)), None)

        wait_for(sleeper, 60, "the sleeping step")
        return process

    def finish(self, process):
        finished = harness.finish(process, 30)
        self.assert_exit(finished, 99)
        record = self.lab.records()[-1]
        self.assertEqual(record["outcome"], "infrastructure error")
        self.assertFalse(any(build["valid"] for build in record["builds"]))
        return finished

    def kill(self, process, program):
        victims = [pid for pid in descendants(process.pid) if program_of(pid) == program]
        self.assertTrue(victims, f"no {program} below the command")
        for pid in victims:
            os.kill(pid, signal.SIGKILL)

    def test_the_daemon_is_killed_in_the_middle_of_a_build(self):
        process = self.start_sleeping()
        self.kill(process, "buildkitd")
        self.assert_says(self.finish(process), "buildkitd")

    def test_the_client_is_killed_in_the_middle_of_a_build(self):
        process = self.start_sleeping()
        self.kill(process, "buildctl")
        self.assert_says(self.finish(process), "buildctl")

    def test_a_kept_builder_whose_daemon_died_works_again(self):
        process = self.start_sleeping("warm")
        self.kill(process, "buildkitd")
        self.finish(process)
        self.lab.write("Dockerfile", DOCKERFILE)
        self.assert_exit(self.lab.run("run", "--all"), 0)

    def test_a_stream_that_is_cut_in_the_middle_of_a_line(self):
        real = engine_file("buildctl")
        fake = self.lab.base / "buildctl"
        # A build's stream ends after 1500 bytes and the client with exit 0: a success that nothing vouches for.
        fake.write_text("#!/bin/bash\n"
                        f'case " $* " in *" build "*) ;; *) exec {real} "$@";; esac\n'
                        f'{real} "$@" 2>"$0.err"; head -c 1500 "$0.err" >&2; exit 0\n')
        fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
        self.lab.describe(scenario("app.cold", "cold", gates={"min_hit_ratio": 0.0}))
        finished = self.lab.run("run", "--all", environment={
            "BUILDLAB_BUILDKITD": engine_file("buildkitd"), "BUILDLAB_BUILDCTL": str(fake)})
        self.assert_exit(finished, 4)
        record = self.lab.records()[-1]
        self.assertFalse(any(build["valid"] for build in record["builds"]), "a cut stream is no sample")
        self.assertRegex(finished.err, r"stream|line|cut|incomplete")

    def test_a_client_that_prints_garbage(self):
        real = engine_file("buildctl")
        fake = self.lab.base / "buildctl"
        fake.write_text("#!/bin/bash\n"
                        f'case " $* " in *" build "*) ;; *) exec {real} "$@";; esac\n'
                        "head -c 200000 /dev/urandom >&2; exit 1\n")
        fake.chmod(0o755)
        self.lab.describe(scenario("app.cold", "cold"))
        finished = self.lab.run("run", "--all", environment={
            "BUILDLAB_BUILDKITD": engine_file("buildkitd"), "BUILDLAB_BUILDCTL": str(fake)})
        self.assert_exit(finished, 3)


def asleep(pid):
    try:
        return b"sleep\0" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() and program_of(pid) == "busybox"
    except OSError:
        return False


if __name__ == "__main__":
    harness.main()
