#include "framework/run/noisy_network.h"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

#include "framework/base/text.h"
#include "framework/base/time.h"

namespace buildlab::run {
namespace {

bool is_sample(const record::Build& build) {
  return build.valid && !build.failure;
}

// Seconds of the same step's fetches in each sample, the shortest first.
std::vector<double> seconds_of(const std::vector<record::Build>& builds, const record::Build& like,
                               const metrics::Step& step) {
  std::vector<double> seconds;
  for (const record::Build& build : builds) {
    if (!is_sample(build) || build.builder != like.builder) continue;
    for (const metrics::Step& other : build.numbers.steps) {
      const bool same = other.stage == step.stage && other.lines == step.lines && other.text == step.text;
      if (same && other.fetches && other.fetches->seconds) seconds.push_back(*other.fetches->seconds);
    }
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

std::string name_of(const metrics::Step& step) {
  return fmt::format("line {} ({})", step.lines.first, one_line(step.text, 80));
}

std::optional<std::string> failures(const record::Build& build) {
  int requests = 0;
  int failed = 0;
  int retries = 0;
  const metrics::Step* most = nullptr;
  for (const metrics::Step& step : build.numbers.steps) {
    if (!step.fetches) continue;
    requests += step.fetches->requests;
    failed += step.fetches->failed;
    retries += step.fetches->retries;
    if (step.fetches->failed > 0 && (most == nullptr || step.fetches->failed > most->fetches->failed))
      most = &step;
  }
  if (most == nullptr) return std::nullopt;
  return fmt::format("{} of the {} requests of RUN steps failed and {} asked again, most at {}", failed,
                     requests, retries == 1 ? "1 was" : fmt::format("{} were", retries), name_of(*most));
}

std::optional<std::string> slow_fetches(const std::vector<record::Build>& builds,
                                        const record::Build& build) {
  for (const metrics::Step& step : build.numbers.steps) {
    if (!step.fetches || !step.fetches->seconds) continue;
    const std::vector<double> usual = seconds_of(builds, build, step);
    if (usual.size() < 2) continue;
    const double reference = usual[(usual.size() - 1) / 2];
    const double seconds = *step.fetches->seconds;
    if (seconds <= reference * k_slow_fetches_factor || seconds - reference <= k_slow_fetches_sec) continue;
    return fmt::format("the {} requests of {} took {}, and {} in the middle of the run's builds",
                       step.fetches->requests, name_of(step), to_short_text(seconds),
                       to_short_text(reference));
  }
  return std::nullopt;
}

}  // namespace

void mark_noisy(std::vector<record::Build>& builds) {
  for (record::Build& build : builds) {
    build.noisy_network = failures(build);
    if (!build.noisy_network && is_sample(build)) build.noisy_network = slow_fetches(builds, build);
  }
}

std::size_t repeats_wanted(const std::vector<record::Build>& builds, std::size_t repeated) {
  const auto noisy =
      static_cast<std::size_t>(std::count_if(builds.begin(), builds.end(), [](const record::Build& build) {
        return is_sample(build) && build.noisy_network.has_value();
      }));
  const std::size_t wanted = std::min(noisy, k_most_repeats);
  return wanted > repeated ? wanted - repeated : 0;
}

}  // namespace buildlab::run
