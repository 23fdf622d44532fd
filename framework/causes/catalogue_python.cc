// Rows E: Python.
#include <array>

#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"

namespace buildlab::causes {
namespace {

std::optional<Finding> uv_stamp(const ContentPair& pair, const Surroundings&) {
  return checks::values(pair, {{"\"secs_since_epoch\":", ",}"}, {"\"nanos_since_epoch\":", ",}"}});
}

std::optional<Finding> built_in_folder(const ContentPair& pair, const Surroundings&) {
  return checks::values(pair, {{"\"file://", "\""}});
}

std::optional<Finding> conda_stamp(const ContentPair& pair, const Surroundings&) {
  return checks::lines_with(pair, {"==> "});
}

constexpr std::array k_python_rows = {
    Row{.id = "E1",
        .kind = CauseClass::time,
        .name = "Python's byte code keeps the modification time of its source",
        .fix =
            "ENV PYTHONDONTWRITEBYTECODE=1, or ARG SOURCE_DATE_EPOCH in the stage, or python -m compileall "
            "--invalidation-mode unchecked-hash"},
    Row{"E2", CauseClass::path, "Python's byte code keeps the path of its source",
        "compile in the final folder, or python -m compileall -s <prefix> -p /"},
    Row{"E3", CauseClass::path, "pip install --target compiled in a temporary folder with a random name",
        "pip install --no-compile --target <folder>, then python -m compileall <folder>"},
    Row{.id = "E4",
        .kind = CauseClass::order,
        .name = "generated Python code follows the order of hashing",
        .fix = "ENV PYTHONHASHSEED=0 for the RUN that generates it, or sort sets before writing",
        .paths = "*.py *.pyi",
        .check = checks::order},
    Row{.id = "E5",
        .kind = CauseClass::time,
        .name = "uv notes the time at which it fetched a package",
        .fix = "ENV UV_NO_INSTALLER_METADATA=1, or rm the uv_cache.json files and their lines in RECORD",
        .paths = "*.dist-info/uv_cache.json",
        .check = uv_stamp},
    Row{.id = "E6",
        .kind = CauseClass::derived,
        .name = "RECORD lists the package's files and their sums",
        .fix = "mend the file that it lists; where only the order differs, sort RECORD",
        .paths = "*.dist-info/RECORD",
        .check = checks::order,
        .mixed = true},
    Row{.id = "E7",
        .kind = CauseClass::path,
        .name = "pip notes the folder or archive that a package came from",
        .fix = "install from an index or from a fixed folder",
        .paths = "*.dist-info/direct_url.json",
        .check = built_in_folder},
    Row{.id = "E8",
        .kind = CauseClass::rand,
        .name = "uv's cache, whose archives have random names, was kept",
        .fix = "RUN --mount=type=cache,target=/root/.cache/uv, or uv --no-cache",
        .paths = "*/.cache/uv/*",
        .check = checks::by_path,
        .presence = "*/.cache/uv/*"},
    Row{"E9", CauseClass::time, "uv copies packages with the time of copying",
        "build with --build-arg SOURCE_DATE_EPOCH=<seconds> --output type=image,rewrite-timestamp=true"},
    Row{.id = "E10",
        .kind = CauseClass::vers,
        .name = "a Python package has another version",
        .fix = "RUN pip install --require-hashes -r requirements.txt (pip-compile --generate-hashes writes "
               "it), or uv sync "
               "--frozen",
        .presence = "*-*.dist-info/METADATA *-*.egg-info/PKG-INFO"},
    Row{.id = "E11",
        .kind = CauseClass::time,
        .name = "conda's history has the time of each installation",
        .fix = "rm -f conda-meta/history in the RUN that installs",
        .paths = "*/conda-meta/history",
        .check = conda_stamp},
};

}  // namespace

std::span<const Row> python_rows() {
  return k_python_rows;
}

}  // namespace buildlab::causes
