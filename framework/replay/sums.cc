#include "framework/replay/sums.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "framework/invalidation/path_class.h"

namespace buildlab::replay {
namespace {

// A commit that changed no path at all (an empty one, or one that differs from its parent in nothing).
constexpr std::string_view k_nothing = "(nothing changed)";

bool reaches_builder(const std::string& name) {
  return name != invalidation::k_outside && name != invalidation::k_ignored && name != k_nothing;
}

// The classes that a build pays for: those that reach the builder, else whatever there is.
std::set<std::string> paying(const std::set<std::string>& changed) {
  std::set<std::string> result;
  for (const std::string& name : changed) {
    if (reaches_builder(name)) result.insert(name);
  }
  if (!result.empty()) return result;
  if (changed.empty()) return {std::string(k_nothing)};
  return changed;
}

struct ClassTotal {
  std::size_t commits = 0;
  double seconds = 0;
  std::size_t alone = 0;
  double alone_seconds = 0;
  double part = 0;
};

using ClassTotals = std::map<std::string, ClassTotal>;

// How a build's seconds are divided.
std::map<std::string, double> shares_of(const Row& row, const std::set<std::string>& payers) {
  std::map<std::string, double> shares;
  double total = 0;
  for (const auto& [name, seconds] : row.blame) total += seconds;
  if (total > 0) {
    for (const auto& [name, seconds] : row.blame) shares[name] = seconds / total;
  } else {
    for (const std::string& name : payers) shares[name] = 1 / static_cast<double>(payers.size());
  }
  return shares;
}

void add_classes(ClassTotals& totals, const std::set<std::string>& changed, const Row& row) {
  const double seconds = *row.duration_sec;
  std::set<std::string> payers = paying(changed);
  for (const auto& [name, share] : shares_of(row, payers)) {
    totals[name].part += seconds * share;
    payers.insert(name);
  }
  for (const std::string& name : payers) {
    ClassTotal& total = totals[name];
    ++total.commits;
    total.seconds += seconds;
    if (payers.size() == 1) {
      ++total.alone;
      total.alone_seconds += seconds;
    }
  }
}

std::vector<ClassSum> class_sums(const ClassTotals& totals, double counted) {
  std::vector<ClassSum> sums;
  for (const auto& [name, total] : totals) {
    const auto commits = static_cast<double>(total.commits);
    ClassSum sum{name, total.commits, commits / counted, total.seconds / commits};
    sum.alone = total.alone;
    if (total.alone > 0) sum.alone_sec = total.alone_seconds / static_cast<double>(total.alone);
    sum.expected_sec = total.part / counted;
    sums.push_back(std::move(sum));
  }
  std::stable_sort(sums.begin(), sums.end(),
                   [](const ClassSum& a, const ClassSum& b) { return a.expected_sec > b.expected_sec; });
  return sums;
}

// By stage and text: lines move from commit to commit.
std::vector<StepSum> step_sums(const std::vector<const Row*>& rows) {
  std::map<std::pair<std::string, std::string>, StepSum> by_step;
  for (const Row* row : rows) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const RanStep& step : row->ran) {
      const std::pair key(step.stage, step.text);
      StepSum& sum = by_step[key];
      sum.stage = step.stage;
      sum.text = step.text;
      if (seen.insert(key).second) ++sum.commits;
      sum.expected_sec += step.seconds;
      if (step.reason) ++sum.reasons[*step.reason];
    }
  }
  std::vector<StepSum> sums;
  const auto counted = static_cast<double>(rows.size());
  for (auto& [key, sum] : by_step) {
    sum.share = static_cast<double>(sum.commits) / counted;
    sum.mean_sec = sum.expected_sec / static_cast<double>(sum.commits);
    sum.expected_sec /= counted;
    sums.push_back(std::move(sum));
  }
  std::stable_sort(sums.begin(), sums.end(),
                   [](const StepSum& a, const StepSum& b) { return a.expected_sec > b.expected_sec; });
  return sums;
}

void count_outcomes(const std::vector<Row>& rows, Sums& sums) {
  for (const Row& row : rows) {
    if (row.number == 0) continue;
    ++sums.commits;
    if (row.outcome == Outcome::failed) ++sums.failed;
    if (row.outcome == Outcome::no_dockerfile) ++sums.without_dockerfile;
    if (row.outcome == Outcome::refused) ++sums.refused;
  }
}

void sum_hits(const std::vector<const Row*>& rows, Sums& sums) {
  std::size_t hits = 0;
  std::size_t ran = 0;
  for (const Row* row : rows) {
    hits += static_cast<std::size_t>(std::max(row->hits, 0));
    ran += row->ran.size();
    if (row->ran.empty()) ++sums.full_hits;
  }
  if (hits + ran > 0) sums.hit_ratio = static_cast<double>(hits) / static_cast<double>(hits + ran);
}

}  // namespace

Sums sum_up(const std::vector<Row>& rows) {
  Sums sums;
  count_outcomes(rows, sums);
  std::vector<const Row*> counted;
  std::vector<double> durations;
  ClassTotals classes;
  std::set<std::string> changed;
  for (const Row& row : rows) {
    for (const auto& [name, count] : row.classes) changed.insert(name);
    if (row.counts()) {
      counted.push_back(&row);
      durations.push_back(*row.duration_sec);
      add_classes(classes, changed, row);
    }
    if (row.outcome == Outcome::built) changed.clear();
  }
  sums.counted = counted.size();
  if (counted.empty()) return sums;
  sums.duration = metrics::estimate(durations);
  double total = 0;
  for (const double seconds : durations) total += seconds;
  sums.mean_sec = total / static_cast<double>(durations.size());
  sum_hits(counted, sums);
  sums.classes = class_sums(classes, static_cast<double>(counted.size()));
  sums.steps = step_sums(counted);
  return sums;
}

}  // namespace buildlab::replay
