#include "gates/confirmation/confirm.h"

#include <fmt/format.h>
#include <algorithm>
#include <vector>

#include "framework/base/time.h"
#include "framework/metrics/confirmation.h"

namespace buildlab::gates {
namespace {

// Durations of the rounds in which every build is a sample.
struct Seen {
  std::vector<double> now;
  std::vector<double> other;
};

// One arm's build of the round, taken into `confirmation`; nullopt, with its error, where there was none.
std::optional<record::ConfirmationBuild> build_arm(const scenario::Scenario& scenario, int round,
                                                   const BuildOnce& build,
                                                   record::Confirmation& confirmation) {
  const auto made = build(scenario, fmt::format("confirmation-{}-{}-", round, scenario.name));
  if (!made || made->error || made->builds.empty()) {
    confirmation.error = fmt::format("{}: {}", scenario.name,
                                     !made         ? made.error().message
                                     : made->error ? *made->error
                                                   : std::string("nothing was built"));
    return std::nullopt;
  }
  const record::Build& last = made->builds.back();
  record::ConfirmationBuild row;
  row.scenario = scenario.name;
  row.round = round;
  row.started = last.started;
  row.duration_sec = last.duration_sec;
  row.artifacts = last.artifacts;
  if (!last.valid) row.invalid_reason = last.invalid_reason.value_or("no reason was recorded");
  if (last.valid && last.noisy_network)
    row.invalid_reason = fmt::format("noisy network: {}", *last.noisy_network);
  confirmation.builds.push_back(row);
  return row;
}

// False where a build could not be made.
bool build_round(const Arms& arms, int round, const BuildOnce& build, record::Confirmation& confirmation,
                 Seen& seen) {
  std::vector<const scenario::Scenario*> order{&arms.scenario};
  if (arms.of != nullptr) order.insert(round % 2 == 1 ? order.end() : order.begin(), arms.of);
  double now = 0;
  double other = 0;
  bool counts = true;
  for (const scenario::Scenario* arm : order) {
    const auto row = build_arm(*arm, round, build, confirmation);
    if (!row) return false;
    counts = counts && !row->invalid_reason;
    (arm == &arms.scenario ? now : other) = row->duration_sec;
  }
  if (!counts) return true;
  seen.now.push_back(now);
  if (arms.of != nullptr) seen.other.push_back(other);
  return true;
}

metrics::Confirmed what_is_seen(const Arms& arms, const Seen& seen) {
  const auto most = static_cast<std::size_t>(arms.at_most);
  return arms.of == nullptr ? metrics::confirm_limit(seen.now, arms.limit, most)
                            : metrics::confirm_ratio(seen.other, seen.now, arms.limit, most);
}

// What ends the rounds before the next one; nullopt where its time is left.
std::optional<std::string> out_of_time(const Arms& arms, int round, double spent_sec) {
  const int built = round - 1;
  const double next_sec = built == 0 ? arms.round_sec : spent_sec / built;
  if (!arms.budget_sec || spent_sec + next_sec <= *arms.budget_sec) return std::nullopt;
  return fmt::format(
      "{} of {} rounds fit into {}, a round takes {}; raise \"confirmation_budget_sec\", or CTest's TIMEOUT",
      built, arms.at_most, to_short_text(*arms.budget_sec), to_short_text(next_sec));
}

}  // namespace

std::optional<double> time_for(const scenario::GateSettings& settings, double spent_sec,
                               std::optional<double> left_sec) {
  // Contexts are copied and builders started beside the builds, and the next round may be a slower one.
  constexpr double k_usable_share = 0.9;
  std::optional<double> budget = settings.confirmation_budget_sec;
  if (budget) budget = std::max(0.0, *budget - spent_sec);
  if (!left_sec) return budget;
  const double usable = std::max(0.0, k_usable_share * *left_sec);
  return budget ? std::min(*budget, usable) : usable;
}

record::Confirmation confirm(const Arms& arms, const BuildOnce& build, const SpentSec& spent) {
  record::Confirmation confirmation;
  confirmation.gate = arms.gate;
  if (arms.of != nullptr) confirmation.of = arms.of->name;
  confirmation.at_most = arms.at_most;
  confirmation.budget_sec = arms.budget_sec;
  Seen seen;
  for (int round = 1; round <= arms.at_most; ++round) {
    if ((confirmation.error = out_of_time(arms, round, spent()))) return confirmation;
    if (!build_round(arms, round, build, confirmation, seen)) return confirmation;
    const metrics::Confirmed confirmed = what_is_seen(arms, seen);
    confirmation.confirmed = confirmed == metrics::Confirmed::yes;
    if (confirmed != metrics::Confirmed::open) return confirmation;
  }
  // Rounds were left out, so that what was asked for was not seen to its end. Too few say nothing.
  const std::size_t least = std::min(metrics::k_least_rounds, static_cast<std::size_t>(arms.at_most));
  if (seen.now.size() < least) {
    confirmation.error =
        fmt::format("only {} of {} further rounds were samples", seen.now.size(), arms.at_most);
  }
  return confirmation;
}

}  // namespace buildlab::gates
