#include "framework/replay/explain.h"

#include <gtest/gtest.h>

#include "framework/dockerfile/inputs.h"

namespace buildlab::replay {
namespace {

invalidation::StepGraph sample_graph() {
  const auto file = dockerfile::parse_dockerfile(
      "FROM scratch\nCOPY a.txt /\nRUN one\nCOPY b.txt /\nRUN two\n", "Dockerfile");
  return invalidation::make_graph(*file, *dockerfile::target_inputs(*file, std::nullopt, {}), {});
}

Row ran_all() {
  Row row;
  row.ran = {{"stage-0", 5, "RUN two", 4},
             {"stage-0", 2, "COPY a.txt /", 1},
             {"stage-0", 3, "RUN one", 2},
             {"stage-0", 4, "COPY b.txt /", 1}};
  return row;
}

TEST(ReplayExplanation, DividesSecondsAmongTheClassesThatStepsGoBackTo) {
  Row row = ran_all();
  explain(row, sample_graph(), sample_graph(),
          {{{"a.txt", true}, {"b.txt", true}}, "Dockerfile", std::nullopt});
  EXPECT_EQ(row.ran[0].reason, "parent-rekeyed");
  EXPECT_EQ(row.ran[1].reason, "input-content");
  EXPECT_DOUBLE_EQ(row.blame.at("a.txt"), 1 + 2 + 0.5 + 2);
  EXPECT_DOUBLE_EQ(row.blame.at("b.txt"), 0.5 + 2);
}

TEST(ReplayExplanation, SaysWhatItDoesNotKnow) {
  Row row = ran_all();
  row.ran.push_back({"other", 9, "RUN elsewhere", 8});
  explain(row, sample_graph(), sample_graph(), {{}, "Dockerfile", std::nullopt});
  EXPECT_EQ(row.ran[1].reason, std::nullopt);
  EXPECT_DOUBLE_EQ(row.blame.at(std::string(k_unexplained)), 16);
}

TEST(ReplayExplanation, OfAFirstBuildIsThatItWasTheFirst) {
  Row row = ran_all();
  row.primes = true;
  explain(row, {}, sample_graph(), {});
  for (const RanStep& step : row.ran) EXPECT_EQ(step.reason, "first-build");
  EXPECT_TRUE(row.blame.empty());
}

}  // namespace
}  // namespace buildlab::replay
