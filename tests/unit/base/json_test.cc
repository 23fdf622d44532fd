#include "framework/base/json.h"

#include <gtest/gtest.h>

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
