#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/digest.h"
#include "framework/causes/recognise.h"

namespace buildlab::causes {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Known content(std::string path, std::string_view a = {}, std::string_view b = {}) {
  return {std::move(path), {Attribute::content}, a, b, std::nullopt};
}
Known only_a(std::string path, std::string_view a = {}) {
  return {std::move(path), {Attribute::missing}, a, {}, std::nullopt};
}
Known only_b(std::string path, std::string_view b = {}) {
  return {std::move(path), {Attribute::added}, {}, b, std::nullopt};
}
Known mtime(std::string path) {
  return {std::move(path), {Attribute::mtime}, {}, {}, std::nullopt};
}

// "path <- root" of every consequence, "path" for one without.
std::vector<std::string> edges(const std::vector<Known>& known, const Files& files = {}) {
  std::vector<std::string> found;
  for (const Consequence& consequence : consequences(known, files)) {
    std::string edge = known.at(consequence.follower).path;
    if (!consequence.cause.root.empty()) edge += " <- " + consequence.cause.root;
    found.push_back(edge);
  }
  return found;
}

Cause cause_at(const std::vector<Known>& known, std::size_t index, const Files& files = {}) {
  for (const Consequence& consequence : consequences(known, files)) {
    if (consequence.follower == index) return consequence.cause;
  }
  ADD_FAILURE() << known.at(index).path << " has no consequence";
  return {};
}

constexpr std::string_view k_status_a =
    "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n"
    "Package: zlib1g\nArchitecture: amd64\nVersion: 1.2\n\nPackage: gone\nVersion: 1\n";
constexpr std::string_view k_status_b =
    "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-2\n\n"
    "Package: zlib1g\nArchitecture: amd64\nVersion: 1.2\n";

Files lists() {
  return {{"var/lib/dpkg/info/bash.list",
           {"/.\n/bin\n/bin/bash\n/usr\n/usr/share/doc/bash\n", "/.\n/bin/bash\n"}},
          {"var/lib/dpkg/info/zlib1g:amd64.list", {"/lib/libz.so.1\n", "/lib/libz.so.1\n"}}};
}

TEST(Folding, ADebianPackageOfAnotherVersionOwnsItsFiles) {
  const std::vector<Known> known = {content("bin/bash"),
                                    content("var/lib/dpkg/status", k_status_a, k_status_b),
                                    content("lib/libz.so.1"),
                                    content("var/lib/dpkg/info/bash.md5sums"),
                                    content("var/lib/dpkg/info/bash-completion.md5sums"),
                                    only_a("usr/share/doc/bash")};
  EXPECT_THAT(edges(known, lists()),
              UnorderedElementsAre("bin/bash <- var/lib/dpkg/status", "var/lib/dpkg/status",
                                   "var/lib/dpkg/info/bash.md5sums <- var/lib/dpkg/status",
                                   "usr/share/doc/bash <- var/lib/dpkg/status"));
  const Cause database = cause_at(known, 1, lists());
  EXPECT_EQ(database.row, "B27");
  EXPECT_EQ(database.kind, CauseClass::vers);
  EXPECT_EQ(database.recogniser, "G11");
  EXPECT_TRUE(database.proven);
  EXPECT_THAT(database.evidence, ElementsAre("bash: 5.2-1, then 5.2-2", "gone: 1, then nothing"));
  const Cause owned = cause_at(known, 0, lists());
  EXPECT_EQ(owned.kind, CauseClass::vers);
  EXPECT_THAT(owned.evidence, ElementsAre("bash: 5.2-1, then 5.2-2"));
}

TEST(Folding, FoldersThatManyPackagesShareAreNoPackagesOwn) {
  const std::vector<Known> known = {content("var/lib/dpkg/status", k_status_a, k_status_b), mtime("bin")};
  EXPECT_THAT(edges(known, lists()), ElementsAre("var/lib/dpkg/status"));
}

TEST(Folding, AStatusOfTheSameVersionsExplainsNothing) {
  constexpr std::string_view k_other = "Package: bash\nStatus: deinstall ok\nVersion: 5.2-1\n";
  constexpr std::string_view k_one = "Package: bash\nStatus: install ok\nVersion: 5.2-1\n";
  const std::vector<Known> known = {content("bin/bash"), content("var/lib/dpkg/status", k_one, k_other)};
  EXPECT_THAT(edges(known, lists()), IsEmpty());
}

TEST(Folding, AStatusThatDiffersOtherwiseTooIsNotProven) {
  constexpr std::string_view k_one = "Package: a\nVersion: 1\n\nPackage: b\nStatus: x\nVersion: 1\n";
  constexpr std::string_view k_other = "Package: a\nVersion: 2\n\nPackage: b\nStatus: y\nVersion: 1\n";
  EXPECT_FALSE(cause_at({content("var/lib/dpkg/status", k_one, k_other)}, 0).proven);
}

TEST(Folding, ListsOfChangedPackagesAreWanted) {
  EXPECT_THAT(wanted({content("var/lib/dpkg/status", k_status_a, k_status_b), content("etc/motd", "a", "b")}),
              ElementsAre("var/lib/dpkg/info/bash.list", "var/lib/dpkg/info/bash:amd64.list",
                          "var/lib/dpkg/info/gone.list"));
  EXPECT_THAT(wanted({content("var/lib/dpkg/status")}), ElementsAre("var/lib/dpkg/status"));
  EXPECT_THAT(wanted({only_a("lib/x-1.dist-info/METADATA"), only_b("lib/x-2.dist-info/METADATA")}),
              UnorderedElementsAre("lib/x-1.dist-info/RECORD", "lib/x-2.dist-info/RECORD"));
  EXPECT_THAT(wanted({content("etc/motd", "a", "b")}), IsEmpty());
}

TEST(Folding, OneFileAPackageAsWithoutAPackageManager) {
  const std::string path = "var/lib/dpkg/status.d/base-files";
  const std::vector<Known> known = {
      content(path, "Package: base-files\nVersion: 12\n", "Package: base-files\nVersion: 13\n"),
      content("etc/os-release"), content("etc/motd"), content(path + ".md5sums")};
  const Files files = {{path + ".md5sums", {"0123  etc/os-release\n", "4567  etc/os-release\n"}}};
  EXPECT_THAT(edges(known, files),
              UnorderedElementsAre(path, "etc/os-release <- " + path, path + ".md5sums <- " + path));
}

TEST(Folding, AnAlpinePackageOfAnotherVersionOwnsItsFiles) {
  const std::vector<Known> known = {
      content("rootfs/lib/apk/db/installed",
              "C:Q1a=\nP:musl\nV:1.2.4\nF:lib\nR:ld-musl.so\nZ:Q1x=\n\nP:zlib\nV:1\n",
              "C:Q1b=\nP:musl\nV:1.2.5\nF:lib\nR:ld-musl.so\nZ:Q1y=\n\nP:zlib\nV:1\n"),
      content("rootfs/lib/ld-musl.so"), content("rootfs/lib/libz.so")};
  EXPECT_THAT(edges(known), ElementsAre("rootfs/lib/apk/db/installed",
                                        "rootfs/lib/ld-musl.so <- rootfs/lib/apk/db/installed"));
  EXPECT_EQ(cause_at(known, 0).row, "C4");
  EXPECT_THAT(cause_at(known, 0).evidence, ElementsAre("musl: 1.2.4, then 1.2.5"));
}

TEST(Folding, AVirtualPackageHasNoVersion) {
  EXPECT_THAT(edges({content("lib/apk/db/installed", "P:.deps\nV:20261124.100000\n",
                             "P:.deps\nV:20261124.100141\n")}),
              IsEmpty());
}

TEST(Folding, APythonPackageOfAnotherVersionOwnsWhatItRecords) {
  const std::string folder = "usr/lib/python3/site-packages/";
  const std::vector<Known> known = {only_a(folder + "Requests-2.30.dist-info/METADATA"),
                                    only_b(folder + "requests-2.31.dist-info/METADATA"),
                                    content(folder + "requests/api.py"),
                                    content(folder + "requests/__pycache__/api.cpython-311.pyc"),
                                    content("usr/bin/requests-cli"),
                                    only_b(folder + "requests-2.31.dist-info/RECORD"),
                                    content(folder + "other.py")};
  const Files files = {
      {folder + "requests-2.31.dist-info/RECORD",
       {std::nullopt, "requests/api.py,sha256=aa,10\n../../../bin/requests-cli,sha256=bb,1\n"}}};
  const std::string root = " <- " + folder + "requests-2.31.dist-info/METADATA";
  EXPECT_THAT(
      edges(known, files),
      UnorderedElementsAre(folder + "Requests-2.30.dist-info/METADATA" + root,
                           folder + "requests-2.31.dist-info/METADATA", folder + "requests/api.py" + root,
                           folder + "requests/__pycache__/api.cpython-311.pyc" + root,
                           "usr/bin/requests-cli" + root, folder + "requests-2.31.dist-info/RECORD" + root));
  EXPECT_EQ(cause_at(known, 1, files).row, "E10");
  EXPECT_THAT(cause_at(known, 1, files).evidence, ElementsAre("requests: 2.30, then 2.31"));
}

TEST(Folding, APackageInAnotherFolderIsNoOtherVersion) {
  EXPECT_THAT(edges({only_a("tmp/venv-a1/requests-2.31.dist-info/METADATA"),
                     only_b("tmp/venv-b2/requests-2.31.dist-info/METADATA")}),
              IsEmpty());
  EXPECT_THAT(edges({only_a("app/node_modules/x/package.json", R"({"version":"1.0.0"})"),
                     only_b("app/node_modules/y/node_modules/x/package.json", R"({"version":"1.0.0"})")}),
              IsEmpty());
}

TEST(Folding, ANodePackageOfAnotherVersionOwnsItsFolder) {
  const std::vector<Known> known = {content("app/node_modules/@types/node/package.json",
                                            R"({"version":"1.0.0"})", R"({"version":"1.0.1"})"),
                                    content("app/node_modules/@types/node/index.d.ts"),
                                    content("app/node_modules/@types/other/index.d.ts"),
                                    content("app/node_modules/@types/node/node_modules/x/package.json",
                                            R"({"version":"1"})", R"({"version":"2"})"),
                                    content("app/node_modules/@types/node/node_modules/x/a.js")};
  EXPECT_THAT(edges(known),
              UnorderedElementsAre(
                  "app/node_modules/@types/node/package.json",
                  "app/node_modules/@types/node/index.d.ts <- app/node_modules/@types/node/package.json",
                  "app/node_modules/@types/node/node_modules/x/package.json",
                  "app/node_modules/@types/node/node_modules/x/a.js <- "
                  "app/node_modules/@types/node/node_modules/x/package.json"));
  EXPECT_THAT(cause_at(known, 0).evidence, ElementsAre("@types/node: 1.0.0, then 1.0.1"));
}

const std::string k_sum_a(64, 'a');
const std::string k_sum_b(64, 'b');

TEST(Folding, AListOfSumsFollowsFromTheFilesThatItLists) {
  const std::string a = k_sum_a + "  app.bin\n" + k_sum_a + " *same.txt\n";
  const std::string b = k_sum_b + "  app.bin\n" + k_sum_a + " *same.txt\n";
  const std::vector<Known> known = {content("opt/SHA256SUMS", a, b), content("opt/app.bin", "1", "2")};
  EXPECT_THAT(edges(known), ElementsAre("opt/SHA256SUMS <- opt/app.bin"));
  const Cause cause = cause_at(known, 0);
  EXPECT_EQ(cause.kind, CauseClass::derived);
  EXPECT_EQ(cause.recogniser, "G10");
  EXPECT_TRUE(cause.proven);
  EXPECT_THAT(cause.fix, HasSubstr("opt/app.bin"));
}

TEST(Folding, AListOfAFileThatIsEqualStaysUnexplained) {
  const std::string a = k_sum_a + "  app.bin\n" + k_sum_a + "  other.bin\n";
  const std::string b = k_sum_b + "  app.bin\n" + k_sum_b + "  other.bin\n";
  EXPECT_THAT(edges({content("opt/SHA256SUMS", a, b), content("opt/app.bin", "1", "2")}), IsEmpty());
  // Nor does a list follow whose names changed.
  const std::string renamed = k_sum_b + "  app2.bin\n" + k_sum_a + "  other.bin\n";
  EXPECT_THAT(edges({content("opt/SHA256SUMS", a, renamed), content("opt/app.bin", "1", "2")}), IsEmpty());
}

TEST(Folding, RecordFollowsWhateverItsOrder) {
  const std::vector<Known> known = {
      content("lib/x-1.dist-info/RECORD", "x/a.py,sha256=aa,10\nx/b.py,sha256=cc,3\nx/__pycache__/a.pyc,,\n",
              "x/b.py,sha256=cc,3\nx/a.py,sha256=bb,11\n"),
      content("lib/x/a.py", "1", "2"), only_a("lib/x/__pycache__/a.pyc")};
  EXPECT_THAT(edges(known), Contains("lib/x-1.dist-info/RECORD <- lib/x/__pycache__/a.pyc"));
  EXPECT_EQ(cause_at(known, 0).row, "E6");
}

TEST(Folding, DpkgsSumsNameFilesFromTheRoot) {
  const std::string a = std::string(32, 'a') + "  usr/bin/x\n";
  const std::string b = std::string(32, 'b') + "  usr/bin/x\n";
  EXPECT_THAT(
      edges({content("rootfs/var/lib/dpkg/info/x.md5sums", a, b), content("rootfs/usr/bin/x", "1", "2")}),
      ElementsAre("rootfs/var/lib/dpkg/info/x.md5sums <- rootfs/usr/bin/x"));
}

TEST(Folding, ApksSumsOfFilesThatDiffer) {
  const std::vector<Known> known = {content("lib/apk/db/installed", "P:x\nV:1\nF:usr/bin\nR:x\nZ:Q1a=\n",
                                            "P:x\nV:1\nF:usr/bin\nR:x\nZ:Q1b=\n"),
                                    content("usr/bin/x", "1", "2")};
  EXPECT_THAT(edges(known), ElementsAre("lib/apk/db/installed <- usr/bin/x"));
  EXPECT_THAT(edges({known[0]}), IsEmpty());
}

TEST(Folding, ASumBesideTheFile) {
  const std::string a = k_sum_a + "\n";
  const std::string b = k_sum_b + "\n";
  EXPECT_THAT(edges({content("opt/app.bin.sha256", a, b), content("opt/app.bin", "1", "2")}),
              ElementsAre("opt/app.bin.sha256 <- opt/app.bin"));
  EXPECT_THAT(edges({content("opt/app.bin.sha256", a, b)}), IsEmpty());
}

TEST(Folding, ASumAnywhereIsRecognisedByComputingIt) {
  const std::string a = "{\"app\": \"" + sha256("one").hex() + "\"}";
  const std::string b = "{\"app\": \"" + sha256("two").hex() + "\"}";
  EXPECT_THAT(edges({content("opt/manifest.json", a, b), content("srv/app.bin", "one", "two")}),
              ElementsAre("opt/manifest.json <- srv/app.bin"));
  EXPECT_THAT(edges({content("opt/manifest.json", a, b), content("srv/app.bin", "one", "three")}), IsEmpty());
}

TEST(Folding, ByteCodeFollowsItsSource) {
  EXPECT_THAT(edges({content("lib/__pycache__/m.cpython-311.pyc"), content("lib/m.py", "1", "2")}),
              ElementsAre("lib/__pycache__/m.cpython-311.pyc <- lib/m.py"));
  EXPECT_THAT(edges({content("lib/m.pyc"), content("lib/m.py", "1", "2")}),
              ElementsAre("lib/m.pyc <- lib/m.py"));
  EXPECT_THAT(edges({content("lib/__pycache__/m.cpython-311.pyc"), mtime("lib/m.py")}), IsEmpty());
}

TEST(Folding, TheCacheOfLibrariesFollowsWhatItLists) {
  const std::string a = std::string("ld.so\0", 6) + std::string("/lib/libz.so.1\0/lib/libnew.so.2\0", 32);
  const std::string b = std::string("ld.so\0", 6) + std::string("/lib/libz.so.1\0", 15);
  EXPECT_THAT(edges({content("etc/ld.so.cache", a, b), only_a("usr/lib/libnew.so.2")}),
              ElementsAre("etc/ld.so.cache <- usr/lib/libnew.so.2"));
  EXPECT_THAT(edges({content("etc/ld.so.cache", a, b), only_a("usr/lib/libother.so.2")}), IsEmpty());
}

TEST(Folding, AFoldersTimeFollowsTheEntryThatChangedInIt) {
  EXPECT_THAT(edges({mtime("srv"), mtime("srv/a"), mtime("srv/a/old"), only_b("srv/a/new")}),
              UnorderedElementsAre("srv <- srv/a", "srv/a <- srv/a/new"));
  EXPECT_THAT(edges({mtime("srv"), mtime("srvice/x")}), IsEmpty());
  // A folder of another owner is no mere consequence.
  Known folder = mtime("srv");
  folder.attributes.insert(Attribute::uid);
  EXPECT_THAT(edges({folder, only_b("srv/new")}), IsEmpty());
}

TEST(Folding, NothingFollowsFromNothing) {
  EXPECT_THAT(edges({}), IsEmpty());
  EXPECT_THAT(edges({content("a", "1", "2"), content("")}), IsEmpty());
}

}  // namespace
}  // namespace buildlab::causes
