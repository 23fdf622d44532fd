#include "framework/drift/first_bytes.h"

#include "framework/drift/explain.h"
#include "tests/unit/drift/drift_fixture.h"

namespace buildlab::drift {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UnknownContents : public TwoImages {
 protected:
  std::vector<std::string> shown(const std::string& a, const std::string& b) {
    const auto comparison = compare(std::vector<Entry>{{"opt/x", a}}, std::vector<Entry>{{"opt/x", b}});
    if (!comparison) return {comparison.error().message};
    for (const Difference& difference : comparison->differences) {
      if (difference.attribute == Attribute::content)
        return difference.cause ? std::vector{difference.cause->name} : difference.shown;
    }
    return {"no difference"};
  }
};

TEST_F(UnknownContents, OfTextsShowLineColumnAndBothSides) {
  EXPECT_THAT(shown("one\nn alpha\n", "one\nn beta\n"),
              ElementsAre(R"(line 2, column 3: "n alpha\n", then "n beta\n")"));
}

TEST_F(UnknownContents, OfBytesShowTheOffset) {
  EXPECT_THAT(shown(std::string("ab\0\x01q", 5), std::string("ab\0\xffr\x1b", 6)),
              ElementsAre(R"(offset 3: "\x01q", then "\xffr\x1b")"));
}

TEST_F(UnknownContents, BeyondWhatIsKeptOfLargeFilesAreShownToo) {
  const std::string same(k_whole_content + 5000, 'w');
  EXPECT_THAT(
      shown(same + "left" + std::string(100, 'q'), same + "right"),
      ElementsAre(fmt::format(R"(offset {}: "left{}"…, then "right")", same.size(), std::string(28, 'q'))));
  EXPECT_THAT(shown(same, same + "right"),
              ElementsAre(fmt::format(R"(offset {}: the end, then "right")", same.size())));
}

TEST_F(UnknownContents, OnlyStandWithDifferencesWithoutACause) {
  const auto comparison = compare(std::vector<Entry>{{"opt/x", "at 2023-11-14T22:13:20Z\n"}},
                                  std::vector<Entry>{{"opt/x", "at 2023-11-14T22:13:27Z\n"}});
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->differences.size(), 1U);
  ASSERT_TRUE(comparison->differences.front().cause);
  EXPECT_THAT(comparison->differences.front().shown, IsEmpty());
}

TEST(FirstBytes, AreSafeForATerminalAndCut) {
  EXPECT_EQ(first_bytes_text(FirstBytes{8, "\x1b[31m\"\\\t", std::string(33, 'z')}),
            fmt::format(R"(offset 8: "\x1b[31m\"\\\t", then "{}"…)", std::string(32, 'z')));
}

TEST(FirstBytes, OfLongLinesBeginAtTheDifference) {
  const std::string line(50, 'x');
  EXPECT_EQ(first_bytes_text(line + "a", line + "b"), R"(line 1, column 51: "a", then "b")");
  EXPECT_EQ(first_bytes_text(line, line), "the first 50 bytes are equal");
}

}  // namespace
}  // namespace buildlab::drift
