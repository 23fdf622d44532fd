#include "gates/rules/drift_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "framework/base/text.h"

namespace buildlab::gates {
namespace {

// What a person reads at once; the record has all, and build-lab diff shows every path.
constexpr std::size_t k_causes_told = 24;
constexpr std::size_t k_inputs_told = 6;
constexpr std::size_t k_urls_told = 2;  // of each build

std::string count_words(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// "TIME B1 (proven)": the row is where docs/drift-causes.md says more.
std::string class_words(const record::DriftCause& cause) {
  if (cause.kind.empty()) return "unknown cause";
  return fmt::format("{}{}{} ({})", cause.kind, cause.row.empty() ? "" : " ", cause.row,
                     cause.proven ? "proven" : "supposed");
}

std::string writer_words(const record::ScenarioRecord& record, const record::DriftCause& cause) {
  if (!cause.lines) return cause.layer == 0 ? "" : fmt::format(", layer {}", cause.layer);
  for (const record::Build& build : record.builds) {
    for (const metrics::Step& step : build.numbers.steps) {
      if (step.lines != *cause.lines) continue;
      return fmt::format(", written by {}:{} {}", record.dockerfile_path, cause.lines->first,
                         one_line(step.text, 60));
    }
  }
  return fmt::format(", written by {}:{}", record.dockerfile_path, cause.lines->first);
}

// Root causes that lie outside of the images.
void add_inputs(const record::Drift& drift, std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < drift.moved_inputs.size() && i < k_inputs_told; ++i) {
    const record::MovedInput& input = drift.moved_inputs[i];
    lines.push_back("input " + one_line(input.headline, 240));
    std::size_t told = 0;
    for (const auto& [build, fetched] :
         {std::pair(drift.build_a, &input.a), std::pair(drift.build_b, &input.b)}) {
      for (std::size_t at = 0; at < fetched->size() && at < k_urls_told; ++at, ++told) {
        const record::FetchedInput& one = (*fetched)[at];
        lines.push_back(fmt::format("  build {}: {} {}", build, one_line(one.url, 200),
                                    one.digest.empty() ? "(no digest)" : one.digest));
      }
    }
    const std::size_t urls = input.a.size() + input.b.size() + input.urls_left_out;
    if (told < urls) lines.push_back(fmt::format("  {} more URLs", urls - told));
    lines.push_back("  fix: " + one_line(input.fix, 240));
  }
  const std::size_t untold = drift.moved_inputs_left_out + drift.moved_inputs.size() -
                             std::min(drift.moved_inputs.size(), k_inputs_told);
  if (untold > 0)
    lines.push_back(fmt::format("{}; the record has them", count_words(untold, "more input", "more inputs")));
}

}  // namespace

std::string passed_over_words(const record::PassedOver& passed_over) {
  return fmt::format("passed over: {} by \"{}\": {}",
                     count_words(passed_over.differences, "difference", "differences"),
                     one_line(passed_over.policy, 120), one_line(passed_over.reason, 200));
}

std::vector<std::string> drift_words(const record::ScenarioRecord& record, const record::Drift& drift) {
  return drift_words(record, drift, fmt::format("builds {} and {}", drift.build_a, drift.build_b));
}

std::vector<std::string> drift_words(const record::ScenarioRecord& record, const record::Drift& drift,
                                     std::string_view images) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{}: {}, {} of them explained, {} proven", images,
                              count_words(drift.places, "place differs", "places differ"), drift.with_cause,
                              drift.proven));
  for (const record::PassedOver& passed : drift.passed_over) lines.push_back(passed_over_words(passed));
  add_inputs(drift, lines);
  for (std::size_t i = 0; i < drift.causes.size() && i < k_causes_told; ++i) {
    const record::DriftCause& cause = drift.causes[i];
    std::string line = fmt::format("{}: {}", class_words(cause), one_line(cause.place, 160));
    if (cause.more > 0) line += fmt::format(" and {} more", cause.more);
    line += fmt::format(" [{}]{}", fmt::join(cause.attributes, ", "), writer_words(record, cause));
    lines.push_back(std::move(line));
    if (!cause.name.empty()) lines.push_back("  " + one_line(cause.name, 200));
    if (!cause.root.empty()) lines.push_back("  follows from " + one_line(cause.root, 160));
    if (!cause.input.empty()) lines.push_back("  root: input " + one_line(cause.input, 160));
    if (!cause.evidence.empty()) lines.push_back("  " + one_line(cause.evidence.front(), 240));
    if (!cause.fix.empty()) lines.push_back("  fix: " + one_line(cause.fix, 240));
  }
  const std::size_t untold =
      drift.causes_left_out + drift.causes.size() - std::min(drift.causes.size(), k_causes_told);
  if (untold > 0) {
    lines.push_back(fmt::format("{}; build-lab diff on the kept images shows all",
                                count_words(untold, "more cause", "more causes")));
  }
  for (const record::DriftingStep& step : drift.steps) {
    lines.push_back(fmt::format("{}:{} {}: {} ({})", record.dockerfile_path, step.lines.first,
                                one_line(step.text, 60),
                                step.origin == record::Origin::root        ? "drifts by itself"
                                : step.origin == record::Origin::inherited ? "only inherits"
                                                                           : "not known whether it drifts",
                                step.why));
  }
  return lines;
}

int line_of(const record::Drift& drift) {
  for (const record::DriftingStep& step : drift.steps) {
    if (step.origin == record::Origin::root) return step.lines.first;
  }
  for (const record::MovedInput& input : drift.moved_inputs) {
    if (!input.lines.empty()) return input.lines.front().first;
  }
  for (const record::DriftCause& cause : drift.causes) {
    if (cause.lines) return cause.lines->first;
  }
  return 0;
}

}  // namespace buildlab::gates
