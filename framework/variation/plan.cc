#include "framework/variation/plan.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>
#include <set>

#include "framework/base/text.h"
#include "framework/variation/canary.h"

namespace buildlab::variation {
namespace {

constexpr std::size_t k_reason_length = 300;

Set without(const Set& set, const Set& gone) {
  Set rest;
  std::set_difference(set.begin(), set.end(), gone.begin(), gone.end(), std::back_inserter(rest));
  return rest;
}

bool holds(const Set& set, const Variation& variation) {
  return std::binary_search(set.begin(), set.end(), variation);
}

// What is looked for in a set of suspects.
enum class Trouble { differs, fails };

class Planner {
 public:
  Planner(const Asked& asked, const std::vector<Observation>& history);
  Plan run();

 private:
  using Seen = std::vector<const Observation*>;

  const Observation* get(const Set& set, std::size_t nth = 0);
  bool base_is_stable() const;
  bool differs(const Observation& seen) const { return !seen.failed() && seen.fingerprint != m_base; }
  bool has(const Observation& seen, Trouble trouble) const {
    return trouble == Trouble::fails ? seen.failed() : seen.failed() || differs(seen);
  }

  void say(const Variation& variation, Outcome outcome, const std::string& reason,
           std::string fingerprint = {});
  bool is_said(const Variation& variation) const { return m_said.contains(variation); }
  void pass(const Set& set, const Observation& seen);
  Set tell_canaries(const Set& set, const Observation& seen);

  // Each says what it can, or asks for builds. True: all of `set` is said.
  void settle(Set set);
  // The culprits that are said now; empty with nothing asked for: no single one.
  Set search(const Set& set, Trouble trouble);
  Set search_usual_breakers(const Set& set);
  Set confirm(const Variation& suspect, Trouble trouble);
  Set minimise(Set set, Trouble trouble);
  void blame_together(const Set& set, Trouble trouble);
  bool settle_without_culprit(Set& set, const Observation*& seen, std::size_t& nth, Trouble trouble);
  void conclude(Plan& plan) const;

