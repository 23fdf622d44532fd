// Every step that a selector names came from a cache, in every valid build.
#include "gates/rules/expectation.h"

namespace buildlab::gates {
namespace {

Answer all_are_hits(const std::vector<const metrics::Step*>& steps) {
  Answer answer;
  for (const metrics::Step* step : steps) {
    switch (step->outcome) {
      case metrics::StepOutcome::hit:
        break;
      case metrics::StepOutcome::ran:
      case metrics::StepOutcome::failed:
        return {verdict::Ruling::fail, step};
      case metrics::StepOutcome::not_run:
      case metrics::StepOutcome::not_in_graph:
        if (answer.ruling == verdict::Ruling::pass) answer = {verdict::Ruling::not_evaluated, step};
        break;
    }
  }
  return answer;
}

}  // namespace

verdict::Verdict expect_cached(const GateInput& input) {
  return expectation(input, "expect_cached", input.settings().expect_cached, "be cached", all_are_hits);
}

}  // namespace buildlab::gates
