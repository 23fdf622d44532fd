#include "framework/engine/cache_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/engine/arguments.h"
#include "tests/unit/engine/environment.h"

namespace buildlab::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

BuildRequest with_key() {
  BuildRequest request;
  request.cache_imports = {{"azblob", {{"name", "a"}}, {{"secret_access_key", "BUILDLAB_TEST_KEY"}}}};
  request.cache_exports = request.cache_imports;
  return request;
}

TEST(CacheSecrets, AreReadFromTheEnvironmentWhenTheBuildStarts) {
  const ScopedVariable key("BUILDLAB_TEST_KEY", "k,1=");
  const auto request = with_cache_secrets(with_key());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->cache_imports[0].attributes.at("secret_access_key"), "k,1=");
  EXPECT_THAT(request->cache_imports[0].secrets, IsEmpty());
  EXPECT_THAT(build_arguments(*request, client_files("/w/out")),
              Contains("type=azblob,name=a,\"secret_access_key=k,1=\""));
}

TEST(CacheSecrets, OfAVariableThatIsNotSetNameIt) {
  const ScopedVariable key("BUILDLAB_TEST_KEY", nullptr);
  const auto request = with_cache_secrets(with_key());
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().kind, ErrorKind::usage);
  EXPECT_THAT(request.error().message, HasSubstr("BUILDLAB_TEST_KEY for secret_access_key is not set"));
}

TEST(CacheSecrets, AreAllKnownToTheRedaction) {
  const ScopedVariable key("BUILDLAB_TEST_KEY", "key");
  const ScopedVariable aws("AWS_SECRET_ACCESS_KEY", "aws-secret");
  const ScopedVariable token("ACTIONS_RUNTIME_TOKEN", "runtime-token");
  const ScopedVariable session("AWS_SESSION_TOKEN", nullptr);
  const ScopedVariable azure("AZURE_CLIENT_SECRET", nullptr);
  EXPECT_THAT(cache_secret_values(with_key()), ElementsAre("key"));
  BuildRequest both;
  both.cache_exports = {{"s3", {}}, {"gha", {}}};
  EXPECT_THAT(cache_secret_values(both), UnorderedElementsAre("aws-secret", "runtime-token"));
  BuildRequest registry;
  registry.cache_imports = {{"registry", {{"ref", "a/b"}}}};
  EXPECT_THAT(cache_secret_values(registry), IsEmpty());
  registry.fetch_server = "127.0.0.1:5999/word";
  EXPECT_THAT(cache_secret_values(registry), ElementsAre("word"));
}

}  // namespace
}  // namespace buildlab::engine
