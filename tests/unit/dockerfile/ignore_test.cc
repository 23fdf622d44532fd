#include "framework/dockerfile/ignore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/file.h"
#include "framework/base/json.h"

namespace buildlab::dockerfile {
namespace {

std::vector<std::string> ignored(std::string_view rules, const std::vector<std::string>& paths) {
  const auto parsed = IgnoreRules::parse(rules, ".dockerignore");
  EXPECT_TRUE(parsed);
  std::vector<std::string> result;
  for (const std::string& path : paths) {
    if (parsed->ignores(path)) result.push_back(path);
  }
  return result;
}

using testing::ElementsAre;

TEST(Ignore, AFolderTakesAllInItAndAnExceptionTakesBack) {
  EXPECT_THAT(ignored("# comment\nbuild/\n!build/keep\n",
                      {"build", "build/a", "build/keep", "build/keep/b", "src/build"}),
              ElementsAre("build", "build/a"));
}

TEST(Ignore, StarsStayInAFolderAndDoubleStarsDoNot) {
  EXPECT_THAT(ignored("*.o\n", {"a.o", "src/a.o"}), ElementsAre("a.o"));
  EXPECT_THAT(ignored("**/*.o\n", {"a.o", "src/x/a.o", "a.oo"}), ElementsAre("a.o", "src/x/a.o"));
  EXPECT_THAT(ignored("/a/**/b\n", {"a/b", "a/x/y/b", "a/xb"}), ElementsAre("a/b", "a/x/y/b"));
}

TEST(Ignore, ErrorsNameTheLine) {
  const auto open_class = IgnoreRules::parse("ok\n[a\n", "d/.dockerignore");
  ASSERT_FALSE(open_class);
  EXPECT_EQ(open_class.error().message, "d/.dockerignore:2: \"[a\": the \"[\" is not closed by \"]\"");
  EXPECT_FALSE(IgnoreRules::parse("!\n", "x"));
  EXPECT_FALSE(IgnoreRules::parse("a\\\n", "x"));
}

// Verdicts of github.com/moby/patternmatcher v0.6.1 (tests/data/dockerfile/README.md).
TEST(Ignore, VerdictsAreThoseOfMobysMatcher) {
  const auto cases = load_json(BUILDLAB_TEST_DATA "/dockerfile/ignore.json");
  ASSERT_TRUE(cases) << cases.error().message;
  int verdicts = 0;
  for (const Json& one : *cases) {
    const auto rules = IgnoreRules::parse(one["rules"].get<std::string>(), "rules");
    ASSERT_TRUE(rules) << rules.error().message;
    for (const auto& [path, expected] : one["ignored"].items()) {
      EXPECT_EQ(rules->ignores(path), expected.get<bool>()) << one["rules"] << " " << path;
      ++verdicts;
    }
  }
  EXPECT_GT(verdicts, 500);
}

}  // namespace
}  // namespace buildlab::dockerfile
