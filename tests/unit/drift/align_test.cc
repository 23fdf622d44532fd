#include "framework/drift/align.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace buildlab::drift {
namespace {

// "abc" -> three layers; the result "a=a b~x c=c", a range "bc~x".
std::string aligned(const std::string& a, const std::string& b) {
  const auto digests = [](const std::string& names) {
    std::vector<Digest> all;
    for (const char c : names) all.push_back(sha256(std::string(1, c)));
    return all;
  };
  std::string text;
  for (const Segment& segment : align(digests(a), digests(b))) {
    text += fmt::format("{}{}{}{}", text.empty() ? "" : " ",
                        a.substr(segment.a.first, segment.a.end - segment.a.first), segment.equal ? "=" : "~",
                        b.substr(segment.b.first, segment.b.end - segment.b.first));
  }
  return text;
}

TEST(Align, PairsByPositionWhereNothingIsEqual) {
  EXPECT_EQ(aligned("abc", "xyz"), "a~x b~y c~z");
  EXPECT_EQ(aligned("", ""), "");
}

TEST(Align, TiesEqualLayersFirst) {
  EXPECT_EQ(aligned("abc", "abx"), "a=a b=b c~x");
  EXPECT_EQ(aligned("abc", "xbc"), "a~x b=b c=c");
  EXPECT_EQ(aligned("abc", "bc"), "a~ b=b c=c");
  EXPECT_EQ(aligned("abcd", "axd"), "a=a bc~x d=d");
  EXPECT_EQ(aligned("aab", "ab"), "a=a a~ b=b");
}

}  // namespace
}  // namespace buildlab::drift
