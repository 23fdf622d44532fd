#include "framework/cache_keys/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

#include "tests/unit/cache_keys/recorded.h"

namespace buildlab::cache_keys {
namespace {

using test::recorded;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<int> lines_of(const std::vector<StepOperation>& operations) {
  std::vector<int> lines;
  for (const StepOperation& operation : operations) lines.push_back(operation.lines.front().first);
  return lines;
}

TEST(Operations, AreThoseOfTheDockerfilesLines) {
  const auto operations = test::operations();
  EXPECT_THAT(lines_of(operations), ElementsAre(2, 5, 6, 8, 10, 11));
  EXPECT_EQ(operations[1].inputs.at(1).origin, Origin::context);
  EXPECT_THAT(operations[1].inputs.at(1).paths, ElementsAre("/input.txt", "/other.txt"));
  EXPECT_EQ(operations[3].inputs.at(0).origin, Origin::step);
  EXPECT_THAT(operations[3].inputs.at(1).paths, ElementsAre("/tool.txt"));
  EXPECT_EQ(operations[4].inputs.at(1).origin, Origin::step);
}

TEST(Operations, AreThoseThatKeysWereComputedFrom) {
  const KeyStore keys = test::keys("after");
  for (const StepOperation& step : test::operations()) {
    const auto same = std::count_if(
        keys.operations.begin(), keys.operations.end(),
        [&step](const auto& entry) { return comparable(entry.second.preimage) == step.operation; });
    EXPECT_EQ(same, 1) << step.operation.dump();
  }
}

TEST(Operations, OfAnotherBuildAreOthers) {
  const KeyStore keys = test::keys("before");
  const StepOperation run = test::operations()[3];
  for (const auto& [digest, operation] : keys.operations)
    EXPECT_NE(comparable(operation.preimage), run.operation) << "VERSION was 1";
}

TEST(Operations, TellAddressesAndImagesFromTheContext) {
  const char* copy = R"({"file":{"actions":[{"Action":{"copy":{"src":"/a"}},"secondaryInput":0}]}})";
  for (const auto& [source, origin] :
       {std::pair("local://context", Origin::context), std::pair("https://x/a", Origin::address),
        std::pair("docker-image://x/a@sha256:1", Origin::image)}) {
    const std::string text =
        R"({"predicate":{"buildDefinition":{"internalParameters":{"buildConfig":{"llbDefinition":[
        {"id":"step0","op":{"Op":{"source":{"identifier":")" +
        std::string(source) + R"("}}}},{"id":"step1","inputs":["step0:0"],"op":{"Op":)" + copy + R"(}}]}}},
        "runDetails":{"metadata":{"buildkit_metadata":{"source":{"locations":{"step1":{"locations":[
        {"ranges":[{"start":{"line":3},"end":{"line":4}}]}]}}}}}}}})";
    const auto operations = operations_of(text, "p");
    ASSERT_TRUE(operations) << operations.error().message;
    ASSERT_THAT(*operations, SizeIs(1));
    EXPECT_EQ(operations->front().inputs.at(0).origin, origin) << source;
    EXPECT_EQ(operations->front().lines.front().last, 4);
  }
}

TEST(Operations, NeedADefinition) {
  EXPECT_FALSE(operations_of("", "p"));
  EXPECT_THAT(operations_of("{}", "p").error().message, HasSubstr("p: has no definition"));
  const auto odd = operations_of(
      R"({"buildDefinition":{"internalParameters":{"buildConfig":{"llbDefinition":[1,{"op":{"Op":{"exec":{"mounts":5}}}}]}}}})",
      "p");
  ASSERT_TRUE(odd);
  EXPECT_THAT(*odd, SizeIs(0)) << "of no line";
}

TEST(Comparable, LeavesOutWhatNoKeyHolds) {
  const auto with = [](const std::string& meta) {
    return comparable(R"({"Type":"buildkit.exec.v0","Exec":{"meta":{"args":["a"])" + meta + "}}}");
  };
  EXPECT_EQ(with(""), with(R"(,"proxy_env":{"http_proxy":"http://p"})"));
  EXPECT_EQ(with(R"(,"extraHosts":[{"Host":"h","IP":""}])"),
            with(R"(,"extraHosts":[{"Host":"h","IP":"1.2.3.4"}])"));
  EXPECT_NE(with(""), with(R"(,"user":"u")"));
  EXPECT_TRUE(comparable("").is_null());
  EXPECT_TRUE(comparable("[]").is_null());
  EXPECT_TRUE(comparable(R"({"Digest":"sha256:a","OS":"linux"})").is_null()) << "an image";
}

}  // namespace
}  // namespace buildlab::cache_keys
