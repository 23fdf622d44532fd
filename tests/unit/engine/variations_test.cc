#include "framework/engine/variations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstdlib>

#include "framework/base/file.h"

namespace buildlab::engine {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using variation::Kind;

VariationTools all_tools() {
  return {.shim = "/s", .faketime = "/f", .cpu_sets = true, .processors = 2, .memory_free = Bytes{1U << 30U}};
}

TEST(VariationObstacles, AreNoneWhereAllIsThere) {
  const auto all = variation::parse_variations({"all"});
  ASSERT_TRUE(all);
  for (const auto& variation : *all)
    EXPECT_EQ(obstacle(all_tools(), variation), std::nullopt) << to_string(variation);
}

TEST(VariationObstacles, SayWhatToInstall) {
  VariationTools tools = all_tools();
  tools.faketime.clear();
  EXPECT_THAT(obstacle(tools, {Kind::clock, 86'400}).value_or(""), HasSubstr("apt-get install libfaketime"));
  EXPECT_EQ(obstacle(tools, {Kind::hostname}), std::nullopt);
  tools.processors = 1;
  EXPECT_THAT(obstacle(tools, {Kind::cpus}).value_or(""), HasSubstr("one processor"));
  tools.shim.clear();
  EXPECT_THAT(obstacle(tools, {Kind::hostname}).value_or(""), HasSubstr("BUILDLAB_RUNTIME"));
  EXPECT_EQ(obstacle(tools, {Kind::network}), std::nullopt);
  EXPECT_EQ(obstacle(tools, {Kind::context_umask}), std::nullopt);
}

TEST(VaryRequest, LeavesARequestAloneUnlessTheBuilderIsVaried) {
  BuildRequest request;
  vary_request(request, {});
  vary_request(request, {{Kind::hostname}, {Kind::umask}, {Kind::file_order}});
  EXPECT_THAT(request.frontend_options, IsEmpty());
}

TEST(VaryRequest, TakesTheNetworkAway) {
  BuildRequest request;
  vary_request(request, {{Kind::network}});
  EXPECT_THAT(request.frontend_options, UnorderedElementsAre(Pair("force-network-mode", "none")));
}

TEST(VaryRequest, ChangesNoOptionThatDigestsDependOn) {
  BuildRequest request;
  vary_request(request, {{Kind::builder_options}});
  EXPECT_THAT(request.frontend_options, testing::SizeIs(3));
  EXPECT_THAT(request.export_attributes, IsEmpty());
}

TEST(VariationTools, AreTakenFromTheEnvironmentFirst) {
  const auto folder = TempDir::create(std::filesystem::temp_directory_path(), "tools");
  ASSERT_TRUE(folder);
  const std::string shim = folder->path() / "shim";
  ASSERT_TRUE(write_file_atomic(shim, ""));
  ::setenv("BUILDLAB_RUNTIME", shim.c_str(), 1);
  ::setenv("BUILDLAB_FAKETIME", "/nowhere/lib.so", 1);
  const VariationTools tools = find_variation_tools({});
  ::unsetenv("BUILDLAB_RUNTIME");
  ::unsetenv("BUILDLAB_FAKETIME");
  EXPECT_EQ(tools.shim, shim);
  EXPECT_EQ(tools.faketime, "") << "what was asked for is not replaced by something else";
  EXPECT_GE(tools.processors, 1);
  EXPECT_GT(tools.memory_free.count, 0U);
}

}  // namespace
}  // namespace buildlab::engine
