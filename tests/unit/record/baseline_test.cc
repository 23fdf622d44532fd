#include "framework/record/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/record_builder.h"

namespace buildlab::record {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string text_of(const std::vector<ScenarioRecord>& records) {
  Baseline baseline;
  for (const ScenarioRecord& record : records) put(baseline, *baseline_row(record));
  return baseline_to_text(baseline);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  const auto baseline = parse_baseline(text, "base.json");
  if (baseline) return "";
  EXPECT_EQ(baseline.error().kind, ErrorKind::usage);
  return baseline.error().message;
}

TEST(BaselineFile, GivesBackWhatWasWritten) {
  Baseline baseline;
  put(baseline, *baseline_row(testing::cold_record()));
  put(baseline, *baseline_row(testing::edit_record()));
  const auto read = parse_baseline(baseline_to_text(baseline), "base.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, baseline);
}

TEST(BaselineFile, HasTheSameBytesWhateverTheOrder) {
  EXPECT_EQ(text_of({testing::cold_record(), testing::edit_record()}),
            text_of({testing::edit_record(), testing::cold_record()}));
}

TEST(BaselineFile, KeepsOneRowAScenario) {
  auto later = testing::cold_record();
  later.builds[0].duration_sec = 3;
  Baseline baseline;
  put(baseline, *baseline_row(testing::cold_record()));
  put(baseline, *baseline_row(later));
  ASSERT_EQ(baseline.rows.size(), 1U);
  EXPECT_THAT(baseline.rows[0].durations_sec, ElementsAre(3));
}

TEST(BaselineFile, HoldsValidBuildsOnly) {
  auto record = testing::warm_record();
  const std::size_t all = record.builds.size();
  record.builds[0] = testing::invalid(record.builds[0], "the import failed");
  EXPECT_EQ(baseline_row(record)->durations_sec.size(), all - 1);
  for (Build& build : record.builds) build.valid = false;
  EXPECT_EQ(baseline_row(record), std::nullopt);
}

TEST(BaselineFile, HoldsNoCredentials) {
  auto record = testing::cold_record();
  record.subject.build_args["INDEX"] = "https://me:secret@index.example/simple";
  EXPECT_EQ(text_of({record}).find("secret"), std::string::npos);
  EXPECT_THAT(bars(*baseline_row(record), record), IsEmpty()) << "which makes it no other subject";
}

TEST(BaselineFile, GivesTheHitsBack) {
  const auto record = testing::edit_record();
  const ScenarioRecord again = as_record(*baseline_row(record));
  EXPECT_EQ(again.builds[0].numbers.hits, record.builds[0].numbers.hits);
  EXPECT_EQ(again.builds[0].numbers.ran, record.builds[0].numbers.ran);
  EXPECT_EQ(again.builds.size(), record.builds.size());
}

TEST(BaselineFile, IsBarredByOtherCircumstances) {
  const auto record = testing::cold_record();
  const BaselineRow row = *baseline_row(record);
  EXPECT_THAT(bars(row, record), IsEmpty());
  auto now = record;
  now.circumstances.buildkit_version = "v0.99.0";
  now.circumstances.cores = 64;
  now.circumstances.snapshotter = "native";
  EXPECT_THAT(bars(row, now), ElementsAre(AllOf(HasSubstr("BuildKit"), HasSubstr("v0.99.0")),
                                          AllOf(HasSubstr("snapshotter"), HasSubstr("native")),
                                          AllOf(HasSubstr("cores"), HasSubstr("64"))));
  now = record;
  now.subject.target = "other";
  EXPECT_THAT(bars(row, now), ElementsAre(HasSubstr("declared otherwise")));
  now = record;
  now.circumstances.load_1min = 17;
  now.circumstances.dockerfile_digest = testing::digest("newer");
  EXPECT_THAT(bars(row, now), IsEmpty()) << "what is to be measured, and what is named only";
}

TEST(BaselineFile, IsBarredByAnotherDeclaration) {
  auto record = testing::cold_record();
  record.cache_attributes = {{"compression", "zstd"}};
  record.faults = {"pull latency latency_ms=2500"};
  record.declaration = {{"network", "observed"}, {"cache_export_mode", "max"}};
  const BaselineRow row = *baseline_row(record);
  EXPECT_THAT(bars(row, record), IsEmpty());
  auto now = record;
  now.cache_attributes = {{"compression", "gzip"}, {"force-compression", "true"}};
  now.faults.clear();
  now.declaration = {{"network", "direct"}, {"cache_export_mode", "min"}, {"no_cache", "build"}};
  EXPECT_THAT(bars(row, now),
              ElementsAre("cache_attributes.compression zstd → gzip",
                          "cache_attributes.force-compression none → true", "cache_export_mode max → min",
                          "faults pull latency latency_ms=2500 → none", "network observed → direct",
                          "no_cache none → build"));
  now = record;
  now.circumstances.rewrite_timestamp = !now.circumstances.rewrite_timestamp;
  EXPECT_THAT(bars(row, now), ElementsAre(HasSubstr("rewrite_timestamp")));
}

TEST(BaselineFile, OfVersion1IsReadAndItsRowsAreRefused) {
  const auto record = testing::cold_record();
  std::string text = replaced(text_of({record}), "\"schema_version\": 2", "\"schema_version\": 1");
  Json json = *parse_json(text, "base.json");
  json.at("scenarios")[0].erase("declaration");
  auto baseline = parse_baseline(to_pretty_text(json), "base.json");
  ASSERT_TRUE(baseline) << baseline.error().message;
  EXPECT_THAT(bars(baseline->rows[0], record), ElementsAre(HasSubstr("version 1")));
  const auto again = parse_baseline(baseline_to_text(*baseline), "base.json");
  ASSERT_TRUE(again) << "its rows stay until they are made anew: " << again.error().message;
  EXPECT_EQ(*again, *baseline);
  put(*baseline, *baseline_row(record));
  EXPECT_THAT(bars(baseline->rows[0], record), IsEmpty());
}

TEST(BaselineFile, HasNoRowOfARecordThatDoesNotTellHowItWasDeclared) {
  auto record = testing::cold_record();
  EXPECT_EQ(why_refused(record), std::nullopt);
  record.declaration.reset();
  EXPECT_THAT(why_refused(record).value_or(""), HasSubstr("run it again"));
  EXPECT_EQ(baseline_row(record), std::nullopt);
}

TEST(BaselineFile, TakesNoNoisyBuildsForTheNorm) {
  auto record = testing::warm_record();
  record.builds[0].noisy_network = "3 of the 41 requests failed";
  ASSERT_TRUE(baseline_row(record));
  EXPECT_THAT(baseline_row(record)->durations_sec, ElementsAre(record.builds[1].duration_sec));
  record.builds[1].noisy_network = "one of 7 requests failed";
  EXPECT_EQ(baseline_row(record), std::nullopt);
  EXPECT_THAT(why_refused(record).value_or(""),
              AllOf(HasSubstr("noisy network"), HasSubstr("3 of the 41 requests failed")));
}

TEST(BaselineFile, IsBarredByAMovedBase) {
  auto record = testing::cold_record();
  record.circumstances.bases = {{"debian:bookworm", testing::digest("one"), false, false}};
  const BaselineRow row = *baseline_row(record);
  EXPECT_THAT(bars(row, record), IsEmpty());
  record.circumstances.bases[0].digest = testing::digest("two");
  EXPECT_THAT(bars(row, record), ElementsAre(HasSubstr("base debian:bookworm")));
}

TEST(BaselineFile, IsRefusedWithTheLineOfTheWrongRow) {
  const std::string text = text_of({testing::cold_record(), testing::edit_record()});
  const auto at = text.find("\"app.edit\"");
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  std::string wrong = text;
  wrong.replace(wrong.find("\"ran\": ", at), 7, "\"ran\": -");
  EXPECT_THAT(refusal(wrong), HasSubstr(fmt::format("base.json:{}: scenarios[1]: ran is not", line)));
}

TEST(BaselineFile, IsRefusedWhenItIsCut) {
  const std::string text = text_of({testing::cold_record()});
  for (std::size_t length = 0; length + 2 < text.size(); length += 7)
    EXPECT_THAT(refusal(text.substr(0, length)), HasSubstr("base.json:")) << length;
}

TEST(BaselineFile, IsRefusedWhenItIsSomethingElse) {
  const std::string text = text_of({testing::cold_record()});
  EXPECT_THAT(refusal("[]"), HasSubstr("base.json:1: is no baseline"));
  EXPECT_THAT(refusal("{}"), HasSubstr("schema_version"));
  EXPECT_THAT(refusal(R"({"schema_version": 3, "scenarios": []})"),
              HasSubstr("schema_version is not 1 to 2"));
  EXPECT_THAT(refusal(R"({"schema_version": 0, "scenarios": []})"), HasSubstr("schema_version is not"));
  EXPECT_THAT(refusal(R"({"schema_version": 1, "scenarios": 7})"), HasSubstr("scenarios is not"));
  EXPECT_THAT(refusal(R"({"schema_version": 1, "scenarios": [7]})"), HasSubstr("base.json:1: scenarios[0]"));
  EXPECT_THAT(refusal(R"({"schema_version": 1, "scenarios": [], "more": 1})"), HasSubstr("\"more\""));
  EXPECT_THAT(refusal(replaced(text, "\"network\": \"direct\"", "\"network\": 7")),
              HasSubstr("declaration.network"));
  EXPECT_THAT(refusal(replaced(text, "\"durations_sec\": [", "\"durations_sec\": [0, ")),
              HasSubstr("durations_sec[0]"));
  EXPECT_THAT(refusal(replaced(text, "\"durations_sec\": [", "\"durations_sec\": [1e300, ")),
              HasSubstr("durations_sec[0]"));
}

TEST(BaselineFile, IsRefusedWithAScenarioTwice) {
  const std::string text = text_of({testing::cold_record(), testing::edit_record()});
  EXPECT_THAT(refusal(replaced(text, "\"app.edit\"", "\"app.cold\"")), HasSubstr("there twice"));
}

}  // namespace
}  // namespace buildlab::record
