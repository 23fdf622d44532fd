// A baseline file, and the records of a project that stand against it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/cli/project.h"
#include "framework/record/baseline.h"

namespace buildlab::cli {

// nullopt where there is no such file. Usage errors, with the line that is wrong.
Result<std::optional<record::Baseline>> load_baseline(const std::filesystem::path& path);

// The newest whole records of all subjects that have a valid build, those with a refused row among them.
Result<std::vector<record::ScenarioRecord>> whole_records(const Project& project);

// The two sides of a comparison, each pair with the same circumstances.
struct BaselineSides {
  std::vector<record::ScenarioRecord> before;
  std::vector<record::ScenarioRecord> after;
  std::vector<std::string> refused;  // "app.cold: BuildKit v0.31.0 → v0.32.2"
};
BaselineSides sides_of(const record::Baseline& baseline, std::vector<record::ScenarioRecord> records);

}  // namespace buildlab::cli
