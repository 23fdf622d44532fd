#include "framework/run/missed_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

using metrics::Miss;
using metrics::MissReason;
using metrics::StepOutcome;

constexpr const char* k_dockerfile = "FROM scratch AS one\nCOPY a /\nRUN x\n";

misses::BuildFacts facts() {
  misses::BuildFacts facts;
  facts.dockerfile_text = k_dockerfile;
  facts.files = {{"a", {'f', 0644, "1", {}}}};
  return facts;
}

// Both steps ran.
record::Build build() {
  record::Build build;
  for (const char* text : {"COPY a /", "RUN x"}) {
    metrics::Step step;
    step.stage = "one";
    step.text = text;
    step.lines.first = step.lines.last = build.numbers.steps.empty() ? 2 : 3;
    step.outcome = StepOutcome::ran;
    build.numbers.steps.push_back(std::move(step));
  }
  return build;
}

TEST(MissedSteps, AreToldFromTheFactsOfBothBuilds) {
  const misses::BuildFacts before = facts();
  misses::BuildFacts now = before;
  now.files["a"].content = "2";
  record::Build entry = build();
  tell_misses({{}, &before}, &now, "Dockerfile", entry);
  EXPECT_EQ(entry.numbers.steps[0].miss, (Miss{MissReason::input_content, "a"}));
  EXPECT_EQ(entry.numbers.steps[1].miss, (Miss{MissReason::parent_rekeyed, "Dockerfile:2 COPY a /"}));
  EXPECT_TRUE(ran_any(entry));
}

TEST(MissedSteps, KnowWhatTheirBuildWasGiven) {
  misses::BuildFacts before;
  before.dockerfile_text = "FROM scratch\nADD http://x/a /\n";
  before.sources = {{"http://x/a", "sha256:1"}};
  misses::BuildFacts now = before;
  record::Build entry;
  metrics::Step step;
  step.stage = "stage-0";
  step.lines = {2, 2};
  step.text = "ADD http://x/a /";
  step.outcome = StepOutcome::ran;
  entry.numbers.steps = {step};
  entry.sources = {{"http://x/a", "sha256:2"}};
  tell_misses({{}, &before}, &now, "Dockerfile", entry);
  EXPECT_EQ(entry.numbers.steps[0].miss,
            (Miss{MissReason::input_content, "http://x/a, which was sha256:1 and is sha256:2"}));
  EXPECT_EQ(now.sources, entry.sources);
}

TEST(MissedSteps, OfAnImportThatFailedAreItsError) {
  record::Build entry = build();
  entry.numbers.cache_imports = {{"importing cache manifest from x", "refused"}};
  FilledCache cache;
  cache.source.imported = true;
  tell_misses(cache, nullptr, "Dockerfile", entry);
  EXPECT_EQ(entry.numbers.steps[1].miss,
            (Miss{MissReason::import_failed, "importing cache manifest from x: refused"}));
}

TEST(MissedSteps, OfABuilderWithACacheOfItsOwnAreNotItsImport) {
  record::Build entry = build();
  entry.numbers.cache_imports = {{"importing cache manifest from x", "refused"}};
  const misses::BuildFacts before = facts();
  misses::BuildFacts now = before;
  now.files["a"].content = "2";
  tell_misses({{}, &before}, &now, "Dockerfile", entry);
  EXPECT_EQ(entry.numbers.steps[0].miss, (Miss{MissReason::input_content, "a"}));
}

TEST(MissedSteps, HaveTheCacheThatARunnerHas) {
  const scenario::Scenario scenario;
  using scenario::CacheMode;
  EXPECT_TRUE(source_of(scenario, CacheMode::registry, "max", true).empty);
  EXPECT_TRUE(source_of(scenario, CacheMode::none, "max", false).empty);
  const misses::Source all = source_of(scenario, CacheMode::registry, "max", false);
  EXPECT_TRUE(all.imported);
  EXPECT_FALSE(all.empty);
  EXPECT_EQ(all.lost, std::nullopt);
  EXPECT_TRUE(source_of(scenario, CacheMode::registry, "min", false).lost);
  EXPECT_TRUE(source_of(scenario, CacheMode::inlined, "max", false).lost);
}

TEST(MissedSteps, KeepWhatTheBuildToldWhereTheFactsAreNotKnown) {
  record::Build entry = build();
  const Miss told{MissReason::result_gone, "blob not found"};
  entry.numbers.steps[0].miss = told;
  const misses::BuildFacts before = facts();
  tell_misses({{}, &before}, nullptr, "Dockerfile", entry);
  EXPECT_EQ(entry.numbers.steps[0].miss, told);
  EXPECT_EQ(entry.numbers.steps[1].miss, std::nullopt);
}

TEST(MissedSteps, HaveTheStagesOfTheScenarioThatUseNoCache) {
  scenario::Scenario scenario;
  scenario.no_cache = {"one", "two"};
  misses::Source source;
  leave_out(scenario, source);
  EXPECT_FALSE(source.forced);
  EXPECT_EQ(source.forced_stages, scenario.no_cache);
  scenario.no_cache = {"*"};
  source = {};
  leave_out(scenario, source);
  EXPECT_TRUE(source.forced);
  EXPECT_TRUE(source.forced_stages.empty());
}

}  // namespace
}  // namespace buildlab::run
