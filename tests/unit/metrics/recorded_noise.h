// Durations of real builds, from files of tests/data/durations: what was built, where and when in lines that
// begin with '#', then one duration a line, in the order of the builds.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/metrics/statistics.h"
#include "tests/unit/metrics/decision_simulation.h"

namespace buildlab::metrics::simulation {

struct RecordedNoise {
  std::string name;
  Noise noise;
  double median_sec = 0;
  double spread = 0;   // interquartile range over the median
  double highest = 0;  // over the median
  double lowest = 0;
};

// Ends the program where the file is not as it should be: there is nothing to simulate then.
inline RecordedNoise recorded_noise(const std::string& name) {
  const std::string path = std::string(BUILDLAB_TEST_DATA) + "/durations/" + name + ".txt";
  const auto give_up = [&](const std::string& problem) {
    fmt::print(stderr, "{}: {}\n", path, problem);
    std::exit(1);
  };
  const auto text = read_file(path);
  if (!text) give_up(text.error().message);
  RecordedNoise result{name, {}};
  std::vector<double>& seconds = result.noise.recorded;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    double value = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), value);
    if (parsed.ptr != line.data() + line.size() || !(value > 0)) give_up("a line is no duration");
    seconds.push_back(value);
  }
  constexpr std::size_t k_least = 20;
  if (seconds.size() < k_least) give_up("too few durations");
  result.median_sec = *median(seconds);
  for (double& value : seconds) value /= result.median_sec;
  result.spread = *quantile(seconds, 0.75) - *quantile(seconds, 0.25);
  const auto [low, high] = std::minmax_element(seconds.begin(), seconds.end());
  result.lowest = *low;
  result.highest = *high;
  return result;
}

}  // namespace buildlab::metrics::simulation
