#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::HasSubstr;

TEST(Json, NamesAnotherOrderOfKeysAndElements) {
  const auto keys = explain("a.json", R"({"a": 1, "b": {"x": [1, 2], "y": null}})",
                            R"({"b": {"y": null, "x": [1, 2]}, "a": 1})");
  EXPECT_EQ(verdict(keys), "ORDER G8 proven");
  EXPECT_THAT(evidence(keys), HasSubstr("key 1: \"a\", then \"b\""));
  const auto elements = explain("a.json", R"(["one", "two", {"k": 3}])", R"([{"k": 3}, "one", "two"])");
  EXPECT_EQ(verdict(elements), "ORDER G8 supposed");  // elements are often numbered
  EXPECT_THAT(evidence(elements), HasSubstr("the same 3 elements in another order"));
}

TEST(Json, TakesNoOtherNumberForAnotherOrder) {
  // Doubles cannot tell these apart, and their digits are the same.
  EXPECT_NE(verdict(explain("a.json", R"({"a": 1, "n": 123456789012345678901234567890})",
                            R"({"n": 123456789012345678901234567809, "a": 1})")),
            "ORDER G8 proven");
  EXPECT_NE(verdict(explain("a.json", R"([1, 0.100000000000000000012])", R"([0.100000000000000000021, 1])")),
            "ORDER G8 proven");
}

TEST(Json, TakesNoOtherOfTwoMembersForAnotherOrder) {
  EXPECT_NE(
      verdict(explain("a.json", R"({"a": 1, "u": "ab", "u": "x"})", R"({"u": "ba", "a": 1, "u": "x"})")),
      "ORDER G8 proven");
  EXPECT_NE(verdict(explain("a.json", R"([{"u": "ab", "u": "x"}, 1])", R"([1, {"u": "ba", "u": "x"}])")),
            "ORDER G8 proven");
  EXPECT_NE(verdict(explain("a.json", R"({"u": 1, "u": 2})", R"({"u": 2, "u": 1})")), "ORDER G8 proven");
}

TEST(Json, LeavesOtherValuesUnknown) {
  EXPECT_EQ(verdict(explain("a.json", R"({"a": 1})", R"({"a": 2})", built_then())), "unknown");
  EXPECT_EQ(verdict(explain("a.json", R"({"a": 1})", R"({"b": 1})")), "unknown");
  EXPECT_EQ(verdict(explain("a.json", R"([1, 2, 2])", R"([1, 1, 2])")), "unknown");
  EXPECT_EQ(verdict(explain("a.json", R"({"a": 1})", R"({"a":  1})")), "unknown");
  EXPECT_EQ(verdict(explain("a.json", R"({"a": 1)", R"({"a": 2)")), "unknown");
}

TEST(Json, SupposesTheOrderWhereMoreDiffers) {
  EXPECT_EQ(verdict(explain("a.json", R"({"a": 1, "b": 2})", R"({"b": 2, "a":   1})")), "ORDER G8 supposed");
  const auto cause = explain("a.json", R"({"a": 1, "b": 2})", R"({"b": 3, "a": 1})");
  EXPECT_EQ(verdict(cause), "ORDER G8 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("not explained: other members or values"));
}

TEST(Json, NamesValuesThatAreMoments) {
  const auto text = explain("a.json", R"({"at": "2026-11-24T10:00:00Z", "n": 1})",
                            R"({"at": "2026-11-24T10:00:07.25Z", "n": 1})", built_then());
  EXPECT_EQ(verdict(text), "TIME G5 proven");
  EXPECT_THAT(evidence(text), HasSubstr("/at: "));
  const std::string number_a = R"({"at": 1795514400123})";
  const std::string number_b = R"({"at": 1795516300456})";
  EXPECT_EQ(verdict(explain("a.json", number_a, number_b, built_then())), "TIME G5 proven");
  EXPECT_EQ(verdict(explain("a.json", number_a, number_b)), "unknown");
}

TEST(Json, ProvesNoMomentsOutsideOfTheBuilds) {
  const auto of = [](const std::string& a, const std::string& b, const Surroundings& surroundings) {
    return verdict(explain("a.json", R"({"x": ")" + a + R"("})", R"({"x": ")" + b + R"("})", surroundings));
  };
  EXPECT_EQ(of("2030-01-01", "2031-01-01", built_then()), "unknown");
  EXPECT_EQ(of("1990-01-01", "1980-01-01", {}), "unknown");
  EXPECT_EQ(of("2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z", built_then()), "TIME G5 supposed");
  EXPECT_EQ(of("2026-11-24T10:00:00Z", "2026-11-24T10:00:07Z", {}), "TIME G5 supposed");
  EXPECT_EQ(of("opens 12:30:00", "opens 13:30:00", built_then()), "TIME G5 supposed");
}

TEST(Json, KnowsTheCacheOfUv) {
  const auto cache = [](const std::string& seconds, const std::string& nanoseconds) {
    return R"({"timestamp":{"secs_since_epoch":)" + seconds + R"(,"nanos_since_epoch":)" + nanoseconds + "}}";
  };
  const std::string path = "site-packages/x-1.dist-info/uv_cache.json";
  EXPECT_EQ(verdict(explain(path, cache("1795514400", "5"), cache("1795516300", "123456"), built_then())),
            "TIME E5 proven");
  EXPECT_EQ(verdict(explain(path, cache("5", "5"), cache("6", "123456"), built_then())), "TIME E5 supposed");
}

TEST(Json, NamesRandomIdentifiers) {
  EXPECT_EQ(verdict(explain("a.json", R"({"id": "0fe3b1c2-1111-4abc-9def-001122334455"})",
                            R"({"id": "deadbeef-2222-4abc-8def-998877665544"})")),
            "RAND G7 proven");
}

}  // namespace
}  // namespace buildlab::causes
