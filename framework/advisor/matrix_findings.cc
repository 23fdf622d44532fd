// What a matrix of cache backends shows: a cache that costs more than it saves, and one that helps one kind
// of runner and hurts the other. Each backend is set against its own runner without that cache.
#include "framework/advisor/finding.h"
#include "framework/record/backends.h"

namespace buildlab::advisor {
namespace {

using metrics::Estimate;
using record::BackendRow;
using record::BackendSummary;

bool is_external(const BackendRow& row) {
  return row.cache_mode != "none" && row.cache_mode != "builder";
}

const BackendSummary* summary_of(const record::ScenarioRecord& record,
                                 const std::vector<BackendSummary>& summaries, std::string_view mode) {
  for (std::size_t i = 0; i < record.backends.size(); ++i) {
    if (record.backends[i].cache_mode == mode) return &summaries[i];
  }
  return nullptr;
}

CacheCostsMore costs_of(const BackendRow& row, const BackendSummary& with, const BackendSummary& without) {
  CacheCostsMore evidence;
  evidence.cache_mode = row.name;
  evidence.kept = row.kept;
  evidence.with_sec = with.duration ? with.duration->median : 0;
  evidence.without_sec = without.duration ? without.duration->median : 0;
  evidence.loss_sec = -with.value_on_runner->median;
  evidence.loss_low_sec = -with.value_on_runner->high;
  evidence.loss_high_sec = -with.value_on_runner->low;
  evidence.builds_with = with.valid - with.noisy;
  evidence.builds_without = without.valid - without.noisy;
  evidence.import_sec = with.import_sec.value_or(0);
  evidence.hydration_sec = with.hydration_sec.value_or(0);
  evidence.steps_sec = with.steps_sec.value_or(0);
  evidence.export_sec = with.cache_export_sec.value_or(0);
  evidence.faults = row.faults;
  return evidence;
}

bool saves(const Estimate& value) {
  return value.low > 0;
}

bool loses(const Estimate& value) {
  return value.high < 0 && -value.median >= k_worth_sec;
}

bool same_cache(const BackendRow& one, const BackendRow& other) {
  return one.cache_mode == other.cache_mode && one.cache_export_mode == other.cache_export_mode &&
         one.cache_attributes == other.cache_attributes && one.faults == other.faults;
}

HelpsOneRunner evidence_of(const BackendRow& row, bool helps_kept, const Estimate& saved,
                           const Estimate& lost) {
  HelpsOneRunner evidence;
  evidence.cache = row.name;
  evidence.helps_kept = helps_kept;
  evidence.saved = {saved.median, saved.low, saved.high};
  evidence.lost = {-lost.median, -lost.high, -lost.low};
  return evidence;
}

// The fresh runner's cache against a kept builder with the same one beside its own; where there is no such
// backend, against the kept builder's own cache.
std::optional<HelpsOneRunner> compare_runners(const record::ScenarioRecord& record,
                                              const std::vector<BackendSummary>& summaries,
                                              std::size_t fresh) {
  const BackendRow& row = record.backends[fresh];
  const auto& on_fresh = summaries[fresh].value_on_runner;
  if (!is_external(row) || row.kept || !on_fresh) return std::nullopt;
  for (std::size_t i = 0; i < record.backends.size(); ++i) {
    const BackendRow& other = record.backends[i];
    const auto& on_kept = summaries[i].value_on_runner;
    if (!other.kept || !is_external(other) || !same_cache(row, other) || !on_kept) continue;
    if (saves(*on_fresh) && loses(*on_kept)) return evidence_of(row, false, *on_fresh, *on_kept);
    if (saves(*on_kept) && loses(*on_fresh)) return evidence_of(row, true, *on_kept, *on_fresh);
    return std::nullopt;
  }
  const BackendSummary* kept = summary_of(record, summaries, "builder");
  if (kept == nullptr || !kept->value || !saves(*kept->value) || !loses(*on_fresh)) return std::nullopt;
  HelpsOneRunner evidence = evidence_of(row, true, *kept->value, *on_fresh);
  evidence.own_cache = true;
  return evidence;
}

}  // namespace

std::vector<Finding> backend_costs_more(const Facts& facts) {
  std::vector<Finding> findings;
  for (const record::ScenarioRecord& record : facts.records) {
    const std::vector<BackendSummary> summaries = record::summarise_backends(record);
    for (std::size_t i = 0; i < summaries.size(); ++i) {
      const BackendRow& row = record.backends[i];
      const BackendSummary* without = summary_of(record, summaries, row.kept ? "builder" : "none");
      const auto& value = summaries[i].value_on_runner;
      if (!is_external(row) || without == nullptr || !value || !loses(*value)) continue;
      findings.push_back(
          {costs_of(row, summaries[i], *without), -value->median, &record, std::nullopt, row.name});
    }
  }
  return findings;
}

std::vector<Finding> helps_one_runner(const Facts& facts) {
  std::vector<Finding> findings;
  for (const record::ScenarioRecord& record : facts.records) {
    const std::vector<BackendSummary> summaries = record::summarise_backends(record);
    for (std::size_t i = 0; i < summaries.size(); ++i) {
      if (auto found = compare_runners(record, summaries, i)) {
        const double seconds = found->lost.median;
        findings.push_back({std::move(*found), seconds, &record, std::nullopt, record.backends[i].name});
      }
    }
  }
  return findings;
}

}  // namespace buildlab::advisor
