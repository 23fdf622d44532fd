#include "framework/report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/json.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

record::ScenarioRecord cold(std::vector<double> seconds, double apt_sec = 1.0) {
  std::vector<record::Build> builds;
  for (const double duration : seconds) {
    builds.push_back(testing::build({testing::ran("build", 2, "RUN apt-get install g++", apt_sec),
                                     testing::ran("build", 3, "COPY . .", 0.1)},
                                    duration));
  }
  return testing::record("app.cold", "cold", std::move(builds));
}

TEST(Compare, PairsByName) {
  const Comparison comparison = compare({testing::cold_record(), testing::warm_record()},
                                        {testing::warm_record(), testing::edit_record()});
  ASSERT_EQ(comparison.rows.size(), 1U);
  EXPECT_EQ(comparison.rows[0].before_name, "app.warm");
  EXPECT_FALSE(comparison.by_subject);
  EXPECT_THAT(comparison.unpaired, ElementsAre("app.cold (only before)", "app.edit (only now)"));
}

TEST(Compare, OfAMatrixPairsEveryBackendWithItself) {
  auto matrix = [](double registry_sec) {
    auto record = testing::record("app.caches", "matrix", {});
    record.backends = {{"none", "none"}, {"registry", "registry"}};
    for (const auto& [backend, seconds] : {std::pair("none", 10.0), {"registry", registry_sec}}) {
      record.builds.push_back(testing::build(testing::warm_steps(), seconds));
      record.builds.back().builder = backend;
      record.builds.back().iteration = 1;
    }
    return record;
  };
  const Comparison comparison = compare({matrix(2)}, {matrix(6)});
  ASSERT_EQ(comparison.rows.size(), 2U);
  EXPECT_EQ(comparison.rows[1].before_name, "app.caches registry");
  EXPECT_EQ(comparison.rows[0].change, "too few builds");
  EXPECT_EQ(comparison.rows[1].change, "slower");
}

TEST(Compare, DecidesNothingWhereASideHasOnlyNoisyBuilds) {
  record::ScenarioRecord noisy = cold({40, 41, 42, 43, 44});
  for (record::Build& build : noisy.builds) build.noisy_network = "3 of the 41 requests failed";
  for (const bool before : {true, false}) {
    const record::ScenarioRecord calm = cold({10, 11, 10, 11, 10});
    const Comparison comparison = before ? compare({noisy}, {calm}) : compare({calm}, {noisy});
    const ComparisonRow& row = comparison.rows.at(0);
    EXPECT_EQ(row.change, "noisy network");
    EXPECT_FALSE(row.ratio);
    EXPECT_EQ(row.before_noisy.has_value(), before);
    EXPECT_EQ(row.after_noisy.has_value(), !before);
    EXPECT_THAT(to_text(comparison, false), HasSubstr("noisy network: 3 of the 41 requests failed"));
    const auto json = parse_json(to_json(comparison), "comparison");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->at("rows")[0].at(before ? "before" : "after").at("noisy_network"),
              "3 of the 41 requests failed");
    EXPECT_TRUE(json->at("rows")[0].at("ratio").is_null());
  }
  noisy.builds[4].noisy_network.reset();
  const Comparison comparison = compare({cold({10, 11, 10, 11, 10})}, {noisy});
  EXPECT_NE(comparison.rows[0].change, "noisy network") << "there is one to look at";
  EXPECT_THAT(comparison.rows[0].after_sec, ElementsAre(44));
}

TEST(Compare, PairsScenariosOfOneSubjectWhereNoNameIsShared) {
  const Comparison comparison = compare({testing::cold_record()}, {testing::warm_record()});
  ASSERT_EQ(comparison.rows.size(), 1U);
  EXPECT_TRUE(comparison.by_subject);
  EXPECT_EQ(comparison.rows[0].after_name, "app.warm");
  EXPECT_THAT(to_text(comparison, false), HasSubstr("no scenario in common"));
  EXPECT_THAT(to_text(comparison, false), HasSubstr("app.cold → app.warm"));
}

