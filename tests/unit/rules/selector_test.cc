#include "gates/rules/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/record_builder.h"

namespace buildlab::gates {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> lines_of(const std::string& selector, const std::vector<metrics::Step>& steps) {
  std::vector<int> lines;
  for (const metrics::Step* step : select(selector, steps)) lines.push_back(step->lines.first);
  return lines;
}

TEST(Selector, NamesAStageALineOrTheStartOfAText) {
  const auto steps = testing::warm_steps();
  EXPECT_THAT(lines_of("build", steps), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(lines_of("BUILD", steps), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(lines_of("5", steps), ElementsAre(5));
  EXPECT_THAT(lines_of("COPY", steps), ElementsAre(4, 7));
  EXPECT_THAT(lines_of("RUN  g++\n-O2", steps), ElementsAre(5));
}

TEST(Selector, ALineIsAnyOfAStepsLines) {
  auto steps = testing::warm_steps();
  steps[0].lines = {10, 14};
  EXPECT_THAT(lines_of("14", steps), ElementsAre(10));
  EXPECT_THAT(lines_of("15", steps), IsEmpty());
}

TEST(Selector, ATextMustMatchFromItsStartAndInCase) {
  const auto steps = testing::warm_steps();
  EXPECT_THAT(lines_of("g++", steps), IsEmpty());
  EXPECT_THAT(lines_of("run g++", steps), IsEmpty());
  EXPECT_THAT(lines_of("buil", steps), IsEmpty());
  EXPECT_THAT(lines_of("", steps), IsEmpty());
  EXPECT_THAT(lines_of("  ", steps), IsEmpty());
}

TEST(Selector, AStageDoesNotMeanAStepThatMakesNothing) {
  auto steps = testing::warm_steps();
  steps[0].text = "WORKDIR  /";
  steps[0].outcome = metrics::StepOutcome::not_in_graph;
  EXPECT_THAT(lines_of("build", steps), ElementsAre(3, 4, 5));
  EXPECT_THAT(lines_of("2", steps), ElementsAre(2)) << "asked for by itself it cannot be judged";
  steps[0].text = "RUN make";
  EXPECT_THAT(lines_of("build", steps), ElementsAre(2, 3, 4, 5)) << "any other is missed";
}

TEST(Selector, MayBeLongerThanTheTextThatIsKept) {
  const std::string command = "RUN " + std::string(300, 'x');
  auto steps = testing::warm_steps();
  steps[0].text = command.substr(0, 200) + "…";
  EXPECT_THAT(lines_of(command, steps), ElementsAre(2));
  EXPECT_THAT(lines_of("RUN " + std::string(300, 'y'), steps), IsEmpty());
}

}  // namespace
}  // namespace buildlab::gates
