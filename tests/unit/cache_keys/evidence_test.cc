#include "framework/cache_keys/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cache_keys/recorded.h"

namespace buildlab::cache_keys {
namespace {

using metrics::Miss;
using metrics::StepOutcome;
using Reason = metrics::MissReason;
using ::testing::EndsWith;

metrics::Step step_at(int line, std::optional<Miss> miss) {
  metrics::Step step;
  step.lines = {line, line};
  step.outcome = StepOutcome::ran;
  step.miss = std::move(miss);
  return step;
}

KeyStore before(bool of_one_build = true) {
  KeyStore keys = test::keys("before");
  keys.of_one_build = of_one_build;
  return keys;
}

std::optional<Miss> told(const metrics::Step& step, const KeyStore& earlier = before(),
                         const KeyStore& now = test::keys("after")) {
  std::vector<metrics::Step> steps{step};
  add_evidence(earlier, now, test::operations(), steps);
  return steps.front().miss;
}

TEST(KeyEvidence, NamesWhatIsOtherOfTheFiles) {
  EXPECT_EQ(told(step_at(5, Miss{Reason::input_metadata, "two files"})),
            (Miss{Reason::input_metadata,
                  "two files; by the builder's keys: /input.txt (mode 0644 -> 0640); "
                  "/other.txt (extended attributes)"}));
  EXPECT_EQ(
      told(step_at(6, Miss{Reason::input_content})),
      (Miss{Reason::input_content,
            "by the builder's keys: /folder/new.txt (new); /folder/sub/s.txt (content, 2 -> 7 bytes)"}));
}

TEST(KeyEvidence, NamesWhatCameOutOtherwiseOfAStageThatRanAgain) {
  EXPECT_EQ(
      told(step_at(10, Miss{Reason::nondeterministic_parent, "Dockerfile:8 RUN"})),
      (Miss{Reason::nondeterministic_parent, "Dockerfile:8 RUN; by the builder's keys: /random (content)"}));
}

TEST(KeyEvidence, NamesTheMembersOfADefinition) {
  EXPECT_EQ(told(step_at(8, Miss{Reason::own_definition, "variable VERSION: 1 -> 2"})),
            (Miss{Reason::own_definition,
                  "variable VERSION: 1 -> 2; by the builder's keys: another Exec.meta.env"}));
}

TEST(KeyEvidence, TellsAReasonWhereNothingElseDid) {
  EXPECT_EQ(told(step_at(5, std::nullopt))->reason, Reason::input_metadata);
  EXPECT_EQ(told(step_at(6, Miss{Reason::result_gone, "records are gone"}))->reason, Reason::input_content);
  EXPECT_EQ(told(step_at(10, Miss{Reason::result_gone}))->reason, Reason::nondeterministic_parent);
  EXPECT_EQ(told(step_at(8, Miss{Reason::result_gone}))->reason, Reason::own_definition);
  EXPECT_EQ(told(step_at(8, Miss{Reason::parent_rekeyed, "Dockerfile:6"}))->reason, Reason::own_definition);
}

TEST(KeyEvidence, ContradictsADefinitionThatIsWhatItWas) {
  const auto miss = told(step_at(11, Miss{Reason::own_definition, "folder: /a -> /b"}));
  EXPECT_EQ(miss->reason, Reason::parent_rekeyed);
  EXPECT_THAT(*miss->detail, EndsWith("its own definition is what it was, and what it stands on is not"));
  EXPECT_EQ(told(step_at(5, Miss{Reason::own_definition, "x"}))->reason, Reason::input_metadata);
}

TEST(KeyEvidence, ConfirmsThatAResultIsGone) {
  const KeyStore same = test::keys("after");
  KeyStore earlier = same;
  earlier.of_one_build = true;
  EXPECT_EQ(told(step_at(6, Miss{Reason::result_gone, "mode min"}), earlier, same),
            (Miss{Reason::result_gone,
                  "mode min; by the builder's keys: its own definition and the files that it "
                  "reads are what they were"}));
}

TEST(KeyEvidence, TellsManyStepsAsItTellsEach) {
  std::vector<metrics::Step> steps;
  std::vector<std::optional<Miss>> each;
  for (const int line : {5, 6, 8, 10, 11}) {
    steps.push_back(step_at(line, Miss{Reason::result_gone, "x"}));
    each.push_back(told(steps.back()));
  }
  add_evidence(before(), test::keys("after"), test::operations(), steps);
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i].miss, each[i]) << steps[i].lines.first;
}

TEST(KeyEvidence, DoesNotChooseBetweenTwoKeysOfOneOperation) {
  KeyStore twice = test::keys("after");
  const KeyStore once = twice;
  for (const auto& [digest, operation] : once.operations) twice.operations[digest + "0"] = operation;
  for (const int line : {5, 6, 8, 10, 11})
    EXPECT_EQ(told(step_at(line, Miss{Reason::result_gone, "x"}), before(), twice),
              (Miss{Reason::result_gone, "x"}));
}

// A builder that was used by other builds too may have had the key, or not, for other reasons.
TEST(KeyEvidence, OfManyBuildsContradictsNothing) {
  for (const int line : {8, 11}) {
    for (const Miss& miss : {Miss{Reason::result_gone, "x"}, Miss{Reason::parent_rekeyed, "x"}})
      EXPECT_EQ(told(step_at(line, miss), before(false)), miss) << line;
  }
  EXPECT_EQ(told(step_at(11, Miss{Reason::own_definition, "x"}), before(false)),
            (Miss{Reason::own_definition, "x"}));
  KeyStore many = before(false);
  for (auto& [digest, operation] : many.operations) {
    for (auto& [input, contents] : operation.inputs) contents["sha256:other"] = {};
  }
  EXPECT_EQ(told(step_at(6, Miss{Reason::input_content, "x"}), many), (Miss{Reason::input_content, "x"}))
      << "which of the two it was is not known";
}

TEST(KeyEvidence, LeavesAloneWhatKeysDoNotDecide) {
  for (const Reason reason : {Reason::forced, Reason::first_build, Reason::import_failed})
    EXPECT_EQ(told(step_at(5, Miss{reason, "x"})), (Miss{reason, "x"}));
  metrics::Step hit = step_at(5, std::nullopt);
  hit.outcome = StepOutcome::hit;
  EXPECT_EQ(told(hit), std::nullopt);
  EXPECT_EQ(told(step_at(11, Miss{Reason::parent_rekeyed, "x"})), (Miss{Reason::parent_rekeyed, "x"}));
  EXPECT_EQ(told(step_at(7, Miss{Reason::result_gone, "x"})), (Miss{Reason::result_gone, "x"}))
      << "no such line";
  EXPECT_EQ(told(step_at(5, Miss{Reason::result_gone, "x"}), KeyStore(), KeyStore()),
            (Miss{Reason::result_gone, "x"}));
}

}  // namespace
}  // namespace buildlab::cache_keys
