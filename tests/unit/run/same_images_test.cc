#include "framework/run/same_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/image_writer.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using synthetic::Entry;
using synthetic::tar_of;
using ::testing::ElementsAre;

record::ImageRow row(std::string digest, std::string diff_id = {}) {
  record::ImageRow image;
  image.digest = std::move(digest);
  if (!diff_id.empty()) image.layers.push_back({"blob of " + image.digest, std::move(diff_id), 1, {}});
  return image;
}

class Sameness : public ::testing::Test {
 protected:
  fs::path file(const std::string& name, const std::vector<Entry>& entries) {
    synthetic::write_image(m_dir.path() / name, {.tars = {tar_of(entries)}});
    return m_dir.path() / name;
  }
  void ignore(const char* policy) {
    m_gates.ignore_differences.push_back(policy::parse_policy(policy).value());
  }
  std::string fingerprint(SameImages& same, const record::ImageRow& image, const fs::path& path) {
    return same.kind_of(image, path).fingerprint;
  }

  scenario::GateSettings m_gates;
  TempDir m_dir = TempDir::create(fs::temp_directory_path(), "same-images").value();
};

TEST_F(Sameness, IsThatOfTheDigestWithoutPolicies) {
  SameImages same(m_gates, "linux/amd64");
  const fs::path nowhere = m_dir.path() / "nowhere";  // nothing is read
  EXPECT_TRUE(same.kind_of(row("a"), nowhere).first);
  EXPECT_FALSE(same.kind_of(row("a"), nowhere).first);
  const auto other = same.kind_of(row("b"), nowhere);
  EXPECT_TRUE(other.first);
  EXPECT_EQ(other.fingerprint, "b");
  EXPECT_FALSE(other.same_as || other.not_compared);
}

TEST_F(Sameness, IsWhatTheDigestPolicyAsksFor) {
  m_gates.digest_stable = scenario::DigestPolicy::layers;
  SameImages same(m_gates, "linux/amd64");
  const auto a = same.kind_of(row("a", "content"), {});
  const auto b = same.kind_of(row("b", "content"), {});
  EXPECT_EQ(a.fingerprint, b.fingerprint);
  EXPECT_FALSE(b.first || b.same_as);
}

TEST_F(Sameness, OfImagesInWhichPoliciesPassOverAllThatDiffers) {
  ignore("path=var/log/*,content:logs");
  SameImages same(m_gates, "linux/amd64");
  const fs::path a = file("a", {{"var/log/x", "1"}, {"bin", "1"}});
  const fs::path b = file("b", {{"var/log/x", "2"}, {"bin", "1"}});
  const fs::path c = file("c", {{"var/log/x", "2"}, {"bin", "2"}});
  EXPECT_EQ(fingerprint(same, row("a"), a), "a");
  const auto like_a = same.kind_of(row("b"), b);
  EXPECT_EQ(like_a.fingerprint, "a");
  EXPECT_EQ(like_a.same_as, "a");
  EXPECT_FALSE(like_a.first);
  EXPECT_THAT(like_a.passed_over, ElementsAre(record::PassedOver{"path=var/log/*,content", "logs", 1}));
  const auto other = same.kind_of(row("c"), c);
  EXPECT_EQ(other.fingerprint, "c");
  EXPECT_TRUE(other.first);
  EXPECT_FALSE(other.same_as);
  // What is known needs its file no longer.
  EXPECT_EQ(fingerprint(same, row("b"), m_dir.path() / "gone"), "a");
}

TEST_F(Sameness, IsNotThatOfAnImageThatCannotBeRead) {
  ignore("path=var/log/*,content:logs");
  SameImages same(m_gates, "linux/amd64");
  EXPECT_EQ(fingerprint(same, row("a"), file("a", {{"x", "1"}})), "a");
  const auto unread = same.kind_of(row("b"), m_dir.path() / "gone");
  EXPECT_EQ(unread.fingerprint, "b");
  EXPECT_TRUE(unread.not_compared);
}

}  // namespace
}  // namespace buildlab::run
