#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using verdict::Ruling;
using verdict::Verdict;

Verdict cached(const record::ScenarioRecord& record, std::vector<std::string> selectors) {
  scenario::GateSettings settings;
  settings.expect_cached = std::move(selectors);
  return verdict_of("expect_cached", record, settings);
}

Verdict did_run(const record::ScenarioRecord& record, std::vector<std::string> selectors) {
  scenario::GateSettings settings;
  settings.expect_ran = std::move(selectors);
  return verdict_of("expect_ran", record, settings);
}

TEST(ExpectCached, WantsEveryStepOfTheSelector) {
  EXPECT_EQ(cached(testing::warm_record(), {"build", "runtime"}).ruling, Ruling::pass);
  EXPECT_EQ(cached(testing::edit_record(), {"2"}).ruling, Ruling::pass);
  const Verdict verdict = cached(testing::edit_record(), {"build"});
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_EQ(verdict.message, "\"build\" must be cached: Dockerfile:4 COPY src/ . ran, 0.10s in build 1");
  EXPECT_EQ(verdict.line, 4);
}

TEST(ExpectCached, SaysWhyItRan) {
  auto record = testing::edit_record();
  for (metrics::Step& step : record.builds[0].numbers.steps) {
    if (step.lines.first == 4) step.miss = metrics::Miss{metrics::MissReason::input_content, "src/main.cpp"};
  }
  EXPECT_EQ(cached(record, {"build"}).message,
            "\"build\" must be cached: Dockerfile:4 COPY src/ . ran, 0.10s in build 1; input-content: "
            "src/main.cpp");
}

TEST(ExpectCached, WantsItInEveryBuild) {
  auto record = testing::warm_record();
  record.builds.push_back(testing::build(testing::edit_steps(), 3));
  record.builds.back().iteration = 3;
  EXPECT_THAT(cached(record, {"RUN g++"}).message, HasSubstr("in build 3"));
}

TEST(ExpectCached, ASelectorOfNothingIsNotEvaluatedAndSaysWhatThereIs) {
  const Verdict verdict = cached(testing::warm_record(), {"buildd"});
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message,
              AllOf(HasSubstr("\"buildd\" names no step"), HasSubstr("stages build, runtime"),
                    HasSubstr("did you mean \"build\"?")));
}

TEST(ExpectCached, AFailureOutweighsASelectorOfNothing) {
  const Verdict verdict = cached(testing::edit_record(), {"nothing", "RUN g++"});
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.evidence, ElementsAre(HasSubstr("RUN g++"), HasSubstr("\"nothing\" names no step")));
}

TEST(ExpectCached, AStepThatIsNotInTheGraphIsNeitherHitNorMiss) {
  auto record = testing::warm_record();
  for (auto& build : record.builds) build.numbers.steps[1].outcome = metrics::StepOutcome::not_in_graph;
  EXPECT_EQ(cached(record, {"3"}).ruling, Ruling::not_evaluated);
  EXPECT_EQ(did_run(record, {"3"}).ruling, Ruling::not_evaluated);
}

TEST(ExpectRan, WantsOneStepOfTheSelector) {
  EXPECT_EQ(did_run(testing::edit_record(), {"build", "RUN g++", "7"}).ruling, Ruling::pass);
  const Verdict verdict = did_run(testing::edit_record(), {"RUN apt-get"});
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_EQ(
      verdict.message,
      "\"RUN apt-get\" must run: Dockerfile:2 RUN apt-get update && apt-get install -y g++ cached (local) in "
      "build 1");
  EXPECT_EQ(did_run(testing::warm_record(), {"build"}).ruling, Ruling::fail);
}

}  // namespace
}  // namespace buildlab::gates
