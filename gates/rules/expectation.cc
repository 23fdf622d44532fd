#include "gates/rules/expectation.h"

#include "gates/rules/selector.h"

namespace buildlab::gates {

verdict::Verdict expectation(const GateInput& input, std::string gate,
                             const std::vector<std::string>& selectors, std::string_view asked, Ask ask) {
  const record::ScenarioRecord& record = input.record();
  std::vector<std::string> failures;
  std::vector<std::string> unknown;
  const metrics::Step* decisive = nullptr;
  for (const std::string& selector : selectors) {
    for (const record::Build* build : input.samples) {
      const auto steps = select(selector, build->numbers.steps);
      if (steps.empty()) {
        unknown.push_back(
            fmt::format("\"{}\" names no step: {}", selector, selectable(selector, build->numbers.steps)));
        break;  // the builds of a scenario have the same Dockerfile
      }
      const Answer answer = ask(steps);
      if (answer.ruling == verdict::Ruling::pass) continue;
      std::string line =
          fmt::format("\"{}\" must {}: {} {} in {}{}", selector, asked, name_of(record, *answer.step),
                      what_happened(*answer.step), name_of(*build), why_it_ran(*answer.step));
      if (answer.ruling == verdict::Ruling::not_evaluated) {
        unknown.push_back(std::move(line));
        continue;
      }
      failures.push_back(std::move(line));
      if (decisive == nullptr) decisive = answer.step;
    }
  }
  if (!failures.empty()) {
    std::string message = failures.front();
    failures.insert(failures.end(), unknown.begin(), unknown.end());
    return failed(std::move(gate), record, std::move(message), std::move(failures), decisive);
  }
  if (!unknown.empty()) {
    std::string message = unknown.front();
    return not_evaluated(std::move(gate), std::move(message), std::move(unknown));
  }
  return pass(std::move(gate),
              fmt::format("{} selector{} in {} build{}", selectors.size(), selectors.size() == 1 ? "" : "s",
                          input.samples.size(), input.samples.size() == 1 ? "" : "s"));
}

}  // namespace buildlab::gates
