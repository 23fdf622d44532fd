#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "framework/record/record.h"
#include "tests/support/record_builder.h"

namespace buildlab::record {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(RecordLaws, HoldForTheRecordsThatTestsAreMadeOf) {
  EXPECT_THAT(broken_laws(testing::cold_record()), IsEmpty());
  EXPECT_THAT(broken_laws(testing::warm_record()), IsEmpty());
  EXPECT_THAT(broken_laws(testing::edit_record()), IsEmpty());
}

TEST(RecordLaws, NameTheBuildWhosePartsDoNotSumToItsDuration) {
  ScenarioRecord record = testing::warm_record();
  record.builds[1].numbers.parts.idle_sec += 0.2;
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("build 2: ")));
}

TEST(RecordLaws, AreCheckedOnPrimingBuildsToo) {
  ScenarioRecord record = testing::warm_record();
  record.priming = {testing::build(testing::cold_steps(), 16.2)};
  record.priming[0].iteration = 1;
  record.priming[0].numbers.hits += 1;
  ASSERT_FALSE(broken_laws(record).empty());
  EXPECT_THAT(broken_laws(record)[0], HasSubstr("priming build 1: "));
}

TEST(RecordLaws, AreCheckedOnUndisturbedBuildsToo) {
  ScenarioRecord record = testing::warm_record();
  record.references = {testing::build(testing::edit_steps(), 3.2),
                       testing::build(testing::edit_steps(), 3.3)};
  record.references[0].iteration = 1;
  record.references[1].iteration = 3;
  ASSERT_FALSE(broken_laws(record).empty());
  EXPECT_THAT(broken_laws(record)[0], HasSubstr("undisturbed build 3: "));
}

TEST(RecordLaws, AVariedBuildHasADigestOrAFailure) {
  ScenarioRecord record = testing::warm_record();
  record.varied_builds = {{{"umask"}, "", 1, testing::digest("x"), {}, std::nullopt, ""},
                          {{"umask"}, "", 1, "", {}, "failed", ""}};
  EXPECT_THAT(broken_laws(record), IsEmpty());
  record.varied_builds[0].failure = "failed";
  record.varied_builds[1].failure.reset();
  EXPECT_THAT(broken_laws(record), SizeIs(2));
}

TEST(RecordLaws, IterationsCountFromOneWithoutGaps) {
  ScenarioRecord record = testing::warm_record();
  record.builds[1].iteration = 3;
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("build 2 should")));
}

TEST(RecordLaws, LayersAreNotLargerThanTheirImage) {
  ScenarioRecord record = testing::cold_record();
  record.builds[0].image->size_bytes = 1000;
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("42000000 bytes, more than the image's 1000")));
}

TEST(RecordLaws, ABuildIsValidOrHasAReasonNotToBe) {
  ScenarioRecord record = testing::cold_record();
  record.builds[0].invalid_reason = "the import failed";
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("the import failed")));
  record.builds[0].valid = false;
  EXPECT_THAT(broken_laws(record), IsEmpty());
  record.builds[0].invalid_reason.reset();
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("no reason")));
}

TEST(RecordLaws, AFailedBuildIsNoSample) {
  ScenarioRecord record = testing::cold_record();
  record.builds[0].failure = "Dockerfile:5 failed";
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("counts as valid")));
}

TEST(RecordLaws, RatiosAndNumbersStayInTheirRange) {
  ScenarioRecord record = testing::cold_record();
  record.builds[0].time_weighted_hit_ratio = 1.5;
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("outside [0, 1]")));
  record = testing::cold_record();
  record.builds[0].numbers.steps[0].seconds = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("not finite")));
}

TEST(SubjectKey, IsTheSameDeclarationWhateverItsName) {
  const SubjectKey key = testing::cold_record().subject;
  SubjectKey other = key;
  other.name = "another";
  EXPECT_TRUE(key.same_declaration(other));
  for (std::string SubjectKey::*field :
       {&SubjectKey::context, &SubjectKey::dockerfile, &SubjectKey::target, &SubjectKey::platform}) {
    SubjectKey changed = key;
    changed.*field += "x";
    EXPECT_FALSE(key.same_declaration(changed));
  }
  other.build_args["VERSION"] = "2";
  EXPECT_FALSE(key.same_declaration(other));
}

TEST(RecordLaws, ARunLengthHasNumbersInOrder) {
  ScenarioRecord record = testing::warm_record();
  record.run_length = RunLength{2, 3, 0.1, std::nullopt, 0.05, 1, "most"};
  EXPECT_THAT(broken_laws(record), IsEmpty());
  record.run_length->most = 1;
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("at least 2 and at most 1")));
  record.run_length = RunLength{2, 3, 0.1, std::nullopt, std::numeric_limits<double>::infinity(), 1, "most"};
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("not finite")));
}

TEST(RecordLaws, AConfirmationHasDurationsAndIsNotStopped) {
  ScenarioRecord record = testing::warm_record();
  record.confirmations = {{"max_duration_sec", "", 10, {{"app.warm", 1, "", 2.5}}, true, std::nullopt}};
  EXPECT_THAT(broken_laws(record), IsEmpty());
  record.confirmations[0].builds[0].duration_sec = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("max_duration_sec")));
  record.confirmations[0].builds.clear();
  record.confirmations[0].error = "interrupted";
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("did not come to its end")));
}

}  // namespace
}  // namespace buildlab::record
