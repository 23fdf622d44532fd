#include "framework/misses/step_pairs.h"

#include <algorithm>
#include <string_view>

namespace buildlab::misses {
namespace {

using invalidation::StepGraph;
using invalidation::StepNode;

// In whatever case the keyword is written.
bool same_text(const StepNode& one, const StepNode& other) {
  const std::string_view text = one.text;
  const std::string_view second = other.text;
  const std::size_t end = std::min(text.find(' '), text.size());
  return one.keyword == other.keyword && end == std::min(second.find(' '), second.size()) &&
         text.substr(end) == second.substr(end);
}

void pair_equal(const StepGraph& before, const StepGraph& now, bool in_stage, std::vector<char>& used,
                std::vector<StepPair>& pairs) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    for (std::size_t j = 0; !pairs[i].same && j < before.size(); ++j) {
      if (used[j] != 0 || !same_text(before[j], now[i])) continue;
      if (in_stage && before[j].stage != now[i].stage) continue;
      pairs[i].same = j;
      used[j] = 1;
    }
  }
}

// The step behind the one that the step before it is; the first of the stage where there is none before it.
std::optional<std::size_t> place_of(const StepGraph& before, const StepGraph& now, std::size_t step,
                                    const std::vector<StepPair>& pairs) {
  if (step > 0 && now[step - 1].stage == now[step].stage) {
    const StepPair& previous = pairs[step - 1];
    const auto at = previous.same ? previous.same : previous.was;
    if (!at) return std::nullopt;
    return *at + 1;
  }
  for (std::size_t j = 0; j < before.size(); ++j) {
    if (before[j].stage == now[step].stage) return j;
  }
  return std::nullopt;
}

}  // namespace

std::vector<StepPair> pair_steps(const StepGraph& before, const StepGraph& now) {
  std::vector<StepPair> pairs(now.size());
  std::vector<char> used(before.size(), 0);
  pair_equal(before, now, true, used, pairs);
  pair_equal(before, now, false, used, pairs);
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (pairs[i].same) continue;
    const auto place = place_of(before, now, i, pairs);
    if (!place || *place >= before.size() || used[*place] != 0) continue;
    const StepNode& old = before[*place];
    if (old.stage != now[i].stage || old.keyword != now[i].keyword) continue;
    pairs[i].was = *place;
    used[*place] = 1;
  }
  return pairs;
}

}  // namespace buildlab::misses