  const Asked& m_asked;
  const std::vector<Observation>& m_history;
  Set m_inert;  // could not be applied anywhere
  std::map<Set, Seen> m_seen;
  std::map<Set, std::size_t> m_asked_for;
  std::vector<Set> m_wanted;
  std::map<Variation, Finding> m_said;
  std::string m_base;
};

Planner::Planner(const Asked& asked, const std::vector<Observation>& history)
    : m_asked(asked), m_history(history) {
  std::set<Variation> inert;
  for (const auto& [variation, reason] : asked.obstacles) {
    if (!holds(asked.variations, variation)) continue;
    inert.insert(variation);
    say(variation, Outcome::not_applied, reason);
  }
  for (const Observation& seen : history) {
    for (const auto& [variation, reached] : seen.reached) {
      if (seen.failed() || reached.reach != Reach::none) continue;
      inert.insert(variation);
      if (!is_said(variation)) say(variation, Outcome::not_applied, reached.reason);
    }
  }
  m_inert.assign(inert.begin(), inert.end());
  // A build in which a variation had no effect is one without it.
  for (const Observation& seen : history) m_seen[without(seen.set, m_inert)].push_back(&seen);
}

const Observation* Planner::get(const Set& set, std::size_t nth) {
  const Seen& seen = m_seen[set];
  if (nth < seen.size()) return seen[nth];
  std::size_t& asked = m_asked_for[set];
  while (seen.size() + asked <= nth) {
    m_wanted.push_back(set);
    ++asked;
  }
  return nullptr;
}

bool Planner::base_is_stable() const {
  const auto found = m_seen.find({});
  if (found == m_seen.end()) return true;
  return std::none_of(found->second.begin(), found->second.end(),
                      [&](const Observation* seen) { return differs(*seen); });
}

void Planner::say(const Variation& variation, Outcome outcome, const std::string& reason,
                  std::string fingerprint) {
  m_said[variation] = {variation, outcome, one_line(reason, k_reason_length), 0, std::move(fingerprint)};
}

void Planner::pass(const Set& set, const Observation& seen) {
  for (const Variation& variation : set) {
    if (is_said(variation)) continue;
    const auto found = seen.reached.find(variation);
    const Reached reached = found == seen.reached.end() ? Reached{} : found->second;
    say(variation, reached.reach == Reach::some ? Outcome::not_applied : Outcome::passed, reached.reason,
        seen.fingerprint);
  }
}

Set Planner::tell_canaries(const Set& set, const Observation& seen) {
  Set proven;
  for (const Variation& variation : set) {
    const auto& found = seen.canaries;
    if (std::find(found.begin(), found.end(), variation.kind) == found.end()) continue;
    say(variation, Outcome::failed,
        fmt::format("\"{}\", which only this variation puts into a build, stands in the image",
                    canaries(variation.kind).front()),
        seen.fingerprint);
    proven.push_back(variation);
  }
  return proven;
}

Set Planner::confirm(const Variation& suspect, Trouble trouble) {
  // That a build with more fails too has been seen before.
  const auto repeats = static_cast<std::size_t>(trouble == Trouble::fails ? 0 : m_asked.repeats);
  Set alone{suspect};
  std::size_t same = 0;
  std::size_t different = 0;
  std::size_t failures = 0;
  const Observation* shown = nullptr;
  bool pending = false;
  for (std::size_t i = 0; i <= repeats; ++i) {
    const Observation* seen = get(alone, i);
    pending = pending || seen == nullptr;
    if (seen == nullptr) continue;
    if (seen->failed()) {
      ++failures;
    } else if (differs(*seen)) {
      ++different;
    } else {
      ++same;
    }
    if (shown == nullptr && (seen->failed() || differs(*seen))) shown = seen;
  }
  // What the base does by itself is no variation's guilt.
  if (trouble == Trouble::differs)
    pending =
        get({}, static_cast<std::size_t>(m_asked.base_builds + m_asked.repeats) - 1) == nullptr || pending;
  if (pending || shown == nullptr) return {};
  const std::size_t all = same + different + failures;
  if (failures == all) {
    say(suspect, Outcome::not_applied,
        suspect.kind == Kind::network ? fmt::format("the build needs the network: {}", shown->failure)
                                      : fmt::format("the build fails with it: {}", shown->failure));
  } else if (failures > 0) {
    say(suspect, Outcome::unknown,
        fmt::format("the build fails in {} of {} builds with it: {}", failures, all, shown->failure));
  } else if (!base_is_stable()) {
    return {};
  } else if (different == all) {
    say(suspect, Outcome::failed, fmt::format("the image differs in each of {} builds with it alone", all),
        shown->fingerprint);
  } else {
    say(suspect, Outcome::flaky,
        fmt::format("the image differs in {} of {} builds with it alone, and in none of {} without",
                    different, all, m_seen[{}].size()),
        shown->fingerprint);
  }
  return alone;
}

// What is known to break builds is tried at once, each alone: failing builds are short.
Set Planner::search_usual_breakers(const Set& set) {
  Set culprits;
  bool pending = false;
  for (const Variation& variation : set) {
    if (!describe(variation.kind).may_break) continue;
    const Observation* seen = get({variation});
    pending = pending || seen == nullptr;
    if (seen != nullptr && seen->failed()) culprits.push_back(variation);
  }
  if (pending) return {};
  for (const Variation& culprit : culprits) confirm(culprit, Trouble::fails);
  return culprits;
}

Set Planner::search(const Set& set, Trouble trouble) {
  Set suspects = set;
  if (trouble == Trouble::fails) {
    const std::size_t waiting = m_wanted.size();
    Set culprits = search_usual_breakers(set);
    if (!culprits.empty() || m_wanted.size() != waiting) return culprits;
    std::erase_if(suspects, [](const Variation& variation) { return describe(variation.kind).may_break; });
  }
  while (suspects.size() > 1) {
    const Set half(suspects.begin(),
                   suspects.begin() + static_cast<std::ptrdiff_t>((suspects.size() + 1) / 2));
    const Observation* seen = get(half);
    if (seen == nullptr) return {};
    suspects = has(*seen, trouble) ? half : without(suspects, half);
  }
  return suspects.empty() ? Set{} : confirm(suspects.front(), trouble);
}

// The smallest set that is still in trouble, where no single one is (delta debugging by complements).
Set Planner::minimise(Set set, Trouble trouble) {
  std::size_t parts = 2;
  while (set.size() > 1) {
    bool reduced = false;
    for (std::size_t i = 0; i < parts && !reduced; ++i) {
      const auto from = static_cast<std::ptrdiff_t>(set.size() * i / parts);
      const auto to = static_cast<std::ptrdiff_t>(set.size() * (i + 1) / parts);
      const Set rest = without(set, Set(set.begin() + from, set.begin() + to));
      const Observation* seen = get(rest);
      if (seen == nullptr) return {};
      if (!has(*seen, trouble)) continue;
      set = rest;
      parts = std::max<std::size_t>(parts - 1, 2);
      reduced = true;
    }
    if (reduced) continue;
    if (parts >= set.size()) break;
    parts = std::min(parts * 2, set.size());
  }
  return set;
}

void Planner::blame_together(const Set& set, Trouble trouble) {
  const Observation* seen = get(set);
  for (const Variation& variation : set) {
    const std::string others = to_string(without(set, {variation}));
    const std::string with = others.empty() ? "" : " together with " + others;
    if (trouble == Trouble::fails) {
      say(variation, Outcome::not_applied,
          fmt::format("the build fails with it{}: {}", with, seen == nullptr ? "" : seen->failure));
    } else {
      say(variation, Outcome::failed, fmt::format("the image differs with it, but only{}", with),
          seen == nullptr ? "" : seen->fingerprint);
    }
  }
}

// No member of `set` is guilty alone. True when `set` got smaller or `seen` newer; false when it stays as it
// is, said or waiting for builds.
bool Planner::settle_without_culprit(Set& set, const Observation*& seen, std::size_t& nth, Trouble trouble) {
  const Observation* again = get(set, nth + 1);
  if (again == nullptr) return false;
  if (has(*again, trouble)) {
    const Set together = minimise(set, trouble);
    if (together.empty()) return false;
    blame_together(together, trouble);
    set = without(set, together);
    nth = 0;
    seen = nullptr;
    return true;
  }
  if (trouble == Trouble::fails) {  // a failure that passed
    seen = again;
    ++nth;
    return true;
  }
  if (get({}, static_cast<std::size_t>(m_asked.base_builds + m_asked.repeats) - 1) == nullptr) return false;
  for (const Variation& variation : set) {
    say(variation, Outcome::unknown,
        fmt::format(
            "with {} at once the image differs in one of two builds and no single one was found guilty: "
            "it is flaky",
            set.size() == 1 ? "it" : fmt::format("these {}", set.size())),
        seen->fingerprint);
  }
  return false;
}

void Planner::settle(Set set) {
  const Observation* seen = nullptr;
  std::size_t nth = 0;
  while (true) {
    std::erase_if(set, [&](const Variation& variation) { return is_said(variation); });
    if (set.empty()) return;
    if (seen == nullptr) seen = get(set, nth);
    if (seen == nullptr) return;
    if (!seen->failed() && !differs(*seen)) return pass(set, *seen);
    const Trouble trouble = seen->failed() ? Trouble::fails : Trouble::differs;
    if (trouble == Trouble::differs && !tell_canaries(set, *seen).empty()) {
      seen = nullptr;
      nth = 0;
      continue;
    }
    const std::size_t waiting = m_wanted.size();
    if (!search(set, trouble).empty()) {
      seen = nullptr;
      nth = 0;
      continue;
    }
    if (m_wanted.size() != waiting || !base_is_stable()) return;
    if (!settle_without_culprit(set, seen, nth, trouble)) return;
  }
}

void Planner::conclude(Plan& plan) const {
  for (const Variation& variation : m_asked.variations) {
    const auto said = m_said.find(variation);
    Finding finding{variation};
    if (said != m_said.end()) {
      finding = said->second;
    } else if (plan.base_drifts) {
      finding.reason = "the image differs with nothing varied";
    } else {
      finding.reason = fmt::format("the {} builds that were allowed do not tell", m_asked.max_builds);
      // Whatever was in a build that stayed the same is innocent by itself.
      for (const Observation& seen : m_history) {
        if (!holds(seen.set, variation) || seen.failed() || differs(seen)) continue;
        const auto found = seen.reached.find(variation);
        if (found != seen.reached.end() && found->second.reach == Reach::some) continue;
        finding = {variation, Outcome::passed, "", 0, seen.fingerprint};
      }
    }
    for (const Observation& seen : m_history) finding.builds += holds(seen.set, variation) ? 1 : 0;
    plan.findings.push_back(std::move(finding));
  }
}

Plan Planner::run() {
  Plan plan;
  const Observation* first = get({}, 0);
  const bool has_base = get({}, static_cast<std::size_t>(m_asked.base_builds) - 1) != nullptr;
  if (first != nullptr && has_base) {
    m_base = first->fingerprint;
    Set lead;
    Set clocks;  // the first is part of `lead`, the others are built alone
    for (const Variation& variation : without(m_asked.variations, m_inert)) {
      (variation.kind == Kind::clock ? clocks : lead).push_back(variation);
    }
    std::stable_sort(clocks.begin(), clocks.end(), [](const Variation& a, const Variation& b) {
      return std::llabs(a.offset_sec) < std::llabs(b.offset_sec);
    });
    if (!clocks.empty()) {
      lead.push_back(clocks.front());
      std::sort(lead.begin(), lead.end());
      clocks.erase(clocks.begin());
    }
    plan.base_drifts = !base_is_stable();
    if (first->failed()) {
      for (const Variation& variation : m_asked.variations) {
        if (!is_said(variation)) say(variation, Outcome::unknown, "the build fails with nothing varied");
      }
    } else if (!plan.base_drifts) {
      settle(lead);
      for (const Variation& clock : clocks) settle({clock});
      plan.base_drifts = !base_is_stable();
    }
    // Canaries prove what they prove, whatever else differs.
    if (plan.base_drifts && !first->failed()) {
      m_wanted.clear();
      if (!lead.empty() && m_seen[lead].empty()) m_wanted.push_back(lead);
      for (const Observation& seen : m_history) tell_canaries(without(seen.set, m_inert), seen);
    }
  }
  const int left = std::max(0, m_asked.max_builds - static_cast<int>(m_history.size()));
  plan.builds = m_wanted;
  if (plan.builds.size() > static_cast<std::size_t>(left)) plan.builds.resize(static_cast<std::size_t>(left));
  if (plan.builds.empty()) conclude(plan);
  return plan;
}

}  // namespace

Plan plan(const Asked& asked, const std::vector<Observation>& history) {
  return Planner(asked, history).run();
}

}  // namespace buildlab::variation