TEST(Compare, PrefersOneKindWhenPairingBySubject) {
  auto renamed = testing::warm_record();
  renamed.name = "app.quick";
  const Comparison comparison = compare({testing::cold_record(), testing::warm_record()}, {renamed});
  ASSERT_EQ(comparison.rows.size(), 1U);
  EXPECT_EQ(comparison.rows[0].before_name, "app.warm");
}

TEST(Compare, HasNoRowsForDifferentSubjects) {
  auto other = testing::warm_record();
  other.name = "tool.warm";
  other.subject = {"tool", "tool", "Dockerfile", "", {}, "linux/amd64"};
  const Comparison comparison = compare({testing::cold_record()}, {other});
  EXPECT_TRUE(comparison.rows.empty());
  EXPECT_FALSE(comparison.by_subject);
  EXPECT_THAT(to_text(comparison, false), HasSubstr("nothing to compare"));
}

TEST(Compare, SeesADifferenceOnlyWhereTheIntervalDoes) {
  const auto base = cold({16.0, 16.2, 16.1, 16.3, 16.2});
  EXPECT_EQ(compare({base}, {cold({9.4, 9.5, 9.3, 9.4, 9.6})}).rows[0].change, "faster");
  EXPECT_EQ(compare({base}, {cold({19.4, 19.5, 19.3, 19.4, 19.6})}).rows[0].change, "slower");
  EXPECT_EQ(compare({base}, {cold({15.0, 17.2, 16.0, 18.0, 14.9})}).rows[0].change, "no difference seen");
}

TEST(Compare, OfTwoRunsAsksForMoreThanTheMachinesPaceMayHaveChanged) {
  const auto of_run = [](const std::string& run, double seconds) {
    auto record = cold(std::vector<double>(7, seconds));
    record.run_id = run;
    return record;
  };
  const auto change = [&](double now, double pace) {
    return compare({of_run("a", 10)}, {of_run("b", now)}, pace).rows[0].change;
  };
  EXPECT_EQ(change(11, 1.2), "built at other times");
  EXPECT_EQ(change(9, 1.2), "built at other times");
  EXPECT_EQ(change(10.1, 1.2), "no difference seen");
  EXPECT_EQ(change(12.5, 1.2), "slower");
  EXPECT_EQ(change(7.5, 1.2), "faster");
  EXPECT_EQ(change(11, 1), "slower");
  EXPECT_EQ(compare({of_run("a", 10)}, {of_run("a", 11)}, 1.2).rows[0].change, "slower") << "of one run";
  const std::string text = to_text(compare({of_run("a", 10)}, {of_run("b", 11)}), false);
  EXPECT_THAT(text, HasSubstr("less than ×1.20"));
  EXPECT_THAT(text, HasSubstr("max_duration_ratio"));
}

TEST(Compare, IgnoresMillisecondsOfShortBuilds) {
  EXPECT_EQ(compare({cold({1.100, 1.101, 1.102}, 0.9)}, {cold({1.117, 1.116, 1.118}, 0.9)}).rows[0].change,
            "no difference seen");
}

TEST(Compare, DoesNotJudgeSingleBuilds) {
  const Comparison comparison = compare({cold({16.0})}, {cold({9.0})});
  EXPECT_EQ(comparison.rows[0].change, "too few builds");
  EXPECT_THAT(to_text(comparison, false), HasSubstr("×0.56"));
}

TEST(Compare, SaysWhenMoreBuildsWouldTell) {
  EXPECT_EQ(compare({cold({16.0, 16.1})}, {cold({17.0, 17.1})}).rows[0].change, "too few builds");
}

