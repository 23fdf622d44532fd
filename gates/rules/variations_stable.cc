// What must not change the image does not: environment, clock, host name, … (docs/variations.md).
#include <algorithm>

#include "gates/rules/drift_words.h"
#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

using record::VariationRow;
using variation::Outcome;

constexpr const char* k_variations_stable = "variations_stable";

std::string names_with(const std::vector<VariationRow>& rows, Outcome outcome) {
  std::string names;
  for (const VariationRow& row : rows) {
    if (row.outcome == outcome) names += (names.empty() ? "" : ", ") + row.name;
  }
  return names;
}

// What happened to each, the guilty first, with what they change; the innocent without a word left out.
std::vector<std::string> evidence_of(const record::ScenarioRecord& record) {
  const std::vector<VariationRow>& rows = record.variations;
  std::vector<std::string> lines;
  for (const Outcome outcome :
       {Outcome::failed, Outcome::flaky, Outcome::unknown, Outcome::not_applied, Outcome::passed}) {
    for (const VariationRow& row : rows) {
      if (row.outcome != outcome || (outcome == Outcome::passed && row.reason.empty())) continue;
      std::string word(variation::to_string(outcome));
      std::replace(word.begin(), word.end(), '_', ' ');
      lines.push_back(fmt::format("{} {}: {}", row.name, word, row.reason));
      if (!row.drift) continue;
      for (const std::string& line : drift_words(record, *row.drift, "plain and varied image"))
        lines.push_back("  " + line);
    }
  }
  return lines;
}

}  // namespace

verdict::Verdict variations_stable(const GateInput& input) {
  const std::vector<VariationRow>& rows = input.record().variations;
  if (rows.empty()) return not_evaluated(k_variations_stable, "nothing was varied");
  const auto count = [&](Outcome outcome) {
    return std::count_if(rows.begin(), rows.end(),
                         [&](const VariationRow& row) { return row.outcome == outcome; });
  };
  std::vector<std::string> evidence = evidence_of(input.record());
  const std::string beside = fmt::format("{} passed, {} not applied, {} unknown", count(Outcome::passed),
                                         count(Outcome::not_applied), count(Outcome::unknown));
  for (const Outcome outcome : {Outcome::failed, Outcome::flaky}) {
    if (count(outcome) == 0) continue;
    verdict::Verdict verdict = failed(
        k_variations_stable, input.record(),
        fmt::format("the image changes{} with {} ({})", outcome == Outcome::flaky ? " now and then" : "",
                    names_with(rows, outcome), beside),
        std::move(evidence));
    for (const VariationRow& row : rows) {
      const int line = row.outcome == outcome && row.drift ? line_of(*row.drift) : 0;
      if (line == 0) continue;
      verdict.line = line;
      break;
    }
    return verdict;
  }
  if (count(Outcome::unknown) > 0) {
    return not_evaluated(k_variations_stable,
                         fmt::format("the builds do not tell of all variations ({})", beside),
                         std::move(evidence));
  }
  if (count(Outcome::passed) == 0)
    return not_evaluated(k_variations_stable, "no variation could be applied", std::move(evidence));
  const auto not_applied = count(Outcome::not_applied);
  return pass(
      k_variations_stable,
      fmt::format("the image stays the same with {} of {} variations{}", count(Outcome::passed), rows.size(),
                  not_applied == 0 ? "" : fmt::format("; {} could not be applied", not_applied)),
      std::move(evidence));
}

}  // namespace buildlab::gates
