// The names of outcomes.
#include <fmt/format.h>

#include "framework/base/text.h"
#include "framework/variation/plan.h"

namespace buildlab::variation {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::flaky:
      return "flaky";
    case Outcome::not_applied:
      return "not_applied";
    case Outcome::unknown:
      return "unknown";
  }
  return "";
}

Result<Outcome> parse_outcome(std::string_view text) {
  for (const Outcome outcome :
       {Outcome::passed, Outcome::failed, Outcome::flaky, Outcome::not_applied, Outcome::unknown}) {
    if (to_string(outcome) == text) return outcome;
  }
  return fail(ErrorKind::infrastructure,
              fmt::format("\"{}\" is no outcome of a variation", one_line(text, 40)));
}

}  // namespace buildlab::variation
