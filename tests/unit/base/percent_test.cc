#include "framework/base/percent.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(PercentDecoded, TakesTwoHexDigitsOfEitherCase) {
  EXPECT_EQ(percent_decoded("sha256%3aab%2Fc"), "sha256:ab/c");
  EXPECT_EQ(percent_decoded("%41"), "A") << "at the end too";
  EXPECT_EQ(percent_decoded("%2541"), "%41") << "once";
  EXPECT_EQ(percent_decoded("%00"), std::string(1, '\0'));
}

TEST(PercentDecoded, LeavesEverythingElse) {
  for (const char* text : {"", "plain", "%", "%4", "100%", "%zz", "%4g", "%-1", "%+1", "% 1", "a+b"})
    EXPECT_EQ(percent_decoded(text), text);
}

}  // namespace
}  // namespace buildlab
