// The table of rules, and what all findings come to.
#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "framework/advisor/advice.h"
#include "framework/advisor/finding.h"
#include "framework/base/text.h"

namespace buildlab::advisor {
namespace {

struct Rule {
  std::string_view name;
  std::vector<Finding> (*find)(const Facts&);
};

constexpr std::array k_rules{
    Rule{"broad-copy-before-install", broad_copy_before_install},
    Rule{"cache-costs-more", cache_costs_more},
    Rule{"cache-costs-more", backend_costs_more},
    Rule{"export-dominates", export_dominates},
    Rule{"helps-one-runner", helps_one_runner},
    Rule{"layer-timestamps", layer_timestamps},
    Rule{"mutable-base", mutable_base},
    Rule{"no-external-cache", no_external_cache},
};

std::optional<dockerfile::Dockerfile> parse(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto file = dockerfile::parse_dockerfile(text, "Dockerfile");
  if (!file) return std::nullopt;
  return std::move(*file);
}

}  // namespace

const dockerfile::Dockerfile* Facts::file_of(const record::ScenarioRecord& record) const {
  return file && record.dockerfile_text == dockerfile_text ? &*file : nullptr;
}

std::vector<const record::Build*> samples_of(const record::ScenarioRecord& record) {
  std::vector<const record::Build*> samples;
  for (const record::Build& build : record.builds) {
    if (build.valid && !build.failure) samples.push_back(&build);
  }
  return samples;
}

Place place_of(const metrics::Step& step) {
  return {step.lines.first, one_line(step.text, 60)};
}

std::vector<Place> last_stage(const record::Build& build) {
  std::vector<Place> places;
  const auto& steps = build.numbers.steps;
  if (steps.empty()) return places;
  for (const metrics::Step& step : steps) {
    if (step.stage == steps.back().stage) places.push_back(place_of(step));
  }
  return places;
}

std::vector<Advice> advise(const std::vector<record::ScenarioRecord>& records) {
  if (records.empty()) return {};
  const std::string& text =
      std::max_element(records.begin(), records.end(), [](const auto& a, const auto& b) {
        return a.started < b.started;
      })->dockerfile_text;
  const std::optional<dockerfile::Dockerfile> file = parse(text);
  const Facts facts{records, text, file};
  std::vector<Advice> advice;
  for (const Rule& rule : k_rules) {
    for (const Finding& finding : rule.find(facts)) {
      Advice entry{std::string(rule.name), to_sentence(finding), finding.seconds, finding.record->run_id,
                   finding.record->name,   std::nullopt,         finding.line,    finding.about};
      if (!finding.record->dockerfile_path.empty()) entry.file = finding.record->dockerfile_path;
      advice.push_back(std::move(entry));
    }
  }
  std::stable_sort(advice.begin(), advice.end(), [](const Advice& a, const Advice& b) {
    if (a.seconds != b.seconds) return a.seconds > b.seconds;
    return std::tie(a.rule, a.line, a.scenario) < std::tie(b.rule, b.line, b.scenario);
  });
  // Two scenarios may show the same thing; the one with the most at stake says it.
  std::set<std::tuple<std::string, std::optional<int>, std::string>> said;
  std::erase_if(
      advice, [&](const Advice& entry) { return !said.emplace(entry.rule, entry.line, entry.about).second; });
  return advice;
}

}  // namespace buildlab::advisor
