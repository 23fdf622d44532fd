#include "framework/cli/installer.h"

#include "framework/base/environment.h"

namespace buildlab::cli {

namespace fs = std::filesystem;

fs::path installer_path() {
  if (const std::string given = environment("BUILDLAB_INSTALLER"); !given.empty()) return given;
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  for (const fs::path& candidate :
       {program.parent_path().parent_path() / "share" / "buildlab" / "engine" / "install.sh",
        fs::path(BUILDLAB_SOURCE_DIR) / "cmake" / "engine" / "install.sh"}) {
    if (fs::exists(candidate, code)) return candidate;
  }
  return {};
}

}  // namespace buildlab::cli
