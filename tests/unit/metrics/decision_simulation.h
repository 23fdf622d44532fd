// Durations of builds whose truth is known, and how often the decision about them is right.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "framework/metrics/confirmation.h"
#include "framework/metrics/decision.h"
#include "framework/metrics/run_length.h"

namespace buildlab::metrics::simulation {

// What a shared machine adds to builds, after docs/measured.md: ten pairs of ten-second builds gave an
// interval of the quotient of 0.972 … 1.002, and of golden paths without network 1.001 … 1.020, which a
// spread of 1.4 % and of 0.9 % of single builds does. More than both is taken, and two things that those
// pairs show none of: a build in fifty takes up to twice its time, and the machine's pace walks by 0.3 % a
// build.
struct Noise {
  double spread = 0.02;  // standard deviation of the logarithm
  double spike_share = 0.02;
  double spike_most = 2;
  double walk = 0.003;  // standard deviation of each step of the logarithm
  // In place of all that: durations of real builds over their median, in the order in which they were built.
  std::vector<double> recorded = {};
};

class Machine {
 public:
  Machine(std::uint64_t seed, Noise noise) : m_random(seed), m_noise(std::move(noise)) {}

  std::vector<double> builds(std::size_t count, double median_sec) {
    std::vector<double> seconds(count);
    for (double& value : seconds) value = build(median_sec);
    return seconds;
  }
  // Another time: at the pace that the machine had at first, or somewhere else in what was recorded.
  void rest() {
    m_pace = 0;
    if (!m_noise.recorded.empty()) m_next = any_recorded();
  }
  // Another time, whose pace is another one by that spread.
  void rest(double spread) {
    rest();
    m_pace = normal() * spread;
  }

  double build(double median_sec) {
    if (!m_noise.recorded.empty()) return median_sec * std::exp(m_pace) * take_recorded();
    m_pace += normal() * m_noise.walk;
    const double spike = uniform() < m_noise.spike_share ? 1 + uniform() * (m_noise.spike_most - 1) : 1;
    return median_sec * spike * std::exp(m_pace + normal() * m_noise.spread);
  }

 private:
  std::size_t any_recorded() {
    return std::min(m_noise.recorded.size() - 1,
                    static_cast<std::size_t>(uniform() * static_cast<double>(m_noise.recorded.size())));
  }
  // Builds that followed each other follow each other here, so that a machine that is slow for a while is so
  // here too. (Politis and Romano, "The Stationary Bootstrap", 1994.)
  double take_recorded() {
    constexpr double k_usual_length = 20;
    if (uniform() < 1 / k_usual_length) m_next = any_recorded();
    const double value = m_noise.recorded[m_next];
    m_next = (m_next + 1) % m_noise.recorded.size();
    return value;
  }
  double uniform() { return static_cast<double>(m_random() >> 11U) * 0x1.0p-53; }
  // Box and Muller: the same in every standard library.
  double normal() {
    constexpr double k_two_pi = 6.283185307179586;
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(k_two_pi * uniform());
  }

  std::mt19937_64 m_random;
  Noise m_noise;
  double m_pace = 0;
  std::size_t m_next = 0;
};

constexpr double k_seconds = 12;
constexpr std::size_t k_rounds = 10;  // k_confirmation_runs of the scenarios

struct Trial {
  std::size_t runs = 10;  // of each arm
  double change = 1;      // the true quotient of the two
  Noise noise = {};
  int times = 1000;
  std::size_t most = k_rounds;  // of a confirmation
  std::uint64_t seed = 1;
  // The second arm is built at another time, whose pace is another one by this spread (of the logarithm).
  std::optional<double> shift = std::nullopt;
  // Each arm builds until its interval is narrow enough; `runs` is the least.
  std::optional<RunRule> adaptive = std::nullopt;
};

inline std::vector<double> arm(Machine& machine, const Trial& trial, double median_sec) {
  if (!trial.adaptive) return machine.builds(trial.runs, median_sec);
  std::vector<double> seconds;
  while (!why_stop(*trial.adaptive, seconds.size(), seconds, 0)) seconds.push_back(machine.build(median_sec));
  return seconds;
}

// Share of the trials for which `is` holds; the second arm follows the first at once, as scenarios do, or
// comes at another time.
inline double share_of(
    const Trial& trial,
    const std::function<bool(const std::vector<double>& before, const std::vector<double>& after)>& is) {
  Machine machine(trial.seed, trial.noise);
  int found = 0;
  for (int i = 0; i < trial.times; ++i) {
    machine.rest(trial.shift.value_or(0));
    const std::vector<double> before = arm(machine, trial, k_seconds);
    if (trial.shift) machine.rest(*trial.shift);
    const std::vector<double> after = arm(machine, trial, k_seconds * trial.change);
    found += is(before, after) ? 1 : 0;
  }
  return static_cast<double>(found) / trial.times;
}

inline bool is_slower(const std::vector<double>& before, const std::vector<double>& after) {
  return compare_durations(before, after) == Change::slower;
}
inline bool is_over_its_limit(const std::vector<double>& /*before*/, const std::vector<double>& after) {
  constexpr double k_limit_sec = 12;
  return compare_with_limit(after, k_limit_sec) == Change::slower;
}

// What a gate comes to with its confirmation, which follows at once.
enum class Gate { ratio, limit };

struct Red {
  double share = 0;   // of the trials that end red
  double first = 0;   // that would be without a confirmation
  double rounds = 0;  // of confirmation on average, where there is one
  double builds = 0;  // of the second arm on average, before a confirmation
};

inline Red ends(const Trial& trial, Gate gate) {
  Machine machine(trial.seed, trial.noise);
  int red = 0;
  int first = 0;
  std::size_t rounds = 0;
  std::size_t builds = 0;
  for (int i = 0; i < trial.times; ++i) {
    machine.rest();
    std::vector<double> before = arm(machine, trial, k_seconds);
    std::vector<double> after = arm(machine, trial, k_seconds * trial.change);
    builds += after.size();
    const bool slower = gate == Gate::ratio ? is_slower(before, after) : is_over_its_limit(before, after);
    if (!slower) continue;
    ++first;
    before.clear();
    after.clear();
    Confirmed confirmed = Confirmed::open;
    while (confirmed == Confirmed::open) {
      const bool after_first = after.size() % 2 == 0;
      if (gate == Gate::limit || after_first) after.push_back(machine.build(k_seconds * trial.change));
      if (gate == Gate::ratio) before.push_back(machine.build(k_seconds));
      if (gate == Gate::ratio && !after_first) after.push_back(machine.build(k_seconds * trial.change));
      ++rounds;
      confirmed = gate == Gate::ratio ? confirm_ratio(before, after, 1, trial.most)
                                      : confirm_limit(after, k_seconds, trial.most);
    }
    red += confirmed == Confirmed::yes ? 1 : 0;
  }
  const double times = trial.times;
  return {red / times, first / times, first == 0 ? 0 : static_cast<double>(rounds) / first,
          static_cast<double>(builds) / times};
}

inline double share_red(const Trial& trial, Gate gate) {
  return ends(trial, gate).share;
}

}  // namespace buildlab::metrics::simulation
