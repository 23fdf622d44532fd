#include "framework/shim/restore.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "framework/base/file.h"
#include "framework/base/text.h"

namespace buildlab::shim {
namespace {

namespace fs = std::filesystem;

// Blanks, tabs, line ends and backslashes stand as three octal digits.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool octal = text[i] == '\\' && i + 3 < text.size() &&
                       std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                   text.begin() + static_cast<std::ptrdiff_t>(i) + 4,
                                   [](char c) { return c >= '0' && c <= '7'; });
    if (!octal) {
      result += text[i];
      continue;
    }
    result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return result;
}

std::vector<fs::path> folders_of(std::string_view options) {
  std::vector<std::string> lower;
  fs::path upper;
  for (const std::string_view option : split(options, ',')) {
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = option.substr(0, equals);
    const std::string_view value = option.substr(equals + 1);
    if (name == "upperdir") upper = unescaped(value);
    if (name == "lowerdir+") lower.push_back(unescaped(value));
    if (name != "lowerdir") continue;
    for (const std::string_view folder : split(value, ':')) lower.push_back(unescaped(folder));
  }
  // Long lists are mounted relative to the folder of all snapshots: "5/fs", beside ".../6/fs".
  std::vector<fs::path> folders;
  for (const std::string& folder : lower) folders.push_back(upper.parent_path().parent_path() / folder);
  return folders;
}

bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool untouched(const struct stat& before, const struct stat& now) {
  return before.st_ino == now.st_ino && before.st_size == now.st_size &&
         same_time(before.st_mtim, now.st_mtim) && same_time(before.st_ctim, now.st_ctim);
}

tl::unexpected<Error> failed(const fs::path& path) {
  return fail(ErrorKind::infrastructure,
              fmt::format("putting {} back: {}", path.string(), std::strerror(errno)));
}

Status set_time(const fs::path& path, const struct stat& was) {
  const timespec times[] = {was.st_atim, was.st_mtim};
  if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0) return {};
  return failed(path);
}

Status write_over(const fs::path& path, std::string_view content) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return failed(path);
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

std::vector<fs::path> lower_folders(std::string_view mountinfo, const fs::path& mount_point) {
  std::vector<fs::path> folders;
  // "36 35 0:40 / /mnt rw,relatime shared:1 - overlay overlay rw,lowerdir=…": the last mount is the one on
  // top.
  for (const std::string_view line : split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto before = split(line.substr(0, dash), ' ');
    const auto after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3 || unescaped(before[4]) != mount_point) continue;
    folders = after[0] == "overlay" ? folders_of(after[2]) : std::vector<fs::path>();
  }
  return folders;
}

std::optional<Changed> find_changed(const fs::path& root, const fs::path& file,
                                    const std::vector<fs::path>& lower) {
  const fs::path inside = file.lexically_relative(root);
  if (inside.empty() || *inside.begin() == "..") return std::nullopt;
  Changed changed;
  changed.file = file;
  for (const fs::path& folder : lower) {
    const fs::path below = folder / inside;
    if (::lstat(below.c_str(), &changed.was) != 0) continue;
    if (!S_ISREG(changed.was.st_mode) || ::lstat(below.parent_path().c_str(), &changed.folder_was) != 0)
      return std::nullopt;
    auto original = read_file(below, Bytes{16U << 20U});
    const auto now = read_file(file, Bytes{16U << 20U});
    if (!original || !now || !now->starts_with(*original)) return std::nullopt;
    changed.original = std::move(*original);
    if (::lstat(file.c_str(), &changed.is) != 0 ||
        ::lstat(file.parent_path().c_str(), &changed.folder_is) != 0)
      return std::nullopt;
    return changed;
  }
  return std::nullopt;
}

Status put_back(const Changed& changed) {
  struct stat now {};
  const fs::path folder = changed.file.parent_path();
  if (::lstat(changed.file.c_str(), &now) != 0 || !untouched(changed.is, now)) return {};
  BUILDLAB_TRY(write_over(changed.file, changed.original));
  BUILDLAB_TRY(set_time(changed.file, changed.was));
  // Writing over a file leaves its folder's time alone; the container may have changed it.
  if (::lstat(folder.c_str(), &now) != 0 || !same_time(changed.folder_is.st_mtim, now.st_mtim)) return {};
  return set_time(folder, changed.folder_was);
}

}  // namespace buildlab::shim
