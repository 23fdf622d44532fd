#include "framework/run/run_bases.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "framework/base/digest.h"

namespace buildlab::run {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const BaseQuestion k_amd64{"linux/amd64", false};
const BaseQuestion k_local{"linux/amd64", true};

engine::ResolvedBase resolved_as(const std::string& canonical, const std::string& content,
                                 bool made_locally = false) {
  return {.reference = canonical,
          .canonical = canonical,
          .digest = sha256(content),
          .made_locally = made_locally};
}

// Stands for the registry: what it says now of one image, where that is not pinned.
RunBases::Ask says(const engine::ResolvedBase& now, int* asked = nullptr) {
  return [now, asked](const std::vector<engine::ResolvedBase>& pinned) -> Result<engine::BaseImages> {
    engine::BaseImages images;
    for (const engine::ResolvedBase& pin : pinned) {
      if (pin.canonical != now.canonical) continue;
      images.resolved.push_back(pin);
      return images;
    }
    if (asked != nullptr) ++*asked;
    images.resolved.push_back(now);
    return images;
  };
}

Digest first_digest(const Result<engine::BaseImages>& images) {
  return images && !images->resolved.empty() ? images->resolved.front().digest : sha256("nothing");
}

class RunBasesTest : public ::testing::Test {
 protected:
  RunBases join() const {
    return RunBases(RunBases::Place{m_folder->path() / "bases.json", m_folder->path() / "bases.lock"});
  }
  void put(std::string_view text) const {
    ASSERT_TRUE(write_file_atomic(m_folder->path() / "bases.json", text));
  }

  Result<TempDir> m_folder = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
};

TEST_F(RunBasesTest, AreThoseOfTheFirstProcessForAllThatJoin) {
  RunBases first = join();
  RunBases second = join();
  int asked = 0;
  EXPECT_EQ(first_digest(first.resolve(k_amd64, says(resolved_as("e.example/a:1", "a"), &asked))),
            sha256("a"));
  EXPECT_EQ(first_digest(second.resolve(k_amd64, says(resolved_as("e.example/a:1", "moved"), &asked))),
            sha256("a"));
  EXPECT_EQ(first_digest(second.resolve(k_amd64, says(resolved_as("e.example/b:1", "b"), &asked))),
            sha256("b"));
  EXPECT_EQ(asked, 2);
  const auto known = first.agree(k_amd64, {});
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_THAT(*known, SizeIs(2)) << "new references are added";
}

TEST_F(RunBasesTest, OfTwoProcessesAtOnceAreTheSame) {
  int asked = 0;  // under the lock
  std::vector<Digest> seen(8, sha256("nothing"));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      threads.emplace_back([this, i, &asked, &seen] {
        RunBases bases = join();
        seen[i] = first_digest(
            bases.resolve(k_amd64, says(resolved_as("e.example/a:1", fmt::format("content {}", i)), &asked)));
      });
    }
  }
  EXPECT_EQ(asked, 1);
  EXPECT_THAT(seen, ::testing::Each(seen.front()));
  EXPECT_NE(seen.front(), sha256("nothing"));
}

TEST_F(RunBasesTest, ArePinnedForOnePlatformEach) {
  RunBases bases = join();
  EXPECT_EQ(first_digest(bases.resolve(k_amd64, says(resolved_as("e.example/a:1", "a")))), sha256("a"));
  EXPECT_EQ(first_digest(bases.resolve({"linux/arm64", false}, says(resolved_as("e.example/a:1", "arm")))),
            sha256("arm"));
}

TEST_F(RunBasesTest, ThatWereMadeLocallyAreForThoseWhoAllowThem) {
  const std::string name = "docker.io/library/debian:bookworm";
  RunBases bases = join();
  EXPECT_EQ(first_digest(bases.resolve(k_local, says(resolved_as(name, "made here", true)))),
            sha256("made here"));
  EXPECT_EQ(first_digest(bases.resolve(k_amd64, says(resolved_as(name, "the hub's")))), sha256("the hub's"));
  EXPECT_EQ(first_digest(bases.resolve(k_local, says(resolved_as(name, "other")))), sha256("made here"));
  EXPECT_EQ(first_digest(bases.resolve(k_amd64, says(resolved_as(name, "other")))), sha256("the hub's"));
}

