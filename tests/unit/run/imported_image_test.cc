#include "framework/run/imported_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/record_builder.h"

namespace buildlab::run {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

record::ScenarioRecord filled() {
  auto record = testing::record("app.runner", "ephemeral", {});
  record.cache_mode = "registry";
  record.faults = {"pull gone times=1"};
  record.priming = {testing::build(testing::cold_steps(), 16.2, "app")};
  return record;
}

record::Build imported(std::string_view image) {
  record::Build build = testing::build(testing::warm_steps(), 2, image);
  build.transfer.emplace();
  build.transfer->requests = 9;
  build.transfer->faults = 1;
  return build;
}

// After an edit of the sources, the last layer being that of the last step.
record::Build edited(std::string_view image) {
  record::Build build = imported(image);
  build.numbers = testing::numbers(testing::edit_steps(), 3);
  build.mutation = "append src/main.cpp";
  build.image->layers[0].lines = {{6, 6}};
  build.image->layers[1].lines = {{7, 7}};
  return build;
}

TEST(ImportedImage, IsNoSampleWhereTroubleMadeItAnotherOne) {
  EXPECT_THAT(
      wrong_image_reason(filled(), imported("other")),
      Optional(AllOf(HasSubstr(testing::image("other").digest), HasSubstr(testing::image("app").digest))));
  record::Build retried = imported("other");
  retried.transfer->faults = 0;
  retried.transfer->retries = 1;
  EXPECT_TRUE(wrong_image_reason(filled(), retried));
  retried.transfer->retries = 0;
  retried.transfer->lookup_faults = 1;
  EXPECT_TRUE(wrong_image_reason(filled(), retried));
  EXPECT_FALSE(wrong_image_reason(filled(), imported("app"))) << "the same image";
}

TEST(ImportedImage, IsAsItMayBeWhereNothingFailedOrSomethingElseChanged) {
  record::Build build = imported("other");
  build.transfer->faults = 0;
  EXPECT_FALSE(wrong_image_reason(filled(), build)) << "no trouble";
  build = imported("other");
  build.mutation = "append src/main.cpp";
  EXPECT_FALSE(wrong_image_reason(filled(), build));
  build = imported("other");
  build.transfer.reset();
  EXPECT_FALSE(wrong_image_reason(filled(), build));
  EXPECT_FALSE(wrong_image_reason(testing::record("app.runner", "ephemeral", {}), imported("other")));
}

TEST(ImportedImage, OfABuildThatRanAStepAgainIsThatOfTheOneThatFilledTheCache) {
  record::Build build = edited("app");
  build.mutation.clear();
  EXPECT_FALSE(wrong_image_reason(filled(), build)) << "the same image";
  build = edited("other");
  build.mutation.clear();
  EXPECT_THAT(wrong_image_reason(filled(), build),
              Optional(AllOf(HasSubstr("layer 2 (line 7"), HasSubstr("whose step ran"))));
  auto slow = filled();
  slow.faults = {"pull latency latency_ms=100", "pull bandwidth bytes_per_sec=4096"};
  EXPECT_FALSE(wrong_image_reason(slow, build)) << "nothing failed";
}

TEST(ImportedImage, OfAMatrixIsComparedWithItsOwnBackends) {
  auto record = filled();
  record.priming[0].builder = "registry";
  record.priming.push_back(testing::build(testing::cold_steps(), 16.2, "inline"));
  record.priming[1].builder = "inline";
  record::Build build = imported("app");
  build.builder = "registry";
  EXPECT_FALSE(wrong_image_reason(record, build));
  build.builder = "inline";
  EXPECT_TRUE(wrong_image_reason(record, build));
}

TEST(ImportedImage, OfAnEditNeedsAFurtherBuildWhereRequestsFailed) {
  EXPECT_TRUE(needs_reference(filled(), edited("app")));
  record::Build build = edited("app");
  build.mutation.clear();
  EXPECT_FALSE(needs_reference(filled(), build)) << "the one that filled the cache is of the same inputs";
  build = testing::invalid(edited("app"), "the import failed");
  EXPECT_FALSE(needs_reference(filled(), build));
  build = edited("app");
  build.transfer->faults = 0;
  EXPECT_FALSE(needs_reference(filled(), build)) << "no trouble";
  build.transfer->cut = 1;
  EXPECT_TRUE(needs_reference(filled(), build));
  build.transfer.reset();
  EXPECT_FALSE(needs_reference(filled(), build)) << "nobody counted";
}

TEST(ImportedImage, OfAnEditNeedsNoneWhereRequestsOnlyTookLonger) {
  auto record = filled();
  record.faults = {"pull latency latency_ms=100", "fetch gone"};
  EXPECT_FALSE(needs_reference(record, edited("app")));
  record::Build build = edited("app");
  build.transfer->retries = 1;
  EXPECT_TRUE(needs_reference(record, build)) << "something failed all the same";
  build = edited("app");
  build.transfer->lookup_faults = 1;
  EXPECT_TRUE(needs_reference(record, build));
  record.faults.emplace_back("import status status=503 times=1");
  EXPECT_TRUE(needs_reference(record, edited("app")));
}

// Trouble in all, and what of it was of reading the cache.
record::Build with_trouble(record::Build build, const record::ReadTrouble& all,
                           const record::ReadTrouble& reading) {
  build.transfer->retries = all.retries;
  build.transfer->cut = all.cut;
  build.transfer->faults = all.faults;
  build.transfer->lookup_faults = all.lookup_faults;
  build.transfer->reading = reading;
  return build;
}

TEST(ImportedImage, IsNotTouchedByTroubleWithTheExport) {
  auto record = filled();
  record.faults = {"export status status=503 times=1"};
  const record::ReadTrouble all{2, 1, 1, 1};
  EXPECT_FALSE(needs_reference(record, with_trouble(edited("app"), all, {})));
  EXPECT_FALSE(wrong_image_reason(record, with_trouble(imported("other"), all, {})));
  record::Build ran = with_trouble(edited("other"), all, {});
  ran.mutation.clear();
  EXPECT_FALSE(wrong_image_reason(record, ran)) << "its step came out otherwise, as it does without";
  for (const record::ReadTrouble& reading :
       {record::ReadTrouble{1, 0, 0, 0}, record::ReadTrouble{0, 1, 0, 0}, record::ReadTrouble{0, 0, 0, 1}}) {
    EXPECT_TRUE(needs_reference(record, with_trouble(edited("app"), all, reading)));
    EXPECT_TRUE(wrong_image_reason(record, with_trouble(imported("other"), all, reading)));
  }
}

TEST(ImportedImage, IsThatOfASlowReadWhateverHappensToTheExport) {
  auto record = filled();
  record.faults = {"pull latency latency_ms=100", "export gone times=1"};
  EXPECT_FALSE(needs_reference(record, with_trouble(edited("app"), {1, 0, 5, 0}, {0, 0, 4, 0})));
  record.faults.emplace_back("pull gone times=1");
  EXPECT_TRUE(needs_reference(record, with_trouble(edited("app"), {1, 0, 5, 0}, {0, 0, 4, 0})));
}

TEST(ImportedImage, OfAMatrixMetTheFaultsOfItsOwnBackend) {
  auto record = filled();
  record.faults.clear();
  record.backends = {{"far", "registry"}, {"bad", "registry"}};
  record.backends[0].faults = {"pull latency latency_ms=100"};
  record.backends[1].faults = {"pull gone times=1"};
  record::Build build = edited("app");
  build.builder = "far";
  EXPECT_FALSE(needs_reference(record, build));
  build.builder = "bad";
  EXPECT_TRUE(needs_reference(record, build));
}

TEST(ImportedImage, LikeTheUndisturbedOneIsASample) {
  EXPECT_FALSE(unlike_reference(filled(), edited("app"), edited("app")));
}

TEST(ImportedImage, WithAnotherLayerOfAHitIsNotToBeTrusted) {
  record::Build build = edited("app");
  build.image->digest = testing::digest("another manifest");
  build.image->layers[0].diff_id = testing::digest("with real times");
  build.image->layers[1].diff_id = testing::digest("and another");
  EXPECT_THAT(unlike_reference(filled(), build, edited("app")),
              Optional(AllOf(HasSubstr("layer 1 (line 6"), HasSubstr("not to be trusted"),
                             HasSubstr(build.image->digest), HasSubstr(testing::image("app").digest),
                             Not(HasSubstr("whose step ran")))));
  build = edited("app");
  build.image->digest = testing::digest("another manifest");
  build.image->layers[0].media_type = "application/vnd.oci.image.layer/v1.tar+gzip";
  auto record = filled();
  record.circumstances.source_date_epoch.reset();
  EXPECT_THAT(unlike_reference(record, build, edited("app")), Optional(HasSubstr("layer 1")))
      << "whatever the configuration tells";
  build.image->layers.pop_back();
  EXPECT_THAT(unlike_reference(filled(), build, edited("app")), Optional(HasSubstr("1 layers, and not 2")));
}

TEST(ImportedImage, WithAnotherLayerOfAStepThatRanHasNothingToVouchForIt) {
  record::Build build = edited("app");
  build.image->digest = testing::digest("another manifest");
  build.image->layers[1].diff_id = testing::digest("of the time");
  EXPECT_THAT(unlike_reference(filled(), build, edited("app")),
              Optional(AllOf(HasSubstr("line 7"), HasSubstr("whose step ran"))));
}

TEST(ImportedImage, OfOneInputHasOneConfigurationUnlessItTellsTimes) {
  record::Build build = edited("app");
  build.image->digest = testing::digest("another manifest");
  build.image->config_digest = testing::digest("another configuration");
  EXPECT_THAT(unlike_reference(filled(), build, edited("app")), Optional(HasSubstr("the same layers")));
  auto record = filled();
  record.circumstances.source_date_epoch.reset();
  EXPECT_FALSE(unlike_reference(record, build, edited("app"))) << "it has the time at which steps ran";
  record = filled();
  record.cache_mode = "inline";
  EXPECT_FALSE(unlike_reference(record, build, edited("app"))) << "it describes layers with their real times";
  build.numbers = testing::numbers(testing::warm_steps(), 3);
  EXPECT_TRUE(unlike_reference(record, build, edited("app"))) << "no step ran that it could tell of";
}

TEST(ImportedImage, IsNotVouchedForByABuildThatIsNoSample) {
  EXPECT_THAT(
      unlike_reference(filled(), edited("app"), testing::invalid(edited("app"), "the cache import failed")),
      Optional(HasSubstr("the cache import failed")));
  EXPECT_TRUE(unlike_reference(filled(), edited("app"), testing::failed(edited("app"), "no disk")));
}

}  // namespace
}  // namespace buildlab::run
