#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict::Ruling;
using verdict::Verdict;

record::ScenarioRecord record_with_noise(const std::vector<double>& seconds,
                                         const std::vector<std::size_t>& noisy) {
  record::ScenarioRecord record = record_of_seconds(seconds);
  for (std::size_t i = 0; i < record.builds.size(); ++i) record.builds[i].iteration = static_cast<int>(i) + 1;
  for (const std::size_t at : noisy) record.builds[at].noisy_network = "3 of the 9 requests failed";
  return record;
}

scenario::GateSettings at_most(double seconds) {
  scenario::GateSettings settings;
  settings.max_duration_sec = seconds;
  return settings;
}

TEST(NoisyNetworkGate, SaysSoInPlaceOfSlower) {
  const record::ScenarioRecord record = record_with_noise({30, 31, 32}, {0, 1, 2});
  const Verdict verdict = verdict_of("max_duration_sec", record, at_most(10));
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, AllOf(HasSubstr("noisy network: median 31.0s")));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("build 2: noisy network: 3 of the 9 requests failed")));
}

TEST(NoisyNetworkGate, JudgesTheBuildsWithoutTrouble) {
  const record::ScenarioRecord green = record_with_noise({9, 40, 9.1, 40}, {1, 3});
  const Verdict passes = verdict_of("max_duration_sec", green, at_most(10));
  EXPECT_EQ(passes.ruling, Ruling::pass);
  EXPECT_THAT(passes.message, AllOf(HasSubstr("of 2 builds"), HasSubstr("left out for a noisy network: "
                                                                        "build 2, build 4")));
  const record::ScenarioRecord red = record_with_noise({30, 31, 32, 90}, {3});
  EXPECT_EQ(verdict_of("max_duration_sec", red, at_most(10)).ruling, Ruling::fail)
      << "slow without any trouble is slow";
}

TEST(NoisyNetworkGate, TroubleMakesNoBuildFaster) {
  const record::ScenarioRecord record = record_with_noise({5, 6}, {0, 1});
  const Verdict verdict = verdict_of("max_duration_sec", record, at_most(10));
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("noisy network")));
}

TEST(NoisyNetworkGate, ComparesWithNoBuildThatMetTrouble) {
  scenario::GateSettings settings;
  settings.max_duration_ratio = scenario::DurationRatio{1.0, "app.cold"};
  const auto verdict_against = [&](const std::vector<std::size_t>& noisy) {
    const FindRecord find = [&](const std::string&) {
      record::ScenarioRecord cold = record_of_seconds({30, 30.1, 30.2, 10, 10.1, 10.2}, "app.cold");
      for (const std::size_t at : noisy) cold.builds[at].noisy_network = "3 of the 9 requests failed";
      return std::optional(cold);
    };
    return verdict_of("max_duration_ratio", record_of_seconds({25, 25.1, 25.2}), settings, find);
  };
  EXPECT_EQ(verdict_against({0, 1, 2}).ruling, Ruling::fail) << "against the three of 10 s";
  const Verdict verdict = verdict_against({0, 1, 2, 3, 4, 5});
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, HasSubstr("noisy network: no build of app.cold was without trouble"));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("3 of the 9 requests failed")));
}

TEST(NoisyNetworkGate, IsOfEveryGateOnTimeAndOfNoOther) {
  scenario::GateSettings settings;
  settings.max_spread = 0.1;
  settings.max_duration_ratio = scenario::DurationRatio{1.0, "app.cold"};
  settings.min_hit_ratio = 0.5;
  const record::ScenarioRecord record = record_with_noise({30, 90, 31, 95}, {0, 1, 2, 3});
  const FindRecord find = [](const std::string&) {
    return std::optional(record_of_seconds({10, 10.1, 10.2, 10}, "app.cold"));
  };
  for (const char* gate : {"max_spread", "max_duration_ratio"}) {
    const Verdict verdict = verdict_of(gate, record, settings, find);
    EXPECT_EQ(verdict.ruling, Ruling::not_evaluated) << gate;
    EXPECT_THAT(verdict.message, HasSubstr("noisy network")) << gate;
  }
  const Verdict hits = verdict_of("min_hit_ratio", record, settings, find);
  EXPECT_THAT(hits.message, Not(HasSubstr("noisy")));
}

TEST(NoisyNetworkGate, LooksPastTheOtherScenariosNoisyBuildsToo) {
  scenario::GateSettings settings;
  settings.max_duration_ratio = scenario::DurationRatio{1.0, "app.cold"};
  record::ScenarioRecord before = record_with_noise({10, 10.1, 60, 60, 60}, {2, 3, 4});
  before.name = "app.cold";
  const Verdict verdict = verdict_of("max_duration_ratio", record_of_seconds({30, 31, 32}), settings,
                                     [&](const std::string&) { return std::optional(before); });
  EXPECT_EQ(verdict.ruling, Ruling::fail) << verdict.message;
}

}  // namespace
}  // namespace buildlab::gates