TEST_F(RunBasesTest, ThatAreNamedByDigestNeedNoPin) {
  RunBases bases = join();
  const std::string name = "e.example/a:1@" + sha256("a").text();
  EXPECT_EQ(first_digest(bases.resolve(k_amd64, says(resolved_as(name, "a")))), sha256("a"));
  EXPECT_THAT(*bases.agree(k_amd64, {}), IsEmpty());
}

TEST_F(RunBasesTest, ThatARegistryNamedLatelyArePinnedWhereNothingIs) {
  RunBases bases = join();
  EXPECT_THAT(*bases.agree(k_amd64, {resolved_as("e.example/a:1", "a")}), SizeIs(1));
  EXPECT_EQ(first_digest(join().resolve(k_amd64, says(resolved_as("e.example/a:1", "moved")))), sha256("a"));
  const auto again = bases.agree(k_amd64, {resolved_as("e.example/a:1", "another")});
  ASSERT_THAT(*again, SizeIs(1));
  EXPECT_EQ(again->front().digest, sha256("a"));
}

TEST_F(RunBasesTest, OfAProcessAloneAreKeptInIt) {
  RunBases alone(std::nullopt);
  EXPECT_EQ(first_digest(alone.resolve(k_amd64, says(resolved_as("e.example/a:1", "a")))), sha256("a"));
  EXPECT_EQ(first_digest(alone.resolve(k_amd64, says(resolved_as("e.example/a:1", "moved")))), sha256("a"));
  EXPECT_TRUE(std::filesystem::is_empty(m_folder->path()));
}

TEST_F(RunBasesTest, ThatCouldNotBeAskedForLeaveNothing) {
  RunBases bases = join();
  const auto fails = [](const auto&) -> Result<engine::BaseImages> {
    return fail(ErrorKind::infrastructure, "no answer");
  };
  EXPECT_FALSE(bases.resolve(k_amd64, fails));
  EXPECT_EQ(first_digest(bases.resolve(k_amd64, says(resolved_as("e.example/a:1", "a")))), sha256("a"));
}

TEST_F(RunBasesTest, OfATornOrWrongFileStopTheRunAndSayWhatToDo) {
  const std::string good = to_text({{"linux/amd64", resolved_as("e.example/a:1", "a")}});
  ASSERT_TRUE(parse_pins(good, "bases.json"));
  for (std::size_t length = 0; length + 2 < good.size(); length += 5) {
    put(good.substr(0, length));
    int asked = 0;
    const auto bases = join().resolve(k_amd64, says(resolved_as("e.example/a:1", "moved"), &asked));
    ASSERT_FALSE(bases) << length;
    EXPECT_EQ(bases.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(bases.error().message, HasSubstr("bases.json"));
    EXPECT_THAT(bases.error().details.back(), HasSubstr("start a new run"));
    EXPECT_EQ(asked, 0) << "no other image takes its place";
  }
}

std::string pin_refusal(const std::string& text) {
  const auto pins = parse_pins(text, "bases.json");
  return pins ? "" : pins.error().message;
}

std::string changed(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Pins, OfHostileFilesAreRefusedByField) {
  const std::string good = to_text({{"linux/amd64", resolved_as("e.example/a:1", "a")}});
  EXPECT_EQ(pin_refusal(good), "");
  EXPECT_THAT(pin_refusal("[]"), HasSubstr("is not an object"));
  EXPECT_THAT(pin_refusal("{}"), HasSubstr("schema_version"));
  EXPECT_THAT(pin_refusal(changed(good, "\"schema_version\": 1", "\"schema_version\": 7")),
              HasSubstr("schema_version is not 1"));
  EXPECT_THAT(pin_refusal(changed(good, "sha256:", "md5:")),
              AllOf(HasSubstr("bases[0]"), HasSubstr("digest")));
  EXPECT_THAT(pin_refusal(changed(good, "e.example/a:1", "../../etc")), HasSubstr("bases[0].reference"));
  EXPECT_THAT(pin_refusal(changed(good, "e.example/a:1", "debian")), HasSubstr("bases[0].reference"))
      << "no whole name";
  EXPECT_THAT(pin_refusal(changed(good, "false", "7")), HasSubstr("bases[0]"));
  EXPECT_THAT(pin_refusal(to_text(std::vector<Pin>(2, {"linux/amd64", resolved_as("e.example/a:1", "a")}))),
              HasSubstr("twice"));
  EXPECT_THAT(
      pin_refusal(to_text(std::vector<Pin>(1001, {"linux/amd64", resolved_as("e.example/a:1", "a")}))),
      HasSubstr("more than 1000"));
}

}  // namespace
}  // namespace buildlab::run
