// At least one of the steps that a selector names ran, in every valid build: an edit re-runs what follows it
// in a stage, while what stands before it stays cached.
#include "gates/rules/expectation.h"

namespace buildlab::gates {
namespace {

Answer one_ran(const std::vector<const metrics::Step*>& steps) {
  Answer answer{verdict::Ruling::fail, steps.front()};
  for (const metrics::Step* step : steps) {
    switch (step->outcome) {
      case metrics::StepOutcome::ran:
      case metrics::StepOutcome::failed:
        return {verdict::Ruling::pass, step};
      case metrics::StepOutcome::hit:
        break;
      case metrics::StepOutcome::not_run:
      case metrics::StepOutcome::not_in_graph:
        answer = {verdict::Ruling::not_evaluated, step};
        break;
    }
  }
  return answer;
}

}  // namespace

verdict::Verdict expect_ran(const GateInput& input) {
  return expectation(input, "expect_ran", input.settings().expect_ran, "run", one_ran);
}

}  // namespace buildlab::gates
