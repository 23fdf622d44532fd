#include "framework/run/imported_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/record_builder.h"

namespace buildlab::run {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

record::ScenarioRecord filled() {
  auto record = testing::record("app.runner", "ephemeral", {});
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
  build.numbers.ran = 1;
  EXPECT_FALSE(wrong_image_reason(filled(), build));
  build = imported("other");
  build.transfer.reset();
  EXPECT_FALSE(wrong_image_reason(filled(), build));
  EXPECT_FALSE(wrong_image_reason(testing::record("app.runner", "ephemeral", {}), imported("other")));
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

}  // namespace
}  // namespace buildlab::run
