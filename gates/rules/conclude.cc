#include "gates/rules/conclude.h"

#include "gates/rules/rules.h"

namespace buildlab::gates {

void judge_with_store(record::ScenarioRecord& record, const scenario::Scenario& scenario,
                      const record::Store& store) {
  const FindRecord find = [&](const std::string& name) -> std::optional<record::ScenarioRecord> {
    const auto found = store.latest(name, [&](const record::ScenarioRecord& candidate) {
      return is_baseline(candidate, record.subject);
    });
    return found ? *found : std::nullopt;
  };
  record.gates = judge({record, scenario.gates, find, wall_now()});
  record.outcome = outcome(record, record.gates);
}

Status conclude(record::ScenarioRecord& record, const scenario::Scenario& scenario, record::Store& store) {
  judge_with_store(record, scenario, store);
  return store.save(record);
}

}  // namespace buildlab::gates
