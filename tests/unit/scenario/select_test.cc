#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/scenario/parse.h"

namespace buildlab::scenario {
namespace {

using testing::ElementsAre;

ScenarioFile file() {
  ScenarioFile file;
  file.path = "/p/buildlab.json";
  const auto add = [&](std::string name, Kind kind) {
    Scenario scenario;
    scenario.name = std::move(name);
    scenario.kind = kind;
    file.scenarios.push_back(scenario);
  };
  add("app.cold", Kind::cold);
  add("app.warm", Kind::warm);
  add("web.warm", Kind::warm);
  add("web.no-op", Kind::warm);
  add("warm", Kind::cold);
  return file;
}

std::vector<std::string> chosen(const std::vector<std::string>& patterns) {
  const ScenarioFile all = file();
  const auto selected = select_scenarios(all, patterns);
  std::vector<std::string> names;
  if (!selected) return {selected.error().message};
  for (const Scenario* scenario : *selected) names.push_back(scenario->name);
  return names;
}

TEST(Select, TheFullNameComesFirstThenKindThenLastPartThenGlob) {
  EXPECT_THAT(chosen({"app.warm"}), ElementsAre("app.warm"));
  EXPECT_THAT(chosen({"warm"}), ElementsAre("warm"));
  EXPECT_THAT(chosen({"cold"}), ElementsAre("app.cold", "warm"));
  EXPECT_THAT(chosen({"no-op"}), ElementsAre("web.no-op"));
  EXPECT_THAT(chosen({"web.*"}), ElementsAre("web.warm", "web.no-op"));
}

TEST(Select, OrderIsTheFilesAndEachComesOnce) {
  EXPECT_THAT(chosen({"web.warm", "app.*", "app.cold"}), ElementsAre("app.cold", "app.warm", "web.warm"));
}

TEST(Select, APatternWithoutMatchIsAUsageErrorWithTheKnownNames) {
  const ScenarioFile all = file();
  const auto none = select_scenarios(all, {"app.cold", "app.wrm"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
  EXPECT_EQ(none.error().message, "no scenario of /p/buildlab.json matches \"app.wrm\"");
  EXPECT_THAT(none.error().details, ElementsAre("did you mean \"app.warm\"?",
                                                "known: app.cold, app.warm, web.warm, web.no-op, warm"));
}

}  // namespace
}  // namespace buildlab::scenario