TEST(Compare, MarksOutliersAndCountsThem) {
  const auto after = cold({16.0, 16.1, 16.2, 16.1, 40.0});
  const Comparison comparison = compare({cold({16.0, 16.1, 16.2, 16.1, 16.0})}, {after});
  EXPECT_THAT(comparison.rows[0].after_outliers, ElementsAre(4U));
  EXPECT_EQ(comparison.rows[0].after_sec.size(), 5U);
  EXPECT_THAT(to_text(comparison, false), HasSubstr("16.1s 40.0s (outlier)"));
  EXPECT_THAT(to_text(comparison, false), Not(HasSubstr("16.1s (outlier)")));
  const Json json = parse_json(to_json(comparison), "comparison").value();
  EXPECT_EQ(json.at("rows").at(0).at("after").at("outliers"), Json::array({4}));
}

TEST(Compare, LeavesInvalidBuildsOut) {
  auto after = cold({9.0});
  after.builds[0] = testing::invalid(after.builds[0], "the import failed");
  const ComparisonRow row = compare({cold({16.0})}, {after}).rows[0];
  EXPECT_TRUE(row.after_sec.empty());
  EXPECT_EQ(row.change, "not comparable");
}

TEST(Compare, NamesTheStepThatMovedMost) {
  const ComparisonRow row = compare({cold({16.0, 16.1}, 11.8)}, {cold({9.0, 9.1}, 5.1)}).rows[0];
  EXPECT_EQ(row.moved_most, "Dockerfile:2 RUN apt-get install g++ 11.8s → 5.1s");
}

TEST(Compare, NamesStepsThatCameOrWent) {
  auto after = cold({16.0});
  after.builds[0].numbers.steps[0].text = "RUN apt-get install clang";
  after.builds[0].numbers.steps[0].seconds = 3.0;
  EXPECT_EQ(compare({cold({16.0}, 1.0)}, {after}).rows[0].moved_most,
            "Dockerfile:2 RUN apt-get install clang 3.0s, not there before");
  EXPECT_EQ(compare({after}, {cold({16.0}, 1.0)}).rows[0].moved_most,
            "Dockerfile:2 RUN apt-get install clang 3.0s, gone now");
}

TEST(Compare, ComparesDigestsWhateverTheOrderOfBuilds) {
  const auto record = [](const char* a, const char* b) {
    return testing::record(
        "app.reproducibility", "reproducibility",
        {testing::build(testing::cold_steps(), 16, a), testing::build(testing::cold_steps(), 16, b)});
  };
  const ComparisonRow row = compare({record("x", "y")}, {record("y", "x")}).rows[0];
  EXPECT_EQ(row.before_digest, row.after_digest);
  EXPECT_FALSE(row.before_digest.empty());
}

TEST(Compare, DoesNotCompareDigestsOfMutatedInputs) {
  EXPECT_EQ(compare({testing::edit_record()}, {testing::edit_record()}).rows[0].before_digest, "");
}

TEST(Compare, TellsWhichCircumstancesDiffer) {
  auto after = testing::cold_record();
  after.circumstances.buildkit_version = "v0.33.0";
  after.circumstances.cores = 4;
  EXPECT_THAT(compare({testing::cold_record()}, {after}).rows[0].circumstances,
              ElementsAre("BuildKit v0.32.2 → v0.33.0", "cores 2 → 4"));
}

TEST(Compare, ShowsRawValuesAndIntervals) {
  const std::string text = to_text(compare({cold({16.0, 16.2, 16.1})}, {cold({9.4, 9.5, 9.3})}), false);
  EXPECT_THAT(text, HasSubstr("16.0s 16.2s 16.1s"));
  EXPECT_THAT(text, HasSubstr("×0.58 (0."));
  EXPECT_THAT(text, HasSubstr("faster"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Compare, GivesTheSameAsJson) {
  const Json json =
      parse_json(to_json(compare({cold({16.0, 16.2})}, {cold({9.4, 9.5})})), "comparison").value();
  const Json& row = json.at("rows").at(0);
  EXPECT_EQ(row.at("before").at("durations_sec"), Json::array({16.0, 16.2}));
  EXPECT_NEAR(row.at("ratio").at("median").get<double>(), 0.587, 0.001);
  EXPECT_EQ(row.at("change"), "faster");
}

}  // namespace
}  // namespace buildlab::report
