// "max_runs", "until_interval" and "time_budget_sec": a scenario that builds until its durations are known
// well enough.
#include <fmt/format.h>

#include "framework/scenario/readers.h"

namespace buildlab::scenario {

void read_adaptive(Fields& fields, Scenario& scenario) {
  const bool asked = fields.has("max_runs");
  const auto most = fields.integer("max_runs", {2, 1000});
  const auto interval = fields.number("until_interval", {0.001, 10});
  const auto budget = fields.number("time_budget_sec", {1, 1e6});
  for (const char* key : {"until_interval", "time_budget_sec"}) {
    if (fields.has(key) && !asked)
      fields.problem(key, "is used with \"max_runs\" only, which says how many builds there are at most");
  }
  if (!most) return;
  if (!has_like_builds(scenario.kind)) {
    fields.problem("max_runs", "is for the kinds cold, warm, edit and ephemeral only");
  } else if (*most <= scenario.runs) {
    fields.problem("max_runs",
                   fmt::format("must be more than \"runs\", the least, which is {}", scenario.runs));
  }
  AdaptiveRuns adaptive;
  adaptive.most = static_cast<int>(*most);
  adaptive.until_interval = interval.value_or(adaptive.until_interval);
  adaptive.time_budget_sec = budget;
  scenario.adaptive = adaptive;
}

}  // namespace buildlab::scenario
