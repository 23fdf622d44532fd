// The wall time of a build, against the one that another scenario of the same subject was recorded with.
#include <fmt/ranges.h>

#include "framework/metrics/statistics.h"
#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

constexpr const char* k_max_duration_ratio = "max_duration_ratio";

// The name as a regular expression that matches only itself, for `ctest -R`.
std::string as_pattern(std::string_view name) {
  std::string pattern = "^";
  for (const char c : name) {
    if (c == '.' || c == '+') pattern += '\\';
    pattern += c;
  }
  return pattern + "$";
}

// In what the baseline was another one, in words that follow "its record is of …".
std::vector<std::string> differences(const record::Circumstances& now, const record::Circumstances& then) {
  std::vector<std::string> words;
  if (now.dockerfile_digest != then.dockerfile_digest) words.emplace_back("an earlier Dockerfile");
  if (now.context_digest != then.context_digest) words.emplace_back("an earlier context");
  if (now.bases != then.bases) words.emplace_back("other base images");
  if (now.buildkit_version != then.buildkit_version) {
    words.push_back(fmt::format("BuildKit {}", then.buildkit_version));
  }
  if (now.snapshotter != then.snapshotter) words.push_back(fmt::format("snapshotter {}", then.snapshotter));
  if (now.proxy_network != then.proxy_network) {
    words.push_back(then.proxy_network ? "the proxy network" : "a direct network");
  }
  if (now.cores != then.cores) words.push_back(fmt::format("{} cores", then.cores));
  if (now.kernel != then.kernel) words.push_back(fmt::format("kernel {}", then.kernel));
  return words;
}

Samples samples_of(const record::ScenarioRecord& record) {
  Samples samples;
  for (const record::Build& build : record.builds) {
    if (build.valid && !build.failure) samples.push_back(&build);
  }
  return samples;
}

}  // namespace

verdict::Verdict max_duration_ratio(const GateInput& input) {
  const scenario::DurationRatio& setting = *input.settings().max_duration_ratio;
  const auto baseline = input.rule.find ? input.rule.find(setting.of) : std::nullopt;
  const Samples all_before = baseline ? samples_of(*baseline) : Samples();
  const Samples before = calm(all_before);
  // A slow denominator would let a slow numerator pass.
  if (before.empty() && !all_before.empty()) {
    return not_evaluated(
        k_max_duration_ratio, fmt::format("noisy network: no build of {} was without trouble", setting.of),
        {fmt::format("{}: run {}: {}", setting.of, baseline->run_id, *all_before.front()->noisy_network)});
  }
  if (before.empty()) {
    return not_evaluated(k_max_duration_ratio,
                         fmt::format("there is no valid record of {} with the same subject", setting.of),
                         {fmt::format("make one: build-lab run --scenario {} (under CTest: ctest -R '{}')",
                                      setting.of, as_pattern(setting.of))});
  }
  const auto begin = parse_rfc3339(baseline->started);
  const std::string how_old = begin ? age(*begin, input.rule.now) : "of unknown age";
  const auto others = differences(input.record().circumstances, baseline->circumstances);
  const std::string origin = others.empty()
                                 ? fmt::format("its record is {}", how_old)
                                 : fmt::format("its record is of {}, {}", fmt::join(others, ", "), how_old);
  if (!others.empty() && input.settings().strict_baseline) {
    return not_evaluated(
        k_max_duration_ratio, fmt::format("{} cannot be compared with: {}", setting.of, origin),
        {fmt::format("make a new one: build-lab run --scenario {} (under CTest: ctest -R '{}')", setting.of,
                     as_pattern(setting.of))});
  }
  const std::vector<double> before_sec = durations(before);
  const std::vector<double> after_sec = durations(input.samples);
  const auto ratio = metrics::ratio(before_sec, after_sec);
  const auto before_median = metrics::median(before_sec);
  const auto after_median = metrics::median(after_sec);
  if (!ratio || !before_median || !after_median || *before_median <= 0) {
    return not_evaluated(k_max_duration_ratio,
                         fmt::format("the record of {} has no duration to compare with", setting.of));
  }
  std::string message =
      fmt::format("×{:.2f} of {} ({} against {}), at most ×{:.2f} asked; {}", ratio->median, setting.of,
                  to_short_text(*after_median), to_short_text(*before_median), setting.limit, origin);
  std::vector<std::string> evidence{
      fmt::format("95 % interval of the ratio: ×{:.2f} … ×{:.2f}", ratio->low, ratio->high),
      fmt::format("{}: run {}", setting.of, baseline->run_id)};
  return rule_on_time(
      input, k_max_duration_ratio, metrics::compare_durations(before_sec, after_sec, setting.limit),
      {*after_median, setting.limit * *before_median}, std::move(message), std::move(evidence));
}

}  // namespace buildlab::gates
