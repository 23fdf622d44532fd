#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/time.h"
#include "framework/cli/baseline_file.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/metrics/statistics.h"

namespace buildlab::cli {

namespace fs = std::filesystem;

Result<std::optional<record::Baseline>> load_baseline(const fs::path& path) {
  constexpr Bytes k_largest{16ULL << 20U};
  std::error_code code;
  if (!fs::exists(path, code)) return std::nullopt;
  auto text = read_file(path, k_largest);
  if (!text) {
    Error error = text.error();
    error.kind = ErrorKind::usage;
    return tl::unexpected(std::move(error));
  }
  BUILDLAB_ASSIGN(record::Baseline baseline, record::parse_baseline(*text, path.string()));
  return baseline;
}

Result<std::vector<record::ScenarioRecord>> whole_records(const Project& project) {
  std::vector<record::ScenarioRecord> records;
  for (const scenario::Subject& subject : project.file.subjects) {
    BUILDLAB_ASSIGN(std::vector<record::ScenarioRecord> newest, newest_records(project, subject));
    for (record::ScenarioRecord& record : newest) {
      const bool has_builds = record::baseline_row(record) || record::why_refused(record);
      if (record::is_complete(record) && has_builds) records.push_back(std::move(record));
    }
  }
  return records;
}

BaselineSides sides_of(const record::Baseline& baseline, std::vector<record::ScenarioRecord> records) {
  BaselineSides sides;
  std::set<std::string> recorded;
  for (record::ScenarioRecord& record : records) {
    recorded.insert(record.name);
    if (const auto why = record::why_refused(record)) {
      sides.refused.push_back(fmt::format("{}: {}", record.name, *why));
      continue;
    }
    const record::BaselineRow* row = baseline.find(record.name);
    const auto reasons = row == nullptr ? std::vector<std::string>() : record::bars(*row, record);
    if (!reasons.empty()) {
      sides.refused.push_back(fmt::format("{}: {}", record.name, fmt::join(reasons, ", ")));
      continue;
    }
    if (row != nullptr) sides.before.push_back(record::as_record(*row));
    sides.after.push_back(std::move(record));
  }
  for (const record::BaselineRow& row : baseline.rows) {
    if (!recorded.contains(row.name))
      sides.refused.push_back(fmt::format("{}: nothing is recorded of it now", row.name));
  }
  return sides;
}

Result<verdict::Outcome> make_baseline(const MakeBaseline& options) {
  BUILDLAB_ASSIGN(const Project project, open_project(options.common, FileCheck::none));
  BUILDLAB_ASSIGN(std::optional<record::Baseline> known, load_baseline(options.output));
  record::Baseline baseline = known ? std::move(*known) : record::Baseline();
  BUILDLAB_ASSIGN(const std::vector<record::ScenarioRecord> records, whole_records(project));
  if (records.empty()) {
    return fail(
        ErrorKind::not_evaluable, "no scenario has a record to make a baseline of",
        {"build-lab run --all makes them", fmt::format("looked in {}", project.store.folder().string())});
  }
  std::string said;
  Json rows = Json::array();
  bool refused = false;
  for (const record::ScenarioRecord& record : records) {
    if (const auto why = record::why_refused(record)) {
      refused = true;
      write_stderr(fmt::format("not taken into the baseline: {}: {}\n", record.name, *why));
      continue;
    }
    record::BaselineRow row = *record::baseline_row(record);
    const double median = metrics::median(row.durations_sec).value_or(0);
    said += fmt::format("{}  {} of {} builds  run {}\n", row.name, to_short_text(median),
                        row.durations_sec.size(), row.run_id);
    rows.push_back({{"name", row.name},
                    {"median_sec", median},
                    {"builds", row.durations_sec.size()},
                    {"run_id", row.run_id}});
    record::put(baseline, std::move(row));
  }
  if (!rows.empty()) BUILDLAB_TRY(write_file_atomic(options.output, record::baseline_to_text(baseline)));
  BUILDLAB_TRY(write_stdout(options.common.json ? to_pretty_text(rows) : said));
  return refused ? verdict::Outcome::not_evaluated : verdict::Outcome::passed;
}

}  // namespace buildlab::cli
