#include "framework/run/kept_builder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <cstdlib>

#include "framework/base/file.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

Primed primed_with(std::string dockerfile, std::string context) {
  Primed primed;
  primed.dockerfile_digest = std::move(dockerfile);
  primed.context_digest = std::move(context);
  primed.buildkit_version = "v0.32.2";
  primed.source_date_epoch = 7;
  primed.bases = {
      {"debian:bookworm-slim", "docker.io/library/debian:bookworm-slim", sha256("base"), true, false}};
  primed.at = "2026-11-23T20:02:11Z";
  primed.bases_asked = primed.at;
  return primed;
}

record::SubjectKey key(std::string target) {
  return {"app", ".", "Dockerfile", std::move(target), {{"A", "1"}}, "linux/amd64"};
}

TEST(WhyPrime, SaysWhatChangedAndNothingWhenNothingDid) {
  const Primed last = primed_with("d1", "c1");
  EXPECT_EQ(why_prime(last, last), std::nullopt);
  EXPECT_EQ(why_prime(std::nullopt, last), "first build on this builder");
  EXPECT_EQ(why_prime(last, primed_with("d2", "c1")), "Dockerfile changed since the last run");
  EXPECT_EQ(why_prime(last, primed_with("d1", "c2")), "the context changed since the last run");
  EXPECT_EQ(why_prime(last, primed_with("d2", "c2")),
            "Dockerfile changed since the last run, and with it the context");
  Primed newer = last;
  newer.buildkit_version = "v0.33.0";
  EXPECT_EQ(why_prime(last, newer), "BuildKit changed since the last run (v0.32.2 → v0.33.0)");
}

TEST(WhyPrime, NamesTheBaseImageThatTheRunHasAnotherOneOf) {
  const Primed last = primed_with("d", "c");
  engine::ResolvedBase now = last.bases.front();
  EXPECT_EQ(why_prime_bases(last, {now}), std::nullopt);
  EXPECT_EQ(why_prime_bases(last, {}), std::nullopt) << "nothing is known of it";
  now.digest = sha256("newer");
  EXPECT_EQ(why_prime_bases(last, {now}),
            fmt::format("debian:bookworm-slim moved from {} to {} since priming", sha256("base").short_text(),
                        now.digest.short_text()));
  now.made_locally = false;
  EXPECT_EQ(
      why_prime_bases(last, {now}),
      "debian:bookworm-slim was made locally when the builder was primed and is the registry's in this run");
  now.canonical = "docker.io/library/debian:trixie";
  EXPECT_EQ(why_prime_bases(last, {now}), std::nullopt) << "another image";
}

TEST(KeptBuilder, RemembersWhatItWasPrimedWithUntilItIsReset) {
  const auto store = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const auto kept = KeptBuilder::open(store->path(), key("runtime"));
  ASSERT_TRUE(kept);
  ASSERT_TRUE(make_directories(kept->root()));
  EXPECT_FALSE(kept->primed());
  const Primed primed = primed_with("d", "c");
  ASSERT_TRUE(kept->set_primed(primed));
  const auto read = kept->primed();
  ASSERT_TRUE(read);
  EXPECT_EQ(why_prime(read, primed), std::nullopt);
  ASSERT_EQ(read->bases.size(), 1U);
  EXPECT_EQ(read->bases[0].digest, primed.bases[0].digest);
  EXPECT_TRUE(read->bases[0].made_locally);
  ASSERT_TRUE(kept->reset());
  EXPECT_FALSE(kept->primed());
  EXPECT_FALSE(fs::exists(kept->root()));
}

TEST(KeptBuilder, KeepsWhatItsCacheKeysWereComputedFrom) {
  const auto store = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const auto kept = KeptBuilder::open(store->path(), key("runtime"));
  cache_keys::KeyStore keys;
  keys.operations["sha256:a"].preimage = "{}";
  ASSERT_TRUE(kept->set_keys(keys));
  EXPECT_EQ(kept->keys(), std::nullopt) << "no root";
  ASSERT_TRUE(make_directories(kept->root()));
  EXPECT_EQ(kept->keys(), keys);
  ASSERT_TRUE(kept->forget_keys());
  EXPECT_EQ(kept->keys(), std::nullopt);
  ASSERT_TRUE(kept->set_keys(keys));
  ASSERT_TRUE(kept->reset());
  ASSERT_TRUE(make_directories(kept->root()));
  EXPECT_EQ(kept->keys(), std::nullopt);
}

TEST(KeptBuilder, AStateWithoutItsRootOrWithGarbageCountsAsNeverPrimed) {
  const auto store = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const auto kept = KeptBuilder::open(store->path(), key("runtime"));
  ASSERT_TRUE(kept->set_primed(primed_with("d", "c")));
  EXPECT_FALSE(kept->primed()) << "no root";
  ASSERT_TRUE(make_directories(kept->root()));
  for (const char* garbage : {"", "{", "[]", "{\"schema_version\":1}", "{\"schema_version\":99}"}) {
    ASSERT_TRUE(write_file_atomic(kept->root().parent_path() / "primed.json", garbage));
    EXPECT_FALSE(kept->primed()) << garbage;
  }
}

TEST(KeptBuilder, DifferentDeclarationsHaveDifferentBuilders) {
  const auto store = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  EXPECT_NE(KeptBuilder::open(store->path(), key("runtime"))->root(),
            KeptBuilder::open(store->path(), key("test"))->root());
}

TEST(MaxBuilder, ReadsSizesAndRefusesOtherTexts) {
  const auto with = [](const char* text) {
    ::setenv("BUILDLAB_MAX_BUILDER", text, 1);
    const auto size = max_builder_bytes();
    ::unsetenv("BUILDLAB_MAX_BUILDER");
    return size;
  };
  EXPECT_EQ(with("20GB").value(), 20'000'000'000U);
  EXPECT_EQ(with("1 KiB").value(), 1024U);
  EXPECT_EQ(with("77").value(), 77U);
  EXPECT_EQ(with("").value(), 20'000'000'000U);
  EXPECT_FALSE(with("lots"));
  EXPECT_FALSE(with("99999999999999999GB"));
  EXPECT_EQ(with("-1GB").error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace buildlab::run
