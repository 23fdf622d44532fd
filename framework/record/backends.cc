#include "framework/record/backends.h"

#include <algorithm>
#include <map>

namespace buildlab::record {
namespace {

using Builds = std::vector<const Build*>;

Builds samples(const ScenarioRecord& record, std::string_view backend) {
  Builds found;
  for (const Build& build : record.builds) {
    if (build.builder == backend && build.valid && !build.failure) found.push_back(&build);
  }
  return found;
}

// Those whose times say something.
Builds calm(Builds builds) {
  std::erase_if(builds, [](const Build* build) { return build->noisy_network.has_value(); });
  return builds;
}

std::vector<double> durations(const Builds& builds) {
  std::vector<double> seconds;
  for (const Build* build : builds) seconds.push_back(build->duration_sec);
  return seconds;
}

// Of what `get` gives; what is absent is left out.
template <typename Get>
std::optional<double> median_of(const Builds& builds, Get get) {
  std::vector<double> values;
  for (const Build* build : builds) {
    if (const std::optional<double> value = get(*build)) values.push_back(*value);
  }
  return metrics::median(values);
}

std::optional<double> median_part(const Builds& builds, double metrics::Parts::*part) {
  return median_of(builds, [part](const Build& build) { return std::optional(build.numbers.parts.*part); });
}

const BackendRow* find_backend(const ScenarioRecord& record, std::string_view mode) {
  const auto found = std::find_if(record.backends.begin(), record.backends.end(),
                                  [&](const BackendRow& row) { return row.cache_mode == mode; });
  return found == record.backends.end() ? nullptr : &*found;
}

std::optional<metrics::Estimate> saved(const ScenarioRecord& record, const BackendRow* without,
                                       const Builds& with) {
  if (without == nullptr) return std::nullopt;
  return metrics::saving(durations(calm(samples(record, without->name))), durations(with));
}

bool same_layers(const ImageRow& one, const ImageRow& other) {
  return std::equal(one.layers.begin(), one.layers.end(), other.layers.begin(), other.layers.end(),
                    [](const LayerRow& a, const LayerRow& b) { return a.diff_id == b.diff_id; });
}

std::optional<std::size_t> count_same(const ScenarioRecord& record, const BackendRow* uncached,
                                      const Builds& builds) {
  if (uncached == nullptr) return std::nullopt;
  std::map<int, const ImageRow*> plain;
  for (const Build* build : samples(record, uncached->name)) {
    if (build->image) plain[build->iteration] = &*build->image;
  }
  std::size_t same = 0;
  bool any = false;
  for (const Build* build : builds) {
    const auto found = plain.find(build->iteration);
    if (found == plain.end() || !build->image) continue;
    any = true;
    if (same_layers(*found->second, *build->image)) ++same;
  }
  return any ? std::optional(same) : std::nullopt;
}

void count_hits(const Builds& builds, BackendSummary& summary) {
  for (const Build* build : builds) {
    const int hits = build->numbers.hits;
    summary.least_hits = std::min(summary.least_hits.value_or(hits), hits);
    summary.most_hits = std::max(summary.most_hits.value_or(hits), hits);
  }
}

void count_failures(const ScenarioRecord& record, BackendSummary& summary) {
  for (const std::vector<Build>* builds : {&record.priming, &record.builds}) {
    for (const Build& build : *builds) {
      if (build.builder != summary.name || !build.failure) continue;
      ++summary.failed;
      if (!summary.failure) summary.failure = build.failure;
    }
  }
}

void take_times(const Builds& builds, BackendSummary& summary) {
  summary.duration = metrics::estimate(durations(builds));
  summary.start_sec = median_of(builds, [](const Build& build) { return build.builder_start_sec; });
  summary.import_sec = median_part(builds, &metrics::Parts::cache_import_sec);
  summary.hydration_sec = median_part(builds, &metrics::Parts::hydration_sec);
  summary.steps_sec = median_part(builds, &metrics::Parts::steps_sec);
  summary.cache_export_sec = median_part(builds, &metrics::Parts::cache_export_sec);
  summary.export_sec = median_part(builds, &metrics::Parts::export_sec);
}

BackendSummary summarise(const ScenarioRecord& record, const BackendRow& row) {
  const Builds builds = samples(record, row.name);
  const Builds timed = calm(builds);
  const BackendRow* nothing = find_backend(record, "none");
  const BackendRow* kept = find_backend(record, "builder");
  BackendSummary summary;
  summary.name = row.name;
  summary.builds =
      static_cast<std::size_t>(std::count_if(record.builds.begin(), record.builds.end(),
                                             [&](const Build& build) { return build.builder == row.name; }));
  summary.valid = builds.size();
  summary.noisy = builds.size() - timed.size();
  count_failures(record, summary);
  count_hits(builds, summary);
  summary.hit_ratio = median_of(builds, [](const Build& build) { return build.numbers.cache_hit_ratio; });
  take_times(timed, summary);
  const auto bytes = [&](std::uint64_t Transfer::*count) {
    return median_of(builds, [count](const Build& build) {
      return build.transfer ? std::optional(static_cast<double>((*build.transfer).*count)) : std::nullopt;
    });
  };
  summary.bytes_down = bytes(&Transfer::bytes_down);
  summary.bytes_up = bytes(&Transfer::bytes_up);
  if (row.cache_mode != "none") {
    summary.value = saved(record, nothing, timed);
    summary.same_image = count_same(record, nothing, builds);
    if (row.cache_mode != "builder")
      summary.value_on_runner = saved(record, row.kept ? kept : nothing, timed);
  }
  return summary;
}

}  // namespace

std::vector<ScenarioRecord> split_by_backend(std::vector<ScenarioRecord> records) {
  std::vector<ScenarioRecord> split;
  for (ScenarioRecord& record : records) {
    if (record.backends.empty()) {
      split.push_back(std::move(record));
      continue;
    }
    for (const BackendRow& row : record.backends) {
      ScenarioRecord one = record;
      one.name += " " + row.name;
      one.backends.clear();
      for (auto* builds : {&one.priming, &one.builds})
        std::erase_if(*builds, [&row](const Build& build) { return build.builder != row.name; });
      one.references.clear();  // compared with already, and numbered across backends
      split.push_back(std::move(one));
    }
  }
  return split;
}

std::vector<BackendSummary> summarise_backends(const ScenarioRecord& record) {
  std::vector<BackendSummary> rows;
  for (const BackendRow& row : record.backends) rows.push_back(summarise(record, row));
  return rows;
}

}  // namespace buildlab::record
