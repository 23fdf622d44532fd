// Rows H: compiled languages.
#include <array>

#include "framework/causes/binary_checks.h"
#include "framework/causes/catalogue.h"

namespace buildlab::causes {
namespace {

std::optional<Finding> machine(const ContentPair& pair, const Surroundings&) {
  return checks::lines_with(
      pair, {"uname", "hostname", "OS_VERSION", "OS_NAME", "CMAKE_HOST_SYSTEM", "CMAKE_SYSTEM_VERSION",
             "CMAKE_SYSTEM \"", "/proc/version", "The system is:"});
}

constexpr std::array k_compiled_rows = {
    Row{"H1", CauseClass::derived, "the linker's or Go's build id is a sum of everything else",
        "mend what else differs, or link without it: -Wl,--build-id=none, Go: -ldflags=-buildid="},
    Row{"H2", CauseClass::path, "Go wrote the folder of the build into the program", "go build -trimpath"},
    Row{.id = "H3",
        .kind = CauseClass::vers,
        .name = "Go wrote the state of the repository into the program",
        .fix = "go build -buildvcs=false, or build from a clean clone of one commit",
        .paths = "*",
        .check = checks::go_repository},
    Row{.id = "H4",
        .kind = CauseClass::path,
        .name = "Go wrote the C compiler's flags into the program",
        .fix = "go build -trimpath, with CGO_ENABLED=0 where C is not needed",
        .paths = "*",
        .check = checks::go_settings},
    Row{"H5", CauseClass::time, "a Go program holds the time of its build",
        "take the commit's time: -ldflags \"-X main.buildTime=$(date -u -d @$SOURCE_DATE_EPOCH +%FT%TZ)\""},
    Row{"H6", CauseClass::time, "__DATE__ and __TIME__ were compiled in",
        "declare ARG SOURCE_DATE_EPOCH in the stage, which GCC and Clang obey; -Wdate-time finds the places"},
    Row{"H7", CauseClass::path, "the compiler wrote the folder of the build into the program",
        "CFLAGS and CXXFLAGS with -ffile-prefix-map=$PWD=."},
    Row{.id = "H8",
        .kind = CauseClass::rand,
        .name = "GCC's link-time optimisation draws random names for its sections",
        .fix = "CFLAGS with -frandom-seed=<name of the source>, in a fixed folder: the streams keep it in "
               "spite of "
               "-ffile-prefix-map",
        .paths = "*",
        .check = checks::link_time_names},
    Row{.id = "H9",
        .kind = CauseClass::order,
        .name = "the same objects were linked in another order",
        .fix = "sort what is linked: $(sort $(wildcard *.o)), LC_ALL=C",
        .paths = "*",
        .check = checks::symbols_in_order},
    Row{"H10", CauseClass::time, "an ar archive has the times, owners and modes of its members",
        "ARFLAGS=Dcr, ranlib -D"},
    Row{"H11", CauseClass::host, "the program was compiled for the machine that built it",
        "name the processor: -march=x86-64-v2 instead of -march=native"},
    Row{.id = "H12",
        .kind = CauseClass::rand,
        .name = "the profile of a training run counts what ran by chance",
        .fix = "train on one thread with a fixed input, or keep the profile beside the sources",
        .paths = "*.gcda *.profraw *.profdata",
        .check = checks::profile_counts},
    Row{"H13", CauseClass::rand, "addresses of memory, which change with every start, were written out",
        "print no addresses and clear what is written; setarch -R proves the cause"},
    Row{"H14", CauseClass::path, "the name of the compiler's temporary file was kept",
        "gcc -save-temps=obj or -pipe, or -frandom-seed=<name of the source>; strip local symbols"},
    Row{"H15", CauseClass::path, "rustc wrote the folder of the build into the program",
        "RUSTFLAGS=--remap-path-prefix=$PWD=. for the RUN that builds"},
    Row{.id = "H16",
        .kind = CauseClass::cache,
        .name = "cargo's registry and caches were kept",
        .fix = "RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build",
        .paths = "*/.cargo/registry/* */cargo/registry/* */.global-cache */.package-cache*",
        .check = checks::by_path,
        .presence = "*/.cargo/registry/* */cargo/registry/* */.global-cache */.package-cache*"},
    Row{.id = "H17",
        .kind = CauseClass::host,
        .name = "the kernel or name of the machine was written down by the build",
        .fix =
            "set what configure would ask: --build=<triplet>, setarch, or rm the log in the RUN that builds",
        .paths = "*/release */config.log */config.status */CMakeSystem.cmake */CMakeOutput.log "
                 "*/CMakeConfigureLog.yaml",
        .check = machine},
    Row{"H18", CauseClass::tool, "another compiler, or another version of it, was used",
        "pin the compiler: its package's version, or the image that brings it by digest"},
};

}  // namespace

std::span<const Row> compiled_rows() {
  return k_compiled_rows;
}

}  // namespace buildlab::causes
