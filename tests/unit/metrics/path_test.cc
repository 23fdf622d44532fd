// The longest chain of work.
#include "tests/unit/metrics/hand_made.h"
#include "tests/unit/metrics/recorded.h"

namespace buildlab::metrics {
namespace {

using test::bare;
using test::numbers_of;
using test::ran;
using test::vertex;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> path_names(const Numbers& numbers) {
  std::vector<std::string> names;
  for (const CriticalStep& step : numbers.critical_path) names.push_back(step.name);
  return names;
}

TEST(CriticalPath, FollowsTheLongerOfTwoBranches) {
  const Numbers numbers = numbers_of(
      {vertex("f", "[a 1/2] FROM x", {}, {bare(0, 1)}), vertex("s", "[a 2/2] RUN short", {"f"}, {ran(1, 2)}),
       vertex("l", "[b 2/2] RUN long", {"f"}, {ran(1, 4)}),
       vertex("c", "[c 1/1] COPY both", {"s", "l"}, {ran(4, 5)}),
       vertex("e", "exporting to image", {}, {bare(5, 6)})},
      7,
      "FROM x AS a\nRUN short\nFROM x AS b\nRUN long\nFROM scratch AS c\n"
      "COPY --from=a both both\nCOPY --from=b both both\n");
  EXPECT_THAT(path_names(numbers), ElementsAre("[a 1/2] FROM x", "Dockerfile:4 RUN long", HasSubstr("COPY"),
                                               "exporting to image"));
  EXPECT_THAT(numbers.critical_path_sec, DoubleNear(6, 1e-6));
}

TEST(CriticalPath, OfARealBuildGoesThroughItsLongestSteps) {
  const auto build = test::recorded("first_build");
  const auto names = path_names(build.numbers);
  EXPECT_THAT(names, testing::Contains(HasSubstr("Dockerfile:6 RUN sleep 0.3")));
  EXPECT_THAT(names, testing::Contains(HasSubstr("Dockerfile:12 RUN --mount=type=cache")));
  EXPECT_EQ(names.back(), "exporting to oci image format");
  EXPECT_LE(build.numbers.critical_path_sec, build.duration_sec());
  EXPECT_GT(build.numbers.critical_path_sec, 0.6 * build.duration_sec());
}

TEST(CriticalPath, CountsAnInstantOnce) {
  // Layers are pulled while the export that needs them is open.
  const auto build = test::recorded("remote_unchanged");
  EXPECT_LE(build.numbers.critical_path_sec, build.duration_sec());
}

TEST(CriticalPath, SurvivesACycle) {
  const Numbers numbers = numbers_of(
      {vertex("a", "[1/2] RUN a", {"b"}, {ran(0, 1)}), vertex("b", "[2/2] RUN b", {"a"}, {ran(1, 2)}),
       vertex("s", "[2/2] RUN self", {"s"}, {ran(1, 2)})},
      3);
  EXPECT_THAT(broken_laws(numbers, 3), IsEmpty());
}

TEST(CriticalPath, OfNothingIsEmpty) {
  const Numbers numbers = numbers_of({}, 1);
  EXPECT_THAT(numbers.critical_path, IsEmpty());
  EXPECT_EQ(numbers.critical_path_sec, 0);
}

}  // namespace
}  // namespace buildlab::metrics
