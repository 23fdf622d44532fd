#include "framework/record/record.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <cmath>
#include <map>
#include <numeric>

namespace buildlab::record {
namespace {

// Every number of a build that its JSON carries; JSON knows neither NaN nor infinity.
bool is_finite(const Build& build) {
  const metrics::Numbers& numbers = build.numbers;
  double sum = build.duration_sec + numbers.parts.sum() + numbers.steps_seconds_sum +
               numbers.critical_path_sec + numbers.cache_hit_ratio.value_or(0) +
               build.time_weighted_hit_ratio.value_or(0);
  const Overhead& overhead = build.overhead;
  sum += overhead.context_sec + overhead.client_sec + overhead.provenance_sec + overhead.analysis_sec;
  for (const metrics::Step& step : numbers.steps) {
    sum += step.seconds.value_or(0) + step.hydration_seconds.value_or(0) + step.started_sec.value_or(0);
  }
  for (const metrics::CriticalStep& step : numbers.critical_path) sum += step.seconds;
  return std::isfinite(sum);
}

void check_image(const ImageRow& image, const std::string& name, std::vector<std::string>& broken) {
  std::uint64_t layers = 0;
  for (const LayerRow& layer : image.layers) layers += layer.size_bytes;
  if (layers > image.size_bytes) {
    broken.push_back(fmt::format("{}: its layers have {} bytes, more than the image's {}", name, layers,
                                 image.size_bytes));
  }
}

void check_build(const Build& build, const std::string& name, std::vector<std::string>& broken) {
  if (!is_finite(build)) {
    broken.push_back(fmt::format("{}: one of its numbers is not finite", name));
    return;
  }
  for (const std::string& law : metrics::broken_laws(build.numbers, build.duration_sec)) {
    broken.push_back(fmt::format("{}: {}", name, law));
  }
  if (build.duration_sec < 0) broken.push_back(fmt::format("{}: its duration is negative", name));
  if (build.time_weighted_hit_ratio &&
      (*build.time_weighted_hit_ratio < 0 || *build.time_weighted_hit_ratio > 1)) {
    broken.push_back(fmt::format("{}: time_weighted_hit_ratio {} lies outside [0, 1]", name,
                                 *build.time_weighted_hit_ratio));
  }
  if (build.valid && build.invalid_reason) {
    broken.push_back(
        fmt::format("{}: it is valid and has a reason not to be: {}", name, *build.invalid_reason));
  }
  if (!build.valid && !build.invalid_reason) {
    broken.push_back(fmt::format("{}: it is not valid and no reason is given", name));
  }
  if (build.valid && build.failure) {
    broken.push_back(fmt::format("{}: it failed and counts as valid", name));
  }
  if (build.image) check_image(*build.image, name, broken);
  if (build.transfer) {
    for (const std::string& law : broken_laws(*build.transfer))
      broken.push_back(fmt::format("{}: {}", name, law));
  }
}

// Of a matrix each backend's builds are counted on their own.
void check_builds(const std::vector<Build>& builds, std::string_view role, bool of_backends,
                  std::vector<std::string>& broken) {
  std::map<std::string_view, int> expected;
  for (const Build& build : builds) {
    const std::string name = fmt::format("{} {}", role, build.iteration);
    const int wanted = ++expected[of_backends ? std::string_view(build.builder) : std::string_view()];
    if (build.iteration != wanted) {
      broken.push_back(fmt::format("{}: stands where {} {} should", name, role, wanted));
    }
    check_build(build, name, broken);
  }
}

void check_run_length(const ScenarioRecord& record, std::vector<std::string>& broken) {
  if (record.run_length) {
    const RunLength& length = *record.run_length;
    if (!std::isfinite(length.until_interval + length.budget_sec.value_or(0) + length.interval.value_or(0) +
                       length.spent_sec))
      broken.emplace_back("run_length: one of its numbers is not finite");
    if (length.most < length.least)
      broken.push_back(
          fmt::format("run_length: at least {} and at most {} builds", length.least, length.most));
  }
  for (const Confirmation& confirmation : record.confirmations) {
    if (confirmation.confirmed && confirmation.error)
      broken.push_back(
          fmt::format("confirmation of {}: confirmed, and did not come to its end", confirmation.gate));
    for (const ConfirmationBuild& build : confirmation.builds) {
      if (!std::isfinite(build.duration_sec) || build.duration_sec < 0)
        broken.push_back(
            fmt::format("confirmation of {}: a build's duration is no duration", confirmation.gate));
    }
  }
}

}  // namespace

bool SubjectKey::same_declaration(const SubjectKey& other) const {
  return context == other.context && dockerfile == other.dockerfile && target == other.target &&
         build_args == other.build_args && platform == other.platform;
}

std::string varied_words(const VariedBuild& build) {
  constexpr std::size_t k_named = 3;
  const std::size_t named = build.varied.size() <= k_named + 1 ? build.varied.size() : k_named;
  const auto end = build.varied.begin() + static_cast<std::ptrdiff_t>(named);
  std::string words = fmt::format("{}", fmt::join(build.varied.begin(), end, ", "));
  if (named < build.varied.size()) words += fmt::format(" and {} more", build.varied.size() - named);
  return words;
}

bool is_complete(verdict::Outcome outcome) {
  return outcome != verdict::Outcome::interrupted && outcome != verdict::Outcome::infrastructure;
}

std::vector<double> sample_durations(const ScenarioRecord& record) {
  std::vector<double> all;
  std::vector<double> calm;
  for (const Build& build : record.builds) {
    if (!build.valid || build.failure) continue;
    all.push_back(build.duration_sec);
    if (!build.noisy_network) calm.push_back(build.duration_sec);
  }
  return calm.empty() ? all : calm;
}

std::optional<std::string> only_noisy(const ScenarioRecord& record) {
  std::optional<std::string> met;
  for (const Build& build : record.builds) {
    if (!build.valid || build.failure) continue;
    if (!build.noisy_network) return std::nullopt;
    if (!met) met = build.noisy_network;
  }
  return met;
}

bool is_complete(const ScenarioRecord& record) {
  return is_complete(record.outcome);
}

std::vector<std::string> broken_laws(const ScenarioRecord& record) {
  std::vector<std::string> broken;
  const bool of_backends = !record.backends.empty();
  check_builds(record.priming, "priming build", of_backends, broken);
  check_builds(record.builds, "build", of_backends, broken);
  check_builds(record.references, "undisturbed build", false, broken);
  for (const VariedBuild& build : record.varied_builds) {
    if (!std::isfinite(build.duration_sec) || build.duration_sec < 0)
      broken.emplace_back("a varied build: its duration is no duration");
    if (build.digest.empty() != build.failure.has_value())
      broken.emplace_back("a varied build: it has a digest and a failure, or neither");
  }
  check_run_length(record, broken);
  if (!std::isfinite(record.circumstances.load_1min))
    broken.emplace_back("circumstances: load_1min is not finite");
  return broken;
}

}  // namespace buildlab::record
