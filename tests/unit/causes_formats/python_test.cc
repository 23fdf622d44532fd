#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Python, NamesTheSourcesTimeInTheHeader) {
  const auto cause = explain("app/__pycache__/m.cpython-311.pyc", sample("pyc_time"));
  EXPECT_EQ(verdict(cause), "TIME E1 proven");
  EXPECT_EQ(evidence(cause), "offset 8: 2026-11-24T10:00:00Z, then 2026-11-24T10:00:07Z\n");
  EXPECT_THAT(fix(cause), HasSubstr("SOURCE_DATE_EPOCH"));
}

TEST(Python, ProvesNothingOfATimeWhereTheCodeDiffersToo) {
  Sample two = sample("pyc_time");
  two.b[two.b.size() - 3] ^= 1;
  const auto cause = explain("m.pyc", two);
  EXPECT_EQ(verdict(cause), "TIME E1 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("not explained: other bytes of the code"));
}

TEST(Python, NamesThePathsOfTheCode) {
  const auto cause = explain("m.pyc", sample("pyc_path"));
  EXPECT_EQ(verdict(cause), "PATH E2 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("\"/src/app/m.py\", then \"/home/build/longer/m.py\""));
}

TEST(Python, KnowsTheFoldersOfPipTarget) {
  const auto cause = explain("m.pyc", sample("pyc_pip_target"));
  EXPECT_EQ(verdict(cause), "PATH E3 proven");
  EXPECT_THAT(evidence(cause), AllOf(HasSubstr("pip-target-k3x9mzqa"), HasSubstr("also TIME (E1)")));
  EXPECT_THAT(fix(cause), HasSubstr("--no-compile"));
}

TEST(Python, SupposesTheOrderOfASet) {
  const auto cause = explain("m.pyc", sample("pyc_order"));
  EXPECT_EQ(verdict(cause), "ORDER E4 supposed");
  EXPECT_THAT(fix(cause), HasSubstr("PYTHONHASHSEED=0"));
}

TEST(Python, FollowsTheSource) {
  const auto cause = explain("app/__pycache__/m.cpython-311.pyc", sample("pyc_hash"));
  EXPECT_EQ(verdict(cause), "DERIVED G10 proven");
  EXPECT_EQ(cause->root, "app/m.py");
}

TEST(Python, LeavesOtherCodeUnknown) {
  Sample two = sample("pyc_time");
  two.b = two.a;
  two.b[60] ^= 1;
  EXPECT_EQ(verdict(explain("m.pyc", two)), "unknown");
  two = sample("pyc_time");
  two.b = with(two.b, 0, le(3571, 2));  // another version of Python
  EXPECT_EQ(verdict(explain("m.pyc", two)), "unknown");
}

TEST(Python, ReadsHeadersOfOldVersions) {
  const std::string code = "c" + std::string(40, '\0');
  const std::string six = le(3379, 2) + "\r\n";
  EXPECT_EQ(verdict(explain("m.pyc", six + le(5, 4) + le(9, 4) + code, six + le(6, 4) + le(9, 4) + code)),
            "TIME E1 proven");
  const std::string two = le(62211, 2) + "\r\n";
  EXPECT_EQ(verdict(explain("m.pyc", two + le(5, 4) + code, two + le(6, 4) + code)), "TIME E1 proven");
}

}  // namespace
}  // namespace buildlab::causes
