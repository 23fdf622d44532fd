#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using record::VariationRow;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using VariedOutcome = variation::Outcome;
using verdict::Ruling;
using verdict::Verdict;

Verdict judge_rows(std::vector<VariationRow> rows) {
  auto record = testing::cold_record();
  record.variations = std::move(rows);
  scenario::GateSettings settings;
  settings.variations_stable = true;
  return verdict_of("variations_stable", record, settings);
}

const VariationRow k_passed{"hostname", VariedOutcome::passed, "", 1, "sha256:a"};
const VariationRow k_pinned{"time_zone", VariedOutcome::passed, "the image sets TZ itself", 1, "sha256:a"};
const VariationRow k_failed{"umask", VariedOutcome::failed,
                            "the image differs in each of 3 builds with it alone", 5, "sha256:b"};
const VariationRow k_flaky{"aslr", VariedOutcome::flaky, "in 1 of 3 builds", 4, "sha256:c"};
const VariationRow k_not_applied{"clock=+1d", VariedOutcome::not_applied, "sh is static", 1, ""};
const VariationRow k_unknown{"cpus", VariedOutcome::unknown, "the 24 builds that were allowed do not tell", 2,
                             ""};

TEST(VariationsStable, PassesWhereEachIsInnocent) {
  const Verdict verdict = judge_rows({k_passed, k_pinned});
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_EQ(verdict.message, "the image stays the same with 2 of 2 variations");
  EXPECT_THAT(verdict.evidence, ElementsAre("time_zone passed: the image sets TZ itself"));
}

TEST(VariationsStable, SaysWhatCouldNotBeApplied) {
  const Verdict verdict = judge_rows({k_passed, k_not_applied});
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(verdict.message, HasSubstr("1 of 2 variations; 1 could not be applied"));
  EXPECT_THAT(verdict.evidence, ElementsAre("clock=+1d not applied: sh is static"));
}

TEST(VariationsStable, FailsWithTheGuiltyNamedFirst) {
  const Verdict verdict = judge_rows({k_passed, k_not_applied, k_unknown, k_failed, k_flaky});
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, HasSubstr("changes with umask (1 passed, 1 not applied, 1 unknown)"));
  ASSERT_FALSE(verdict.evidence.empty());
  EXPECT_THAT(verdict.evidence.front(), HasSubstr("umask failed: "));
  EXPECT_TRUE(verdict.file);
}

TEST(VariationsStable, SaysWhatTheGuiltyChangedAndWhere) {
  VariationRow guilty = k_failed;
  record::DriftCause cause;
  cause.place = "made";
  cause.attributes = {"mode"};
  cause.kind = "PERM";
  cause.name = "the mode follows the umask of RUN";
  cause.fix = "set a umask in the RUN";
  cause.lines = dockerfile::LineRange{4, 4};
  guilty.drift = record::Drift{.build_a = 1, .build_b = 3, .places = 1, .with_cause = 1, .causes = {cause}};
  const Verdict verdict = judge_rows({k_passed, guilty});
  EXPECT_EQ(verdict.line, 4);
  EXPECT_THAT(verdict.evidence,
              Contains("  plain and varied image: 1 place differs, 1 of them explained, 0 proven"));
  EXPECT_THAT(verdict.evidence,
              Contains(HasSubstr("  PERM (supposed): made [mode], written by Dockerfile:4")));
  EXPECT_THAT(verdict.evidence, Contains("    fix: set a umask in the RUN"));
}

TEST(VariationsStable, FailsOnWhatIsFlaky) {
  const Verdict verdict = judge_rows({k_passed, k_flaky});
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, HasSubstr("now and then with aslr"));
}

TEST(VariationsStable, IsNotEvaluatedWhereTheBuildsDoNotTell) {
  EXPECT_EQ(judge_rows({k_passed, k_unknown}).ruling, Ruling::not_evaluated);
  EXPECT_EQ(judge_rows({}).ruling, Ruling::not_evaluated);
  const Verdict none = judge_rows({k_not_applied});
  EXPECT_EQ(none.ruling, Ruling::not_evaluated);
  EXPECT_EQ(none.message, "no variation could be applied");
  EXPECT_THAT(none.evidence, Contains("clock=+1d not applied: sh is static"));
}

TEST(VariationsStable, IsNotJudgedUnlessAskedFor) {
  auto record = testing::cold_record();
  record.variations = {k_failed};
  const auto verdicts = judge_with(record, {});
  EXPECT_EQ(std::count_if(verdicts.begin(), verdicts.end(),
                          [](const Verdict& v) { return v.gate == "variations_stable"; }),
            0);
}

}  // namespace
}  // namespace buildlab::gates
