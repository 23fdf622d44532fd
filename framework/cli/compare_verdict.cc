#include "framework/cli/compare_verdict.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/metrics/decision.h"

namespace buildlab::cli {
namespace {

using metrics::Change;
using report::ComparisonRow;
using Rows = std::vector<ComparisonRow>;

bool is_wanted(const std::vector<std::string>& fail_on, const char* what) {
  return std::find(fail_on.begin(), fail_on.end(), what) != fail_on.end();
}

// A row that compares less than one valid build on a side says nothing.
bool evaluable(const ComparisonRow& row) {
  return !row.before_sec.empty() && !row.after_sec.empty();
}

// Nor do times that met trouble with the network.
bool is_noisy(const ComparisonRow& row) {
  return row.before_noisy || row.after_noisy;
}

bool failed(const ComparisonRow& row, const std::string& what) {
  if (what == "slower") return row.change == to_string(Change::slower);
  if (what == "digest") return !row.before_digest.empty() && row.before_digest != row.after_digest;
  return row.before_hits && row.after_hits && *row.after_hits < *row.before_hits;
}

// By more than both floors, as the medians say.
bool looks_slower(const ComparisonRow& row) {
  if (!row.before_median || !row.after_median) return false;
  const double more_sec = *row.after_median - *row.before_median;
  return more_sec > metrics::k_absolute_floor_sec &&
         more_sec > *row.before_median * metrics::k_relative_floor;
}

// Why it cannot be told whether the pair became slower; "" where it can.
std::string undecided(const ComparisonRow& row) {
  if (!looks_slower(row)) return "";
  if (row.change == to_string(Change::other_times)) {
    return fmt::format(
        "{}: builds of two runs differ by less than the machine's pace may (--pace {}); a gate on "
        "max_duration_ratio with its confirmation tells less",
        row.after_name, row.pace);
  }
  if (row.change != to_string(Change::too_few)) return "";
  return fmt::format("{}: {:.1f}s → {:.1f}s with {} and {} builds, too few to tell; give it more runs",
                     row.after_name, *row.before_median, *row.after_median, row.before_sec.size(),
                     row.after_sec.size());
}

CompareVerdict not_decided(const std::string& why) {
  return {verdict::Outcome::not_evaluated, fmt::format("not decided: {}\n", why)};
}

}  // namespace

CompareVerdict judge_comparison(const report::Comparison& comparison,
                                const std::vector<std::string>& fail_on) {
  const Rows& rows = comparison.rows;
  if (std::none_of(rows.begin(), rows.end(), evaluable)) return {verdict::Outcome::not_evaluated};
  for (const ComparisonRow& row : rows) {
    const auto fails = [&row](const std::string& what) { return failed(row, what); };
    if (std::any_of(fail_on.begin(), fail_on.end(), fails)) return {verdict::Outcome::gate_failed};
  }
  const bool may_not_be_slower = is_wanted(fail_on, "slower");
  if ((fail_on.empty() || may_not_be_slower) && std::any_of(rows.begin(), rows.end(), is_noisy))
    return not_decided("a side has only builds with a noisy network; run it again");
  if (!may_not_be_slower) return {};
  for (const ComparisonRow& row : rows) {
    if (const std::string why = undecided(row); !why.empty()) return not_decided(why);
  }
  return {};
}

}  // namespace buildlab::cli
