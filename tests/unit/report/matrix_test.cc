#include "framework/report/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/json.h"
#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

record::ScenarioRecord matrix() {
  auto record = testing::record("app.matrix", "matrix", {});
  record.backends = {{"none", "none"},
                     {"registry:zstd", "registry", false, "max", {{"compression", "zstd"}}}};
  record::BackendRow slow{"slow|er", "registry", false, "max", {{"compression", "zstd"}}};
  slow.faults = {"import latency latency_ms=100", "pull latency latency_ms=100",
                 "export latency latency_ms=100"};
  record.backends.push_back(slow);
  for (int round = 1; round <= 2; ++round) {
    for (const auto& [backend, seconds] :
         {std::pair("none", 16.0), {"registry:zstd", 4.0}, {"slow|er", 20.0}}) {
      const bool cached = std::string_view(backend) != "none";
      record::Build build = testing::build(cached ? testing::warm_steps() : testing::cold_steps(), seconds);
      build.builder = backend;
      build.iteration = round;
      build.builder_start_sec = 0.25;
      if (cached) {
        build.transfer.emplace();
        build.transfer->requests = 3;
        build.transfer->bytes_down = 3U << 20U;
      }
      record.builds.push_back(build);
    }
  }
  return record;
}

TEST(Matrix, IsOneTableWithALineForEachBackend) {
  const auto lines = matrix_lines(matrix());
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_THAT(lines[0], HasSubstr("backend"));
  EXPECT_THAT(lines[1], HasSubstr("none"));
  EXPECT_THAT(lines[2], HasSubstr("registry:zstd       2       5       1.00"));
  EXPECT_THAT(lines[2], HasSubstr("3.0 MiB"));
  EXPECT_THAT(lines[2], HasSubstr("+12.0s (+12.0s … +12.0s)"));
  EXPECT_THAT(lines[2], HasSubstr("2 of 2"));
  EXPECT_THAT(lines[3], HasSubstr("-4.0s (-4.0s … -4.0s)"));
  EXPECT_THAT(lines[4], HasSubstr("break-even of registry:zstd in latency: 75 ms a request"));
  EXPECT_THAT(matrix_lines(testing::cold_record()), IsEmpty());
}

TEST(Matrix, StandsInEveryFormat) {
  const ReportInput input{{matrix()}};
  EXPECT_THAT(to_text(input), HasSubstr("cache_backends:\n- app.matrix backend "));
  EXPECT_THAT(scenario_details(matrix(), false), HasSubstr("registry:zstd       2"));
  const std::string markdown = to_markdown(input);
  EXPECT_THAT(markdown, HasSubstr("### Cache backends of app.matrix"));
  EXPECT_THAT(markdown, HasSubstr("| registry:zstd | 2 | 5 | 1.00 | 4.0s | 4.0s … 4.0s | 0.25s | 0.00s |"));
  EXPECT_THAT(markdown, HasSubstr("| slow&#124;er | 2 |"));
  const ReportInput plain{{testing::cold_record()}};
  EXPECT_THAT(to_text(plain), Not(HasSubstr("cache_backends")));
  EXPECT_THAT(to_markdown(plain), Not(HasSubstr("Cache backends")));
}

TEST(Matrix, TellsOfFailedBuildsAndOfThoseThatWereNotTimed) {
  record::ScenarioRecord record = matrix();
  record.builds[5] = testing::failed(record.builds[5], "Dockerfile:4 COPY <failed>");
  record.builds[1].noisy_network = "2 of the 10 requests failed";
  const auto lines = matrix_lines(record);
  ASSERT_THAT(lines, SizeIs(7));
  EXPECT_EQ(lines[4], "registry:zstd: 1 of 2 builds in no time and no value, for a noisy network");
  EXPECT_EQ(lines[5], "slow|er: a build failed: Dockerfile:4 COPY <failed>");
  const std::string markdown = to_markdown(ReportInput{{record}});
  EXPECT_THAT(markdown, HasSubstr("slow&#124;er: a build failed"));
  EXPECT_THAT(markdown, Not(HasSubstr("<failed>")));
  const auto json = parse_json(to_json(ReportInput{{record}}), "report", ErrorKind::usage);
  ASSERT_TRUE(json);
  const Json& rows = json->at("scenarios").at(0).at("backends");
  EXPECT_TRUE(rows.at(0).at("failure").is_null());
  EXPECT_EQ(rows.at(1).at("noisy"), 1);
  EXPECT_EQ(rows.at(2).at("failed"), 1);
  EXPECT_EQ(rows.at(2).at("failure"), "Dockerfile:4 COPY <failed>");
}

TEST(Matrix, InJsonHasItsNumbersAsTheyAre) {
  const auto json = parse_json(to_json(ReportInput{{matrix()}}), "report", ErrorKind::usage);
  ASSERT_TRUE(json);
  const Json& scenario = json->at("scenarios").at(0);
  ASSERT_EQ(scenario.at("backends").size(), 3U);
  const Json& row = scenario.at("backends").at(1);
  EXPECT_EQ(row.at("name"), "registry:zstd");
  EXPECT_DOUBLE_EQ(row.at("value_sec").at("median").get<double>(), 12);
  EXPECT_DOUBLE_EQ(row.at("bytes_down").get<double>(), 3U << 20U);
  EXPECT_TRUE(scenario.at("backends").at(0).at("value_sec").is_null());
  EXPECT_DOUBLE_EQ(scenario.at("break_even").at(0).at("at").get<double>(), 75);
}

}  // namespace
}  // namespace buildlab::report
