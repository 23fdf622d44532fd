#include "gates/driver/matchers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <ostream>

#include "framework/base/time.h"
#include "framework/verdict/verdict.h"
#include "gates/rules/rules.h"

namespace buildlab::gates {
namespace {

using ::testing::MatcherInterface;
using ::testing::MatchResultListener;

void explain(const verdict::Verdict& verdict, MatchResultListener& listener) {
  listener << verdict.gate
           << (verdict.ruling == verdict::Ruling::not_evaluated ? " could not be evaluated: " : ": ")
           << verdict.message;
  for (const std::string& line : verdict.evidence) listener << "\n  " << line;
}

bool all_pass(const std::vector<verdict::Verdict>& verdicts, MatchResultListener& listener) {
  for (const verdict::Verdict& verdict : verdicts) {
    if (verdict.ruling == verdict::Ruling::pass) continue;
    explain(verdict, listener);
    return false;
  }
  return true;
}

// The rule of one gate, with its settings.
class GateMatcher : public MatcherInterface<const record::ScenarioRecord&> {
 public:
  GateMatcher(scenario::GateSettings settings, std::string words, std::optional<record::ScenarioRecord> other)
      : m_settings(std::move(settings)), m_words(std::move(words)), m_other(std::move(other)) {}

  bool MatchAndExplain(const record::ScenarioRecord& record, MatchResultListener* listener) const override {
    if (record.error) {
      *listener << "the scenario was stopped: " << *record.error;
      return false;
    }
    const FindRecord find = [this](const std::string&) { return m_other; };
    const std::vector<verdict::Verdict> verdicts = judge({record, m_settings, find, wall_now()});
    if (verdicts.empty()) {
      *listener << "no rule was asked";
      return false;
    }
    if (!all_pass(verdicts, *listener)) return false;
    explain(verdicts.back(), *listener);
    return true;
  }
  void DescribeTo(std::ostream* out) const override { *out << m_words; }
  void DescribeNegationTo(std::ostream* out) const override { *out << "not: " << m_words; }

 private:
  scenario::GateSettings m_settings;
  std::string m_words;
  std::optional<record::ScenarioRecord> m_other;
};

RecordMatcher gate(scenario::GateSettings settings, std::string words,
                   std::optional<record::ScenarioRecord> other = std::nullopt) {
  return ::testing::MakeMatcher(new GateMatcher(std::move(settings), std::move(words), std::move(other)));
}

class PassesMatcher : public MatcherInterface<const record::ScenarioRecord&> {
 public:
  bool MatchAndExplain(const record::ScenarioRecord& record, MatchResultListener* listener) const override {
    if (record.error) {
      *listener << verdict::to_string(record.outcome) << ": " << *record.error;
      return false;
    }
    if (!all_pass(record.gates, *listener)) return false;
    if (record.outcome != verdict::Outcome::passed) *listener << verdict::to_string(record.outcome);
    return record.outcome == verdict::Outcome::passed;
  }
  void DescribeTo(std::ostream* out) const override { *out << "passes all gates of its scenario"; }
  void DescribeNegationTo(std::ostream* out) const override {
    *out << "does not pass all gates of its scenario";
  }
};

class DigestMatcher : public MatcherInterface<const record::ScenarioRecord&> {
 public:
  explicit DigestMatcher(std::string digest) : m_digest(std::move(digest)) {}

  bool MatchAndExplain(const record::ScenarioRecord& record, MatchResultListener* listener) const override {
    bool any = false;
    for (const record::Build& build : record.builds) {
      if (!build.valid) continue;
      any = true;
      const std::string seen = build.image ? build.image->digest : "no image";
      if (seen == m_digest) continue;
      *listener << "build " << build.iteration << " has " << seen;
      return false;
    }
    if (!any) *listener << "no build is a sample";
    return any;
  }
  void DescribeTo(std::ostream* out) const override { *out << "has the digest " << m_digest; }
  void DescribeNegationTo(std::ostream* out) const override {
    *out << "has another digest than " << m_digest;
  }

 private:
  std::string m_digest;
};

}  // namespace

RecordMatcher Passes() {
  return ::testing::MakeMatcher(new PassesMatcher());
}

RecordMatcher IsReproducible(scenario::DigestPolicy policy) {
  scenario::GateSettings settings;
  settings.digest_stable = policy;
  return gate(settings, "is reproducible");
}

RecordMatcher HasDigest(std::string digest) {
  return ::testing::MakeMatcher(new DigestMatcher(std::move(digest)));
}

RecordMatcher HasHitRatioAtLeast(double ratio) {
  scenario::GateSettings settings;
  settings.min_hit_ratio = ratio;
  return gate(settings, fmt::format("has a cache hit ratio of at least {}", ratio));
}

RecordMatcher HasTimeWeightedHitRatioAtLeast(double ratio) {
  scenario::GateSettings settings;
  settings.min_time_weighted_hit_ratio = ratio;
  return gate(settings, fmt::format("has a time-weighted hit ratio of at least {}", ratio));
}

RecordMatcher TakesAtMost(double seconds) {
  scenario::GateSettings settings;
  settings.max_duration_sec = seconds;
  return gate(settings, fmt::format("takes at most {} s", seconds));
}

RecordMatcher TakesAtMostRatioOf(double ratio, record::ScenarioRecord other) {
  scenario::GateSettings settings;
  settings.max_duration_ratio = scenario::DurationRatio{ratio, other.name};
  std::string words = fmt::format("takes at most {} of {}", ratio, other.name);
  return gate(settings, std::move(words), std::move(other));
}

RecordMatcher HasSpreadAtMost(double ratio) {
  scenario::GateSettings settings;
  settings.max_spread = ratio;
  return gate(settings, fmt::format("has durations with a spread of at most {}", ratio));
}

RecordMatcher HasStableHits() {
  scenario::GateSettings settings;
  settings.stable_hit_ratio = true;
  return gate(settings, "has the same steps cached in all builds");
}

RecordMatcher CachedSteps(std::vector<std::string> steps) {
  scenario::GateSettings settings;
  std::string words = fmt::format("took from the cache: {}", fmt::join(steps, ", "));
  settings.expect_cached = std::move(steps);
  return gate(settings, std::move(words));
}

RecordMatcher RanSteps(std::vector<std::string> steps) {
  scenario::GateSettings settings;
  std::string words = fmt::format("ran: {}", fmt::join(steps, ", "));
  settings.expect_ran = std::move(steps);
  return gate(settings, std::move(words));
}

RecordMatcher HasImageSizeAtMost(Bytes size) {
  scenario::GateSettings settings;
  settings.max_image_size = size;
  return gate(settings, "has an image size within the limit");
}

}  // namespace buildlab::gates
