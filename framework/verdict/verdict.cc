#include "framework/verdict/verdict.h"

#include <fmt/format.h>
#include <array>

#include "framework/base/text.h"

namespace buildlab::verdict {
namespace {

struct OutcomeRow {
  Outcome outcome;
  int exit_code;
  std::string_view text;
};

// In the order of precedence: of several outcomes the first one here stands for all (docs/exit-codes.md).
constexpr std::array k_outcomes{
    OutcomeRow{Outcome::interrupted, 130, "interrupted"},
    OutcomeRow{Outcome::infrastructure, 99, "infrastructure error"},
    OutcomeRow{Outcome::invalid, 2, "invalid"},
    OutcomeRow{Outcome::build_failed, 3, "build failed"},
    OutcomeRow{Outcome::gate_failed, 1, "gate failed"},
    OutcomeRow{Outcome::not_evaluated, 4, "not evaluated"},
    OutcomeRow{Outcome::passed, 0, "passed"},
};

std::size_t rank(Outcome outcome) {
  std::size_t at = 0;
  while (at + 1 < k_outcomes.size() && k_outcomes.at(at).outcome != outcome) ++at;
  return at;
}

}  // namespace

std::string_view to_string(Ruling ruling) {
  switch (ruling) {
    case Ruling::pass:
      return "pass";
    case Ruling::fail:
      return "fail";
    case Ruling::not_evaluated:
      return "not_evaluated";
  }
  return "";
}

Result<Ruling> parse_ruling(std::string_view text) {
  for (const Ruling ruling : {Ruling::pass, Ruling::fail, Ruling::not_evaluated}) {
    if (text == to_string(ruling)) return ruling;
  }
  return buildlab::fail(ErrorKind::infrastructure,
                        fmt::format("\"{}\" is none of pass, fail, not_evaluated", one_line(text, 60)));
}

int exit_code(Outcome outcome) {
  return k_outcomes.at(rank(outcome)).exit_code;
}

Outcome worst(Outcome a, Outcome b) {
  return rank(a) <= rank(b) ? a : b;
}

Outcome outcome_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return Outcome::invalid;
    case ErrorKind::build_failed:
      return Outcome::build_failed;
    case ErrorKind::not_evaluable:
      return Outcome::not_evaluated;
    case ErrorKind::infrastructure:
      return Outcome::infrastructure;
    case ErrorKind::interrupted:
      return Outcome::interrupted;
  }
  return Outcome::infrastructure;
}

std::string_view to_string(Outcome outcome) {
  return k_outcomes.at(rank(outcome)).text;
}

Result<Outcome> parse_outcome(std::string_view text) {
  for (const OutcomeRow& row : k_outcomes) {
    if (row.text == text) return row.outcome;
  }
  return buildlab::fail(ErrorKind::infrastructure,
                        fmt::format("\"{}\" is no outcome of a run", one_line(text, 60)));
}

}  // namespace buildlab::verdict
