#include "framework/base/json.h"

#include <gtest/gtest.h>
#include <chrono>

namespace buildlab {
namespace {

TEST(ParseJson, TellsFileLineAndColumnOfAMistake) {
  const auto value = parse_json("{\n  \"a\": 1,\n  b\n}", "x.json", ErrorKind::usage);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, ErrorKind::usage);
  EXPECT_EQ(value.error().message.substr(0, 11), "x.json:3:3:");
}

TEST(ParseJson, RefusesTrailingTextBadUtf8AndDeepNesting) {
  EXPECT_FALSE(parse_json("{} {}", "x"));
  EXPECT_FALSE(parse_json("\"\xff\"", "x"));
  EXPECT_FALSE(parse_json(std::string(5000, '[') + std::string(5000, ']'), "x"));
}

TEST(ParseJson, CountsOnlyNestingAgainstItsDepth) {
  const std::string open(200, '[');
  const std::string close(200, ']');
  EXPECT_TRUE(parse_json(open + close, "x"));
  EXPECT_FALSE(parse_json("[" + open + close + "]", "x"));
  EXPECT_TRUE(parse_json("[\"\\\"" + open + open + "\", \"\\\\\", []" + std::string(1, ']'), "x"));
  std::string side_by_side = "[{}";
  for (int i = 0; i < 300; ++i) side_by_side += ",{}";
  EXPECT_TRUE(parse_json(side_by_side + "]", "x"));
}

// The time grows with the text, not with its square: the latter took minutes here.
TEST(ParseJson, ReadsManyObjectsOfOneArrayInNoTime) {
  std::string text = "[{}";
  for (int i = 0; i < 200'000; ++i) text += ",{\"a\":1}";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(parse_json(text + "]", "x"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(JsonText, KeepsTheOrderOfKeysAndReplacesBadBytes) {
  Json value;
  value["z"] = 1;
  value["a"] = "\xff";
  EXPECT_EQ(to_line(value), "{\"z\":1,\"a\":\"\xEF\xBF\xBD\"}");
}

TEST(TextMember, IsEmptyWhereThereIsNoText) {
  const Json object{{"name", "a"}, {"count", 1}};
  EXPECT_EQ(text_member(object, "name"), "a");
  EXPECT_EQ(text_member(object, "count"), "");
  EXPECT_EQ(text_member(object, "other"), "");
}

}  // namespace
}  // namespace buildlab
