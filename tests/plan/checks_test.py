#!/usr/bin/env python3
"""Shows that each check of the plan can fail, and fails for its own reason only."""

import pathlib
import tempfile
import unittest

import check_includes
import check_test_names

GOOD_HEADER = "// Values.\n#pragma once\n"


class Includes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.plan = {
            "rooms": {"framework/base": [], "framework/engine": ["framework/base"], "framework/run": ["framework/engine"]},
            "targets": {"buildlab_base": {"folder": "framework/base", "links": ["fmt::fmt"]}},
        }
        self.write("framework/base/text.h", GOOD_HEADER)
        self.write("framework/engine/builder.h", GOOD_HEADER + '#include "framework/base/text.h"\n')
        self.write("framework/run/run.h", GOOD_HEADER + '#include "framework/engine/builder.h"\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def assert_only_finding(self, text):
        found = list(check_includes.check(self.plan, self.root))
        self.assertEqual(len(found), 1, found)
        self.assertIn(text, found[0])

    def test_allowed_includes_pass(self):
        self.assertEqual(list(check_includes.check(self.plan, self.root)), [])

    def test_room_that_is_not_linked(self):
        self.write("framework/base/text.cc", '// T.\n#include "framework/engine/builder.h"\n')
        self.assert_only_finding("framework/base/text.cc:2: framework/base includes")

    def test_room_that_is_linked_only_through_another(self):
        self.write("framework/run/run.cc", '// R.\n#include "framework/base/text.h"\n')
        self.assert_only_finding("framework/run/run.cc:2")

    def test_include_by_the_own_folder(self):
        self.write("framework/base/text.cc", '// T.\n#include "text.h"\n')
        self.assert_only_finding("name it from the source root")

    def test_include_of_a_folder_without_a_room(self):
        self.write("framework/base/text.cc", '// T.\n#include "framework/attic/old.h"\n')
        self.assert_only_finding("belongs to no room that framework/base may include")

    def test_file_outside_all_rooms(self):
        self.write("framework/attic/old.h", GOOD_HEADER)
        self.assert_only_finding("framework/attic/old.h:1: belongs to no room")

    def test_circle(self):
        self.plan["rooms"]["framework/base"] = ["framework/run"]
        self.assert_only_finding("circle: framework/base -> framework/run -> framework/engine -> framework/base")

    def test_unknown_link(self):
        self.plan["rooms"]["framework/base"] = ["framework/bse"]
        self.assert_only_finding("LINKS names framework/bse")

    def test_long_file(self):
        self.write("tests/unit/long_test.cc", "// L.\n" * (check_includes.MAX_LINES + 1))
        self.assert_only_finding("501 lines")

    def test_googletest_included(self):
        self.write("framework/base/text.cc", "// T.\n#include <gtest/gtest.h>\n")
        self.assert_only_finding("only gates/driver and tests use GoogleTest")

    def test_googletest_linked(self):
        self.plan["targets"]["buildlab_base"]["links"].append("GTest::gmock")
        self.assert_only_finding("buildlab_base links GTest::gmock")

    def test_printing_below_the_command(self):
        self.write("framework/base/text.cc", '// T.\nvoid f() { std::cerr << "no"; }\n')
        self.assert_only_finding("text.cc:2: framework/base uses std::cerr")

    def test_exit_below_the_command(self):
        self.write("framework/base/text.cc", "// T.\nvoid f() { exit(3); }\n")
        self.assert_only_finding("uses exit")

    def test_words_about_printing_are_no_printing(self):
        self.write("framework/base/text.cc", '// exit(3)\nauto a = "std::cerr"; /* printf("") */ void g() { _exit(1); on_exit(2); p.exit(); }\n')
        self.assertEqual(list(check_includes.check(self.plan, self.root)), [])

    def test_header_without_guard(self):
        self.write("framework/base/text.h", "// Values.\n")
        self.assert_only_finding("no #pragma once")

    def test_header_that_does_not_say_what_it_is_for(self):
        self.write("framework/base/text.h", "#pragma once\n")
        self.assert_only_finding("does not say what the file is for")


class Names(unittest.TestCase):
    def test_own_test_with_a_kind_word(self):
        found = list(check_test_names.findings([{"name": "Store.KeepsWarmth"}, {"name": "Store.keeps_warmth"}]))
        self.assertEqual(len(found), 1)
        self.assertIn("ctest -R warm", found[0])

    def test_scenario_with_a_kind_word(self):
        labels = [{"name": "LABELS", "value": ["buildlab", "warm"]}]
        self.assertEqual(list(check_test_names.findings([{"name": "app.warm", "properties": labels}])), [])


if __name__ == "__main__":
    unittest.main()
