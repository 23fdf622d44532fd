// Rows A: metadata of the image, layers, and entries that BuildKit makes.
#include <array>

#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"

namespace buildlab::causes {
namespace {

std::optional<Finding> attestation(const ContentPair& pair, const Surroundings& surroundings) {
  if (pair.a.substr(0, 4096).find("slsa.dev/provenance") == std::string_view::npos) return std::nullopt;
  return checks::by_path(pair, surroundings);
}

std::optional<Finding> bill_of_materials(const ContentPair& pair, const Surroundings& surroundings) {
  const std::string_view head = pair.a.substr(0, 4096);
  const bool known = head.find("spdxVersion") != std::string_view::npos ||
                     head.find("CycloneDX") != std::string_view::npos ||
                     head.find("spdx.dev") != std::string_view::npos;
  return known ? checks::any_generic(pair, surroundings) : std::nullopt;
}

constexpr std::array k_image_rows = {
    Row{"A1", CauseClass::time, "the image's config carries the time of the build",
        "build with --build-arg SOURCE_DATE_EPOCH=<seconds>"},
    Row{"A2", CauseClass::time, "the history in the image's config carries the times of the build",
        "build with --build-arg SOURCE_DATE_EPOCH=<seconds> on BuildKit 0.13 or newer"},
    Row{"A3", CauseClass::time,
        "the label or annotation org.opencontainers.image.created carries the time of the build",
        "LABEL org.opencontainers.image.created=$CREATED, built with --build-arg CREATED=$(date -u -d "
        "@$SOURCE_DATE_EPOCH "
        "+%FT%TZ)"},
    Row{"A4", CauseClass::tool, "a label or annotation names the revision or the builder's version",
        "derive it from the commit that is built; buildah: --identity-label=false"},
    Row{"A5", CauseClass::tool, "an annotation carries the name that the image was exported under",
        "export under the same name, or compare digests of the manifest without it"},
    Row{.id = "A6",
        .kind = CauseClass::rand,
        .name = "the provenance attestation carries an invocation id and the times of the build",
        .fix = "compare the platform's manifest instead of the index, or build with --provenance=false",
        .paths = "*provenance*.json *.intoto.jsonl *attestation*.json",
        .check = attestation,
        .mixed = true},
    Row{.id = "A7",
        .kind = CauseClass::time,
        .name = "the bill of materials carries the time of the scan and a random namespace",
        .fix = "build with --sbom=false, or leave the bill of materials out of the image",
        .paths = "*.spdx.json *sbom*.json *.cdx.json",
        .check = bill_of_materials,
        .mixed = true},
    Row{"A8", CauseClass::cache, "the inline cache in the image's config differs",
        "export the cache with type=registry instead of type=inline"},
    Row{"A9", CauseClass::tool, "media types of Docker and of OCI",
        "set oci-mediatypes=true on every exporter, and the same compatibility-version"},
    Row{"A10", CauseClass::comp, "the same layer compressed in another way",
        "pin BuildKit's version, compression and compression-level; or compare DiffIDs"},
    Row{"A11", CauseClass::tool, "only one image was exported with rewrite-timestamp",
        "use the same exporter options for both: --output type=image,rewrite-timestamp=true"},
    Row{"A12", CauseClass::time, "a folder carries the time at which the build made it or wrote into it",
        "build with --build-arg SOURCE_DATE_EPOCH=<seconds> --output type=image,rewrite-timestamp=true"},
    Row{"A13", CauseClass::time, "a mount point that the base lacks was made with the time of the build",
        "use a base that has proc and sys, or build with --output type=image,rewrite-timestamp=true"},
    Row{"A14", CauseClass::time, "a whiteout carries the time of the build",
        "build with --output type=image,rewrite-timestamp=true, or rm -f the file in the RUN that makes it"},
    Row{"A15", CauseClass::tool, "only one image marks the folder as opaque",
        "build both with the same snapshotter on the same kind of file system"},
    Row{"A16", CauseClass::link, "hard links are written in another way",
        "build both with the same snapshotter and version of the builder"},
    Row{"A17", CauseClass::link,
        "which name is the file and which the hard link depends on the order of reading",
        "make the links in a fixed order, or copy instead of linking (cp --no-preserve=links)"},
    Row{"A18", CauseClass::time, "the modification time came with the build context",
        "use a git context, or set the times before the build: git ls-files -z | xargs -0 touch -hd "
        "@$SOURCE_DATE_EPOCH"},
    Row{"A19", CauseClass::perm, "the mode follows the umask of the checkout or the build",
        "RUN umask 022 && … for what RUN writes (or install -m 0644); COPY --chmod=644 for files of the "
        "context"},
    Row{"A20", CauseClass::tool, "a file of a git source has the mode of another version of BuildKit",
        "pin BuildKit's version, or set compatibility-version"},
    Row{"A21", CauseClass::perm, "the folder has the setgid bit on one side",
        "chmod g-s the folder in the build context"},
    Row{"A22", CauseClass::perm, "the owner differs",
        "give ids instead of names: COPY --chown=1000:1000, useradd --uid, groupadd --gid"},
    Row{"A23", CauseClass::xattr, "an extended attribute is set on one side or has another value",
        "build both with the same privileges and file system; do not carry security.selinux along"},
    Row{"A24", CauseClass::time, "ADD of a URL takes the time that the server names",
        "ADD --checksum=sha256:<digest>, and export with rewrite-timestamp=true"},
    Row{.id = "A25",
        .kind = CauseClass::fsmeta,
        .name = "the repository's .git folder was copied into the image",
        .fix = "list .git in .dockerignore; leave out ADD --keep-git-dir and BUILDKIT_CONTEXT_KEEP_GIT_DIR",
        .paths = "*/.git/*",
        .check = checks::by_path,
        .presence = "*/.git */.git/*",
        .over = "-"},
    Row{"A26", CauseClass::cache, "what a cache mount held leaked into the image",
        "copy from RUN --mount=type=cache only what does not depend on what was there before"},
    Row{"A27", CauseClass::cache, "a cached layer hid that a step is not deterministic",
        "build with --no-cache where builds are compared"},
    Row{"A28", CauseClass::order, "the index lists the same manifests in another order",
        "compare the manifests by platform, or list the platforms in a fixed order"},
    Row{"A29", CauseClass::vers, "the base image moved",
        "pin the base by digest: FROM name:tag@sha256:<digest>"},
    Row{.id = "A30",
        .kind = CauseClass::host,
        .name = "a file that the builder mounts for the RUN was copied into the image",
        .fix = "leave resolv.conf, hosts and hostname out when copying /etc",
        .paths = "*/etc/resolv.conf */etc/hosts */etc/hostname",
        .check = checks::by_path,
        .presence = "*/etc/resolv.conf */etc/hosts */etc/hostname"},
    Row{"A31", CauseClass::time, "the layer records times of access or change",
        "tar --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"},
};

}  // namespace

std::span<const Row> image_rows() {
  return k_image_rows;
}

}  // namespace buildlab::causes
