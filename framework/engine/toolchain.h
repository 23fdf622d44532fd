// Finding the programs that builders are made of: buildkitd, buildctl, runc, a registry server.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::engine {

struct Tool {
  std::filesystem::path path;
  std::string version;  // "v0.32.2"
  std::string origin;   // "BUILDLAB_BUILDKITD", "PATH", "pinned copy"
};

struct Toolchain {
  Tool buildkitd;
  Tool buildctl;
  Tool runc;
  std::optional<Tool> registry;  // only local bases and cache_mode registry need it
};

// What was looked at on the way, for doctor and for the error when nothing was found.
struct Attempt {
  std::string what;    // "PATH"
  std::string result;  // "no buildkitd"
};

struct Search {
  std::optional<Toolchain> found;
  std::vector<Attempt> attempts;
  std::vector<std::string> remedies;  // exact things to do
};

// $BUILDLAB_CACHE, else ${XDG_CACHE_HOME:-~/.cache}/buildlab.
std::filesystem::path cache_folder();

// Order: BUILDLAB_BUILDKITD, BUILDLAB_BUILDCTL (default: same folder), BUILDLAB_REGISTRY; PATH; the pinned
// copy in the cache folder. Nothing is installed. A version below 0.30 is an attempt that failed. A variable
// that is set and leads nowhere ends the search: what was asked for is not replaced by something else.
// Versions are asked once and kept in the cache folder as long as the file is the same (size, time, inode).
Search find_toolchain();

// find_toolchain, and where that finds nothing the installer (cmake/engine/install.sh) is run; `report` gets
// its messages line by line (without one they go to stderr as they come). An infrastructure error carries
// attempts and remedies.
Result<Toolchain> require_toolchain(const std::filesystem::path& installer,
                                    const std::function<void(std::string_view)>& report = nullptr);

// Where `toolchain` has no registry server the installer is run for one, which compiles it (about 100 s).
// Without success the toolchain is as it was: who needs the server says what is missing.
Status require_registry(Toolchain& toolchain, const std::filesystem::path& installer,
                        const std::function<void(std::string_view)>& report);

}  // namespace buildlab::engine
