#include "framework/report/yaml.h"

#include <gtest/gtest.h>

#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

TEST(YamlString, LeavesPlainSentencesPlain) {
  EXPECT_EQ(yaml_string("isolate dependency install stage"), "isolate dependency install stage");
  EXPECT_EQ(yaml_string("Dockerfile:2 takes 11.8s → cut"), "Dockerfile:2 takes 11.8s → cut");
}

TEST(YamlString, QuotesWhatWouldBeAMapOrAComment) {
  EXPECT_EQ(yaml_string("key: value"), "'key: value'");
  EXPECT_EQ(yaml_string("key:"), "'key:'");
  EXPECT_EQ(yaml_string("text # more"), "'text # more'");
}

TEST(YamlString, DoublesSingleQuotes) {
  EXPECT_EQ(yaml_string("it's: so"), "'it''s: so'");
}

TEST(YamlString, QuotesWordsAndNumbersOfTheLanguage) {
  EXPECT_EQ(yaml_string("yes"), "'yes'");
  EXPECT_EQ(yaml_string("Null"), "'Null'");
  EXPECT_EQ(yaml_string("12"), "'12'");
  EXPECT_EQ(yaml_string("2026-11-23"), "'2026-11-23'");
  EXPECT_EQ(yaml_string(""), "''");
}

TEST(YamlString, QuotesLeadingIndicators) {
  for (const char* text :
       {"- a", "? a", ": a", "[a", "{a", "!a", "&a", "*a", "|", ">", "%a", "@a", "`a", "#a", ",a"}) {
    EXPECT_EQ(yaml_string(text), "'" + std::string(text) + "'");
  }
}

TEST(YamlString, EscapesControls) {
  EXPECT_EQ(yaml_string("two\nlines\t\"q\" \\ \x1b"), "\"two\\nlines\\t\\\"q\\\" \\\\ \\x1b\"");
  EXPECT_EQ(yaml_string("a\xe2\x80\xa8"), "\"a\\u2028\"");
  EXPECT_EQ(yaml_string("a\xc2\x85"), "\"a\\x85\"");
}

TEST(YamlString, ReplacesBytesThatAreNotText) {
  EXPECT_EQ(yaml_string("a\xff"), "a\xef\xbf\xbd");
}

TEST(TextReport, HasItsKeysInOrder) {
  EXPECT_EQ(to_text({{testing::cold_record(), testing::warm_record(), testing::edit_record()}}),
            "cold_duration: 16.2s\n"
            "warm_duration: 0.39s\n"
            "cache_hit_ratio: 0.80\n"
            "digest_stability: NOT_EVALUATED\n"
            "recommended_actions: []\n");
}

TEST(TextReport, SaysNullForWhatWasNotMeasured) {
  EXPECT_EQ(to_text({}),
            "cold_duration: null\n"
            "warm_duration: null\n"
            "cache_hit_ratio: null\n"
            "digest_stability: NOT_EVALUATED\n"
            "recommended_actions: []\n");
}

TEST(TextReport, ListsActionsAsStrings) {
  ReportInput input;
  input.advice = {{"a", "first: do", 2, "r", "s", {}, {}}, {"b", "second", 1, "r", "s", {}, {}}};
  EXPECT_TRUE(to_text(input).ends_with("recommended_actions:\n- 'first: do'\n- second\n"));
}

}  // namespace
}  // namespace buildlab::report
