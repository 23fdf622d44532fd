#include "framework/report/transfers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

record::ScenarioRecord with_transfers() {
  record::ScenarioRecord record =
      testing::record("app.runner", "ephemeral",
                      {testing::build(testing::warm_steps(), 2), testing::build(testing::warm_steps(), 2)});
  record.priming = {testing::build(testing::cold_steps(), 16.2)};
  record.priming[0].iteration = 1;
  record::Transfer transfer;
  transfer.requests = 14;
  transfer.bytes_down = 32'715'572;
  transfer.first_byte_sec = 0.0042;
  transfer.blobs = {{testing::digest("a"), "layer", "down", 1, 1, 1000, 1000, 0.5},
                    {testing::digest("m"), "manifest", "down", 1, 1, 10, std::nullopt, 0.5}};
  record.priming[0].transfer = transfer;
  record.builds[1].transfer = transfer;
  record.faults = {"pull gone", "export refused"};
  return record;
}

TEST(Transfers, AreALineForEachBuildThatHasThem) {
  EXPECT_THAT(transfer_lines(with_transfers()),
              ElementsAre("priming build 1 cache: 31.2 MiB down in 1 blob, 0 B up in 0 blobs",
                          "build 2 cache: 31.2 MiB down in 1 blob, 0 B up in 0 blobs",
                          "with faults: pull gone; export refused"));
  EXPECT_THAT(transfer_lines(testing::cold_record()), IsEmpty());
}

TEST(Transfers, StandInEveryFormat) {
  const ReportInput input{{with_transfers()}};
  EXPECT_THAT(to_text(input), HasSubstr("cache_transfers:\n- 'app.runner priming build 1 cache: 31.2 MiB"));
  EXPECT_THAT(scenario_details(with_transfers(), false),
              HasSubstr("  build 2 cache: 31.2 MiB down in 1 blob"));
  const std::string markdown = to_markdown(input);
  EXPECT_THAT(markdown, HasSubstr("### What the cache transferred"));
  EXPECT_THAT(markdown, HasSubstr("| build 2 | 31.2 MiB | 0 B | 14 |  |  |  | 4.2 ms |"));
  EXPECT_THAT(markdown, HasSubstr("Faults of app.runner: pull gone; export refused"));
  EXPECT_THAT(to_json(input), HasSubstr("\"bytes_down\": 32715572"));
}

TEST(Transfers, ThatWereNotCountedWholeSaySo) {
  record::ScenarioRecord record = with_transfers();
  record.builds[1].transfer->left_out = 20'000;
  EXPECT_THAT(to_markdown({{record}}), HasSubstr("| build 2 | 31.2 MiB | 0 B | 14 and 20000 not counted |"));
  EXPECT_THAT(transfer_lines(record)[1], HasSubstr("20000 more requests not counted"));
}

TEST(Transfers, AreSaidNowhereWithoutThem) {
  const ReportInput input{{testing::cold_record()}};
  EXPECT_THAT(to_text(input), Not(HasSubstr("cache_transfers")));
  EXPECT_THAT(to_markdown(input), Not(HasSubstr("transferred")));
}

}  // namespace
}  // namespace buildlab::report
