#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/causes/recognise.h"

namespace buildlab::causes {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr std::int64_t k_epoch = 1'700'000'000;

Surroundings built(bool epoch) {
  Surroundings surroundings;
  surroundings.build_a = Window{1'795'514'400, 1'795'514'460};
  surroundings.build_b = Window{1'795'514'500, 1'795'514'560};
  if (epoch) surroundings.source_date_epoch = k_epoch;
  return surroundings;
}

struct Case {
  const char* what;
  AttributePair pair;
  bool epoch;
  const char* row;  // "" for unknown
  CauseClass kind;
  bool proven;
};

AttributePair entry(Attribute attribute, const char* path, EntryKind kind, const char* a, const char* b,
                    const char* key = "") {
  return {attribute, path, kind, key, a, b};
}

AttributePair meta(Attribute attribute, const char* key, const char* a, const char* b) {
  return {attribute, "", EntryKind::file, key, a, b};
}

void expect_rows(const std::vector<Case>& cases) {
  for (const Case& example : cases) {
    SCOPED_TRACE(example.what);
    const auto cause = of_attribute(example.pair, built(example.epoch));
    EXPECT_EQ(cause ? cause->row : "", example.row);
    if (!cause) continue;
    EXPECT_EQ(to_string(cause->kind), to_string(example.kind));
    EXPECT_EQ(cause->proven, example.proven);
    EXPECT_FALSE(cause->name.empty());
    EXPECT_FALSE(cause->fix.empty());
    EXPECT_FALSE(cause->recogniser.empty());
  }
}

constexpr auto k_file = EntryKind::file;
constexpr auto k_folder = EntryKind::directory;

TEST(OfAttribute, TimesSayWhyTheyWereNotClamped) {
  expect_rows(
      {Case{"later than the epoch", entry(Attribute::mtime, "a", k_file, "1795514400", "1795514501"), true,
            "G1", CauseClass::time, true},
       Case{"older than the epoch", entry(Attribute::mtime, "a", k_file, "1600000000", "1600000007.5"), true,
            "A18", CauseClass::time, true},
       Case{"one clamped", entry(Attribute::mtime, "a", k_file, "1700000000", "1795514501"), true, "G1",
            CauseClass::time, true},
       Case{"no epoch", entry(Attribute::mtime, "a", k_file, "1795514400", "1795514501"), false, "G1",
            CauseClass::time, true},
       Case{"no number", entry(Attribute::mtime, "a", k_file, "1795514400", "now"), false, "",
            CauseClass::time, false},
       Case{"a folder", entry(Attribute::mtime, "srv/x", k_folder, "1795514400", "1795514501"), true, "A12",
            CauseClass::time, true},
       Case{"an old folder", entry(Attribute::mtime, "srv/x", k_folder, "1600000000", "1600000001"), true,
            "A18", CauseClass::time, true},
       Case{"a mount point", entry(Attribute::mtime, "proc", k_folder, "1795514400", "1795514501"), true,
            "A13", CauseClass::time, true},
       Case{"no mount point", entry(Attribute::mtime, "srv/proc", k_folder, "1795514400", "1795514501"), true,
            "A12", CauseClass::time, true},
       Case{"a whiteout", entry(Attribute::mtime, "etc/.wh.motd", k_file, "1795514400", "1795514501"), true,
            "A14", CauseClass::time, true},
       Case{"npm's check",
            entry(Attribute::mtime, "root/.npm/_update-notifier-last-checked", k_file, "1795514400",
                  "1795514501"),
            true, "F3", CauseClass::time, true},
       Case{"time of access", entry(Attribute::atime, "a", k_file, "1795514400", ""), true, "A31",
            CauseClass::time, true},
       Case{"time of change", entry(Attribute::ctime, "a", k_file, "1795514400.1", "1795514400.2"), true,
            "A31", CauseClass::time, true}});
}

TEST(OfAttribute, AUmaskIsMendedByAConcreteChange) {
  const auto fix = [](EntryKind kind, const char* a, const char* b) {
    return of_attribute(entry(Attribute::mode, "a", kind, a, b), {})->fix;
  };
  EXPECT_THAT(fix(k_file, "644", "664"),
              AllOf(HasSubstr("RUN umask 022 && "), HasSubstr("COPY --chmod=644")));
  EXPECT_THAT(fix(k_folder, "775", "755"), HasSubstr("COPY --chmod=755"));
  EXPECT_THAT(fix(k_file, "600", "644"), HasSubstr("COPY --chmod=644"));
}

TEST(OfAttribute, ModesOwnersAndLinksHaveTheirRows) {
  expect_rows(
      {Case{"umask of a file", entry(Attribute::mode, "a", k_file, "644", "664"), false, "A19",
            CauseClass::perm, true},
       Case{"umask of a folder", entry(Attribute::mode, "a", k_folder, "755", "775"), false, "A19",
            CauseClass::perm, true},
       Case{"a strict umask", entry(Attribute::mode, "a", k_file, "644", "600"), false, "A19",
            CauseClass::perm, false},
       Case{"git source", entry(Attribute::mode, "a", k_file, "666", "644"), false, "A20", CauseClass::tool,
            false},
       Case{"git source, executable", entry(Attribute::mode, "a", k_file, "777", "755"), false, "A19",
            CauseClass::perm, true},
       Case{"setgid of a folder", entry(Attribute::mode, "a", k_folder, "755", "2755"), false, "A21",
            CauseClass::perm, true},
       Case{"setgid of a file", entry(Attribute::mode, "a", k_file, "755", "2755"), false, "",
            CauseClass::perm, false},
       Case{"setuid", entry(Attribute::mode, "a", k_file, "755", "4755"), false, "", CauseClass::perm, false},
       Case{"no mode", entry(Attribute::mode, "a", k_file, "rw", "644"), false, "", CauseClass::perm, false},
       Case{"ids of the system's range", entry(Attribute::uid, "a", k_file, "101", "102"), false, "D3",
            CauseClass::perm, false},
       Case{"root and a user", entry(Attribute::gid, "a", k_file, "0", "1000"), false, "A22",
            CauseClass::perm, false},
       Case{"names", entry(Attribute::uname, "a", k_file, "root", "app"), false, "A22", CauseClass::perm,
            false},
       Case{"capability", entry(Attribute::xattr, "a", k_file, "AQAAAg==", "", "security.capability"), false,
            "A23", CauseClass::xattr, true},
       Case{"own attribute", entry(Attribute::xattr, "a", k_file, "1", "2", "user.mine"), false, "A23",
            CauseClass::xattr, false},
       Case{"file or hard link", entry(Attribute::type, "a", k_file, "file", "hardlink"), false, "A17",
            CauseClass::link, false},
       Case{"hard link and file, with the target",
            entry(Attribute::type, "a", EntryKind::hardlink, "hardlink to b", "file"), false, "A17",
            CauseClass::link, false},
       Case{"file or folder", entry(Attribute::type, "a", k_file, "file", "directory"), false, "",
            CauseClass::link, false},
       Case{"target of a hard link", entry(Attribute::linktarget, "a", EntryKind::hardlink, "b", "c"), false,
            "A16", CauseClass::link, false},
       Case{"target of a symbolic link", entry(Attribute::linktarget, "a", EntryKind::symlink, "b", "c"),
            false, "", CauseClass::link, false},
       Case{"random target",
            entry(Attribute::linktarget, "a", EntryKind::symlink, "/tmp/build-aX93kd2", "/tmp/build-Qm27cc1"),
            false, "G7", CauseClass::path, true}});
}

TEST(OfAttribute, ManifestConfigAndLayersHaveTheirRows) {
  expect_rows(
      {Case{"created", meta(Attribute::config, "created", "2026-11-24T10:00:00Z", "2026-11-24T10:01:41Z"),
            false, "A1", CauseClass::time, true},
       Case{"created is no time", meta(Attribute::config, "created", "x", "y"), false, "", CauseClass::time,
            false},
       Case{"history", meta(Attribute::history, "created", "2026-11-24T10:00:00Z", "2026-11-24T10:01:41Z"),
            false, "A2", CauseClass::time, true},
       Case{"history's command", meta(Attribute::history, "created_by", "RUN a", "RUN b"), false, "",
            CauseClass::time, false},
       Case{"created label", meta(Attribute::config, "Labels.org.opencontainers.image.created", "a", "b"),
            false, "A3", CauseClass::time, true},
       Case{"all labels",
            meta(Attribute::config, "Labels", R"({"a":"1","org.opencontainers.image.created":"x"})",
                 R"({"a":"1","org.opencontainers.image.created":"y"})"),
            false, "A3", CauseClass::time, true},
       Case{"a label of one's own", meta(Attribute::config, "Labels", R"({"a":"1"})", R"({"a":"2"})"), false,
            "", CauseClass::time, false},
       Case{"revision", meta(Attribute::annotation, "org.opencontainers.image.revision", "a", "b"), false,
            "A4", CauseClass::vers, true},
       Case{"buildah", meta(Attribute::config, "Labels.io.buildah.version", "1.40", ""), false, "A4",
            CauseClass::tool, true},
       Case{"name", meta(Attribute::annotation, "io.containerd.image.name", "a", "b"), false, "A5",
            CauseClass::tool, true},
       Case{"attestation", meta(Attribute::annotation, "vnd.docker.reference.digest", "a", "b"), false, "A6",
            CauseClass::rand, false},
       Case{"inline cache", meta(Attribute::config, "moby.buildkit.cache.v0", "e30=", ""), false, "A8",
            CauseClass::cache, true},
       Case{"media type",
            meta(Attribute::mediatype, "", "application/vnd.docker.image.rootfs.diff.tar.gzip",
                 "application/vnd.oci.image.layer.v1.tar+gzip"),
            false, "A9", CauseClass::tool, true},
       Case{"media type of another compression",
            meta(Attribute::mediatype, "layer", "application/vnd.oci.image.layer.v1.tar+gzip",
                 "application/vnd.oci.image.layer.v1.tar+zstd"),
            false, "A10", CauseClass::comp, true},
       Case{"created in another form",
            meta(Attribute::config, "created", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00.000Z"), false,
            "G3", CauseClass::tool, true},
       Case{"words of a command", meta(Attribute::config, "Cmd", R"(["cp","a","b"])", R"(["cp","b","a"])"),
            false, "G8", CauseClass::order, false},
       Case{"compression", meta(Attribute::compression, "", "gzip", "zstd"), false, "A10", CauseClass::comp,
            true},
       Case{"rewritten", meta(Attribute::annotation, "buildkit/rewritten-timestamp", "1700000000", ""), false,
            "A11", CauseClass::tool, true},
       Case{"order of the index", meta(Attribute::order, "manifests", "a", "b"), false, "A28",
            CauseClass::order, true},
       Case{"order of a layer", meta(Attribute::order, "", "a", "b"), false, "G3", CauseClass::order, true},
       Case{"format of a layer", meta(Attribute::format, "", "pax", "gnu"), false, "G3", CauseClass::tool,
            true},
       Case{"division", meta(Attribute::format, "division into layers", "1 layers", "2 layers"), false, "G3",
            CauseClass::tool, true},
       Case{"created in one only", meta(Attribute::config, "created", "(absent)", "2026-11-24T10:00:00Z"),
            false, "A1", CauseClass::time, true},
       Case{"base", meta(Attribute::annotation, "org.opencontainers.image.base.digest", "a", "b"), false,
            "A29", CauseClass::vers, true},
       Case{"any time",
            meta(Attribute::annotation, "my.time", "2026-11-24T10:00:00Z", "2026-11-24T10:01:41Z"), false,
            "G5", CauseClass::time, true},
       Case{"any annotation", meta(Attribute::annotation, "my.key", "a", "b"), false, "", CauseClass::time,
            false}});
}

TEST(OfAttribute, EvidenceDecodesTimes) {
  const auto cause =
      of_attribute(entry(Attribute::mtime, "a", k_file, "1795514400.250000000", "1795514501"), built(true));
  ASSERT_TRUE(cause);
  EXPECT_THAT(cause->evidence,
              Contains(HasSubstr("2026-11-24T10:00:00.250000000Z, then 2026-11-24T10:01:41Z")));
  EXPECT_THAT(cause->evidence, Contains(HasSubstr("SOURCE_DATE_EPOCH is 2023-11-14T22:13:20Z")));
}

TEST(OfAttribute, FixesDependOnTheEpoch) {
  const auto mtime = entry(Attribute::mtime, "a", k_file, "1795514400", "1795514501");
  EXPECT_THAT(of_attribute(mtime, built(true))->fix, HasSubstr("rewrite-timestamp=true"));
  EXPECT_THAT(of_attribute(mtime, built(false))->fix, HasSubstr("--build-arg SOURCE_DATE_EPOCH"));
  const auto old = entry(Attribute::mtime, "a", k_file, "1600000000", "1600000001");
  EXPECT_THAT(of_attribute(old, built(true))->fix, HasSubstr("touch"));
}

TEST(OfAttribute, EqualValuesHaveNoCause) {
  EXPECT_FALSE(of_attribute(entry(Attribute::mode, "a", k_file, "644", "644"), {}));
  EXPECT_FALSE(of_attribute(meta(Attribute::annotation, "org.opencontainers.image.created", "x", "x"), {}));
}

}  // namespace
}  // namespace buildlab::causes
