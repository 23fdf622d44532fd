// Which builds had trouble with the network that their steps fetched from. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "framework/record/record.h"

namespace buildlab::run {

// A step's fetches took longer than usual when they took longer than those of the same step in the run's
// other builds by both: the factor of the lower median, and so many seconds.
inline constexpr double k_slow_fetches_factor = 1.5;
inline constexpr double k_slow_fetches_sec = 0.5;
// So many builds are made in place of those that met trouble, and no more.
inline constexpr std::size_t k_most_repeats = 3;

// Sets noisy_network of each: requests failed or were asked again, or a step's fetches took longer than
// usual. Called again when builds were added, it decides anew.
void mark_noisy(std::vector<record::Build>& builds);

// Builds to make in place of noisy ones: as many as are noisy, at most k_most_repeats, less those that were
// made already. Of kind matrix rounds: as many as the backend with the most has noisy ones.
std::size_t repeats_wanted(const std::vector<record::Build>& builds, std::size_t repeated);

}  // namespace buildlab::run
