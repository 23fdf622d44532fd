"""Projects that a test writes, configures, and reads back with `ctest --show-only=json-v1`."""

import json
import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(os.environ["BUILDLAB_SOURCE"])
PREFIX = pathlib.Path(os.environ.get("BUILDLAB_PREFIX", "/nonexistent"))
WORK = pathlib.Path(os.environ["BUILDLAB_WORK"])
CMAKE = os.environ.get("CMAKE_COMMAND", "cmake")
CTEST = os.environ.get("CTEST_COMMAND", "ctest")

# The functions without the driver, for tests of what they register: nothing has to be built or installed.
STUB = f"""
add_executable(BuildLab::driver IMPORTED GLOBAL)
set_target_properties(BuildLab::driver PROPERTIES IMPORTED_LOCATION /bin/true)
include({SOURCE}/cmake/BuildLab.cmake)
"""
PACKAGE = f"find_package(BuildLab REQUIRED PATHS {PREFIX} NO_DEFAULT_PATH)\n"


class Ended:
    def __init__(self, code, text):
        self.code, self.text = code, text

    def __str__(self):
        return f"exit {self.code}\n{self.text}"


def run(*argv, cwd=None, environment=None, timeout=900):
    """Both streams in one text. Nothing of an outer ctest or CI job reaches the inner one."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("GTEST_", "GITHUB_", "CTEST_", "DASHBOARD_")) and key not in ("BUILDLAB_HOME", "BUILDLAB_INSTALLER")
    }
    clean.update(environment or {})
    done = subprocess.run(
        [str(each) for each in argv], cwd=cwd, env=clean, timeout=timeout, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return Ended(done.returncode, done.stdout)


class Project:
    """One project below the test's work folder; its build folder is inside it unless told otherwise."""

    def __init__(self, name, build="build"):
        self.folder = WORK / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.build = self.folder / build

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return self

    def lists(self, body, head=STUB, languages="NONE"):
        return self.write(
            "CMakeLists.txt",
            f"cmake_minimum_required(VERSION 3.25)\nproject(nested LANGUAGES {languages})\nenable_testing()\n{head}{body}")

    def scratch_image(self):
        """An image that needs no base and no network: what is measured is the cache."""
        self.write("Dockerfile", "FROM scratch AS files\nCOPY . /all/\nFROM scratch\nCOPY --from=files /all/src /src\n")
        return self.write("src/main.cpp", "int main() {}\n")

    def configure(self, *arguments, generator="Ninja"):
        return run(CMAKE, "-S", self.folder, "-B", self.build, "-G", generator, *arguments)

    def make(self, *arguments):
        return run(CMAKE, "--build", self.build, *arguments, timeout=1700)

    def ctest(self, *arguments, environment=None):
        return run(CTEST, "--test-dir", self.build, *arguments, environment=environment)

    def tests(self, *arguments):
        """Name -> {property: value}, as ctest itself sees them."""
        shown = self.ctest("--show-only=json-v1", *arguments)
        assert shown.code == 0, shown
        found = {}
        for test in json.loads(shown.text[shown.text.index("{"):])["tests"]:
            found[test["name"]] = {each["name"]: each["value"] for each in test.get("properties", [])}
            found[test["name"]]["command"] = test.get("command", [])
        return found

    def scenario_file(self, config=""):
        return json.loads((self.build / "buildlab" / config / "buildlab.json").read_text())

    def records(self):
        return [json.loads(path.read_text()) for path in sorted(self.build.glob("buildlab/runs/*/*/record.json"))]
