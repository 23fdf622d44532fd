#include "framework/run/varied_build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using variation::How;
using variation::Kind;
using variation::Reach;
using variation::StepReport;
using variation::Variation;

const Variation k_clock{Kind::clock, 86'400};

StepReport step(std::string command, How how, std::string reason = {}) {
  return {std::move(command), {{k_clock, how, std::move(reason)}}};
}

TEST(Reach, OfWhatWasAppliedEverywhereNeedsNoWords) {
  EXPECT_THAT(reach_of({k_clock}, {step("a", How::applied), step("b", How::applied)}), IsEmpty());
}

TEST(Reach, IsNoneWhereEveryStepRefused) {
  const auto reached = reach_of(
      {k_clock}, {step("busybox true", How::refused, "busybox is static"), step("b", How::refused, "x")});
  ASSERT_TRUE(reached.contains(k_clock));
  EXPECT_EQ(reached.at(k_clock).reach, Reach::none);
  EXPECT_EQ(reached.at(k_clock).reason, "busybox is static (RUN busybox true)");
}

TEST(Reach, IsSomeWhereOneStepRefused) {
  const auto reached = reach_of({k_clock}, {step("a", How::applied), step("b", How::refused, "b is static"),
                                            step("c", How::pinned, "the image sets it")});
  EXPECT_EQ(reached.at(k_clock).reach, Reach::some);
  EXPECT_THAT(reached.at(k_clock).reason, HasSubstr("not applied to 1 of 3 RUN: b is static"));
}

TEST(Reach, IsPinnedWhereTheImageSetsItEverywhere) {
  const auto all = reach_of({k_clock}, {step("a", How::pinned, "own")});
  EXPECT_EQ(all.at(k_clock).reach, Reach::pinned);
  EXPECT_EQ(all.at(k_clock).reason, "own");
  EXPECT_THAT(reach_of({k_clock}, {step("a", How::pinned, "own"), step("b", How::applied)}), IsEmpty());
}

TEST(Reach, IsNoneWithoutAnyRun) {
  const auto reached = reach_of({{Kind::hostname}, {Kind::user}, {Kind::network}, {Kind::context_umask}}, {});
  EXPECT_THAT(reached, ::testing::SizeIs(1)) << "the others do not need a container";
  EXPECT_EQ(reached.at({Kind::hostname}).reason, "no RUN was executed");
}

TEST(Fingerprint, FollowsTheScenariosPolicy) {
  const record::ImageRow image{"manifest", "config", 2, {{"blob", "content", 1}}};
  record::ImageRow other = image;
  other.digest = "other manifest";
  other.layers[0].digest = "other blob";
  scenario::GateSettings settings;
  EXPECT_EQ(fingerprint_of(image, settings), "manifest") << "without a policy the strictest";
  settings.digest_stable = scenario::DigestPolicy::config;
  EXPECT_EQ(fingerprint_of(image, settings), fingerprint_of(other, settings));
  settings.digest_stable = scenario::DigestPolicy::layers;
  other.config_digest = "other config";
  EXPECT_EQ(fingerprint_of(image, settings), fingerprint_of(other, settings));
  other.layers[0].diff_id = "other content";
  EXPECT_NE(fingerprint_of(image, settings), fingerprint_of(other, settings));
  EXPECT_FALSE(fingerprint_of({}, settings).empty()) << "an image without layers is an image";
}

}  // namespace
}  // namespace buildlab::run
