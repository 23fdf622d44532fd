#include "framework/base/moment.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(SameMoment, IsOneHoweverItIsWritten) {
  const std::pair<const char*, const char*> same[] = {
      {"2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"},
      {"2026-11-24T10:00:00Z", "2026-11-24T10:00:00.000+00:00"},
      {"2026-11-24T10:00:00Z", "2026-11-24T11:00:00+01:00"},
      {"2026-11-24T00:30:00+01:00", "2026-11-23T23:30:00Z"},
      {"2026-11-24T10:00:00.5Z", "2026-11-24T10:00:00.500000000Z"},
      {"1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.90Z"},
  };
  for (const auto& [a, b] : same) {
    EXPECT_TRUE(is_same_moment(a, b)) << a << " " << b;
    EXPECT_TRUE(is_same_moment(b, a)) << b << " " << a;
  }
}

TEST(SameMoment, IsNotAnotherOne) {
  const std::pair<const char*, const char*> others[] = {
      {"2026-11-24T10:00:00Z", "2026-11-24T10:00:01Z"},
      {"2026-11-24T10:00:00Z", "2026-11-24T10:00:00.000000001Z"},
      {"2026-11-24T10:00:00Z", "2026-11-24T10:00:00+01:00"},
      {"2026-11-24T10:00:00Z", "2025-11-24T10:00:00Z"},
  };
  for (const auto& [a, b] : others) {
    EXPECT_FALSE(is_same_moment(a, b)) << a << " " << b;
    EXPECT_FALSE(is_same_moment(b, a)) << b << " " << a;
  }
}

// Below a nanosecond nothing is read, so that nothing is said to be equal there.
TEST(SameMoment, IsNotClaimedWhereDigitsWereDropped) {
  EXPECT_FALSE(is_same_moment("2026-11-24T10:00:00.0000000001Z", "2026-11-24T10:00:00.0000000002Z"));
  EXPECT_FALSE(is_same_moment("2026-11-24T10:00:00Z", "2026-11-24T10:00:00.0000000000Z"));
  EXPECT_FALSE(is_same_moment("2026-11-24T10:00:00.0000000000+00:00", "2026-11-24T10:00:00Z"));
  EXPECT_TRUE(is_same_moment("2026-11-24T10:00:00.000000000+00:00", "2026-11-24T10:00:00Z"));
}

TEST(SameMoment, NeedsTwoMoments) {
  for (const char* text :
       {"", "now", "2026-11-24", "2026-11-24T10:00:00", "2026-02-30T10:00:00Z", "(absent)"}) {
    EXPECT_FALSE(is_same_moment(text, text)) << text;
    EXPECT_FALSE(is_same_moment(text, "2026-11-24T10:00:00Z")) << text;
  }
}

}  // namespace
}  // namespace buildlab
