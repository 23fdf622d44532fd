#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using verdict::Ruling;
using verdict::Verdict;

Verdict judge_size(const record::ScenarioRecord& record, std::uint64_t limit) {
  scenario::GateSettings settings;
  settings.max_image_size = Bytes{limit};
  return verdict_of("max_image_size", record, settings);
}

TEST(MaxImageSize, PassesAtItsLimitExactly) {
  EXPECT_EQ(judge_size(testing::cold_record(), 42'001'500).ruling, Ruling::pass);
  EXPECT_EQ(judge_size(testing::cold_record(), 42'001'499).ruling, Ruling::fail);
}

TEST(MaxImageSize, LooksAtTheLargestImageAndListsItsLayers) {
  auto record = testing::warm_record();
  record.builds[1].image->size_bytes += 1000;
  const Verdict verdict = judge_size(record, 42'001'500);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, HasSubstr("in build 2"));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("layer 1 of 2: 28.6 MiB")));
}

TEST(MaxImageSize, IsNotEvaluatedWithoutAnImage) {
  auto record = testing::cold_record();
  record.builds[0].image.reset();
  EXPECT_EQ(judge_size(record, 1).ruling, Ruling::not_evaluated);
}

}  // namespace
}  // namespace buildlab::gates
