#include "framework/report/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "framework/base/time.h"
#include "framework/metrics/decision.h"
#include "framework/record/backends.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using record::ScenarioRecord;

// Steps shorter than this move by scheduling alone.
constexpr double k_moved_floor_sec = 0.05;

std::string change_of(const ComparisonRow& row) {
  if (row.before_noisy || row.after_noisy) return "noisy network";
  if (!row.ratio) return "not comparable";
  return std::string(to_string(metrics::compare_apart(row.before_sec, row.after_sec, row.pace)));
}

std::optional<double> pooled_hits(const ScenarioRecord& record) {
  int hits = 0;
  int counted = 0;
  for (const record::Build& build : record.builds) {
    if (!build.valid) continue;
    hits += build.numbers.hits;
    counted += build.numbers.hits + build.numbers.ran;
  }
  if (counted == 0) return std::nullopt;
  return static_cast<double>(hits) / counted;
}

std::string digests_text(const ScenarioRecord& record) {
  if (!record.input_mutation.empty()) return "";
  std::vector<std::string> digests = digests_of(record.builds);
  std::sort(digests.begin(), digests.end());
  return fmt::format("{}", fmt::join(digests, ", "));
}

// What one step cost over the valid builds of a record.
struct StepCost {
  std::string name;
  std::vector<double> seconds;
};
using StepKey = std::pair<std::string, std::string>;  // stage and text: lines move when others are added

std::map<StepKey, StepCost> costs_of(const ScenarioRecord& record) {
  std::map<StepKey, StepCost> costs;
  for (const record::Build& build : record.builds) {
    if (!build.valid) continue;
    for (const metrics::Step& step : build.numbers.steps) {
      StepCost& cost = costs[{step.stage, step.text}];
      cost.name = step_name(record, step);
      cost.seconds.push_back(step.seconds.value_or(0) + step.hydration_seconds.value_or(0));
    }
  }
  return costs;
}

std::string moved_most(const ScenarioRecord& before, const ScenarioRecord& after) {
  const std::map<StepKey, StepCost> old_costs = costs_of(before);
  const std::map<StepKey, StepCost> new_costs = costs_of(after);
  if (old_costs.empty() || new_costs.empty()) return "";
  double most = k_moved_floor_sec;
  std::string text;
  for (const auto& [key, cost] : new_costs) {
    const double now = metrics::median(cost.seconds).value_or(0);
    const auto old = old_costs.find(key);
    const double was = old == old_costs.end() ? 0 : metrics::median(old->second.seconds).value_or(0);
    if (std::abs(now - was) <= most) continue;
    most = std::abs(now - was);
    text = old == old_costs.end()
               ? fmt::format("{} {}, not there before", cost.name, to_short_text(now))
               : fmt::format("{} {} → {}", cost.name, to_short_text(was), to_short_text(now));
  }
  for (const auto& [key, cost] : old_costs) {
    const double was = metrics::median(cost.seconds).value_or(0);
    if (new_costs.contains(key) || was <= most) continue;
    most = was;
    text = fmt::format("{} {}, gone now", cost.name, to_short_text(was));
  }
  return text;
}

std::vector<std::string> differing_circumstances(const ScenarioRecord& before, const ScenarioRecord& after) {
  std::vector<std::string> lines;
  const auto add = [&lines](std::string_view what, const std::string& was, const std::string& now) {
    if (was != now)
      lines.push_back(
          fmt::format("{} {} → {}", what, was.empty() ? "none" : was, now.empty() ? "none" : now));
  };
  const record::Circumstances& was = before.circumstances;
  const record::Circumstances& now = after.circumstances;
  add("Build Lab", was.tool_version, now.tool_version);
  add("BuildKit", was.buildkit_version, now.buildkit_version);
  add("runc", was.runc_version, now.runc_version);
  add("snapshotter", was.snapshotter, now.snapshotter);
  add("decompressor", was.decompressor, now.decompressor);
  add("cores", fmt::format("{}", was.cores), fmt::format("{}", now.cores));
  add("kernel", was.kernel, now.kernel);
  std::map<std::string, std::pair<std::string, std::string>> bases;
  for (const record::Base& base : was.bases) bases[base.reference].first = short_digest(base.digest);
  for (const record::Base& base : now.bases) bases[base.reference].second = short_digest(base.digest);
  for (const auto& [reference, digests] : bases) add("base " + reference, digests.first, digests.second);
  add("Dockerfile", short_digest(was.dockerfile_digest), short_digest(now.dockerfile_digest));
  if (before.input_mutation.empty() && after.input_mutation.empty()) {
    add("context", short_digest(was.context_digest), short_digest(now.context_digest));
  }
  const auto epoch = [](const record::Circumstances& seen) {
    return seen.source_date_epoch ? fmt::format("{}", *seen.source_date_epoch) : std::string("none");
  };
  add("SOURCE_DATE_EPOCH", epoch(was), epoch(now));
  add("rewrite-timestamp", was.rewrite_timestamp ? "on" : "off", now.rewrite_timestamp ? "on" : "off");
  add("proxy network", was.proxy_network ? "on" : "off", now.proxy_network ? "on" : "off");
  return lines;
}

