#include "framework/record/baseline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

std::string on_or_off(bool on) {
  return on ? "on" : "off";
}

using Words = std::map<std::string, std::string>;

Words whole_declaration(const ScenarioRecord& record) {
  Words words = record.declaration.value_or(Words());
  for (const auto& [name, value] : record.cache_attributes) words["cache_attributes." + name] = value;
  if (!record.faults.empty()) words["faults"] = fmt::format("{}", fmt::join(record.faults, "; "));
  return words;
}

void add_declaration(const BaselineRow& row, const ScenarioRecord& record,
                     std::vector<std::string>& reasons) {
  if (!row.declaration) {
    reasons.emplace_back(
        "its row is of a file of version 1, which does not tell how cache, faults and network were declared: "
        "build-lab baseline makes it anew");
    return;
  }
  const Words now = whole_declaration(record);
  Words keys = now;
  keys.insert(row.declaration->begin(), row.declaration->end());
  const auto value = [](const Words& words, const std::string& key) {
    const auto found = words.find(key);
    return found == words.end() ? std::string("none") : or_none(found->second);
  };
  for (const auto& [key, unused] : keys) {
    const std::string was = value(*row.declaration, key);
    const std::string is = value(now, key);
    if (was != is) reasons.push_back(fmt::format("{} {} → {}", key, was, is));
  }
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

std::optional<std::string> why_refused(const ScenarioRecord& record) {
  if (!record.backends.empty() || sample_durations(record).empty()) return std::nullopt;
  if (const auto met = only_noisy(record))
    return fmt::format("noisy network: no build of run {} was without trouble: {}", record.run_id,
                       redact_url_credentials(*met));
  if (record.declaration) return std::nullopt;
  return fmt::format(
      "run {} was recorded by an earlier Build Lab, which did not keep how cache and network were declared: "
      "run it again",
      record.run_id);
}

std::optional<BaselineRow> baseline_row(const ScenarioRecord& record) {
  if (!record.backends.empty()) return std::nullopt;  // durations of several things
  if (why_refused(record)) return std::nullopt;
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
  row.declaration = whole_declaration(record);
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
  add("rewrite_timestamp", on_or_off(was.rewrite_timestamp), on_or_off(now.rewrite_timestamp));
  add_declaration(row, record, reasons);
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
