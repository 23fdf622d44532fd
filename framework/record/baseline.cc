#include "framework/record/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "framework/base/redact.h"

namespace buildlab::record {
namespace {

SubjectKey without_credentials(SubjectKey subject) {
  for (auto& [name, value] : subject.build_args) value = redact_url_credentials(value);
  return subject;
}

std::map<std::string, std::string> digests_of(const Circumstances& circumstances) {
  std::map<std::string, std::string> digests;
  for (const Base& base : circumstances.bases) digests[base.reference] = base.digest;
  return digests;
}

std::string or_none(const std::string& text) {
  return text.empty() ? "none" : text;
}

std::string network_words(bool proxy) {
  return proxy ? "through the proxy" : "direct";
}

// Bases that only one side has are a change of the Dockerfile, which is what is to be measured.
void add_moved_bases(const Circumstances& was, const Circumstances& now, std::vector<std::string>& reasons) {
  const auto digests = digests_of(now);
  for (const auto& [reference, digest] : digests_of(was)) {
    const auto found = digests.find(reference);
    if (found != digests.end() && found->second != digest)
      reasons.push_back(fmt::format("base {} {} → {}", reference, or_none(digest), or_none(found->second)));
  }
}

}  // namespace

const BaselineRow* Baseline::find(std::string_view name) const {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const BaselineRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<BaselineRow> baseline_row(const ScenarioRecord& record) {
  if (!record.backends.empty()) return std::nullopt;  // durations of several things
  BaselineRow row{record.name,
                  record.kind,
                  record.cache_mode,
                  record.input_mutation,
                  record.run_id,
                  record.started,
                  {},
                  {},
                  0,
                  0,
                  {}};
  row.subject = without_credentials(record.subject);
  row.circumstances = record.circumstances;
  for (const Build& build : record.builds) {
    if (!build.valid || build.failure) continue;
    row.hits += build.numbers.hits;
    row.ran += build.numbers.ran;
  }
  row.durations_sec = sample_durations(record);
  if (row.durations_sec.empty()) return std::nullopt;
  return row;
}

void put(Baseline& baseline, BaselineRow row) {
  const auto place = std::find_if(baseline.rows.begin(), baseline.rows.end(),
                                  [&](const BaselineRow& other) { return other.name == row.name; });
  if (place == baseline.rows.end()) {
    baseline.rows.push_back(std::move(row));
  } else {
    *place = std::move(row);
  }
}

std::vector<std::string> bars(const BaselineRow& row, const ScenarioRecord& record) {
  std::vector<std::string> reasons;
  const auto add = [&reasons](std::string_view what, const std::string& was, const std::string& now) {
    if (was != now) reasons.push_back(fmt::format("{} {} → {}", what, or_none(was), or_none(now)));
  };
  const Circumstances& was = row.circumstances;
  const Circumstances& now = record.circumstances;
  if (!row.subject.same_declaration(without_credentials(record.subject)))
    reasons.emplace_back("its subject is declared otherwise");
  add("kind", row.kind, record.kind);
  add("cache_mode", row.cache_mode, record.cache_mode);
  add("input_mutation", row.input_mutation, record.input_mutation);
  add("BuildKit", was.buildkit_version, now.buildkit_version);
  add("snapshotter", was.snapshotter, now.snapshotter);
  add("cores", fmt::format("{}", was.cores), fmt::format("{}", now.cores));
  add("network", network_words(was.proxy_network), network_words(now.proxy_network));
  add_moved_bases(was, now, reasons);
  return reasons;
}

ScenarioRecord as_record(const BaselineRow& row) {
  ScenarioRecord record;
  record.run_id = row.run_id;
  record.name = row.name;
  record.kind = row.kind;
  record.cache_mode = row.cache_mode;
  record.input_mutation = row.input_mutation;
  record.subject = row.subject;
  record.started = row.started;
  record.circumstances = row.circumstances;
  for (const double seconds : row.durations_sec) {
    Build build;
    build.iteration = static_cast<int>(record.builds.size()) + 1;
    build.duration_sec = seconds;
    build.valid = true;
    record.builds.push_back(std::move(build));
  }
  if (!record.builds.empty()) {
    record.builds.front().numbers.hits = row.hits;
    record.builds.front().numbers.ran = row.ran;
  }
  return record;
}

}  // namespace buildlab::record
