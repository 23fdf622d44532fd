// When a scenario that builds until its durations are known well enough has built enough. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace buildlab::metrics {

// The interval of a median of fewer durations lies between two or three of them and may be narrow by chance.
inline constexpr std::size_t k_least_for_interval = 5;

struct RunRule {
  std::size_t least = 1;  // built whatever they take
  std::size_t most = 1;
  double until_interval = 0.1;
  std::optional<double> budget_sec = {};
};

enum class Stop { interval, budget, most };
std::string_view to_string(Stop stop);  // "interval", "budget", "most"

// Width of the median's 95 % interval over the median; nullopt for fewer than two durations.
std::optional<double> relative_interval(std::span<const double> seconds);

// Why no further build is made after `built` of them, which took `spent_sec` in all; nullopt where one is.
// `seconds`: durations of those that count. The budget is spent where one more build, as long as those
// before it on average, would exceed it.
std::optional<Stop> why_stop(const RunRule& rule, std::size_t built, std::span<const double> seconds,
                             double spent_sec);

}  // namespace buildlab::metrics
