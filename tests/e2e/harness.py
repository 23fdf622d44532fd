"""What every end-to-end test needs: a throw-away project, the command with its own places, and eyes for leftovers.

The command under test is $BUILDLAB_COMMAND. Images are FROM scratch with a static busybox, so that no test needs the
network or a base image. Tests share nothing but the engine (found as the command finds it).
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import jsonschema  # Debian's python3-jsonschema; without it no test here runs

COMMAND = os.environ.get("BUILDLAB_COMMAND", "build-lab")
DRIVER = pathlib.Path(COMMAND).with_name("buildlab-driver")
ROOT = pathlib.Path(__file__).resolve().parents[2]

DOCKERFILE = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]

FROM tools AS runtime
WORKDIR /work
COPY input.txt .
RUN /bin/busybox sha256sum input.txt > sum.txt
"""


class Finished:
    """A command that ended: exit code, both streams, seconds."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def __str__(self):
        return f"exit {self.code} after {self.seconds:.1f}s\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def static_busybox():
    """The file of a busybox that needs no library (Debian's busybox-static, others' busybox)."""
    for name in ("/bin/busybox", "/usr/bin/busybox", shutil.which("busybox") or ""):
        if name and os.path.exists(name):
            head = pathlib.Path(name).read_bytes()[:4096]
            if b"/ld-linux" not in head and b"/ld-musl" not in head:
                return name
    raise RuntimeError("no static busybox: install busybox-static")


def scenario(name, kind, **fields):
    return {"name": name, "subject": "app", "kind": kind, **fields}


class Lab:
    """A project folder and the places of the command, all below one temporary folder."""

    def __init__(self, folder):
        self.base = pathlib.Path(folder)
        self.project = self.base / "project"
        self.store = self.base / "store"
        self.runtime = self.base / "run"  # sockets
        self.project.mkdir()
        self.runtime.mkdir(mode=0o700)
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("GITHUB_", "GTEST_", "CTEST_")) and key not in ("CI", "BUILDLAB_HOME", "NO_COLOR")
        }
        self.environment["XDG_RUNTIME_DIR"] = str(self.runtime)
        self.environment["XDG_STATE_HOME"] = str(self.base / "state")

    def write(self, path, text):
        target = self.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def subject(self, **fields):
        return {"context": ".", "dockerfile": "Dockerfile", **fields}

    def describe(self, *scenarios, dockerfile=DOCKERFILE, **subject):
        """The usual project: busybox, input.txt, a Dockerfile and these scenarios."""
        shutil.copy(static_busybox(), self.project / "busybox")
        self.write("input.txt", "one\n")
        self.write("Dockerfile", dockerfile)
        self.write(".dockerignore", "*\n!busybox\n!input.txt\n")
        file = {"schema_version": 1, "subjects": {"app": self.subject(**subject)}, "scenarios": list(scenarios)}
        self.write("buildlab.json", json.dumps(file, indent=2))

    def start(self, *arguments, store=True, environment=None, wrapper=(), cwd=None):
        """The command in its own process group; the caller waits."""
        argv = [*wrapper, COMMAND, *map(str, arguments)]
        if store:
            argv += ["--store", str(self.store)]
        return subprocess.Popen(
            argv,
            cwd=cwd or self.project,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *arguments, timeout=120, **options):
        begin = time.monotonic()
        process = self.start(*arguments, **options)
        return finish(process, timeout, begin)

    def drive(self, *arguments, environment=None, timeout=120):
        """The driver as CTest starts it, which knows the processes of one ctest by their parent: this process."""
        begin = time.monotonic()
        done = subprocess.run(
            [DRIVER, *arguments, "--scenario", self.project / "buildlab.json", "--store", self.store],
            cwd=self.project, env={**self.environment, **(environment or {})}, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=timeout)
        return Finished(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"),
                        time.monotonic() - begin)

    def events(self, finished):
        return [json.loads(line) for line in finished.out.splitlines() if line.strip()]

    def records(self):
        """Every stored record, oldest first."""
        found = sorted(self.store.glob("runs/*/*/record.json"))
        return [json.loads(path.read_text()) for path in found]

    def leftovers(self):
        """Processes, mounts and sockets that belong to this lab and should not be there after the command ended."""
        mark = str(self.base)
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    if mark in line and (entry / "stat").read_text().split(") ")[-1][0] != "Z":
                        found.append(f"process {entry.name}: {line[:200]}")
        for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
            if mark in line.split(" ")[4] and line.split(" ")[4] not in self.own_mounts:
                found.append(f"mount {line.split(' ')[4]}")
        for folder, _, files in os.walk(self.base):
            for name in files:
                path = pathlib.Path(folder, name)
                with contextlib.suppress(OSError):
                    if path.is_socket():
                        found.append(f"socket {path}")
        return found

    own_mounts = ()


def finish(process, timeout=120, begin=None):
    begin = begin or time.monotonic()
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"still running after {timeout}s\n{out.decode()}\n{err.decode(errors='replace')}")
    seconds = time.monotonic() - begin
    return Finished(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"), seconds)


def descendants(pid):
    """Process ids below `pid`, whatever PID namespace they are in."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                parents[int(entry.name)] = int(stat.rsplit(") ", 1)[1].split(" ")[1])
    found, frontier = [], {pid}
    while frontier:
        frontier = {child for child, parent in parents.items() if parent in frontier}
        found += sorted(frontier)
    return found


def program_of(pid):
    with contextlib.suppress(OSError):
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    return ""


def wait_for(condition, timeout=30, what="condition"):
    """The first true value of `condition`, or an AssertionError that names it."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not seen within {timeout}s")


class LabTest(unittest.TestCase):
    """Each test gets its own Lab, and must leave nothing of it behind."""

    longMessage = True
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="bl-e2e-", dir="/tmp")
        self.lab = Lab(self.folder)
        self.addCleanup(self.clear)

    def clear(self):
        try:
            self.assert_nothing_left()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def assert_nothing_left(self, within=3):
        deadline = time.monotonic() + within
        while (left := self.lab.leftovers()) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(left, [], "left behind")

    def assert_exit(self, finished, code):
        self.assertEqual(finished.code, code, str(finished))

    def assert_says(self, finished, *texts):
        """Each text stands on standard error."""
        for text in texts:
            self.assertIn(text, finished.err, str(finished))

    def assert_schema(self, text, name):
        """The JSON is as docs/schema has it."""
        schema = json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text())
        errors = [f"{list(error.absolute_path)}: {error.message}"
                  for error in jsonschema.Draft7Validator(schema).iter_errors(json.loads(text))]
        self.assertEqual(errors, [])

    def assert_quiet_stdout(self, finished):
        self.assertEqual(finished.out, "", str(finished))


def main():
    if os.geteuid() != 0:
        sys.exit("end-to-end tests run builders as root")
    program = unittest.main(verbosity=2, exit=False)
    sys.exit(0 if program.result.wasSuccessful() and program.result.testsRun > 0 else 1)
