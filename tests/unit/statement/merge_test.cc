#include "framework/statement/merge.h"

#include <gmock/gmock.h>
#include <functional>

#include "tests/unit/statement/statement_fixture.h"

namespace buildlab::statement {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string image(const std::string& seed) {
  return testing::image(seed).digest;
}

// A statement of two builds that came to `images`, on `host`, signed by keys of these words (none: unsigned).
MergeInput input(const std::string& name, const std::vector<std::string>& keys,
                 const std::vector<std::string>& images, const std::string& host) {
  const Statement statement = statement_of(images, {}, host);
  const std::string file = keys.empty() ? unsigned_file(statement) : signed_file(statement, keys);
  Policy policy = trusting(keys);
  policy.accept_unsigned = true;
  return {name, check(file, policy).value()};
}

MergeInput agreeing(const std::string& name, const std::vector<std::string>& keys, const std::string& host) {
  return input(name, keys, {"app", "app"}, host);
}

MergeInput changed(MergeInput input, const std::function<void(record::ScenarioRecord&)>& change) {
  record::ScenarioRecord record = rebuilds({"app", "app"});
  change(record);
  input.checked.statement = of_record(record, "host").value();
  return input;
}

std::vector<std::string> differences(const std::function<void(record::ScenarioRecord&)>& change) {
  const auto merged = merge({agreeing("a", {"one"}, "1"), changed(agreeing("b", {"two"}, "2"), change)}, {});
  if (merged) return {};
  EXPECT_EQ(merged.error().kind, ErrorKind::not_evaluable);
  return merged.error().details;
}

TEST(Merge, CountsBuildersByTheirKeys) {
  const Merged merged =
      merge({agreeing("a", {"one"}, "1"), agreeing("b", {"two"}, "2"), agreeing("c", {"one"}, "3")}, 2)
          .value();
  ASSERT_EQ(merged.builders.size(), 2U);
  EXPECT_THAT(merged.builders[0].inputs, ElementsAre(0U, 2U));
  EXPECT_THAT(merged.builders[1].inputs, ElementsAre(1U));
  ASSERT_EQ(merged.agreements.size(), 1U);
  EXPECT_EQ(merged.agreements[0].digest, image("app"));
  EXPECT_THAT(merged.agreements[0].builders, ElementsAre(0U, 1U));
  EXPECT_EQ(merged.agreed, image("app"));
  const Statement statement = to_statement(merged);
  EXPECT_EQ(statement.result, Grade::passed);
  EXPECT_EQ(statement.subjects, (std::vector<Subject>{{"app", image("app")}}));
  EXPECT_THAT(contradictions(statement), IsEmpty());
  EXPECT_EQ(parse(to_json(statement)).value(), statement);
}

TEST(Merge, TakesSharedKeysForOneBuilder) {
  const Merged merged =
      merge({agreeing("a", {"one"}, "1"), agreeing("b", {"two"}, "2"), agreeing("c", {"two", "one"}, "3")}, 2)
          .value();
  ASSERT_EQ(merged.builders.size(), 1U);
  EXPECT_THAT(merged.builders[0].inputs, ElementsAre(0U, 1U, 2U));
  EXPECT_FALSE(merged.agreed);
}

TEST(Merge, DoesNotTakeTheSameFileForTwoBuilders) {
  EXPECT_EQ(merge({agreeing("a", {"one"}, "1"), agreeing("a", {"one"}, "1")}, 2)->builders.size(), 1U);
  EXPECT_EQ(merge({agreeing("a", {}, "1"), agreeing("a", {}, "1")}, 2)->builders.size(), 1U);
  EXPECT_EQ(merge({agreeing("a", {"one"}, "1"), agreeing("stripped", {}, "1")}, 2)->builders.size(), 1U);
  EXPECT_EQ(merge({agreeing("stripped", {}, "1"), agreeing("a", {"one"}, "1")}, 2)->builders.size(), 1U);
}

TEST(Merge, CountsUnsignedOnesByMachine) {
  const Merged merged = merge({agreeing("a", {}, "1"), agreeing("b", {}, "2"), agreeing("c", {}, "1"),
                               agreeing("d", {}, ""), agreeing("e", {}, "")},
                              3)
                            .value();
  ASSERT_EQ(merged.builders.size(), 3U);
  EXPECT_THAT(merged.builders[0].keys, IsEmpty());
  EXPECT_EQ(merged.builders[0].host, "1");
  EXPECT_THAT(merged.builders[2].inputs, ElementsAre(3U, 4U)) << "unknown machines are one";
  EXPECT_TRUE(merged.agreed);
}

TEST(Merge, RemarksWhereTwoKeysAreOfOneMachine) {
  const Merged merged = merge({agreeing("a", {"one"}, "1"), agreeing("b", {"two"}, "1")}, 2).value();
  EXPECT_EQ(merged.builders.size(), 2U);
  EXPECT_THAT(merged.remarks, ElementsAre("builders 1 and 2 have different keys and the same machine"));
}

TEST(Merge, WantsTheQuorumOnOneDigest) {
  const std::vector<MergeInput> inputs{agreeing("a", {"one"}, "1"), agreeing("b", {"two"}, "2"),
                                       input("c", {"three"}, {"other", "other"}, "3")};
  Merged merged = merge(inputs, 2).value();
  EXPECT_EQ(merged.agreed, image("app"));
  EXPECT_EQ(to_statement(merged).result, Grade::warned);
  EXPECT_EQ(to_statement(merged).subjects.size(), 1U);
  merged = merge(inputs, 3).value();
  EXPECT_FALSE(merged.agreed);
  EXPECT_EQ(to_statement(merged).result, Grade::failed);
  EXPECT_EQ(to_statement(merged).subjects.size(), 2U);
  EXPECT_THAT(contradictions(to_statement(merged)), IsEmpty());
  EXPECT_FALSE(merge(inputs, {})->agreed) << "without a quorum all have to agree";
  EXPECT_FALSE(merge({inputs[0]}, {})->agreed) << "and two at least";
  EXPECT_TRUE(merge({inputs[0], inputs[1]}, {})->agreed);
}

TEST(Merge, AgreesOnNothingWhereTwoDigestsReachTheQuorum) {
  const Merged merged =
      merge({agreeing("a", {"one"}, "1"), input("b", {"two"}, {"other", "other"}, "2")}, 1).value();
  EXPECT_FALSE(merged.agreed);
  EXPECT_THAT(merged.remarks, Contains(HasSubstr("2 digests reach the quorum")));
}

TEST(Merge, DoesNotCountWhoDisagreesWithItself) {
  const Merged merged =
      merge({agreeing("a", {"one"}, "1"), input("b", {"one"}, {"other", "other"}, "1"),
             input("c", {"two"}, {"app", "app", "other"}, "2"), agreeing("d", {"three"}, "3")},
            1)
          .value();
  ASSERT_EQ(merged.builders.size(), 3U);
  EXPECT_EQ(merged.builders[0].digest, "");
  EXPECT_EQ(merged.builders[0].silent, "its statements name different images");
  EXPECT_EQ(merged.builders[1].digest, "");
  EXPECT_EQ(merged.builders[1].silent, "c says FAILED");
  EXPECT_EQ(merged.builders[2].digest, image("app"));
  EXPECT_EQ(merged.agreed, image("app"));
  EXPECT_EQ(to_statement(merged).result, Grade::warned);
}

TEST(Merge, NamesWhatDiffersInTheInputs) {
  EXPECT_THAT(differences([](auto& record) { record.circumstances.kernel = "6.9"; }), IsEmpty());
  EXPECT_THAT(differences([](auto& record) { record.circumstances.buildkit_version = "v1"; }), IsEmpty());
  EXPECT_THAT(
      differences([](auto& record) { record.circumstances.dockerfile_digest = testing::digest("x"); }),
      ElementsAre("a and b:", ::testing::StartsWith("  dockerfile: sha256:")));
  EXPECT_THAT(differences([](auto& record) { record.circumstances.context_digest = testing::digest("x"); }),
              Contains(::testing::StartsWith("  context: sha256:")));
  EXPECT_THAT(differences([](auto& record) { record.circumstances.bases[0].digest = testing::digest("x"); }),
              Contains(::testing::StartsWith("  base:docker.io/library/debian:bookworm-slim: sha256:")));
  EXPECT_THAT(differences([](auto& record) { record.circumstances.bases.clear(); }),
              Contains(HasSubstr("and nothing")));
  EXPECT_THAT(differences([](auto& record) { record.subject.platform = "linux/arm64"; }),
              Contains("  platform: linux/amd64 and linux/arm64"));
  EXPECT_THAT(differences([](auto& record) { record.subject.target = ""; }),
              Contains("  target: runtime and none"));
  EXPECT_THAT(differences([](auto& record) { record.subject.build_args["A"] = "1"; }),
              Contains("  build arguments: none and A"));
  EXPECT_THAT(differences([](auto& record) { record.circumstances.source_date_epoch = 7; }),
              Contains("  SOURCE_DATE_EPOCH: 1700000000 and 7"));
}

TEST(Merge, WantsStatementsThatNameTheirInputsAndAreNotMerged) {
  MergeInput bare = agreeing("a", {"one"}, "1");
  bare.checked.statement.configuration.clear();
  auto merged = merge({bare, bare}, 1);
  ASSERT_FALSE(merged);
  EXPECT_THAT(merged.error().message, HasSubstr("does not name the dockerfile"));
  bare.checked.statement = to_statement(merge({agreeing("a", {"one"}, "1")}, 1).value());
  merged = merge({bare}, 1);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().kind, ErrorKind::usage);
  EXPECT_FALSE(merge({}, 1));
}

}  // namespace
}  // namespace buildlab::statement
