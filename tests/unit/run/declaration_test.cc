#include "framework/run/declaration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Pair;

TEST(Declaration, HasWhatChangesTheMeasurement) {
  scenario::Scenario scenario;
  scenario::Subject subject;
  EXPECT_THAT(declaration_of(scenario, subject), ElementsAre(Pair("network", "direct")));
  scenario.network = scenario::Network::observed;
  scenario.cache_mode = scenario::CacheMode::registry;
  scenario.cache_export_mode = "min";
  scenario.cache_ref = "https://me:word@registry.example/cache:1";
  scenario.no_cache = {"test", "build"};
  subject.secrets = {{"token", std::string("TOKEN")}};
  EXPECT_THAT(
      declaration_of(scenario, subject),
      ElementsAre(Pair("cache_export_mode", "min"), Pair("cache_ref", "https://***@registry.example/cache:1"),
                  Pair("network", "observed"), Pair("no_cache", "build, test"), Pair("secrets", "token")));
  scenario = {};
  scenario.kind = scenario::Kind::reproducibility;
  scenario.runs = 3;
  EXPECT_THAT(declaration_of(scenario, {}), IsSupersetOf({Pair("runs", "3")}));
  scenario.kind = scenario::Kind::cold;
  EXPECT_THAT(declaration_of(scenario, {}), Not(IsSupersetOf({Pair("runs", "3")})))
      << "more builds of the same";
}

TEST(Declaration, TellsMutationsWithOtherTextsApart) {
  scenario::Scenario one;
  one.input_mutation = {scenario::AppendText{"main.cc", "// a"}};
  scenario::Scenario other = one;
  EXPECT_EQ(declaration_of(one, {}), declaration_of(other, {}));
  other.input_mutation = {scenario::AppendText{"main.cc", "int x = 1;"}};
  EXPECT_EQ(to_string(one.input_mutation), to_string(other.input_mutation)) << "which words do not";
  EXPECT_NE(declaration_of(one, {}), declaration_of(other, {}));
}

}  // namespace
}  // namespace buildlab::run
