"""find_package(BuildLab) on an installed tree, which is moved first: nothing in it may know where it was made."""

import os
import pathlib
import shutil
import unittest

from nested import PREFIX, SOURCE, WORK, Project, run

MOVED = WORK / "moved"
HEAD = f"find_package(BuildLab REQUIRED PATHS {MOVED} NO_DEFAULT_PATH)\n"
GOLDEN = "buildlab_add_golden_path(app CONTEXT . EDIT src/main.cpp)\n"


def setUpModule():
    shutil.rmtree(MOVED, ignore_errors=True)
    MOVED.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PREFIX, MOVED, symlinks=True)


def configured(name, body, *arguments, languages="NONE", head=HEAD, generator="Ninja"):
    project = Project(name).scratch_image().lists(body, head=head, languages=languages)
    done = project.configure(*arguments, generator=generator)
    assert done.code == 0, done
    return project


class InstalledTree(unittest.TestCase):
    def test_has_functions_and_driver_without_a_language(self):
        project = configured("plain", GOLDEN)
        tests = project.tests()
        self.assertEqual(len(tests), 6)
        driver = pathlib.Path(tests["app.cold"]["command"][0])
        self.assertTrue(driver.is_relative_to(MOVED), driver)
        told = run(driver, "--version")
        self.assertEqual(told.code, 0, told)
        self.assertRegex(told.text, r"^buildlab-driver v\d+\.\d+\.\d+\n$")

    def test_names_the_installer_that_it_brought(self):
        command = configured("installer", GOLDEN).tests()["buildlab.setup"]["command"]
        installer = pathlib.Path(command[command.index("--installer") + 1])
        self.assertTrue(installer.is_relative_to(MOVED), installer)
        self.assertTrue(installer.is_file(), installer)
        source = SOURCE / "cmake" / "engine"
        for path in source.rglob("*"):
            brought = installer.parent / path.relative_to(source)
            self.assertTrue(brought.exists(), brought)
            self.assertEqual(os.access(brought, os.X_OK), os.access(path, os.X_OK), brought)

    def test_has_a_command_that_finds_this_installer_too(self):
        nothing = WORK / "nothing"
        nothing.mkdir(parents=True, exist_ok=True)
        told = run(MOVED / "bin" / "build-lab", "doctor", environment={
            "PATH": "/nonexistent", "BUILDLAB_BUILDKITD": str(nothing / "buildkitd"), "BUILDLAB_CACHE": str(nothing)})
        self.assertIn(f"run {MOVED}/share/buildlab/engine/install.sh", told.text)

    def test_names_no_folder_of_its_making(self):
        for path in MOVED.rglob("*.cmake"):
            text = path.read_text()
            self.assertNotIn(str(PREFIX), text, path)
            self.assertNotIn(str(SOURCE), text, path)

    def test_works_with_several_configurations(self):
        project = configured("configurations", GOLDEN, generator="Ninja Multi-Config")
        for config in ("Debug", "Release"):
            self.assertEqual(len(project.tests("-C", config)), 6)
            self.assertEqual(len(project.scenario_file(config)["scenarios"]), 4)

    def test_refuses_another_major_version(self):
        project = Project("version").scratch_image().lists("", head=HEAD.replace("BuildLab ", "BuildLab 9.0 "))
        done = project.configure()
        self.assertNotEqual(done.code, 0, done)
        self.assertIn("9.0", done.text)

    def test_refuses_an_unknown_component(self):
        project = Project("component").scratch_image().lists("", head=HEAD.replace("REQUIRED", "REQUIRED COMPONENTS gate"))
        done = project.configure()
        self.assertNotEqual(done.code, 0, done)
        self.assertIn('no component "gate"', " ".join(done.text.split()))

    def test_links_a_driver_written_by_hand(self):
        project = Project("by-hand").scratch_image()
        project.write("driver.cc", """
#include <gates/driver/matchers.h>
#include <gates/driver/run_scenario.h>
#include <gtest/gtest.h>

TEST(App, SaysWhatIsWrongWithAFileThatIsNotThere) {
  const auto record = buildlab::gates::run_scenario("no-such-file.json", "app.cold");
  ASSERT_FALSE(record);
  EXPECT_THAT(buildlab::gates::describe(record.error()), testing::HasSubstr("no-such-file.json"));
  EXPECT_THAT(buildlab::record::ScenarioRecord{}, testing::Not(buildlab::gates::HasHitRatioAtLeast(0.5)));
}
""")
        project.lists("""find_package(GTest REQUIRED)
add_executable(driver driver.cc)
target_link_libraries(driver PRIVATE BuildLab::gates GTest::gtest_main)
add_test(NAME driver COMMAND driver)
""", head=HEAD.replace("REQUIRED", "REQUIRED COMPONENTS gates"), languages="CXX")
        for done in (project.configure("-DCMAKE_BUILD_TYPE=Release"), project.make(), project.ctest("--output-on-failure")):
            self.assertEqual(done.code, 0, done)

    def test_holds_every_header_that_its_headers_include(self):
        include = MOVED / "include" / "buildlab"
        for path in include.rglob("*.h"):
            for line in path.read_text().splitlines():
                if line.startswith(('#include "framework/', '#include "gates/')):
                    self.assertTrue((include / line.split('"')[1]).is_file(), f"{path}: {line}")


if __name__ == "__main__":
    unittest.main()
