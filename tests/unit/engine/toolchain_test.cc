#include "framework/engine/toolchain.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "framework/base/file.h"
#include "framework/engine/pins.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;

// Programs that answer --version as the real ones do, in folders of the test alone.
class ToolchainSearch : public testing::Test {
 protected:
  TempDir m_dir = std::move(*TempDir::create(fs::temp_directory_path(), "buildlab-test-"));
  fs::path m_bin = m_dir.path() / "bin";
  ScopedVariable m_path{"PATH", (m_bin.string() + ":/usr/bin:/bin").c_str()};
  ScopedVariable m_cache{"BUILDLAB_CACHE", (m_dir.path() / "cache").c_str()};
  ScopedVariable m_daemon{"BUILDLAB_BUILDKITD", nullptr};
  ScopedVariable m_client{"BUILDLAB_BUILDCTL", nullptr};
  ScopedVariable m_registry{"BUILDLAB_REGISTRY", nullptr};

  ToolchainSearch() { program(m_bin / "runc", "runc version 1.9.9"); }

  static void program(const fs::path& path, const std::string& answer) {
    ASSERT_TRUE(write_file_atomic(path, fmt::format("#!/bin/sh\necho '{}'\n", answer)));
    fs::permissions(path, fs::perms::owner_all);
  }
  static void buildkit(const fs::path& folder, const std::string& version) {
    program(folder / "buildkitd", "buildkitd github.com/moby/buildkit " + version + " 123");
    program(folder / "buildctl", "buildctl github.com/moby/buildkit " + version + " 123");
  }
  fs::path pinned() const {
    return m_dir.path() / "cache/engine" / fmt::format("buildkit-{}", k_pinned_buildkit);
  }
};

TEST_F(ToolchainSearch, TakesTheVariableFirstThenPathThenThePinnedCopy) {
  EXPECT_FALSE(find_toolchain().found);
  buildkit(pinned(), k_pinned_buildkit);
  auto search = find_toolchain();
  ASSERT_TRUE(search.found);
  EXPECT_EQ(search.found->buildkitd.origin, "pinned copy");
  EXPECT_EQ(search.found->buildkitd.version, k_pinned_buildkit);
  buildkit(m_bin, "v0.31.0");
  search = find_toolchain();
  EXPECT_EQ(search.found->buildkitd.origin, "PATH");
  EXPECT_EQ(search.found->buildctl.version, "v0.31.0");
  buildkit(m_dir.path() / "own", "v0.40.1");
  const ScopedVariable daemon("BUILDLAB_BUILDKITD", (m_dir.path() / "own/buildkitd").c_str());
  search = find_toolchain();
  EXPECT_EQ(search.found->buildkitd.origin, "BUILDLAB_BUILDKITD");
  EXPECT_EQ(search.found->buildctl.path, m_dir.path() / "own/buildctl");
  EXPECT_EQ(search.found->runc.version, "1.9.9");
}

TEST_F(ToolchainSearch, SkipsWhatIsTooOld) {
  buildkit(m_bin, "v0.29.9");
  buildkit(pinned(), k_pinned_buildkit);
  const auto search = find_toolchain();
  ASSERT_TRUE(search.found);
  EXPECT_EQ(search.found->buildkitd.origin, "pinned copy");
  ASSERT_FALSE(search.attempts.empty());
  EXPECT_NE(search.attempts[1].result.find("v0.29.9"), std::string::npos);
}

TEST_F(ToolchainSearch, DoesNotReplaceWhatWasAskedForByName) {
  buildkit(m_bin, "v0.31.0");
  const ScopedVariable daemon("BUILDLAB_BUILDKITD", "/no/such/buildkitd");
  const auto search = find_toolchain();
  EXPECT_FALSE(search.found);
  EXPECT_EQ(search.attempts.front().what, "BUILDLAB_BUILDKITD");
  EXPECT_NE(search.attempts.front().result.find("/no/such/buildkitd"), std::string::npos);
}

TEST_F(ToolchainSearch, NoticesThatAProgramWasReplaced) {
  buildkit(m_bin, "v0.31.0");
  EXPECT_EQ(find_toolchain().found->buildkitd.version, "v0.31.0");
  buildkit(m_bin, "v0.32.0");
  EXPECT_EQ(find_toolchain().found->buildkitd.version, "v0.32.0");
}

TEST_F(ToolchainSearch, SurvivesADamagedMemoryOfVersions) {
  buildkit(m_bin, "v0.31.0");
  ASSERT_TRUE(write_file_atomic(m_dir.path() / "cache/engine/versions.json", "{\"a\": 1"));
  EXPECT_TRUE(find_toolchain().found);
}

TEST_F(ToolchainSearch, TakesARegistryServerFromItsVariable) {
  buildkit(m_bin, "v0.31.0");
  program(m_dir.path() / "reg", "registry github.com/distribution/distribution/v3 v3.1.2");
  const ScopedVariable registry("BUILDLAB_REGISTRY", (m_dir.path() / "reg").c_str());
  const auto search = find_toolchain();
  ASSERT_TRUE(search.found && search.found->registry);
  EXPECT_EQ(search.found->registry->origin, "BUILDLAB_REGISTRY");
  EXPECT_EQ(search.found->registry->version, "v3.1.2");
}

TEST_F(ToolchainSearch, RunsTheInstallerAndPassesItsWordsOn) {
  const fs::path installer = m_dir.path() / "install.sh";
  ASSERT_TRUE(write_file_atomic(installer,
                                fmt::format("#!/bin/sh\necho installing >&2\nmkdir -p {0} && cp {1}/* {0}/\n",
                                            pinned().string(), (m_dir.path() / "source").string())));
  fs::permissions(installer, fs::perms::owner_all);
  buildkit(m_dir.path() / "source", k_pinned_buildkit);
  std::vector<std::string> words;
  const auto toolchain =
      require_toolchain(installer, [&](std::string_view line) { words.emplace_back(line); });
  ASSERT_TRUE(toolchain) << toolchain.error().message;
  EXPECT_EQ(words, std::vector<std::string>{"installing"});
  EXPECT_EQ(toolchain->buildkitd.origin, "pinned copy");
}

TEST_F(ToolchainSearch, TellsAttemptsAndRemediesWhenNothingHelps) {
  const fs::path installer = m_dir.path() / "install.sh";
  ASSERT_TRUE(write_file_atomic(installer, "#!/bin/sh\nexit 99\n"));
  fs::permissions(installer, fs::perms::owner_all);
  const auto toolchain = require_toolchain(installer, [](std::string_view) {});
  ASSERT_FALSE(toolchain);
  EXPECT_EQ(toolchain.error().kind, ErrorKind::infrastructure);
  const std::string all = fmt::format("{}", fmt::join(toolchain.error().details, "\n"));
  EXPECT_NE(all.find("PATH: no buildkitd"), std::string::npos) << all;
  EXPECT_NE(all.find("exit code 99"), std::string::npos) << all;
  EXPECT_NE(all.find("to do: "), std::string::npos) << all;
}

}  // namespace
}  // namespace buildlab::engine
