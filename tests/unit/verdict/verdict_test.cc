#include "framework/verdict/verdict.h"

#include <gtest/gtest.h>
#include <array>
#include <set>

namespace buildlab::verdict {
namespace {

// 130, 99, 2, 3, 1, 4, 0: the order that design and docs/exit-codes.md state.
constexpr std::array k_by_precedence{Outcome::interrupted,  Outcome::infrastructure, Outcome::invalid,
                                     Outcome::build_failed, Outcome::gate_failed,    Outcome::not_evaluated,
                                     Outcome::passed};
constexpr std::array k_codes{130, 99, 2, 3, 1, 4, 0};

TEST(ExitCode, IsTheDocumentedNumberOfEachOutcome) {
  for (std::size_t i = 0; i < k_by_precedence.size(); ++i) {
    EXPECT_EQ(exit_code(k_by_precedence.at(i)), k_codes.at(i)) << to_string(k_by_precedence.at(i));
  }
}

TEST(WorstOutcome, IsTheOneOfHigherPrecedenceInEitherOrder) {
  for (std::size_t i = 0; i < k_by_precedence.size(); ++i) {
    for (std::size_t j = i; j < k_by_precedence.size(); ++j) {
      EXPECT_EQ(worst(k_by_precedence.at(i), k_by_precedence.at(j)), k_by_precedence.at(i));
      EXPECT_EQ(worst(k_by_precedence.at(j), k_by_precedence.at(i)), k_by_precedence.at(i));
    }
  }
}

TEST(OutcomeText, IsDifferentForEachOutcomeAndReadsBack) {
  std::set<std::string_view> texts;
  for (const Outcome outcome : k_by_precedence) {
    texts.insert(to_string(outcome));
    EXPECT_EQ(parse_outcome(to_string(outcome)).value(), outcome);
  }
  EXPECT_EQ(texts.size(), k_by_precedence.size());
  const auto unknown = parse_outcome("green");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("green"), std::string::npos);
}

TEST(OutcomeOfError, SaysWhoHasToAct) {
  EXPECT_EQ(exit_code(outcome_of(ErrorKind::usage)), 2);
  EXPECT_EQ(exit_code(outcome_of(ErrorKind::build_failed)), 3);
  EXPECT_EQ(exit_code(outcome_of(ErrorKind::not_evaluable)), 4);
  EXPECT_EQ(exit_code(outcome_of(ErrorKind::infrastructure)), 99);
  EXPECT_EQ(exit_code(outcome_of(ErrorKind::interrupted)), 130);
}

TEST(Ruling, ReadsBackFromItsTextAndNothingElseDoes) {
  for (const Ruling ruling : {Ruling::pass, Ruling::fail, Ruling::not_evaluated}) {
    EXPECT_EQ(parse_ruling(to_string(ruling)).value(), ruling);
  }
  EXPECT_FALSE(parse_ruling("passed"));
  EXPECT_FALSE(parse_ruling(""));
}

}  // namespace
}  // namespace buildlab::verdict
