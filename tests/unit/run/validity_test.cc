#include "framework/run/validity.h"

#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

using metrics::Numbers;
using metrics::Step;
using metrics::StepOutcome;

Step step(int line, std::string text, StepOutcome outcome) {
  Step step;
  step.stage = "stage-0";
  step.lines = {line, line};
  step.text = std::move(text);
  step.outcome = outcome;
  return step;
}

Numbers numbers(std::vector<Step> steps) {
  Numbers numbers;
  numbers.steps = std::move(steps);
  for (const Step& each : numbers.steps) {
    numbers.hits += each.outcome == StepOutcome::hit ? 1 : 0;
    numbers.ran += each.outcome == StepOutcome::ran ? 1 : 0;
  }
  return numbers;
}

TEST(Validity, AHitOnAnEmptyBuilderIsNoSampleAndNamesTheLine) {
  const auto reason =
      invalid_reason({CacheState::empty}, numbers({step(4, "RUN make", StepOutcome::hit)}), 1);
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("line 4 (RUN make)"), std::string::npos);
}

TEST(Validity, AFailedImportOfAKeptBuilderIsNoSample) {
  Numbers some = numbers({step(4, "RUN make", StepOutcome::hit)});
  EXPECT_EQ(invalid_reason({CacheState::primed}, some, 1), std::nullopt);
  some.cache_imports = {{"importing cache manifest from a/b", "not found"}};
  const auto reason = invalid_reason({CacheState::primed}, some, 1);
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("only the kept builder's own cache"), std::string::npos);
}

TEST(Validity, ATwinOfAStepThatRanIsNoOldResult) {
  EXPECT_EQ(invalid_reason(
                {CacheState::empty},
                numbers({step(4, "RUN make", StepOutcome::ran), step(9, "RUN make", StepOutcome::hit)}), 1),
            std::nullopt);
  EXPECT_EQ(invalid_reason({CacheState::empty},
                           numbers({step(4, "COPY ./src /a", StepOutcome::ran),
                                    step(9, "COPY src/ /a", StepOutcome::hit)}),
                           1),
            std::nullopt)
      << "equal steps need not be written alike";
  EXPECT_NE(
      invalid_reason(
          {CacheState::empty},
          numbers({step(4, "COPY src /a", StepOutcome::ran), step(9, "RUN make", StepOutcome::hit)}), 1),
      std::nullopt);
}

TEST(Validity, AKeptBuilderThatLostEverythingIsNoSample) {
  EXPECT_TRUE(invalid_reason({CacheState::primed}, numbers({step(1, "RUN a", StepOutcome::ran)}), 61.2));
  EXPECT_FALSE(
      invalid_reason({CacheState::primed, true, true}, numbers({step(1, "RUN a", StepOutcome::ran)}), 1));
  EXPECT_FALSE(invalid_reason({CacheState::primed}, numbers({}), 1))
      << "an image without steps has nothing to lose";
}

TEST(Validity, ABuildWithoutAHitRightAfterItsPrimingIsASample) {
  Declared declared{CacheState::primed};
  declared.just_primed = true;
  EXPECT_EQ(invalid_reason(declared, numbers({step(4, "RUN date", StepOutcome::ran)}), 1), std::nullopt);
}

TEST(Validity, ABuildThatWasToldToUseNoCacheIsASample) {
  Declared declared{CacheState::primed};
  declared.no_cache = true;
  EXPECT_EQ(invalid_reason(declared, numbers({step(1, "RUN a", StepOutcome::ran)}), 1), std::nullopt);
}

TEST(Validity, AKeptBuilderThatLostAPartIsNoSampleWhateverTheScenario) {
  for (const bool has_mutation : {false, true}) {
    const Declared declared{CacheState::primed, true, has_mutation, 2};
    const auto reason = invalid_reason(
        declared, numbers({step(1, "RUN a", StepOutcome::hit), step(2, "RUN b", StepOutcome::ran)}), 1);
    ASSERT_TRUE(reason);
    EXPECT_NE(reason->find("lost 2 of the cache records"), std::string::npos) << *reason;
  }
}

TEST(Validity, AFailedImportIsNoSampleAndCarriesItsError) {
  Numbers failed = numbers({step(1, "RUN a", StepOutcome::ran)});
  failed.cache_imports = {{"importing cache manifest from localhost:1/x", "connection refused"}};
  const auto reason = invalid_reason({CacheState::imported}, failed, 61.0);
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("connection refused"), std::string::npos);
  EXPECT_NE(reason->find("61.0s"), std::string::npos);
}

TEST(Validity, AnImportThatLeftNoTraceIsNoSample) {
  EXPECT_TRUE(invalid_reason({CacheState::imported}, numbers({step(1, "RUN a", StepOutcome::ran)}), 1));
  Numbers imported = numbers({step(1, "RUN a", StepOutcome::hit)});
  imported.cache_imports = {{"importing cache manifest from local:1", std::nullopt}};
  EXPECT_FALSE(invalid_reason({CacheState::imported}, imported, 1));
  EXPECT_TRUE(invalid_reason({CacheState::imported, false}, imported, 1)) << "a folder without an index";
}

}  // namespace
}  // namespace buildlab::run
