#include "framework/report/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/json.h"

namespace buildlab::report {
namespace {

using ::testing::HasSubstr;

drift::Difference difference(drift::Attribute attribute, std::string a, std::string b) {
  drift::Difference found;
  found.layer = 1;
  found.layer_b = 1;
  found.path = "opt/x";
  found.attribute = attribute;
  found.a = std::move(a);
  found.b = std::move(b);
  return found;
}

drift::Comparison of(std::vector<drift::Difference> differences) {
  drift::Comparison comparison;
  comparison.verdict = drift::Verdict::different;
  comparison.differences = std::move(differences);
  return comparison;
}

TEST(DiffReport, AnUnknownContentShowsItsBytesInEveryFormat) {
  drift::Difference content = difference(drift::Attribute::content, "sha256:aa", "sha256:bb");
  content.shown = {"line 1, column 3: \"n 0\", then \"n 1\""};
  const drift::Comparison comparison = of({content});
  EXPECT_THAT(to_text(comparison, false, false), HasSubstr("column 3: \"n 0\", then \"n 1\""));
  EXPECT_THAT(to_markdown(comparison), HasSubstr("n 0"));
  EXPECT_THAT(to_html(comparison), HasSubstr("n 0"));
  EXPECT_THAT(drift_lines(comparison, 3).front(), HasSubstr("\"n 0\", then \"n 1\""));
  const auto json = parse_json(to_json(comparison), "diff");
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["differences"][0]["cause"], nullptr);
  EXPECT_EQ((*json)["differences"][0]["evidence"], Json::array({content.shown.front()}));
}

TEST(DiffReport, NoDifferenceIsWithoutEvidence) {
  drift::Difference unproven = difference(drift::Attribute::mtime, "1000", "2000");
  unproven.cause = causes::Cause{};
  const auto json = parse_json(to_json(of({difference(drift::Attribute::mode, "644", "755"),
                                           difference(drift::Attribute::missing, "file", ""),
                                           difference(drift::Attribute::linktarget, "a", "b"), unproven})),
                               "diff");
  ASSERT_TRUE(json);
  const Json& differences = (*json)["differences"];
  EXPECT_EQ(differences[0]["evidence"], Json::array({"mode 644 → 755"}));
  EXPECT_EQ(differences[1]["evidence"], Json::array({"only in A: file"}));
  EXPECT_EQ(differences[2]["evidence"], Json::array({"linktarget a → b"}));
  EXPECT_EQ(differences[3]["evidence"], Json::array({"mtime 1970-01-01T00:16:40Z → 1970-01-01T00:33:20Z"}));
}

}  // namespace
}  // namespace buildlab::report
