#include <algorithm>
#include <set>

#include "framework/fault/fault.h"
#include "framework/record/backends.h"

namespace buildlab::record {
namespace {

using Of = BreakEven::Of;

// Whether it meets each of its requests, all the time.
bool is_steady(const fault::Fault& fault) {
  return !fault.times && !fault.build && !fault.from_ms && !fault.for_ms && !fault.every_ms &&
         fault.jitter_ms.value_or(0) == 0;
}

// The one number that a backend's faults have in common, which meet all requests of its cache; nullopt for
// other faults, several numbers, or requests that are left alone.
std::optional<double> strength(const BackendRow& row, Of of) {
  std::optional<double> strength;
  std::set<fault::At> met;
  for (const std::string& text : row.faults) {
    const auto fault = fault::parse_fault(text);
    const bool wanted = fault && is_steady(*fault) &&
                        fault->kind == (of == Of::bandwidth ? fault::Kind::bandwidth : fault::Kind::latency);
    if (!wanted) return std::nullopt;
    met.insert(fault->at);
    const double number = of == Of::bandwidth ? static_cast<double>(fault->bytes_per_sec.value_or(0))
                                              : static_cast<double>(fault->latency_ms.value_or(0));
    if (strength && *strength != number) return std::nullopt;
    strength = number;
  }
  const bool all =
      met.contains(fault::At::import) && met.contains(fault::At::pull) && met.contains(fault::At::write);
  return all ? strength : std::nullopt;
}

// Whether its cache lies in the run's own registry, before which the faults of others stand: a registry of
// the user's is no point of the same line.
bool is_private(const ScenarioRecord& record, const BackendRow& row) {
  return std::any_of(record.builds.begin(), record.builds.end(), [&row](const Build& build) {
    return build.builder == row.name && build.transfer.has_value();
  });
}

bool same_cache(const BackendRow& one, const BackendRow& other) {
  return one.cache_mode == other.cache_mode && one.kept == other.kept &&
         one.cache_export_mode == other.cache_export_mode && one.cache_attributes == other.cache_attributes;
}

// What the value is linear in: seconds a byte, seconds a request.
double cost(Of of, double at) {
  return of == Of::bandwidth ? 1 / at : at;
}

std::optional<double> crossing(Of of, const std::vector<BreakEven::Point>& points) {
  for (std::size_t i = 1; i < points.size(); ++i) {
    const BreakEven::Point& one = points[i - 1];
    const BreakEven::Point& other = points[i];
    if ((one.value_sec > 0) == (other.value_sec > 0)) continue;
    const double from = cost(of, one.at);
    const double share = one.value_sec / (one.value_sec - other.value_sec);
    const double where = from + (cost(of, other.at) - from) * share;
    return of == Of::bandwidth ? 1 / where : where;
  }
  return std::nullopt;
}

std::optional<BreakEven> measure(const ScenarioRecord& record, const std::vector<BackendSummary>& summaries,
                                 const BackendRow& plain, Of of) {
  BreakEven found;
  found.of = of;
  found.backend = plain.name;
  for (std::size_t i = 0; i < record.backends.size(); ++i) {
    const BackendRow& row = record.backends[i];
    const auto& value = summaries[i].value_on_runner;
    if (!same_cache(row, plain) || !value) continue;
    if (row.faults.empty() && of == Of::latency) found.points.push_back({0, value->median});
    if (const auto at = strength(row, of); at && *at > 0) found.points.push_back({*at, value->median});
  }
  if (found.points.size() < 2) return std::nullopt;
  std::sort(found.points.begin(), found.points.end(),
            [of](const auto& a, const auto& b) { return cost(of, a.at) < cost(of, b.at); });
  found.at = crossing(of, found.points);
  return found;
}

}  // namespace

std::vector<BreakEven> break_evens(const ScenarioRecord& record) {
  const std::vector<BackendSummary> summaries = summarise_backends(record);
  std::vector<BreakEven> found;
  for (const BackendRow& row : record.backends) {
    if (!row.faults.empty() || !is_private(record, row)) continue;
    for (const Of of : {Of::bandwidth, Of::latency}) {
      if (auto one = measure(record, summaries, row, of)) found.push_back(std::move(*one));
    }
  }
  return found;
}

}  // namespace buildlab::record
