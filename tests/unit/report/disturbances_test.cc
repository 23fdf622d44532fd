#include "framework/report/disturbances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

record::ScenarioRecord disturbed() {
  record::ScenarioRecord record =
      testing::record("app.cold", "cold",
                      {testing::build(testing::cold_steps(), 16), testing::build(testing::cold_steps(), 40)});
  record.builds[1].noisy_network = "3 of the 9 requests of steps failed";
  record.builds[1].clock_step_sec = -2;
  return record;
}

TEST(Disturbances, AreALineEach) {
  EXPECT_THAT(disturbance_lines(disturbed()),
              ElementsAre("build 2 noisy network: 3 of the 9 requests of steps failed",
                          HasSubstr("build 2 clock: the machine's clock was put back by 2.0s meanwhile")));
  EXPECT_THAT(disturbance_lines(testing::cold_record()), IsEmpty());
}

TEST(Disturbances, StandInEveryFormatAndNowhereWithoutThem) {
  const ReportInput input{{disturbed()}};
  EXPECT_THAT(to_text(input), HasSubstr("disturbed_builds:\n- 'app.cold build 2 noisy network: 3 of the 9"));
  EXPECT_THAT(scenario_details(disturbed(), false), HasSubstr("  build 2 noisy network: 3 of the 9"));
  EXPECT_THAT(to_markdown(input), AllOf(HasSubstr("### Builds whose times say little"),
                                        HasSubstr("| build 2 | noisy network | 3 of the 9 requests")));
  EXPECT_THAT(to_json(input),
              AllOf(HasSubstr("\"noisy_network\": \"3 of the 9"), HasSubstr("\"clock_step_sec\": -2.0")));
  const ReportInput plain{{testing::cold_record()}};
  EXPECT_THAT(to_text(plain), Not(HasSubstr("disturbed_builds")));
  EXPECT_THAT(to_markdown(plain), Not(HasSubstr("say little")));
}

}  // namespace
}  // namespace buildlab::report
