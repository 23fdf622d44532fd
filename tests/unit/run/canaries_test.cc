#include "framework/run/canaries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/variation/canary.h"
#include "tests/support/image_writer.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using synthetic::Entry;
using synthetic::ImageSpec;
using synthetic::tar_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using variation::Kind;

const std::vector<Kind> k_kinds = {Kind::environment, Kind::hostname, Kind::user, Kind::clock};
const std::string k_host(variation::k_canary_hostname);

class Canaries : public ::testing::Test {
 protected:
  std::vector<Kind> found(const ImageSpec& varied, const ImageSpec& plain) {
    synthetic::write_image(m_dir.path() / "varied", varied);
    synthetic::write_image(m_dir.path() / "plain", plain);
    const auto kinds = find_canaries(m_dir.path() / "varied", m_dir.path() / "plain", "linux/amd64", k_kinds);
    EXPECT_TRUE(kinds) << (kinds ? "" : kinds.error().message);
    return kinds ? *kinds : std::vector<Kind>{};
  }
  TempDir m_dir = TempDir::create(fs::temp_directory_path(), "canaries").value();
};

TEST_F(Canaries, AreFoundInContentsNamesAndConfiguration) {
  const ImageSpec plain{.tars = {tar_of({{"a", "x"}})}};
  EXPECT_THAT(found({.tars = {tar_of({{"a", "name " + k_host}})}}, plain), ElementsAre(Kind::hostname));
  EXPECT_THAT(found({.tars = {tar_of({{"log." + k_host, "x"}})}}, plain), ElementsAre(Kind::hostname));
  EXPECT_THAT(found({.tars = {tar_of({{"a", "x"}})},
                     .config = {{"Env", {"H=" + k_host, std::string(variation::k_canary_variable)}}}},
                    plain),
              ElementsAre(Kind::environment, Kind::hostname));
  EXPECT_THAT(found({.tars = {tar_of({{"a", "y"}})}}, plain), IsEmpty());
}

TEST_F(Canaries, ThatTheSubjectHasItselfProveNothing) {
  const ImageSpec plain{.tars = {tar_of({{"test", k_host + " 1"}})}};
  EXPECT_THAT(found({.tars = {tar_of({{"test", k_host + " 2"}})}}, plain), IsEmpty());
  const std::string shared = tar_of({{"test", k_host}});
  EXPECT_THAT(found({.tars = {shared, tar_of({{"a", "1"}})}}, {.tars = {shared, tar_of({{"a", "2"}})}}),
              IsEmpty());
}

TEST_F(Canaries, AnImageThatCannotBeReadIsAnError) {
  EXPECT_FALSE(find_canaries(m_dir.path() / "nowhere", m_dir.path(), "linux/amd64", k_kinds));
}

}  // namespace
}  // namespace buildlab::run
