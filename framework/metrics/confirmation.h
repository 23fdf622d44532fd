// Whether further builds confirm that builds are slower, and whether still more of them could. Pure.
//
// The builds are asked again after every round, so that a large slow-down costs few of them. Looking so often
// errs more often than one look does, so that two rounds, one right after the other, have to say so; and it
// follows a decision that errs seldom by itself (decision.h). tests/unit/metrics/decision_table.cc holds the
// two together to one in a hundred, also with the durations of real builds on a machine that does other work
// too.
#pragma once

#include <span>
#include <string_view>

namespace buildlab::metrics {

// So many rounds are built in any case before a slow-down of which nothing is seen counts as not confirmed.
inline constexpr std::size_t k_least_rounds = 3;

enum class Confirmed { open, yes, no };
std::string_view to_string(Confirmed confirmed);  // "open", "yes", "no"

// `after` against `limit` times `before`: the i-th of both were built one right after the other, first the
// one and then the other by turns. As pairs (sign test of their quotients) or as two sets (decision.h),
// whichever tells, with the last round and without it. "no" without a round left, or where the quotients'
// median shows nothing of it.
Confirmed confirm_ratio(std::span<const double> before, std::span<const double> after, double limit,
                        std::size_t most);
// The same for durations against a limit in seconds.
Confirmed confirm_limit(std::span<const double> seconds, double limit_sec, std::size_t most);

}  // namespace buildlab::metrics
