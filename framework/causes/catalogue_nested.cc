// Rows K: archives, file systems and repositories inside of the image.
#include <array>

#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"

namespace buildlab::causes {
namespace {

std::optional<Finding> repository(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto found = checks::times(pair, surroundings)) return found;
  return checks::by_path(pair, surroundings);
}

constexpr std::string_view k_repository = "*/.git/objects/* */.git/FETCH_HEAD */.git/ORIG_HEAD */.git/logs/*";

constexpr std::array k_nested_rows = {
    Row{.id = "K1",
        .kind = CauseClass::fsmeta,
        .name = "git's index keeps inode numbers and times of the working tree",
        .fix = "list .git in .dockerignore, or use git archive instead of a clone",
        .presence = "*/.git/index"},
    Row{.id = "K2",
        .kind = CauseClass::time,
        .name = "a clone in the build keeps the time and packs of its fetching",
        .fix = "rm -rf .git in the RUN that clones, or ADD the repository: ADD https://…#<commit>",
        .paths = k_repository,
        .check = repository,
        .presence = k_repository},
    Row{"K3", CauseClass::time, "gzip keeps the name and the modification time of what it packed",
        "gzip -n; tar: GZIP=-n or tar -I 'gzip -n'"},
    Row{"K4", CauseClass::time, "a zip archive or wheel has the times of its entries",
        "zip -X with sorted names and fixed times, none before 1980; wheels: SOURCE_DATE_EPOCH"},
    Row{"K5", CauseClass::time, "a cpio archive keeps times and inode numbers",
        "cpio --reproducible with times set by touch -d @$SOURCE_DATE_EPOCH"},
    Row{"K6", CauseClass::time, "a file system's image has the time of making and random ids",
        "mksquashfs -mkfs-time $SOURCE_DATE_EPOCH -all-time $SOURCE_DATE_EPOCH; mkfs with fixed -U and hash "
        "seed"},
    Row{"K7", CauseClass::time, "a tar archive has the times, owners or order of its entries",
        "tar --sort=name --mtime=@$SOURCE_DATE_EPOCH --owner=0 --group=0 --numeric-owner "
        "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"},
};

}  // namespace

std::span<const Row> nested_rows() {
  return k_nested_rows;
}

}  // namespace buildlab::causes
