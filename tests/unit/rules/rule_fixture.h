// Judging one record with one gate set, for tests of the rules.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "gates/rules/rules.h"
#include "tests/support/record_builder.h"

namespace buildlab::gates {

// 20:02:11 that day is when the records of record_builder.h started; this is three hours later.
inline WallTime now() {
  return parse_rfc3339("2026-11-23T23:02:11Z").value();
}

inline std::vector<verdict::Verdict> judge_with(const record::ScenarioRecord& record,
                                                const scenario::GateSettings& settings,
                                                FindRecord find = {}) {
  return judge({record, settings, std::move(find), now()});
}

// The verdict of that gate; a test failure and an empty verdict when it was not judged.
inline verdict::Verdict verdict_of(const std::string& gate, const record::ScenarioRecord& record,
                                   const scenario::GateSettings& settings, FindRecord find = {}) {
  const auto verdicts = judge_with(record, settings, std::move(find));
  const auto found =
      std::find_if(verdicts.begin(), verdicts.end(), [&](const auto& v) { return v.gate == gate; });
  if (found == verdicts.end()) {
    ADD_FAILURE() << gate << " was not judged";
    return {};
  }
  return *found;
}

// A record of builds that took these seconds, all fully cached.
inline record::ScenarioRecord record_of_seconds(const std::vector<double>& seconds,
                                                const std::string& name = "app.warm") {
  std::vector<record::Build> builds;
  for (const double duration : seconds) builds.push_back(testing::build(testing::warm_steps(), duration));
  return testing::record(name, "warm", std::move(builds));
}

}  // namespace buildlab::gates
