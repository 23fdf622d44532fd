#include "framework/run/no_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

scenario::Scenario scenario_with(std::vector<std::string> stages) {
  scenario::Scenario scenario;
  scenario.name = "app.forced";
  scenario.no_cache = std::move(stages);
  return scenario;
}

dockerfile::Dockerfile parsed(std::string_view text) {
  auto file = dockerfile::parse_dockerfile(text, "Dockerfile");
  EXPECT_TRUE(file);
  return file ? std::move(*file) : dockerfile::Dockerfile();
}

TEST(NoCache, NamesStagesThatTheDockerfileHas) {
  const auto file = parsed("FROM scratch AS Build\nRUN a\nFROM scratch\n");
  EXPECT_TRUE(require_stages(scenario_with({"build"}), file));
  EXPECT_TRUE(require_stages(scenario_with({"BUILD"}), file));
  EXPECT_TRUE(require_stages(scenario_with({"*"}), file));
  const Status unknown = require_stages(scenario_with({"biuld"}), file);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
  EXPECT_THAT(unknown.error().message, HasSubstr("\"biuld\""));
  EXPECT_THAT(unknown.error().details, ElementsAre("its stages: build"));
  EXPECT_THAT(require_stages(scenario_with({"x"}), parsed("FROM scratch\nRUN a\n")).error().details,
              ElementsAre(HasSubstr("no stage of it has a name")));
}

TEST(NoCache, IsAskedOfTheBuilderForAllStepsOrForStages) {
  engine::BuildRequest all;
  use_no_cache(scenario_with({"*"}), all);
  EXPECT_TRUE(all.no_cache);
  EXPECT_THAT(all.no_cache_filter, ::testing::IsEmpty());
  engine::BuildRequest some;
  use_no_cache(scenario_with({"Build", "deps"}), some);
  EXPECT_FALSE(some.no_cache);
  EXPECT_THAT(some.no_cache_filter, ElementsAre("build", "deps"));
}

}  // namespace
}  // namespace buildlab::run
