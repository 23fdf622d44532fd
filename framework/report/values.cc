#include "framework/report/values.h"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/redact.h"
#include "framework/base/text.h"
#include "framework/base/time.h"

namespace buildlab::report {
namespace {

void redact(std::string& text) {
  text = redact_url_credentials(text);
}

void redact(std::optional<std::string>& text) {
  if (text) redact(*text);
}

void redact(std::vector<std::string>& lines) {
  for (std::string& line : lines) redact(line);
}

void redact(record::Drift& drift) {
  for (record::DriftCause& cause : drift.causes) {
    redact(cause.place);
    redact(cause.evidence);
    redact(cause.root);
  }
  for (record::DriftingStep& step : drift.steps) {
    redact(step.text);
    redact(step.why);
  }
  for (record::MovedInput& input : drift.moved_inputs) {
    redact(input.what);
    redact(input.headline);
    for (record::FetchedInput& fetched : input.a) redact(fetched.url);
    for (record::FetchedInput& fetched : input.b) redact(fetched.url);
  }
}

void redact(record::Build& build) {
  metrics::Numbers& numbers = build.numbers;
  for (metrics::Step& step : numbers.steps) {
    redact(step.text);
    redact(step.error);
    if (step.miss) redact(step.miss->detail);
    redact(step.log_tail);
  }
  for (metrics::CriticalStep& step : numbers.critical_path) redact(step.name);
  for (metrics::CacheImport& import : numbers.cache_imports) {
    redact(import.name);
    redact(import.error);
  }
  redact(numbers.cache_export_error);
  redact(numbers.warnings);
  redact(numbers.error);
  redact(build.mutation);
  redact(build.invalid_reason);
  redact(build.noisy_network);
  redact(build.failure);
  redact(build.failure_details);
}

}  // namespace

record::ScenarioRecord redacted(record::ScenarioRecord record) {
  redact(record.input_mutation);
  for (auto& [name, value] : record.subject.build_args) redact(value);
  for (record::Base& base : record.circumstances.bases) redact(base.reference);
  for (record::Build& build : record.priming) redact(build);
  for (record::Build& build : record.builds) redact(build);
  for (record::Build& build : record.references) redact(build);
  for (record::Drift& drift : record.drift) redact(drift);
  for (record::VariationRow& row : record.variations) {
    redact(row.reason);
    if (row.drift) redact(*row.drift);
  }
  for (record::VariedBuild& build : record.varied_builds) redact(build.failure);
  redact(record.priming_notes);
  for (verdict::Verdict& gate : record.gates) {
    redact(gate.message);
    redact(gate.evidence);
  }
  redact(record.error);
  redact(record.error_details);
  redact(record.notes);
  return record;
}

ReportInput redacted(const ReportInput& input) {
  ReportInput result = input;
  for (record::ScenarioRecord& record : result.records) record = redacted(std::move(record));
  for (advisor::Advice& advice : result.advice) redact(advice.text);
  return result;
}

std::vector<double> valid_durations(const record::ScenarioRecord& record) {
  return record::sample_durations(record);
}

const record::Build* last_build(const record::ScenarioRecord& record) {
  const auto valid = std::find_if(record.builds.rbegin(), record.builds.rend(),
                                  [](const record::Build& build) { return build.valid; });
  if (valid != record.builds.rend()) return &*valid;
  return record.builds.empty() ? nullptr : &record.builds.back();
}

std::string ratio_text(double ratio) {
  std::string text = fmt::format("{:.2f}", ratio);
  if (ratio < 1 && text == "1.00") return "0.99";
  if (ratio > 0 && text == "0.00") return "0.01";
  return text;
}

std::string short_digest(std::string_view digest) {
  constexpr std::size_t prefix = 7;  // "sha256:"
  return std::string(digest.starts_with("sha256:") ? digest.substr(0, prefix + 8) : digest);
}

std::string location(const record::ScenarioRecord& record, const metrics::Step& step) {
  return fmt::format("{}:{}", record.dockerfile_path, step.lines.first);
}

std::string step_name(const record::ScenarioRecord& record, const metrics::Step& step) {
  return fmt::format("{} {}", location(record, step), step.text);
}

std::string short_instruction(std::string_view text) {
  const std::vector<std::string_view> words = split(text, ' ');
  if (words.front() != "RUN") return std::string(words.front());
  const auto command = std::find_if(words.begin() + 1, words.end(), [](std::string_view word) {
    return !word.empty() && !word.starts_with("--");
  });
  if (command == words.end()) return "RUN";
  return fmt::format("RUN {}", one_line(*command, 24));
}

std::string hits_text(const std::vector<record::Build>& builds) {
  std::optional<int> low;
  int high = 0;
  int total = 0;
  for (const record::Build& build : builds) {
    const int counted = build.numbers.hits + build.numbers.ran;
    if (counted == 0) continue;
    low = std::min(low.value_or(build.numbers.hits), build.numbers.hits);
    high = std::max(high, build.numbers.hits);
    total = std::max(total, counted);
  }
  if (!low) return "";
  if (*low == high) return fmt::format("{}/{} cached", high, total);
  return fmt::format("{}…{}/{} cached", *low, high, total);
}

std::vector<std::string> digests_of(const std::vector<record::Build>& builds) {
  std::vector<std::string> digests;
  for (const record::Build& build : builds) {
    if (build.image && std::find(digests.begin(), digests.end(), build.image->digest) == digests.end()) {
      digests.push_back(build.image->digest);
    }
  }
  return digests;
}

std::string build_label(const record::Build& build) {
  if (build.builder.empty()) return fmt::format("build {}", build.iteration);
  return fmt::format("build {} ({})", build.iteration, build.builder);
}

std::string seconds_or_null(const std::optional<double>& seconds) {
  return seconds ? to_short_text(*seconds) : "null";
}

}  // namespace buildlab::report
