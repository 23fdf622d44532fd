#include "framework/engine/registry_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <set>

#include "framework/base/file.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A registry's folder with some tags, and a program in the registry's place that notes how it was called and
// sweeps blob "bb".
class RegistryStorage : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bl-storage-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    m_root = name;
    for (const char* path : {"_manifests/tags/old/current/link", "_manifests/tags/new/current/link",
                             "_layers/sha256/aa11/link", "_layers/sha256/bb22/link", "_uploads/cut/data"})
      write(repository() / path, "");
    for (const char* path : {"aa/aa11/data", "bb/bb22/data"}) write(top() / "blobs/sha256" / path, "content");
    program("echo \"$@ $REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY\" >> " + (m_root / "calls").string() +
            "\nrm -r " + (top() / "blobs/sha256/bb").string());
  }
  void TearDown() override { (void)remove_tree(m_root); }

  static void write(const fs::path& path, const std::string& text) {
    ASSERT_TRUE(make_directories(path.parent_path()));
    ASSERT_TRUE(write_file_atomic(path, text));
  }
  void program(const std::string& script) {
    write(m_root / "registry", "#!/bin/sh\n" + script + "\n");
    fs::permissions(m_root / "registry", fs::perms::owner_all);
  }
  fs::path storage() const { return m_root / "storage"; }
  fs::path top() const { return storage() / "docker/registry/v2"; }
  fs::path repository() const { return top() / "repositories/lab/walk"; }
  std::set<std::string> names(const fs::path& folder) const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(repository() / folder))
      found.insert(entry.path().filename().string());
    return found;
  }
  Status keep(const std::string& tag) const {
    return keep_only_tag({m_root / "registry", "", ""}, storage(), "lab/walk", tag);
  }
  std::string calls() const { return read_file(m_root / "calls").value_or(""); }

  fs::path m_root;
};

TEST_F(RegistryStorage, IsLeftWithOneTagAndWhatThatIsMadeOf) {
  const Status kept = keep("new");
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_THAT(names("_manifests/tags"), ElementsAre("new"));
  EXPECT_THAT(names("_layers/sha256"), ElementsAre("aa11")) << "a link to a blob that is gone";
  EXPECT_THAT(names("_uploads"), IsEmpty());
  EXPECT_EQ(calls(), "garbage-collect --delete-untagged=true " +
                         (storage() / "buildlab-registry.json").string() + " " + storage().string() + "\n");
}

TEST_F(RegistryStorage, WithNothingElseInItIsNotSwept) {
  ASSERT_TRUE(keep("new"));
  ASSERT_TRUE(keep("new"));
  const std::string text = calls();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST_F(RegistryStorage, WithoutTheTagIsLeftAsItIs) {
  ASSERT_TRUE(keep("none"));
  ASSERT_TRUE(keep(""));
  EXPECT_THAT(names("_manifests/tags"), ElementsAre("new", "old"));
  EXPECT_EQ(calls(), "");
}

TEST_F(RegistryStorage, ThatCannotBeSweptIsAnError) {
  program("echo no such command >&2\nexit 3");
  const Status kept = keep("new");
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(kept.error().message, HasSubstr("exit code 3: no such command"));
}

}  // namespace
}  // namespace buildlab::engine
