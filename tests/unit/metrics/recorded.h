// Recorded builds as rows that a test can compare: "12 hit inferred", "13 ran".
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/recorded_build.h"

namespace buildlab::test {

inline RecordedBuild recorded(const std::string& name) {
  auto build = load_recorded_build(std::string(BUILDLAB_TEST_DATA) + "/progress/" + name);
  EXPECT_TRUE(build.has_value()) << (build ? "" : build.error().message);
  if (!build) return {};
  // Laws hold for every build there is.
  EXPECT_THAT(metrics::broken_laws(build->numbers, build->duration_sec()), testing::IsEmpty()) << name;
  return std::move(*build);
}

inline std::vector<std::string> rows(const metrics::Numbers& numbers) {
  std::vector<std::string> rows;
  for (const metrics::Step& step : numbers.steps) {
    std::string row = std::to_string(step.lines.first) + " " + std::string(to_string(step.outcome));
    if (step.source) row += " " + std::string(to_string(*step.source));
    rows.push_back(row);
  }
  return rows;
}

inline std::vector<std::string> rows(const std::string& name) {
  return rows(recorded(name).numbers);
}

inline const metrics::Step& row_at(const metrics::Numbers& numbers, int line) {
  for (const metrics::Step& step : numbers.steps) {
    if (step.lines.first == line) return step;
  }
  static const metrics::Step none;
  ADD_FAILURE() << "no step at line " << line;
  return none;
}

}  // namespace buildlab::test
