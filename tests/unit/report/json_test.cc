#include <gtest/gtest.h>

#include "framework/base/json.h"
#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

Json report_of(const ReportInput& input) {
  return parse_json(to_json(input), "report").value();
}

TEST(JsonReport, HasTheHeadAsNumbers) {
  const Json json = report_of({{testing::cold_record(), testing::warm_record(), testing::edit_record()}});
  EXPECT_EQ(json.at("schema_version"), 1);
  EXPECT_DOUBLE_EQ(json.at("cold_duration").get<double>(), 16.2);
  EXPECT_DOUBLE_EQ(json.at("warm_duration").get<double>(), 0.39);
  EXPECT_DOUBLE_EQ(json.at("cache_hit_ratio").get<double>(), 0.8);
  EXPECT_EQ(json.at("digest_stability"), "NOT_EVALUATED");
  EXPECT_EQ(json.at("recommended_actions"), Json::array());
}

TEST(JsonReport, SaysNullForWhatDoesNotExist) {
  const Json json = report_of({});
  for (const char* key : {"cold_duration", "warm_duration", "cache_hit_ratio"})
    EXPECT_TRUE(json.at(key).is_null());
  EXPECT_EQ(json.at("scenarios"), Json::array());
}

TEST(JsonReport, HasEveryFieldOfAScenario) {
  auto edit = testing::edit_record();
  edit.gates = {{"min_hit_ratio", verdict::Ruling::not_evaluated, "no step counts", {"line"}, {}, {}}};
  edit.priming = {testing::build(testing::cold_steps(), 16)};
  const Json scenario = report_of({{edit}}).at("scenarios").at(0);
  EXPECT_EQ(scenario.at("name"), "app.edit");
  EXPECT_EQ(scenario.at("kind"), "edit");
  EXPECT_EQ(scenario.at("cache_mode"), "builder");
  EXPECT_EQ(scenario.at("input_mutation"), "append src/main.cpp");
  EXPECT_EQ(scenario.at("gates").at(0).at("verdict"), "not_evaluated");
  EXPECT_EQ(scenario.at("gates").at(0).at("name"), "min_hit_ratio");
  ASSERT_EQ(scenario.at("priming").size(), 1U);
  ASSERT_EQ(scenario.at("builds").size(), 1U);
  const Json build = scenario.at("builds").at(0);
  EXPECT_EQ(build.at("steps").size(), 5U);
  EXPECT_EQ(build.at("steps").at(2).at("outcome"), "ran");
  EXPECT_EQ(build.at("steps").at(2).at("lines"), Json::array({4, 4}));
  std::vector<std::string> priming_keys;
  for (const auto& [key, value] : scenario.at("priming").at(0).items()) priming_keys.push_back(key);
  for (const auto& [key, value] : build.items()) {
    EXPECT_EQ(std::count(priming_keys.begin(), priming_keys.end(), key), 1) << key;
  }
}

TEST(JsonReport, GivesAdviceAsTextAndAsObject) {
  ReportInput input;
  input.advice = {{"broad-copy", "COPY less", 3.5, "run", "app.edit", "Dockerfile", std::nullopt}};
  const Json json = report_of(input);
  EXPECT_EQ(json.at("recommended_actions"), Json::array({"COPY less"}));
  EXPECT_EQ(json.at("advice").at(0).at("rule"), "broad-copy");
  EXPECT_EQ(json.at("advice").at(0).at("file"), "Dockerfile");
  EXPECT_TRUE(json.at("advice").at(0).at("line").is_null());
}

TEST(AnyReport, IsTheSameForTheSameRecords) {
  const ReportInput input{{testing::cold_record(), testing::warm_record(), testing::edit_record()}};
  EXPECT_EQ(to_json(input), to_json(input));
  EXPECT_EQ(to_markdown(input), to_markdown(input));
  EXPECT_EQ(to_junit(input), to_junit(input));
  EXPECT_EQ(to_text(input), to_text(input));
}

}  // namespace
}  // namespace buildlab::report
