#include "framework/base/exact_json.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

std::string line(std::string_view text) {
  const auto value = parse_exact<Json>(text);
  return value ? to_exact_line(*value) : "none";
}

// With sorted members.
bool same(std::string_view a, std::string_view b) {
  using Sorted = nlohmann::json;
  const auto left = parse_exact<Sorted>(a);
  return left && left == parse_exact<Sorted>(b);
}

TEST(SameNumber, IsTheSameDecimalHoweverItIsWritten) {
  const std::pair<const char*, const char*> same_ones[] = {
      {"1.50", "15e-1"}, {"0", "0.000"},      {"0", "0e99"},       {"100", "1e2"},     {"100", "1E+2"},
      {"-0.5", "-5e-1"}, {"12300", "1.23e4"}, {"1e400", "10e399"}, {"0.0001", "1e-4"}, {"7", "7"},
  };
  for (const auto& [a, b] : same_ones) {
    EXPECT_TRUE(is_same_number(a, b)) << a << " " << b;
    EXPECT_TRUE(is_same_number(b, a)) << b << " " << a;
  }
  const std::pair<const char*, const char*> others[] = {
      {"1", "2"},
      {"1", "-1"},
      {"1", "10"},
      {"1.5", "15"},
      {"1e400", "1e401"},
      {"0.1", "0.10000000000000000001"},
      {"9007199254740993", "9007199254740992"},
      {"1e99999999999999999999", "1e99999999999999999998"},
  };
  for (const auto& [a, b] : others) EXPECT_FALSE(is_same_number(a, b)) << a << " " << b;
}

TEST(ExactJson, KeepsNumbersThatNoDoubleHolds) {
  EXPECT_EQ(line("[12345678901234567890123, 0.10000000000000000001, 1e-400]"),
            "[12345678901234567890123,0.10000000000000000001,1e-400]");
  EXPECT_EQ(line("[18446744073709551615, -9223372036854775808]"),
            "[18446744073709551615,-9223372036854775808]");
  EXPECT_FALSE(same("[12345678901234567890123]", "[12345678901234567890124]"));
  EXPECT_FALSE(same("[1e-400]", "[0]"));
  EXPECT_TRUE(same("[0.5]", "[50e-2]"));
  // The text of a number is no number.
  EXPECT_FALSE(same("[0.10000000000000000001]", R"(["0.10000000000000000001"])"));
}

TEST(ExactJson, KeepsEachOfSeveralMembersOfOneName) {
  const auto value = parse_exact<Json>(R"({"a":1,"b":2,"a":3,"a":4})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->size(), 4U);
  EXPECT_EQ((*value)["a"], 4);
  EXPECT_EQ((*value)[std::string("a") + k_named_again + "1"], 1);
  EXPECT_EQ((*value)[std::string("a") + k_named_again + "2"], 3);
  EXPECT_EQ(to_exact_line(*value), R"({"a":1,"b":2,"a":3,"a":4})");
  EXPECT_FALSE(same(R"({"a":1,"a":2})", R"({"a":2})"));
  EXPECT_FALSE(same(R"({"a":1,"a":2})", R"({"a":3,"a":2})"));
  EXPECT_TRUE(same(R"({"a":1,"b":2})", R"({ "b": 2, "a": 1 })"));
  // Within objects of lists and of objects, and for each object anew.
  EXPECT_EQ(line(R"([{"x":{"y":1,"y":2}},{"y":3}])"), R"([{"x":{"y":1,"y":2}},{"y":3}])");
}

TEST(ExactJson, PlainKeyIsTheDocuments) {
  EXPECT_EQ(plain_key("a"), "a");
  EXPECT_EQ(plain_key(std::string("a") + k_named_again + "12"), "a");
  EXPECT_EQ(plain_key(""), "");
}

TEST(ExactJson, EscapesAndBlanksAreNotKept) {
  EXPECT_EQ(line(" { \"a\\u0062\" : [ null , true , \"\\n\" ] } "), R"({"ab":[null,true,"\n"]})");
  EXPECT_TRUE(same(R"("\u00e9")", "\"\xc3\xa9\""));
}

TEST(ExactJson, RefusesWhatIsNoJson) {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\":1", "01", "1e400", "\"\xff\"", "[] []", "nul", "{\"a\"}"}) {
    EXPECT_FALSE(parse_exact<Json>(text)) << text;
  }
}

TEST(ExactJson, NestsToTwoHundredLevels) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(line(nested(200)), nested(200));
  EXPECT_FALSE(parse_exact<Json>(nested(201)));
  EXPECT_FALSE(parse_exact<Json>(nested(100'000)));
}

TEST(ExactJson, ErrorsNameTheDocumentAndThePlace) {
  const auto value = parse_exact_json("{\n  \"a\": 1,\n  b\n}", "x.json", ErrorKind::usage);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, ErrorKind::usage);
  EXPECT_EQ(value.error().message.substr(0, 11), "x.json:3:3:");
  EXPECT_EQ(to_exact_line(parse_exact_json("{\"a\": 1.0}", "x").value()), "{\"a\":1.0}");
}

}  // namespace
}  // namespace buildlab
