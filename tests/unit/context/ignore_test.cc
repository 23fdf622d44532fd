#include "framework/context/ignore.h"

#include <gtest/gtest.h>

namespace buildlab::context {
namespace {

TEST(Ignore, MatchesFilesAndEverythingBelowFolders) {
  const IgnoreList list = IgnoreList::parse("node_modules\n*.log\n/build/\n");
  EXPECT_TRUE(list.ignores("node_modules"));
  EXPECT_TRUE(list.ignores("node_modules/a/b.js"));
  EXPECT_TRUE(list.ignores("x.log"));
  EXPECT_FALSE(list.ignores("sub/x.log")) << "a pattern without ** is anchored at the root";
  EXPECT_TRUE(list.ignores("build/x"));
  EXPECT_FALSE(list.ignores("sub/node_modules/x"));
}

TEST(Ignore, DoubleStarsCrossFolders) {
  const IgnoreList list = IgnoreList::parse("**/*.log\n**/tmp\na/**/z\nend/**");
  EXPECT_TRUE(list.ignores("x.log"));
  EXPECT_TRUE(list.ignores("a/b/x.log"));
  EXPECT_TRUE(list.ignores("a/b/tmp/file"));
  EXPECT_TRUE(list.ignores("a/z"));
  EXPECT_TRUE(list.ignores("a/b/c/z"));
  EXPECT_TRUE(list.ignores("end/x"));
  EXPECT_FALSE(list.ignores("end"));
  EXPECT_FALSE(list.ignores("logs"));
}

TEST(Ignore, TheLastMatchDecidesAndExceptionsBringBack) {
  const IgnoreList list = IgnoreList::parse("docs\n!docs/keep.md\nvendor\n!vendor/a\nvendor/a/secret\n");
  EXPECT_TRUE(list.ignores("docs/other.md"));
  EXPECT_FALSE(list.ignores("docs/keep.md"));
  EXPECT_TRUE(list.may_keep_below("docs"));
  EXPECT_FALSE(list.ignores("vendor/a/file"));
  EXPECT_TRUE(list.ignores("vendor/a/secret"));
  EXPECT_FALSE(list.may_keep_below("other"));
}

TEST(Ignore, CommentsBlanksAndDotsAreHandledAsByGo) {
  const IgnoreList list = IgnoreList::parse("# comment\r\n  \n ./a/../b/ \n!\n.\n#x\n");
  EXPECT_TRUE(list.ignores("b"));
  EXPECT_FALSE(list.ignores("a"));
  EXPECT_FALSE(list.ignores("x"));
  EXPECT_FALSE(list.ignores("#x"));
}

TEST(MatchesPath, KnowsClassesEscapesAndQuestionMarks) {
  EXPECT_TRUE(matches_path("[a-c]?.txt", "bx.txt"));
  EXPECT_FALSE(matches_path("[^a-c].txt", "b.txt"));
  EXPECT_TRUE(matches_path("\\*.txt", "*.txt"));
  EXPECT_FALSE(matches_path("\\*.txt", "a.txt"));
  EXPECT_FALSE(matches_path("a?b", "a/b"));
  EXPECT_FALSE(matches_path("[a", "a")) << "an unclosed class matches nothing";
}

}  // namespace
}  // namespace buildlab::context
