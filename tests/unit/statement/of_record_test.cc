#include "framework/statement/of_record.h"

#include <gmock/gmock.h>

#include "tests/unit/statement/statement_fixture.h"

namespace buildlab::statement {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using variation::Outcome;

std::string image(const char* seed) {
  return testing::image(seed).digest;
}

std::string settings(const record::ScenarioRecord& record) {
  const Statement statement = of_record(record, {}).value();
  EXPECT_EQ(statement.configuration.at(2).name, k_settings_resource);
  return statement.configuration.at(2).digest;
}

TEST(StatementOfRecord, PassesWhereAllBuildsAgree) {
  const Statement statement = statement_of({"app", "app", "app"});
  EXPECT_EQ(statement.result, Grade::passed);
  EXPECT_EQ(statement.subjects, (std::vector<Subject>{{"app", image("app")}}));
  EXPECT_THAT(statement.passed, ElementsAre("base"));
  ASSERT_TRUE(statement.rounds);
  EXPECT_EQ(statement.rounds->runs, 3);
  EXPECT_EQ(statement.rounds->digests, (std::vector<DigestCount>{{image("app"), 3}}));
  EXPECT_EQ(statement.rounds->machine.host, "host of a test");
  EXPECT_EQ(statement.rounds->machine.kernel, "6.1.0");
  EXPECT_EQ(statement.rounds->settings.platform, "linux/amd64");
  EXPECT_EQ(statement.rounds->settings.target, "runtime");
}

TEST(StatementOfRecord, FailsWithAllDigestsTheMostFrequentFirst) {
  const Statement statement = statement_of({"a", "b", "c", "b"});
  EXPECT_EQ(statement.result, Grade::failed);
  EXPECT_THAT(statement.failed, ElementsAre("base"));
  EXPECT_THAT(statement.passed, IsEmpty());
  EXPECT_EQ(statement.subjects, (std::vector<Subject>{{"", image("b")}, {"", image("a")}, {"", image("c")}}));
  EXPECT_EQ(statement.rounds->digests,
            (std::vector<DigestCount>{{image("b"), 2}, {image("a"), 1}, {image("c"), 1}}));
}

// The digest gate compares configs or layers there, and manifests may differ.
TEST(StatementOfRecord, WarnsOfDifferencesThatTheGateTolerates) {
  record::ScenarioRecord record = rebuilds({"a", "b"});
  verdict::Verdict verdict;
  verdict.gate = "digest_stable";
  verdict.ruling = verdict::Ruling::pass;
  record.gates = {verdict};
  const Statement statement = of_record(record, {}).value();
  EXPECT_EQ(statement.result, Grade::warned);
  EXPECT_THAT(statement.warned, ElementsAre("base"));
  EXPECT_EQ(statement.subjects.size(), 2U);
  record.gates[0].ruling = verdict::Ruling::fail;
  EXPECT_EQ(of_record(record, {})->result, Grade::failed);
}

TEST(StatementOfRecord, HasOneTestAVariation) {
  const Statement statement =
      statement_of({"app", "app"}, {{"locale", Outcome::passed},
                                    {"umask", Outcome::failed},
                                    {"aslr", Outcome::flaky},
                                    {"clock=+1d", Outcome::not_applied, "the shim does not run here"},
                                    {"hostname", Outcome::unknown}});
  EXPECT_EQ(statement.result, Grade::failed);
  EXPECT_THAT(statement.passed, ElementsAre("base", "locale"));
  EXPECT_THAT(statement.warned, ElementsAre("hostname"));
  EXPECT_THAT(statement.failed, ElementsAre("umask", "aslr"));
  EXPECT_EQ(statement.rounds->not_applied,
            (std::vector<NotApplied>{{"clock=+1d", "the shim does not run here"}}));
  EXPECT_EQ(statement.subjects, (std::vector<Subject>{{"app", image("app")}}));
}

TEST(StatementOfRecord, WarnsWhereTheBuildsDoNotTellOfAVariation) {
  const Statement statement = statement_of({"app", "app"}, {{"hostname", Outcome::unknown}});
  EXPECT_EQ(statement.result, Grade::warned);
  EXPECT_EQ(statement_of({"app", "app"}, {{"hostname", Outcome::not_applied, "why"}}).result, Grade::passed);
}

TEST(StatementOfRecord, NeverPassesWhatWasNotSeen) {
  record::ScenarioRecord record = rebuilds({"app"});
  EXPECT_THAT(of_record(record, {}).error().message, HasSubstr("one build alone"));
  record = rebuilds({"app", "app", "app"});
  record.builds[1] = testing::invalid(record.builds[1], "the cache was not empty");
  auto statement = of_record(record, {});
  ASSERT_FALSE(statement);
  EXPECT_EQ(statement.error().kind, ErrorKind::not_evaluable);
  EXPECT_THAT(statement.error().details, ElementsAre("build 2: the cache was not empty"));
  record.builds[1] = testing::failed(record.builds[1], "Dockerfile:2: exit code 100");
  EXPECT_THAT(of_record(record, {}).error().details, ElementsAre("build 2: Dockerfile:2: exit code 100"));
  record = rebuilds({"app", "app"});
  record.error = "the disk is full";
  EXPECT_THAT(of_record(record, {}).error().details, ElementsAre("the disk is full"));
  record = rebuilds({});
  EXPECT_EQ(of_record(record, {}).error().kind, ErrorKind::not_evaluable);
  record = rebuilds({"app", "app"});
  record.circumstances.context_digest = "";
  EXPECT_THAT(of_record(record, {}).error().message, HasSubstr("no digest of context"));
}

// Two digests differ whatever became of a third build.
TEST(StatementOfRecord, FailsOnADifferenceEvenWhereABuildIsMissing) {
  record::ScenarioRecord record = rebuilds({"a", "a", "b"});
  record.builds[1] = testing::invalid(record.builds[1], "the cache was not empty");
  const Statement statement = of_record(record, {}).value();
  EXPECT_EQ(statement.result, Grade::failed);
  EXPECT_EQ(statement.rounds->runs, 3);
}

TEST(StatementOfRecord, IsOfReproducibilityScenariosOnly) {
  const auto statement = of_record(testing::warm_record(), {});
  ASSERT_FALSE(statement);
  EXPECT_EQ(statement.error().kind, ErrorKind::usage);
  EXPECT_THAT(statement.error().message, HasSubstr("app.warm is of kind warm"));
}

TEST(StatementOfRecord, DoesNotTakeAVariationOfTheNameOfAnother) {
  record::ScenarioRecord record = rebuilds({"app", "app"});
  record.variations = {{"base", Outcome::passed}};
  EXPECT_FALSE(of_record(record, {}));
}

TEST(StatementOfRecord, TellsSettingsByADigestOfAllOfThem) {
  const record::ScenarioRecord record = rebuilds({"app", "app"});
  const std::string same = settings(record);
  EXPECT_EQ(settings(rebuilds({"other", "other"})), same);
  record::ScenarioRecord other = record;
  other.subject.platform = "linux/arm64";
  EXPECT_NE(settings(other), same);
  other = record;
  other.subject.target = "debug";
  EXPECT_NE(settings(other), same);
  other = record;
  other.subject.build_args = {{"TOKEN", "not to be told"}};
  const std::string with_token = settings(other);
  EXPECT_NE(with_token, same);
  EXPECT_THAT(to_line(to_json(of_record(other, {}).value())), Not(HasSubstr("not to be told")));
  other.subject.build_args = {{"TOKEN", "another"}};
  EXPECT_NE(settings(other), with_token);
  other = record;
  other.circumstances.source_date_epoch.reset();
  EXPECT_NE(settings(other), same);
  other = record;
  other.circumstances.rewrite_timestamp = false;
  EXPECT_NE(settings(other), same);
  other = record;
  other.input_mutation = "append a";
  EXPECT_NE(settings(other), same);
}

}  // namespace
}  // namespace buildlab::statement
