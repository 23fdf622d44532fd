#include "framework/context/edit_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "framework/base/file.h"
#include "framework/context/entry.h"

namespace buildlab::context {

Status write_content(const std::filesystem::path& file, std::string_view content) {
  struct stat before {};
  if (::stat(file.c_str(), &before) != 0) return system_error("stat", file, errno);
  const mode_t mode = before.st_mode & 07777U;
  const bool locked = (mode & S_IWUSR) == 0;
  if (locked && ::chmod(file.c_str(), mode | S_IWUSR) != 0) return system_error("chmod", file, errno);
  {
    const Fd out(::open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (!out.valid()) return system_error("open", file, errno);
    while (!content.empty()) {
      const ssize_t written = ::write(out.get(), content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_error("write", file, errno);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    // Writing takes setuid and the like away.
    if (::fchmod(out.get(), mode) != 0) return system_error("fchmod", file, errno);
    // Back to the old time, so that renew_time sees what must not be used again.
    const std::array<timespec, 2> old = {timespec{0, UTIME_OMIT}, before.st_mtim};
    if (::futimens(out.get(), old.data()) != 0) return system_error("futimens", file, errno);
  }
  return renew_time(file);
}

Status renew_time(const std::filesystem::path& path) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0) return system_error("stat", path, errno);
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (now.tv_sec == before.st_mtim.tv_sec && now.tv_nsec == before.st_mtim.tv_nsec)
    now.tv_nsec = now.tv_nsec == 999'999'999 ? 0 : now.tv_nsec + 1;
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, now};
  if (::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) != 0)
    return system_error("utimensat", path, errno);
  return {};
}

}  // namespace buildlab::context
