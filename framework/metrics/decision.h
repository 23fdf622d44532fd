// Whether builds became slower or faster: the one rule that comparisons and gates on time share. Pure.
//
// The percentile bootstrap of a median is too narrow for few values (of five it holds the true median in some
// 90 of 100 samples), so its interval does not decide alone: an exact test of ranks must agree.
// Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the
// Other", 1947, for two sets; the sign test for one set against a limit. Neither asks how times are spread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace buildlab::metrics {

// A change counts only when it is beyond the limit by both floors.
// Relative: criterion's noise threshold, the largest change that its authors call no change, is 1 % in its
// code and 2 % in its book; the larger one, as builds share a machine with more than a micro benchmark does.
inline constexpr double k_relative_floor = 0.02;
// Absolute: a fully cached build takes 0.3 s, of which the client's start and the daemon's bookkeeping vary
// by tens of milliseconds with the machine's load; Build Lab's own allowance around such a build is 40 ms.
inline constexpr double k_absolute_floor_sec = 0.05;
// How often a test of ranks may err, on one side.
inline constexpr double k_error_share = 0.01;
// So few builds that no order of theirs is that rare say something only when each of them is beyond the limit
// by this factor, which is more than several are off by at once, and by more than builds of one set differ.
// One alone may be a spike.
inline constexpr double k_few_factor = 1.1;
inline constexpr double k_single_factor = 2;

// Of builds of two times each time has a pace of the machine of its own, of which they tell nothing, however
// many they are: a fifth is what its quotient stays below in 99 of 100 cases where the paces' spread is 5 %.
inline constexpr double k_pace = 1.2;

// too_few: they may differ, and more builds would tell. other_times: they differ, by no more than the
// machine's pace may have.
enum class Change { too_few, no_difference, slower, faster, other_times };
// "too few builds", "no difference seen", "slower", "faster", "built at other times"
std::string_view to_string(Change change);

// `after` against `limit` times `before`. Both sets must have a value and be finite and above zero, else
// too_few; limit must be above zero.
Change compare_durations(std::span<const double> before, std::span<const double> after, double limit = 1);
// The same where the sets are of two times, between which the machine's pace may have changed by a factor of
// `pace`, 1 or more, either way.
Change compare_apart(std::span<const double> before, std::span<const double> after, double pace);
// The median of `seconds` against a limit in seconds.
Change compare_with_limit(std::span<const double> seconds, double limit_sec);

// Probability that of sets of these sizes drawn from one distribution at most `inversions` of all pairs have
// the value of the second set below that of the first. Exact up to 2500 pairs, else by the normal
// distribution.
double rank_probability(std::size_t first, std::size_t second, std::size_t inversions);
// Probability of at most `successes` in `count` throws of a coin.
double sign_probability(std::size_t count, std::size_t successes);

// Indices of values beyond Tukey's fences (1.5 times the interquartile range outside the quartiles;
// "Exploratory Data Analysis", 1977), ascending. They are marked, never dropped: a median needs no such help.
// Empty with fewer than five values.
std::vector<std::size_t> outliers(std::span<const double> values);

}  // namespace buildlab::metrics
