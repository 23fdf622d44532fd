#include "framework/base/digest.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(Digest, OfTheEmptyTextIsTheKnownOne) {
  EXPECT_EQ(sha256("").text(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, ParsesWhatItPrints) {
  const Digest digest = sha256("x");
  const auto parsed = Digest::parse(digest.text());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, digest);
  EXPECT_EQ(digest.short_text().size(), 15U);
}

TEST(Digest, RefusesOtherAlgorithmsUpperCaseAndShortTexts) {
  EXPECT_FALSE(Digest::parse("sha512:" + std::string(64, 'a')));
  EXPECT_FALSE(Digest::parse("sha256:" + std::string(64, 'A')));
  EXPECT_FALSE(Digest::parse("sha256:" + std::string(63, 'a')));
  EXPECT_FALSE(Digest::parse("../../etc/passwd"));
}

}  // namespace
}  // namespace buildlab
