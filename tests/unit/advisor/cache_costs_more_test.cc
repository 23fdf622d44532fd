#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/advisor/advice.h"
#include "tests/support/record_builder.h"

namespace buildlab::advisor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

record::ScenarioRecord builds_of(const char* kind, const char* cache_mode, std::vector<double> durations) {
  std::vector<record::Build> builds;
  for (const double duration : durations) {
    record::Build build = testing::build(testing::warm_steps(), duration);
    build.numbers.parts.idle_sec -= 2;
    build.numbers.parts.cache_export_sec = 2;
    builds.push_back(build);
  }
  auto record = testing::record(std::string("app.") + cache_mode, kind, builds);
  record.cache_mode = cache_mode;
  return record;
}

std::vector<Advice> found_in(const std::vector<record::ScenarioRecord>& records) {
  std::vector<Advice> advice = advise(records);
  std::erase_if(advice, [](const Advice& entry) { return entry.rule != "cache-costs-more"; });
  return advice;
}

TEST(CacheCostsMore, IsSaidWithItsIntervalAndWhereTheTimeGoes) {
  const auto advice = found_in(
      {builds_of("cold", "none", {10.0, 10.2, 9.8}), builds_of("ephemeral", "registry", {14.0, 14.2, 13.8})});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, AllOf(HasSubstr("this cache costs more than it saves"),
                                    HasSubstr("registry takes 14.0s"), HasSubstr("without a cache 10.0s"),
                                    HasSubstr("4.0s are lost, 3.6s … 4.4s over 3 builds with it and 3"),
                                    HasSubstr("cache export 2.0s")));
  EXPECT_DOUBLE_EQ(advice[0].seconds, 4.0);
  EXPECT_EQ(advice[0].scenario, "app.registry");
}

TEST(CacheCostsMore, IsNotSaidWhereItSavesOrTheIntervalHoldsZero) {
  EXPECT_THAT(found_in({builds_of("cold", "none", {10}), builds_of("ephemeral", "registry", {3})}),
              IsEmpty());
  EXPECT_THAT(found_in({builds_of("cold", "none", {10, 15}), builds_of("ephemeral", "registry", {12, 13})}),
              IsEmpty());
  EXPECT_THAT(found_in({builds_of("cold", "none", {10}), builds_of("ephemeral", "registry", {10.5})}),
              IsEmpty())
      << "less than is worth reading";
  EXPECT_THAT(found_in({builds_of("ephemeral", "registry", {14})}), IsEmpty()) << "nothing to compare with";
}

TEST(CacheCostsMore, PrefersTheSameRunnerWithoutACache) {
  const auto cold = builds_of("cold", "none", {20});
  const auto bare = builds_of("ephemeral", "none", {10});
  const auto with = builds_of("ephemeral", "local", {14});
  const auto advice = found_in({cold, bare, with});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text,
              AllOf(HasSubstr("without a cache 10.0s"), HasSubstr("4.0s are lost of one build each")));
  EXPECT_THAT(found_in({cold, with}), IsEmpty());
}

TEST(CacheCostsMore, ComparesTheSameDockerfileOnly) {
  auto cold = builds_of("cold", "none", {10});
  cold.dockerfile_text += "RUN true\n";
  EXPECT_THAT(found_in({cold, builds_of("ephemeral", "registry", {14})}), IsEmpty());
}

TEST(CacheCostsMore, NamesTheFaultsItWasMeasuredWith) {
  auto with = builds_of("ephemeral", "registry", {14});
  with.faults = {"pull latency latency_ms=500"};
  const auto advice = found_in({builds_of("cold", "none", {10}), with});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, HasSubstr("registry with pull latency latency_ms=500 takes"));
}

}  // namespace
}  // namespace buildlab::advisor
