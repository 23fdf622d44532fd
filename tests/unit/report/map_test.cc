#include "framework/report/map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/json.h"

namespace buildlab::report {
namespace {

using invalidation::ClassRow;
using invalidation::Reach;
using ::testing::HasSubstr;
using ::testing::Not;

invalidation::Map sample_map() {
  invalidation::Map map;
  map.subject = "app";
  map.dockerfile = "docker/Dockerfile";
  map.seconds_from = "2026-01-01T00-00-00Z-0000";
  map.steps = {
      {"build", 3, "COPY deps /"}, {"build", 4, "RUN npm ci"}, {"stage-1", 7, "COPY --from=build /x /x"}};
  map.steps[1].seconds = 8;
  map.steps[2].seconds = 2;
  map.steps[1].parents = {0};
  map.steps[2].content_parents = {1};
  ClassRow deps{"deps/**/*.json", 2, 2048, "deps/a.json"};
  deps.readers = {0};
  deps.affected = {{0, Reach::certain}, {1, Reach::certain}, {2, Reach::at_most}};
  deps.own_sec = 10;
  deps.chain_sec = 10;
  ClassRow unread{"<b>\"odd\"\x1b[31m.md", 1, 5, "x.md"};
  map.rows = {deps, unread};
  return map;
}

invalidation::Map probed_map() {
  invalidation::Map map = sample_map();
  map.rows[0].probe = invalidation::Probe{"deps/a.json", {0, 1}, 0, 5, 4, 6, true};
  return map;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(MapText, SaysWhatIsDerivedAndWhatIsMeasured) {
  const std::string derived = to_text(sample_map(), false);
  EXPECT_THAT(derived, HasSubstr("deps/**/*.json"));
  EXPECT_THAT(derived, HasSubstr("10.0s"));
  EXPECT_THAT(derived, HasSubstr(":3 COPY, :4 RUN npm, :7 COPY (at most)"));
  EXPECT_THAT(derived, HasSubstr("derived"));
  EXPECT_THAT(derived, HasSubstr("no step reads it"));
  EXPECT_THAT(derived, Not(HasSubstr("measured")));
  EXPECT_THAT(derived, Not(HasSubstr("\x1b")));
  const std::string measured = to_text(probed_map(), false);
  EXPECT_THAT(measured, HasSubstr("5.0s"));
  EXPECT_THAT(measured, HasSubstr("measured"));
}

TEST(MapText, TellsWhereAProbeRanSomethingElse) {
  invalidation::Map map = probed_map();
  map.rows[0].probe->as_derived = false;
  map.rows[0].probe->ran = {0};
  EXPECT_THAT(to_text(map, false), HasSubstr("ran :3 COPY, which is not what the Dockerfile foretells"));
  map.rows[0].probe.reset();
  map.rows[0].unprobed = "the build failed";
  EXPECT_THAT(to_text(map, false), HasSubstr("note: deps/**/*.json: the build failed"));
}

TEST(MapJson, HasNullForWhatIsNotKnown) {
  const auto json = parse_json(to_json(sample_map()), "map");
  ASSERT_TRUE(json);
  EXPECT_TRUE(json->at("classes")[0].at("measured").is_null());
  EXPECT_TRUE(json->at("classes")[1].at("derived").at("own_sec").is_null());
  EXPECT_TRUE(json->at("steps")[0].at("seconds").is_null());
  EXPECT_EQ(json->at("classes")[0].at("re_runs")[2].at("reach"), "at_most");
  const auto probed = parse_json(to_json(probed_map()), "map");
  EXPECT_EQ(probed->at("classes")[0].at("measured").at("own_sec"), 5);
}

TEST(MapPicture, DrawsAPartAStepAsWideAsItsSeconds) {
  const std::string svg = to_svg(sample_map());
  EXPECT_THAT(svg,
              HasSubstr("width=\"512.0\" height=\"18\" fill=\"#e69f00\" fill-opacity=\"1\""));  // 8 of 10 s
  EXPECT_THAT(svg, HasSubstr("width=\"128.0\" height=\"18\" fill=\"#009e73\" fill-opacity=\"0.5\""));
  EXPECT_EQ(count(svg, "url(#derived)"), 1U);
  EXPECT_THAT(svg, HasSubstr("docker/Dockerfile:4 RUN npm ci, 8.0s, derived"));
}

TEST(MapPicture, DoesNotHatchWhatWasMeasured) {
  const std::string svg = to_svg(probed_map());
  EXPECT_EQ(count(svg, "url(#derived)"), 0U);
  EXPECT_THAT(svg, HasSubstr("5.0s measured"));
}

TEST(MapPicture, WithoutSecondsCountsSteps) {
  invalidation::Map map = sample_map();
  for (auto& step : map.steps) step.seconds.reset();
  map.rows[0].own_sec.reset();
  const std::string svg = to_svg(map);
  EXPECT_THAT(svg, HasSubstr("number of steps"));
  EXPECT_EQ(count(svg, "width=\"213.3\" height=\"18\" fill=\"#"), 3U);
  EXPECT_THAT(svg, HasSubstr(">3 steps<"));
}

TEST(MapPicture, EscapesWhatItShows) {
  const std::string svg = to_svg(sample_map());
  EXPECT_THAT(svg, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<b>")));
  EXPECT_THAT(svg, Not(HasSubstr("\x1b")));
}

TEST(MapPicture, OfAnEmptyMapIsAPicture) {
  EXPECT_THAT(to_svg({}), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace buildlab::report
