// Recorded builds as they would have been stamped had the machine's clock been set while they ran.
#include <algorithm>

#include "tests/unit/metrics/recorded.h"

namespace buildlab::metrics {
namespace {

using namespace std::chrono_literals;
using test::recorded;
using testing::IsEmpty;

// Every moment after `at` as a clock that was put forward by `step` then has it.
BuildGraph stamped(BuildGraph graph, WallTime at, Nanoseconds step) {
  const auto moved = [&](WallTime time) { return time > at ? time + step : time; };
  for (Vertex& vertex : graph.vertexes) {
    for (Interval& interval : vertex.intervals) {
      interval.started = moved(interval.started);
      if (interval.completed) interval.completed = moved(*interval.completed);
    }
    std::stable_sort(vertex.intervals.begin(), vertex.intervals.end(),
                     [](const Interval& a, const Interval& b) { return a.started < b.started; });
    for (Transfer& transfer : vertex.transfers) {
      transfer.first = moved(transfer.first);
      transfer.last = moved(transfer.last);
    }
  }
  return graph;
}

class ClockStep : public testing::TestWithParam<const char*> {};

TEST_P(ClockStep, KeepsTheLawsAndWhatBecameOfEachStep) {
  const auto build = recorded(GetParam());
  for (const Nanoseconds step : std::initializer_list<Nanoseconds>{1h, -1h, 200ms, -200ms}) {
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      const auto into =
          Nanoseconds(static_cast<std::int64_t>(static_cast<double>(build.window.duration.count()) * share));
      const Numbers numbers =
          analyse(stamped(build.graph, build.window.started + into, step), build.provenance, build.file,
                  std::nullopt, {}, build.window, build.hint);
      const std::string where = std::to_string(to_seconds(step)) + " s at " + std::to_string(share);
      EXPECT_THAT(broken_laws(numbers, build.duration_sec()), IsEmpty()) << where;
      EXPECT_EQ(test::rows(numbers), test::rows(build.numbers)) << where;
      for (const Step& one : numbers.steps) {
        EXPECT_GE(one.seconds.value_or(0), 0) << where;
        EXPECT_LE(one.seconds.value_or(0), build.duration_sec()) << where;
        EXPECT_GE(one.hydration_seconds.value_or(0), 0) << where;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, ClockStep,
                         testing::Values("first_build", "unchanged", "source_changed", "remote_unchanged",
                                         "cache_exported", "heredoc_and_link", "failed_run"));

}  // namespace
}  // namespace buildlab::metrics
