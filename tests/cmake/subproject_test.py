"""Build Lab as a part of another project: FetchContent, its own build of the driver, a real run."""

import os
import pathlib
import re
import shutil
import unittest

from nested import SOURCE, Project

HEAD = f"""
include(FetchContent)
FetchContent_Declare(BuildLab SOURCE_DIR {SOURCE})
FetchContent_MakeAvailable(BuildLab)
"""
# As in the build that this test belongs to: objects then differ by their folder only, and ccache has them.
SAME = [f"-D{name}={os.environ.get(name, '')}"
        for name in ("CMAKE_BUILD_TYPE", "CMAKE_CXX_COMPILER", "CMAKE_CXX_FLAGS", "BUILDLAB_STRICT", "BUILDLAB_SANITIZE")]
DRIVER = pathlib.Path(os.environ["BUILDLAB_DRIVER"])


class Subproject(unittest.TestCase):
    def test_adds_only_what_was_asked_for_and_runs(self):
        project = Project("fetched").scratch_image()
        project.lists("buildlab_add_golden_path(app CONTEXT ${CMAKE_SOURCE_DIR} EDIT src/main.cpp)\n",
                      head=HEAD, languages="CXX")
        done = project.configure(*SAME)
        self.assertEqual(done.code, 0, done)
        # Neither Build Lab's own tests nor its examples nor its install rules come along.
        tests = project.tests()
        self.assertEqual(len(tests), 6)
        install = (project.build / "cmake_install.cmake").read_text()
        self.assertNotIn("buildlab-driver", install)

        # ctest lists no command for a program that is not there yet; the generated file has its path.
        listed = "".join(file.read_text() for file in project.build.rglob("CTestTestfile.cmake"))
        driver = pathlib.Path(re.search(r'"(/[^"]*/buildlab-driver)"', listed)[1])
        self.assertTrue(driver.is_relative_to(project.build), driver)
        if os.environ.get("BUILDLAB_CCACHE"):
            os.environ["CCACHE_NOHASHDIR"] = "1"
            done = project.make("--target", "buildlab_driver")
        else:
            # Compiling everything once more takes minutes: one room is enough to see that it compiles in this
            # place, and the driver, whose sources and settings are the same, stands in.
            print("no ccache: only the room framework/base is compiled again", flush=True)
            done = project.make("--target", "buildlab_base")
            shutil.copy2(DRIVER, driver)
        self.assertEqual(done.code, 0, done)
        done = project.ctest("-R", "warm", "--output-on-failure")
        self.assertEqual(done.code, 0, done)
        record, = [record for record in project.records() if record["name"] == "app.warm"]
        self.assertEqual({build["cache_hit_ratio"] for build in record["builds"]}, {1.0})


if __name__ == "__main__":
    unittest.main()
