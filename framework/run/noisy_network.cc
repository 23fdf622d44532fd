#include "framework/run/noisy_network.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <optional>

#include "framework/base/text.h"
#include "framework/base/time.h"

namespace buildlab::run {
namespace {

bool is_sample(const record::Build& build) {
  return build.valid && !build.failure;
}

// Seconds that a part of a build spent on fetches, in each sample that is like the build; the shortest first.
template <typename FetchesOf>
std::vector<double> seconds_of(const std::vector<record::Build>& builds, const record::Build& like,
                               const FetchesOf& fetches_of) {
  std::vector<double> seconds;
  for (const record::Build& build : builds) {
    if (!is_sample(build) || build.builder != like.builder) continue;
    const metrics::Fetches* fetches = fetches_of(build);
    if (fetches != nullptr && fetches->seconds) seconds.push_back(*fetches->seconds);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

const metrics::Fetches* fetches_of_step(const record::Build& build, const metrics::Step& step) {
  for (const metrics::Step& other : build.numbers.steps) {
    const bool same = other.stage == step.stage && other.lines == step.lines && other.text == step.text;
    if (same && other.fetches) return &*other.fetches;
  }
  return nullptr;
}

const metrics::Fetches* other_fetches(const record::Build& build) {
  return build.other_fetches ? &*build.other_fetches : nullptr;
}

std::string name_of(const metrics::Step& step) {
  return fmt::format("line {} ({})", step.lines.first, one_line(step.text, 80));
}

constexpr const char* k_no_step = "no step that is known";

struct Part {
  const metrics::Fetches* fetches = nullptr;
  std::string name;
};

std::vector<Part> parts_of(const record::Build& build) {
  std::vector<Part> parts;
  for (const metrics::Step& step : build.numbers.steps) {
    if (step.fetches) parts.push_back({&*step.fetches, name_of(step)});
  }
  if (build.other_fetches) parts.push_back({&*build.other_fetches, k_no_step});
  return parts;
}

std::optional<std::string> failures(const record::Build& build) {
  if (build.other_fetches && build.other_fetches->turned_away > 0) {
    return fmt::format(
        "the run's own server could not serve {} of the connections that fetched through it, for want of "
        "descriptors or memory",
        build.other_fetches->turned_away);
  }
  int requests = 0;
  int failed = 0;
  int retries = 0;
  int most = 0;
  std::string most_name;
  for (const Part& part : parts_of(build)) {
    requests += part.fetches->requests;
    failed += part.fetches->failed;
    retries += part.fetches->retries;
    if (part.fetches->failed <= most) continue;
    most = part.fetches->failed;
    most_name = part.name;
  }
  if (most == 0) return std::nullopt;
  return fmt::format("{} of the {} requests of steps failed and {} asked again, most at {}", failed, requests,
                     retries == 1 ? "1 was" : fmt::format("{} were", retries), most_name);
}

// `usual` are the seconds of the same in all samples.
std::optional<std::string> slow(const metrics::Fetches& fetches, const std::vector<double>& usual,
                                const std::string& name) {
  if (!fetches.seconds || usual.size() < 2) return std::nullopt;
  const double reference = usual[(usual.size() - 1) / 2];
  const double seconds = *fetches.seconds;
  if (seconds <= reference * k_slow_fetches_factor || seconds - reference <= k_slow_fetches_sec)
    return std::nullopt;
  return fmt::format("the {} requests of {} took {}, and {} in the middle of the run's builds",
                     fetches.requests, name, to_short_text(seconds), to_short_text(reference));
}

std::optional<std::string> slow_fetches(const std::vector<record::Build>& builds,
                                        const record::Build& build) {
  for (const metrics::Step& step : build.numbers.steps) {
    if (!step.fetches) continue;
    const auto same = [&step](const record::Build& other) { return fetches_of_step(other, step); };
    if (auto reason = slow(*step.fetches, seconds_of(builds, build, same), name_of(step))) return reason;
  }
  if (!build.other_fetches) return std::nullopt;
  return slow(*build.other_fetches, seconds_of(builds, build, other_fetches), k_no_step);
}

}  // namespace

void mark_noisy(std::vector<record::Build>& builds) {
  for (record::Build& build : builds) {
    build.noisy_network = failures(build);
    if (!build.noisy_network && is_sample(build)) build.noisy_network = slow_fetches(builds, build);
  }
}

std::size_t repeats_wanted(const std::vector<record::Build>& builds, std::size_t repeated) {
  std::map<std::string_view, std::size_t> noisy;  // by builder
  std::size_t most = 0;
  for (const record::Build& build : builds) {
    if (is_sample(build) && build.noisy_network) most = std::max(most, ++noisy[build.builder]);
  }
  const std::size_t wanted = std::min(most, k_most_repeats);
  return wanted > repeated ? wanted - repeated : 0;
}

}  // namespace buildlab::run
