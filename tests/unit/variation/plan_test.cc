#include "framework/variation/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <functional>

namespace buildlab::variation {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

// What a build of the pretended subject gives; `nth` counts the builds before it with the same set.
using Truth = std::function<Observation(const Set& set, int nth)>;

bool has(const Set& set, Kind kind) {
  return std::any_of(set.begin(), set.end(), [&](const Variation& v) { return v.kind == kind; });
}

Set set_of(const std::vector<std::string>& words) {
  auto parsed = parse_variations(words);
  EXPECT_TRUE(parsed);
  return parsed ? *parsed : Set{};
}

Observation image(const Set& set, std::string fingerprint) {
  return {.set = set, .fingerprint = std::move(fingerprint)};
}
Observation broken(const Set& set, std::string why) {
  return {.set = set, .fingerprint = "", .failure = std::move(why)};
}

struct Played {
  std::vector<Finding> findings;
  std::vector<Observation> history;
  std::size_t rounds = 0;
  bool base_drifts = false;

  const Finding& of(const std::string& name) const {
    static const Finding k_none;
    for (const Finding& finding : findings) {
      if (to_string(finding.variation) == name) return finding;
    }
    ADD_FAILURE() << "nothing is said of " << name;
    return k_none;
  }
  std::vector<std::string> with(Outcome outcome) const {
    std::vector<std::string> names;
    for (const Finding& finding : findings) {
      if (finding.outcome == outcome) names.push_back(to_string(finding.variation));
    }
    return names;
  }
};

Played play(const Truth& truth, Asked asked = {}) {
  if (asked.variations.empty()) asked.variations = set_of({"all"});
  Played played;
  while (true) {
    Plan next = plan(asked, played.history);
    if (next.builds.empty()) {
      played.findings = std::move(next.findings);
      played.base_drifts = next.base_drifts;
      break;
    }
    ++played.rounds;
    for (const Set& set : next.builds) {
      EXPECT_TRUE(std::is_sorted(set.begin(), set.end()));
      const auto before = std::count_if(played.history.begin(), played.history.end(),
                                        [&](const Observation& seen) { return seen.set == set; });
      played.history.push_back(truth(set, static_cast<int>(before)));
    }
    if (played.rounds > 200) {
      ADD_FAILURE() << "the plan never ends";
      break;
    }
  }
  EXPECT_THAT(played.history.size(), Le(static_cast<std::size_t>(asked.max_builds)));
  EXPECT_THAT(played.findings, SizeIs(asked.variations.size()));
  return played;
}

TEST(VariationPlan, AStableImageNeedsTheBaseOneBuildAndTheOtherClocks) {
  const Played played = play([](const Set& set, int) { return image(set, "same"); });
  EXPECT_THAT(played.history, SizeIs(5));
  EXPECT_EQ(played.rounds, 2U) << "what does not depend on each other is asked for at once";
  EXPECT_THAT(played.with(Outcome::passed), SizeIs(k_kinds + 2));
  EXPECT_FALSE(played.base_drifts);
  for (const Finding& finding : played.findings) {
    EXPECT_EQ(finding.builds, 1);
    EXPECT_EQ(finding.fingerprint, "same");
  }
}

TEST(VariationPlan, EachCulpritIsFoundAloneWithFewBuilds) {
  for (const Description& description : catalogue()) {
    if (description.kind == Kind::clock) continue;
    const Played played =
        play([&](const Set& set, int) { return image(set, has(set, description.kind) ? "x" : "same"); });
    EXPECT_THAT(played.with(Outcome::failed), ElementsAre(description.name));
    EXPECT_THAT(played.with(Outcome::passed), SizeIs(k_kinds + 1));
    EXPECT_THAT(played.history.size(), Le(16U)) << description.name;
    EXPECT_THAT(played.of(std::string(description.name)).reason, HasSubstr("in each of 3 builds"));
    EXPECT_EQ(played.of(std::string(description.name)).fingerprint, "x");
  }
}

TEST(VariationPlan, EveryPairOfCulpritsIsFound) {
  for (std::size_t a = 0; a < k_kinds; ++a) {
    for (std::size_t b = a + 1; b < k_kinds; ++b) {
      const Kind one = catalogue()[a].kind;
      const Kind other = catalogue()[b].kind;
      Asked asked;
      asked.variations = set_of({"all", "-clock", "clock=+1d"});
      asked.max_builds = 30;
      const Played played = play(
          [&](const Set& set, int) {
            return image(set, std::string(has(set, one) ? "x" : "") + (has(set, other) ? "y" : "") + "z");
          },
          asked);
      EXPECT_THAT(played.with(Outcome::failed), SizeIs(2)) << a << " " << b;
      EXPECT_THAT(played.with(Outcome::passed), SizeIs(k_kinds - 2));
    }
  }
}

TEST(VariationPlan, ClocksAreBuiltOneAtATime) {
  const Played played = play([](const Set& set, int) {
    EXPECT_LE(std::count_if(set.begin(), set.end(), [](const Variation& v) { return v.kind == Kind::clock; }),
              1);
    // The year stands in the image.
    const bool other_year = std::binary_search(set.begin(), set.end(), Variation{Kind::clock, 365 * 86'400});
    return image(set, other_year ? "x" : "same");
  });
  EXPECT_THAT(played.with(Outcome::failed), ElementsAre("clock=+1y"));
  EXPECT_THAT(played.with(Outcome::passed), Contains("clock=+1d"));
}

TEST(VariationPlan, CanariesProveWithoutASearch) {
  const Played played = play([](const Set& set, int) {
    const bool leaks = has(set, Kind::hostname) || has(set, Kind::user);
    Observation seen = image(set, leaks ? "x" : "same");
    for (const Kind kind : {Kind::hostname, Kind::user}) {
      if (has(set, kind)) seen.canaries.push_back(kind);
    }
    return seen;
  });
  EXPECT_THAT(played.with(Outcome::failed), ElementsAre("hostname", "user"));
  EXPECT_THAT(played.with(Outcome::passed), SizeIs(k_kinds));
  EXPECT_THAT(played.history, SizeIs(6)) << "the innocent once more, and nothing else";
  EXPECT_THAT(played.of("hostname").reason, HasSubstr("buildlab-canary-hostname"));
}

TEST(VariationPlan, ABaseThatDriftsLeavesEverythingOpenButWhatCanariesProve) {
  int count = 0;
  const Played played = play([&](const Set& set, int) {
    Observation seen = image(set, std::to_string(count++));
    if (has(set, Kind::hostname)) seen.canaries = {Kind::hostname};
    return seen;
  });
  EXPECT_TRUE(played.base_drifts);
  EXPECT_THAT(played.with(Outcome::failed), ElementsAre("hostname"));
  EXPECT_THAT(played.with(Outcome::unknown), SizeIs(k_kinds + 1));
  EXPECT_THAT(played.history, SizeIs(3)) << "one build for the canaries";
  EXPECT_THAT(played.of("umask").reason, HasSubstr("nothing varied"));
}

TEST(VariationPlan, ABaseThatFailsIsNotVaried) {
  const Played played = play([](const Set& set, int) { return broken(set, "no"); });
  EXPECT_THAT(played.history, SizeIs(2));
  EXPECT_THAT(played.with(Outcome::unknown), SizeIs(k_kinds + 2));
}

TEST(VariationPlan, AFlakyCulpritIsToldFromASureOne) {
  const Played played = play([](const Set& set, int nth) {
    // Differs in the first build with it, not in later ones of the same set.
    return image(set, has(set, Kind::aslr) && nth == 0 ? "x" : "same");
  });
  EXPECT_THAT(played.with(Outcome::failed), IsEmpty());
  EXPECT_THAT(played.with(Outcome::flaky), ElementsAre("aslr"));
  EXPECT_THAT(played.of("aslr").reason, HasSubstr("in 1 of 3 builds with it alone, and in none of 4"));
}

TEST(VariationPlan, ABaseThatDriftsNowAndThenIsNoVariationsGuilt) {
  int builds = 0;
  const Played played = play([&](const Set& set, int) {
    // The first two agree by luck.
    return image(set, ++builds > 2 && builds % 2 == 0 ? "x" : "same");
  });
  EXPECT_TRUE(played.base_drifts);
  EXPECT_THAT(played.with(Outcome::failed), IsEmpty());
  EXPECT_THAT(played.with(Outcome::flaky), IsEmpty());
}

TEST(VariationPlan, ADriftThatNeverComesBackBlamesNobody) {
  bool gone = false;
  const Played played = play([&](const Set& set, int) {
    const bool odd = set.size() > 10 && !gone;
    gone = gone || odd;
    return image(set, odd ? "x" : "same");
  });
  EXPECT_THAT(played.with(Outcome::failed), IsEmpty());
  EXPECT_THAT(played.with(Outcome::unknown), Contains("umask"));
  EXPECT_THAT(played.of("umask").reason, HasSubstr("flaky"));
}

TEST(VariationPlan, WhatOnlyWorksTogetherIsBlamedTogether) {
  Asked asked;
  asked.variations = set_of({"all"});
  asked.max_builds = 60;
  const Played played = play(
      [](const Set& set, int) {
        return image(set, has(set, Kind::locale) && has(set, Kind::file_order) ? "x" : "same");
      },
      asked);
  EXPECT_THAT(played.with(Outcome::failed), ElementsAre("locale", "file_order"));
  EXPECT_THAT(played.of("locale").reason, HasSubstr("only together with file_order"));
  EXPECT_THAT(played.with(Outcome::passed), SizeIs(k_kinds));
}

TEST(VariationPlan, WhatBreaksTheBuildIsNotApplied) {
  const Played played = play([](const Set& set, int) {
    if (has(set, Kind::network)) return broken(set, "apt-get: no network");
    if (has(set, Kind::kernel)) return broken(set, "FATAL: kernel too old");
    return image(set, has(set, Kind::umask) ? "x" : "same");
  });
  EXPECT_THAT(played.with(Outcome::not_applied), ElementsAre("kernel", "network"));
  EXPECT_EQ(played.of("network").reason, "the build needs the network: apt-get: no network");
  EXPECT_THAT(played.of("kernel").reason, HasSubstr("kernel too old"));
  EXPECT_THAT(played.with(Outcome::failed), ElementsAre("umask"));
  EXPECT_THAT(played.with(Outcome::passed), Contains("hostname"));
}

TEST(VariationPlan, AFailureThatPassesBreaksNothing) {
  bool failed = false;
  const Played played = play([&](const Set& set, int) {
    if (set.size() > 10 && !failed) {
      failed = true;
      return broken(set, "connection reset");
    }
    return image(set, "same");
  });
  EXPECT_THAT(played.with(Outcome::passed), SizeIs(k_kinds + 2));
}

TEST(VariationPlan, ObstaclesAreKnownWithoutABuild) {
  Asked asked;
  asked.variations = set_of({"clock=+1d", "hostname"});
  asked.obstacles = {{{Kind::clock, 86'400}, "libfaketime is not installed"}};
  const Played played = play(
      [](const Set& set, int) {
        EXPECT_FALSE(has(set, Kind::clock));
        return image(set, "same");
      },
      asked);
  EXPECT_THAT(played.history, SizeIs(3));
  EXPECT_EQ(played.of("clock=+1d").outcome, Outcome::not_applied);
  EXPECT_EQ(played.of("clock=+1d").builds, 0);
  EXPECT_EQ(played.of("hostname").outcome, Outcome::passed);
}

TEST(VariationPlan, NothingIsBuiltVariedWhereNothingCanBe) {
  Asked asked;
  asked.variations = set_of({"clock=+1d"});
  asked.obstacles = {{{Kind::clock, 86'400}, "libfaketime is not installed"}};
  const Played played = play([](const Set& set, int) { return image(set, "same"); }, asked);
  EXPECT_THAT(played.history, SizeIs(2));
  EXPECT_THAT(played.with(Outcome::not_applied), SizeIs(1));
}

TEST(VariationPlan, WhatTheShimCouldNotApplyIsNeverPassed) {
  const Played played = play([](const Set& set, int) {
    Observation seen = image(set, has(set, Kind::umask) ? "x" : "same");
    for (const Variation& variation : set) {
      if (variation.kind == Kind::clock) seen.reached[variation] = {Reach::none, "sh is static"};
      if (variation.kind == Kind::locale) seen.reached[variation] = {Reach::some, "applied to 1 of 2 RUN"};
      if (variation.kind == Kind::time_zone)
        seen.reached[variation] = {Reach::pinned, "the image sets TZ itself"};
    }
    return seen;
  });
  EXPECT_THAT(played.with(Outcome::not_applied),
              ElementsAre("clock=+1d", "clock=+35d", "clock=+1y", "locale"));
  EXPECT_EQ(played.of("clock=+1d").reason, "sh is static");
  EXPECT_EQ(played.of("locale").reason, "applied to 1 of 2 RUN");
  EXPECT_EQ(played.of("time_zone").outcome, Outcome::passed);
  EXPECT_EQ(played.of("time_zone").reason, "the image sets TZ itself");
  EXPECT_THAT(played.with(Outcome::failed), ElementsAre("umask"));
}

TEST(VariationPlan, WhatIsAppliedToSomeStepsOnlyCanStillBeGuilty) {
  const Played played = play([](const Set& set, int) {
    Observation seen = image(set, has(set, Kind::locale) ? "x" : "same");
    if (has(set, Kind::locale)) seen.reached[{Kind::locale}] = {Reach::some, "applied to 1 of 2 RUN"};
    return seen;
  });
  EXPECT_THAT(played.with(Outcome::failed), ElementsAre("locale"));
}

TEST(VariationPlan, EndsWithItsBudgetAndSaysSo) {
  for (int budget = 1; budget <= 16; ++budget) {
    Asked asked;
    asked.variations = set_of({"all"});
    asked.max_builds = budget;
    const Played played =
        play([](const Set& set, int) { return image(set, has(set, Kind::umask) ? "x" : "same"); }, asked);
    if (budget < 10) {
      EXPECT_THAT(played.of("umask").outcome, Outcome::unknown);
      EXPECT_THAT(played.of("umask").reason, HasSubstr(std::to_string(budget) + " builds"));
    }
  }
}

TEST(VariationPlan, NeverPassesAGuiltyOneWhateverTheTruth) {
  // A small generator: the same numbers every time.
  std::uint32_t state = 7;
  const auto random = [&](std::uint32_t below) {
    state = state * 1'664'525U + 1'013'904'223U;
    return (state >> 8U) % below;
  };
  for (int round = 0; round < 300; ++round) {
    std::map<Kind, char> guilty;
    std::map<Kind, char> breaking;
    for (std::uint32_t i = random(4); i > 0; --i) guilty[catalogue()[random(k_kinds)].kind] = 'g';
    for (std::uint32_t i = random(3); i > 0; --i) breaking[catalogue()[random(k_kinds)].kind] = 'b';
    Asked asked;
    asked.variations = set_of({"all"});
    asked.max_builds = 20 + static_cast<int>(random(60));
    const Played played = play(
        [&](const Set& set, int) {
          std::string mark = "i";
          for (const Variation& variation : set) {
            if (breaking.contains(variation.kind)) return broken(set, "broken");
            if (guilty.contains(variation.kind)) mark += to_string(variation);
          }
          return image(set, mark);
        },
        asked);
    for (const Finding& finding : played.findings) {
      const Kind kind = finding.variation.kind;
      const std::string name = to_string(finding.variation);
      if (breaking.contains(kind)) {
        EXPECT_THAT(finding.outcome, testing::AnyOf(Outcome::not_applied, Outcome::unknown)) << name;
      } else if (guilty.contains(kind)) {
        EXPECT_THAT(finding.outcome, testing::AnyOf(Outcome::failed, Outcome::unknown)) << name;
      } else {
        EXPECT_THAT(finding.outcome, testing::AnyOf(Outcome::passed, Outcome::unknown)) << name;
      }
      if (asked.max_builds >= 70) {
        EXPECT_NE(finding.outcome, Outcome::unknown) << name;
      }
    }
  }
}

TEST(VariationOutcome, ReadsBackAsItIsWritten) {
  for (const Outcome outcome :
       {Outcome::passed, Outcome::failed, Outcome::flaky, Outcome::not_applied, Outcome::unknown})
    EXPECT_EQ(parse_outcome(to_string(outcome)), outcome);
  EXPECT_FALSE(parse_outcome("fine"));
}

}  // namespace
}  // namespace buildlab::variation
