#include "framework/engine/places.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <random>

#include "framework/base/environment.h"
#include "framework/engine/toolchain.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;

// sun_path holds 108 bytes with the final NUL; "/" + 12 digits + "/buildkitd.sock" follow the folder.
constexpr std::size_t k_longest_runtime_folder = 107 - 1 - 12 - 16;

}  // namespace

fs::path cache_folder() {
  if (const std::string own = environment("BUILDLAB_CACHE"); !own.empty())
    return fs::absolute(own).lexically_normal();
  // The XDG specification ignores paths that are not absolute.
  if (const fs::path xdg = environment("XDG_CACHE_HOME"); xdg.is_absolute()) return xdg / "buildlab";
  fs::path home = environment("HOME");
  if (!home.is_absolute()) {
    const passwd* account = ::getpwuid(::geteuid());
    home = account == nullptr ? "/tmp" : account->pw_dir;
  }
  return home / ".cache" / "buildlab";
}

fs::path scratch_folder() {
  return cache_folder() / "scratch";
}

Result<fs::path> runtime_folder() {
  const std::string name = fmt::format("buildlab-{}", ::geteuid());
  fs::path folder = fs::path("/tmp") / name;
  if (const fs::path xdg = environment("XDG_RUNTIME_DIR");
      xdg.is_absolute() && fs::is_directory(xdg) &&
      (xdg / name).native().size() <= k_longest_runtime_folder) {
    folder = xdg / name;
  }
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(ErrorKind::infrastructure,
                fmt::format("making {}: {}", folder.string(), std::strerror(errno)));
  }
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) {
    return fail(ErrorKind::infrastructure,
                fmt::format("looking at {}: {}", folder.string(), std::strerror(errno)));
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) {
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is not a folder of this user, so no socket is put there", folder.string()),
                {fmt::format("remove it, or set XDG_RUNTIME_DIR to a folder of your own")});
  }
  if ((info.st_mode & 077U) != 0 && ::chmod(folder.c_str(), 0700) != 0) {
    return fail(ErrorKind::infrastructure,
                fmt::format("chmod {}: {}", folder.string(), std::strerror(errno)));
  }
  return folder;
}

std::string random_name() {
  std::random_device source;
  return fmt::format("{:06x}{:06x}", source() & 0xffffffU, source() & 0xffffffU);
}

}  // namespace buildlab::engine
