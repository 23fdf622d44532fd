#include "framework/run/external_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/file.h"
#include "tests/unit/engine/environment.h"

namespace buildlab::run {
namespace {

using engine::ScopedVariable;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

scenario::Backend backend(scenario::CacheMode mode, std::map<std::string, std::string> attributes = {}) {
  scenario::Backend made;
  made.cache_mode = mode;
  made.cache_attributes = std::move(attributes);
  return made;
}

ExternalCache opened(const scenario::Backend& from) {
  auto cache = ExternalCache::open({}, from, "/w/cache");
  EXPECT_TRUE(cache) << (cache ? "" : cache.error().message);
  return cache.value_or(ExternalCache());
}

TEST(ExternalCache, IsNoneForBuildersWithout) {
  const ExternalCache cache = opened(backend(scenario::CacheMode::none));
  EXPECT_FALSE(cache.exists());
  EXPECT_THAT(cache.measured(1).imports, IsEmpty());
  EXPECT_THAT(cache.priming().exports, IsEmpty());
  EXPECT_FALSE(opened(backend(scenario::CacheMode::builder)).exists());
}

TEST(ExternalCache, OfAFolderIsWrittenApartByEachRun) {
  const ExternalCache cache = opened(backend(scenario::CacheMode::local, {{"compression", "zstd"}}));
  const CacheUse first = cache.priming();
  EXPECT_THAT(first.imports, IsEmpty());
  EXPECT_THAT(first.exports[0].attributes,
              UnorderedElementsAre(Pair("dest", "/w/cache/primed"), Pair("mode", "max"),
                                   Pair("compression", "zstd"), Pair("force-compression", "true")));
  const CacheUse second = cache.measured(2);
  EXPECT_THAT(second.imports[0].attributes, UnorderedElementsAre(Pair("src", "/w/cache/primed")))
      << "compression is the exporter's";
  EXPECT_EQ(second.exports[0].attributes.at("dest"), "/w/cache/run-2");
  EXPECT_FALSE(cache.is_filled());
}

TEST(ExternalCache, OfAReferenceIsReadAndWrittenByEachRun) {
  auto named = backend(scenario::CacheMode::registry, {{"registry.insecure", "true"}});
  named.cache_ref = "registry.example/cache:app";
  named.cache_export_mode = "min";
  const CacheUse use = opened(named).measured(1);
  EXPECT_THAT(use.imports[0].attributes, UnorderedElementsAre(Pair("ref", "registry.example/cache:app"),
                                                              Pair("registry.insecure", "true")));
  EXPECT_THAT(use.exports[0].attributes,
              UnorderedElementsAre(Pair("ref", "registry.example/cache:app"), Pair("mode", "min"),
                                   Pair("registry.insecure", "true")));
  EXPECT_TRUE(opened(named).registry().empty());
}

TEST(ExternalCache, InsideTheImageIsPushedWithIt) {
  auto named = backend(scenario::CacheMode::inlined, {{"compression", "zstd"}});
  named.cache_ref = "localhost:5000/app:main";
  const CacheUse use = opened(named).measured(1);
  EXPECT_EQ(use.push, "localhost:5000/app:main");
  EXPECT_THAT(use.push_attributes,
              UnorderedElementsAre(Pair("compression", "zstd"), Pair("force-compression", "true")));
  EXPECT_EQ(use.exports[0].type, "inline");
  EXPECT_THAT(use.exports[0].attributes, IsEmpty());
  EXPECT_EQ(use.imports[0].type, "registry");
  EXPECT_THAT(use.imports[0].attributes, UnorderedElementsAre(Pair("ref", "localhost:5000/app:main")));
  const CacheUse moved = through_proxy(use, "localhost:5000", "127.0.0.1:9", "127.0.0.1:8");
  EXPECT_EQ(moved.push, "127.0.0.1:8/app:main");
  EXPECT_EQ(moved.imports[0].attributes.at("ref"), "127.0.0.1:9/app:main");
}

TEST(ExternalCache, OfAServiceHasOneNameToReadAndAnotherToWrite) {
  const ExternalCache cache = opened(backend(scenario::CacheMode::s3, {{"bucket", "ci"},
                                                                       {"region", "eu"},
                                                                       {"name", "a;b"},
                                                                       {"secret_access_key_env", "KEY"},
                                                                       {"upload_parallelism", "2"}}));
  const CacheUse use = cache.measured(3);
  EXPECT_EQ(use.imports[0].attributes.at("name"), "a;b");
  EXPECT_EQ(use.exports[0].attributes.at("name"), "a-run;b-run");
  EXPECT_THAT(use.imports[0].secrets, UnorderedElementsAre(Pair("secret_access_key", "KEY")));
  EXPECT_FALSE(use.imports[0].attributes.contains("secret_access_key_env"));
  EXPECT_FALSE(use.imports[0].attributes.contains("upload_parallelism"));
  EXPECT_EQ(cache.priming().exports[0].attributes.at("name"), "a;b");
  EXPECT_EQ(cache.priming().exports[0].attributes.at("mode"), "max");
}

TEST(ExternalCache, OfAServiceSaysWhatIsMissing) {
  const ScopedVariable bucket("AWS_BUCKET", nullptr);
  const ScopedVariable region("AWS_REGION", "eu");
  const auto cache = ExternalCache::open({}, backend(scenario::CacheMode::s3), "/w");
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().kind, ErrorKind::usage);
  EXPECT_THAT(cache.error().message, HasSubstr("s3 needs the attribute \"bucket\""));
  const ScopedVariable from_environment("AWS_BUCKET", "ci");
  EXPECT_TRUE(ExternalCache::open({}, backend(scenario::CacheMode::s3), "/w"));
}

TEST(ExternalCache, OfGithubIsThereInsideItsRunnersOnly) {
  const ScopedVariable token("ACTIONS_RUNTIME_TOKEN", nullptr);
  const ScopedVariable url("ACTIONS_CACHE_URL", nullptr);
  const ScopedVariable results("ACTIONS_RESULTS_URL", nullptr);
  const auto outside = ExternalCache::open({}, backend(scenario::CacheMode::gha), "/w");
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(outside.error().message, HasSubstr("exists only inside GitHub's runners"));
  EXPECT_THAT(outside.error().message,
              HasSubstr("ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN are not set"));
  EXPECT_TRUE(ExternalCache::open(
      {}, backend(scenario::CacheMode::gha, {{"url", "http://localhost"}, {"token_env", "T"}}), "/w"));
  const ScopedVariable given_token("ACTIONS_RUNTIME_TOKEN", "t");
  const ScopedVariable given_url("ACTIONS_RESULTS_URL", "https://results");
  const CacheUse use =
      opened(backend(scenario::CacheMode::gha, {{"scope", "app"}, {"timeout", "1m"}})).measured(1);
  EXPECT_THAT(use.imports[0].attributes, UnorderedElementsAre(Pair("scope", "app"), Pair("timeout", "1m")));
  EXPECT_THAT(use.exports[0].attributes,
              UnorderedElementsAre(Pair("scope", "app-run"), Pair("timeout", "1m"), Pair("mode", "max")));
}

TEST(ExternalCache, InAPrivateRegistryNeedsAServer) {
  const auto cache = ExternalCache::open({}, backend(scenario::CacheMode::inlined), "/w");
  ASSERT_FALSE(cache);
  EXPECT_THAT(cache.error().message,
              HasSubstr("cache_mode inline without a cache_ref needs a registry server"));
}

}  // namespace
}  // namespace buildlab::run
