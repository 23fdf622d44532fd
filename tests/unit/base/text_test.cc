#include "framework/base/text.h"

#include <gtest/gtest.h>

#include "framework/base/bytes.h"

namespace buildlab {
namespace {

TEST(Nearest, FindsTheMeantWordAndNoOther) {
  EXPECT_EQ(nearest("cachemode", {"name", "cache_mode", "gates"}), "cache_mode");
  EXPECT_EQ(nearest("rnu", {"list", "run"}), "run") << "neighbours swapped";
  EXPECT_EQ(nearest("quux", {"name", "cache_mode"}), std::nullopt);
  EXPECT_EQ(nearest("", {"a"}), std::nullopt);
}

TEST(Glob, MatchesStarsAndQuestionMarksOverTheWholeText) {
  EXPECT_TRUE(matches_glob("app.*", "app.first"));
  EXPECT_TRUE(matches_glob("*.f?rst", "app.first"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_FALSE(matches_glob("app", "app.first"));
  EXPECT_FALSE(matches_glob("?", ""));
}

TEST(OneLine, FoldsBlanksAndCutsAtACharacter) {
  EXPECT_EQ(one_line("  a\n\tb  ", 80), "a b");
  EXPECT_EQ(one_line("aä", 2), "a…");
}

TEST(Bytes, PrintsIecUnits) {
  EXPECT_EQ(to_string(Bytes{0}), "0 B");
  EXPECT_EQ(to_string(Bytes{1536}), "1.5 KiB");
  EXPECT_EQ(to_string(Bytes{1048575}), "1.0 MiB");
}

}  // namespace
}  // namespace buildlab
