#include "framework/shim/rootfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace buildlab::shim {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Rootfs : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::create(fs::temp_directory_path(), "rootfs");
    ASSERT_TRUE(made);
    m_folder.emplace(std::move(*made));
    ASSERT_TRUE(make_directories(m_folder->path() / "root"));
  }
  void write(const std::string& name, std::string_view text) {
    const fs::path path = m_folder->path() / name;
    ASSERT_TRUE(make_directories(path.parent_path()));
    ASSERT_TRUE(write_file_atomic(path, text));
  }
  void link(const std::string& name, const std::string& target) {
    const fs::path path = m_folder->path() / name;
    ASSERT_TRUE(make_directories(path.parent_path()));
    fs::create_symlink(target, path);
  }
  Root root() { return *Root::open(m_folder->path() / "root"); }

  std::optional<TempDir> m_folder;
};

TEST_F(Rootfs, LinksNeverLeadOutOfIt) {
  write("secret", "outside");
  write("root/usr/bin/sh", "#!inside");
  link("root/bin", "/usr/bin");
  link("root/up", "../secret");
  link("root/host", "/proc/self/cwd");
  EXPECT_EQ(root().head("/bin/sh", Bytes{100}), "#!inside");
  EXPECT_EQ(root().head("/../secret", Bytes{100}), std::nullopt);
  EXPECT_EQ(root().head("/up", Bytes{100}), std::nullopt);
  EXPECT_EQ(root().head("/host/etc/hostname", Bytes{100}), std::nullopt);
}

TEST_F(Rootfs, OnlyRegularFilesAreReadAndNotBeyondTheLimit) {
  write("root/file", "12345");
  ASSERT_EQ(::mkfifo((m_folder->path() / "root/pipe").c_str(), 0600), 0);
  EXPECT_EQ(root().head("/file", Bytes{3}), "123");
  EXPECT_EQ(root().head("/pipe", Bytes{3}), std::nullopt);
  EXPECT_EQ(root().head("/", Bytes{3}), std::nullopt);
}

TEST_F(Rootfs, TheProgramIsFoundInPathAndBehindItsInterpreter) {
  write("root/opt/tool", "#!/bin/sh\n");
  write("root/bin/sh", "#!loop\n");
  write("root/usr/bin/loop", "#!/bin/sh\n");
  const Facts facts = look_at(root(), {"tool"}, {"PATH=/opt:/usr/bin"}, "/");
  EXPECT_EQ(facts.program_name, "tool");
  EXPECT_EQ(facts.program.linkage, Linkage::script) << "a chain without an end is followed for a while only";
  EXPECT_EQ(look_at(root(), {"absent"}, {}, "/").program.linkage, Linkage::unknown);
  EXPECT_EQ(look_at(root(), {}, {}, "/").program.linkage, Linkage::unknown);
}

TEST_F(Rootfs, TellsOfTheLibraryLocalesAndZones) {
  write("root/usr/lib/x86_64-linux-gnu/libc.so.6", "..GLIBC_2.2.5..GLIBC_2.36..GLIBC_PRIVATE");
  write("root/usr/lib/x86_64-linux-gnu/libm.so.6", "");
  write("root/usr/lib/locale/et_EE.utf8/LC_TIME", "");
  write("root/usr/lib/locale/locale-archive", "");
  write(std::string("root/usr/share/zoneinfo/") + k_far_zone, "TZif");
  link("root/lib", "usr/lib");
  const Facts facts = look_at(root(), {"x"}, {}, "/");
  EXPECT_EQ(facts.glibc, (GlibcVersion{2, 36}));
  EXPECT_TRUE(facts.has_libm);
  EXPECT_THAT(facts.locales, ElementsAre("et_EE.utf8"));
  EXPECT_TRUE(facts.has_zones);
}

TEST_F(Rootfs, AnEmptyOneHasNothing) {
  const Facts facts = look_at(root(), {"x"}, {}, "/");
  EXPECT_EQ(facts.glibc, std::nullopt);
  EXPECT_THAT(facts.locales, IsEmpty());
  EXPECT_FALSE(facts.has_zones);
  EXPECT_FALSE(facts.has_libm);
}

TEST(NewestGlibc, IsByNumberAndNotByText) {
  EXPECT_EQ(newest_glibc("GLIBC_2.4..GLIBC_2.34..GLIBC_2.9"), (GlibcVersion{2, 34}));
  EXPECT_EQ(newest_glibc("GLIBC_2.2.5"), (GlibcVersion{2, 2}));
  EXPECT_EQ(newest_glibc("GLIBC_PRIVATE GLIBCXX_3.4 GLIBC_ GLIBC_2 GLIBC_2. GLIBC_99999999999.1"),
            std::nullopt);
  EXPECT_EQ(newest_glibc("GLIBC_2.3"), (GlibcVersion{2, 3})) << "at the very end";
}

}  // namespace
}  // namespace buildlab::shim