ComparisonRow compare_pair(const ScenarioRecord& before, const ScenarioRecord& after, double pace) {
  ComparisonRow row;
  row.pace = before.run_id == after.run_id ? 1 : pace;
  row.before_name = before.name;
  row.after_name = after.name;
  row.before_run = before.run_id;
  row.after_run = after.run_id;
  row.before_sec = valid_durations(before);
  row.after_sec = valid_durations(after);
  row.before_median = metrics::median(row.before_sec);
  row.after_median = metrics::median(row.after_sec);
  row.before_noisy = record::only_noisy(before);
  row.after_noisy = record::only_noisy(after);
  if (!row.before_noisy && !row.after_noisy) row.ratio = metrics::ratio(row.before_sec, row.after_sec);
  row.before_outliers = metrics::outliers(row.before_sec);
  row.after_outliers = metrics::outliers(row.after_sec);
  row.change = change_of(row);
  row.before_hits = pooled_hits(before);
  row.after_hits = pooled_hits(after);
  // A mutation on one side only makes the digests differ by design too.
  if (before.input_mutation.empty() && after.input_mutation.empty()) {
    row.before_digest = digests_text(before);
    row.after_digest = digests_text(after);
  }
  row.moved_most = moved_most(before, after);
  row.circumstances = differing_circumstances(before, after);
  return row;
}

using Pairs = std::vector<std::pair<const ScenarioRecord*, const ScenarioRecord*>>;

// Pairs each record of `before` with the first unpaired one of `after` for which `same` holds.
template <typename Same>
void pair_up(const std::vector<ScenarioRecord>& before, const std::vector<ScenarioRecord>& after,
             Pairs& pairs, Same same) {
  for (const ScenarioRecord& old_record : before) {
    const auto is_paired = [&pairs](const ScenarioRecord& record) {
      return std::any_of(pairs.begin(), pairs.end(), [&record](const auto& pair) {
        return pair.first == &record || pair.second == &record;
      });
    };
    if (is_paired(old_record)) continue;
    const auto match = std::find_if(after.begin(), after.end(), [&](const ScenarioRecord& record) {
      return !is_paired(record) && same(old_record, record);
    });
    if (match != after.end()) pairs.emplace_back(&old_record, &*match);
  }
}

bool same_subject(const ScenarioRecord& a, const ScenarioRecord& b) {
  return a.subject.name == b.subject.name || a.subject.same_declaration(b.subject);
}

}  // namespace

Comparison compare(const std::vector<ScenarioRecord>& unsafe_before,
                   const std::vector<ScenarioRecord>& unsafe_after, double pace) {
  const auto before = record::split_by_backend(redacted(ReportInput{unsafe_before}).records);
  const auto after = record::split_by_backend(redacted(ReportInput{unsafe_after}).records);
  Pairs pairs;
  pair_up(before, after, pairs, [](const auto& a, const auto& b) { return a.name == b.name; });
  Comparison comparison;
  if (pairs.empty()) {
    pair_up(before, after, pairs,
            [](const auto& a, const auto& b) { return same_subject(a, b) && a.kind == b.kind; });
    pair_up(before, after, pairs, same_subject);
    comparison.by_subject = !pairs.empty();
  }
  for (const auto& [old_record, new_record] : pairs)
    comparison.rows.push_back(compare_pair(*old_record, *new_record, pace));
  const auto is_paired = [&pairs](const ScenarioRecord& record) {
    return std::any_of(pairs.begin(), pairs.end(), [&record](const auto& pair) {
      return pair.first == &record || pair.second == &record;
    });
  };
  for (const ScenarioRecord& record : before) {
    if (!is_paired(record)) comparison.unpaired.push_back(fmt::format("{} (only before)", record.name));
  }
  for (const ScenarioRecord& record : after) {
    if (!is_paired(record)) comparison.unpaired.push_back(fmt::format("{} (only now)", record.name));
  }
  return comparison;
}

}  // namespace buildlab::report
