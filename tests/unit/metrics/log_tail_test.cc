#include "framework/metrics/log_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::metrics {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(Base64, DecodesWhatRfc4648Lists) {
  const std::pair<const char*, const char*> known[] = {{"", ""},
                                                       {"Zg==", "f"},
                                                       {"Zm8=", "fo"},
                                                       {"Zm9v", "foo"},
                                                       {"Zm9vYg==", "foob"},
                                                       {"Zm9vYmE=", "fooba"},
                                                       {"Zm9vYmFy", "foobar"}};
  for (const auto& [encoded, plain] : known) {
    std::string decoded;
    EXPECT_TRUE(decode_base64(encoded, decoded)) << encoded;
    EXPECT_EQ(decoded, plain);
  }
}

TEST(Base64, RefusesWhatIsNot) {
  for (const char* wrong : {"Z", "Zg=", "Zg", "Z===", "====", "Zm9v!", "Zm=v", "Zm 9"}) {
    std::string decoded;
    EXPECT_FALSE(decode_base64(wrong, decoded)) << wrong;
  }
}

TEST(LogTail, LinesMayComeInPieces) {
  LogTail tail;
  tail.add("one\ntw");
  tail.add("o");
  tail.add("\nthr");
  EXPECT_THAT(tail.lines(), ElementsAre("one", "two", "thr"));
}

TEST(LogTail, KeepsTheLastFortyLines) {
  LogTail tail;
  for (int i = 0; i < 100; ++i) tail.add(std::to_string(i) + "\n");
  EXPECT_THAT(tail.lines(), SizeIs(40));
  EXPECT_EQ(tail.lines().front(), "60");
  tail.add("open");
  EXPECT_THAT(tail.lines(), SizeIs(40));
  EXPECT_EQ(tail.lines().front(), "61");
  EXPECT_EQ(tail.lines().back(), "open");
}

TEST(LogTail, ACarriageReturnStartsTheLineAnew) {
  LogTail tail;
  tail.add("10 %\r55 %\r");
  tail.add("100 %\r\ndone\r\n");
  EXPECT_THAT(tail.lines(), ElementsAre("100 %", "done"));
}

TEST(LogTail, LongLinesAreCutAtTheBorderOfACharacter) {
  LogTail tail;
  for (int i = 0; i < 1000; ++i) tail.add("\xE2\x82\xAC");  // the euro sign, three bytes
  tail.add("\n");
  ASSERT_THAT(tail.lines(), SizeIs(1));
  EXPECT_EQ(tail.lines()[0].size(), 498U);
}

}  // namespace
}  // namespace buildlab::metrics
