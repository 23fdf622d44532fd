#include "framework/drift/blame.h"

#include <gtest/gtest.h>

namespace buildlab::drift {
namespace {

metrics::Provenance provenance() {
  metrics::Provenance result;
  result.dockerfile_name = "Dockerfile";
  result.dockerfile_text = "FROM base\nRUN one\nCOPY two \\\n  /three\n";
  result.steps["step0"] = {"step0", {}, {{1, 1}}};
  result.steps["step1"] = {"step1", {"step0:0"}, {{2, 2}}};
  result.steps["step2"] = {"step2", {"step1:0"}, {{3, 4}}};
  result.step_of_layer = {"step0", "step1", "step2"};
  return result;
}

TEST(Blame, NamesTheInstructionThatWroteALayer) {
  Options options;
  blame(options, provenance(), 3, provenance(), 2);
  const auto run = options.step_of_layer(true, 1);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->file, "Dockerfile");
  EXPECT_EQ(run->text, "RUN one");
  const auto copy = options.step_of_layer(true, 2);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->lines, (dockerfile::LineRange{3, 4}));
  EXPECT_EQ(copy->text, "COPY two /three");
  EXPECT_FALSE(options.step_of_layer(true, 3));
  // Its provenance knows of another number of layers: then no layer is tied to a wrong step.
  EXPECT_FALSE(options.step_of_layer(false, 1));
}

}  // namespace
}  // namespace buildlab::drift
