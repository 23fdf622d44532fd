#include "framework/engine/proxy_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/engine/arguments.h"
#include "framework/engine/daemon.h"

namespace buildlab::engine {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Toolchain toolchain(const std::string& daemon, const std::string& client) {
  Toolchain tools;
  tools.buildkitd = {"/opt/buildkitd", daemon, "PATH"};
  tools.buildctl = {"/opt/buildctl", client, "PATH"};
  tools.runc = {"/opt/runc", "1.1", "PATH"};
  return tools;
}

TEST(ProxyNetwork, NeedsABuildKitThatHasIt) {
  VariationTools tools;
  tools.shim = "/opt/buildlab-runtime";
  EXPECT_TRUE(may_use_proxy_network(toolchain("v0.32.0", "v0.34.1"), tools));
  EXPECT_TRUE(may_use_proxy_network(toolchain("v1.0", "v1.0"), tools));
  const auto old = may_use_proxy_network(toolchain("v0.31.9", "v0.32.0"), tools);
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(old.error().message,
              HasSubstr("needs BuildKit v0.32 or newer; /opt/buildkitd (PATH) is v0.31.9"));
  const auto old_client = may_use_proxy_network(toolchain("v0.32.0", "v0.30.0"), tools);
  ASSERT_FALSE(old_client);
  EXPECT_THAT(old_client.error().message, HasSubstr("/opt/buildctl"));
}

TEST(ProxyNetwork, NeedsTheShim) {
  const auto without = may_use_proxy_network(toolchain("v0.32.0", "v0.32.0"), {});
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("buildlab-runtime"));
}

TEST(ProxyNetwork, IsAskedForByBuild) {
  BuildRequest request;
  EXPECT_THAT(build_arguments(request, client_files("/b")), Not(Contains("--proxy-network")));
  request.proxy_network = true;
  EXPECT_THAT(build_arguments(request, client_files("/b")), Contains("--proxy-network"));
}

TEST(ProxyNetwork, StartsContainersThroughTheShim) {
  BuilderOptions options;
  options.toolchain = toolchain("v0.32.0", "v0.32.0");
  EXPECT_FALSE(is_shimmed(options));
  EXPECT_THAT(daemon_command(options, {}), Contains("/opt/runc"));
  options.proxy_shim = "/opt/buildlab-runtime";
  EXPECT_TRUE(is_shimmed(options));
  EXPECT_THAT(daemon_command(options, {}), Contains("/opt/buildlab-runtime"));
  const shim::Settings settings = shim_settings(options, {});
  EXPECT_TRUE(settings.proxied);
  EXPECT_EQ(settings.runtime, "/opt/runc");
}

}  // namespace
}  // namespace buildlab::engine
