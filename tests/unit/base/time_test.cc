#include "framework/base/time.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(Rfc3339, ReadsFractionsAndOffsets) {
  const auto zulu = parse_rfc3339("2026-11-23T20:02:11.5Z");
  const auto offset = parse_rfc3339("2026-11-23T21:02:11.500000000999+01:00");
  ASSERT_TRUE(zulu && offset);
  EXPECT_EQ(*zulu, *offset);
  EXPECT_EQ(to_rfc3339(*zulu), "2026-11-23T20:02:11.5Z");
  EXPECT_EQ(to_file_stamp(*zulu), "2026-11-23T20-02-11Z");
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00",
                           "2026-01-01T00:00:00.Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00Zx"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(ShortText, KeepsTheDigitsThatMatter) {
  EXPECT_EQ(to_short_text(0.387), "0.39s");
  EXPECT_EQ(to_short_text(16.24), "16.2s");
  EXPECT_EQ(to_short_text(252.3), "252s");
  EXPECT_EQ(to_short_text(3720), "1h02m");
}

}  // namespace
}  // namespace buildlab
