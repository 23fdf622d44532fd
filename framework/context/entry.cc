#include "framework/context/entry.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <system_error>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/file.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;

constexpr int k_attempts = 3;
constexpr std::int64_t k_second = 1'000'000'000;

timespec to_timespec(std::int64_t ns) {
  std::int64_t seconds = ns / k_second;
  std::int64_t rest = ns % k_second;
  if (rest < 0) {
    rest += k_second;
    --seconds;
  }
  return {seconds, rest};
}

using Attributes = std::map<std::string, std::string>;

// Of user.* only: others need rights, and BuildKit leaves security.* and system.* out of its checksums.
Result<Attributes> attributes_of(const fs::path& path) {
  Attributes attributes;
  std::array<char, 4096> fixed{};
  std::string names(fixed.data(), 0);
  ssize_t size = ::llistxattr(path.c_str(), fixed.data(), fixed.size());
  if (size >= 0) {
    names.assign(fixed.data(), static_cast<std::size_t>(size));
  } else if (errno == ERANGE) {
    names.resize(65536);
    size = ::llistxattr(path.c_str(), names.data(), names.size());
    if (size < 0) return system_error("llistxattr", path, errno);
    names.resize(static_cast<std::size_t>(size));
  } else if (errno == ENOTSUP || errno == EPERM) {
    return attributes;
  } else {
    return system_error("llistxattr", path, errno);
  }
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (!name.starts_with("user.")) continue;
    std::string value(65536, '\0');
    const ssize_t length = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (length < 0) return system_error("lgetxattr", path, errno);
    value.resize(static_cast<std::size_t>(length));
    attributes.emplace(name, std::move(value));
  }
  return attributes;
}

Status set_attributes(const fs::path& path, const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
      return system_error("lsetxattr", path, errno);
  }
  return {};
}

std::string with_attributes(const std::string& content_hex, const Attributes& attributes) {
  if (attributes.empty()) return content_hex;
  std::string all = content_hex;
  for (const auto& [name, value] : attributes) all += fmt::format("\n{} {} ", name, value.size()) + value;
  return sha256(all).hex();
}

Status copy_bytes(const Fd& in, const Fd& out, const fs::path& from, const fs::path& to) {
  if (::ioctl(out.get(), FICLONE, in.get()) == 0) return {};
  bool by_kernel = true;
  std::vector<char> buffer;
  while (true) {
    if (by_kernel) {
      const ssize_t count = ::copy_file_range(in.get(), nullptr, out.get(), nullptr, 1U << 30U, 0);
      if (count == 0) return {};
      if (count > 0) continue;
      if (errno == EINTR) continue;
      if (errno == ENOSPC || errno == EDQUOT || errno == EIO)
        return system_error("copy_file_range", to, errno);
      by_kernel = false;  // not between these file systems
      buffer.resize(1U << 20U);
    }
    const ssize_t count = ::read(in.get(), buffer.data(), buffer.size());
    if (count == 0) return {};
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read", from, errno);
    for (ssize_t done = 0; done < count;) {
      const ssize_t written =
          ::write(out.get(), buffer.data() + done, static_cast<std::size_t>(count - done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_error("write", to, errno);
      done += written;
    }
  }
}

Result<Identity> identity_at(const fs::path& path) {
  BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(path));
  if (!info) return system_error("lstat", path, ENOENT);
  return identity_of(*info);
}

Result<Copied> copy_link(const fs::path& from, const fs::path& to, const Entry& entry) {
  std::error_code code;
  const fs::path target = fs::read_symlink(from, code);
  if (code) return system_error("readlink", from, code.value());
  fs::create_symlink(target, to, code);
  if (code) return system_error("symlink", to, code.value());
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, to_timespec(entry.identity.mtime_ns)};
  if (::utimensat(AT_FDCWD, to.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return system_error("utimensat", to, errno);
  BUILDLAB_ASSIGN(const Identity identity, identity_at(to));
  return Copied{identity, sha256(target.string()).hex()};
}

// A node of the same kind; what it stands for is never opened.
Result<Copied> copy_special(const fs::path& from, const fs::path& to, const Entry& entry) {
  BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(from));
  if (!info) return system_error("lstat", from, ENOENT);
  const mode_t kind = info->st_mode & S_IFMT;
  if (::mknod(to.c_str(), kind | 0600U, info->st_rdev) != 0) {
    if (errno != EPERM) return system_error("mknod", to, errno);
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is a device, and making one needs more rights", from.string()),
                {"leave it out with .dockerignore if the build does not need it"});
  }
  if (::chmod(to.c_str(), entry.identity.mode) != 0) return system_error("chmod", to, errno);
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, to_timespec(entry.identity.mtime_ns)};
  if (::utimensat(AT_FDCWD, to.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return system_error("utimensat", to, errno);
  BUILDLAB_ASSIGN(const Identity identity, identity_at(to));
  return Copied{identity, sha256(fmt::format("node {:o} {}", kind, info->st_rdev)).hex()};
}

Result<Copied> copy_file_once(const fs::path& from, const fs::path& to, const Entry& entry) {
  const Fd in(::open(from.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (!in.valid()) return system_error("open", from, errno);
  BUILDLAB_ASSIGN(const Attributes attributes, attributes_of(from));
  const Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out.valid()) return system_error("open", to, errno);
  BUILDLAB_TRY(copy_bytes(in, out, from, to));
  BUILDLAB_TRY(set_attributes(to, attributes));
  BUILDLAB_ASSIGN(const Digest content, sha256_file(to));
  if (::fchmod(out.get(), entry.identity.mode) != 0) return system_error("fchmod", to, errno);
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, to_timespec(entry.identity.mtime_ns)};
  if (::futimens(out.get(), times.data()) != 0) return system_error("futimens", to, errno);
  BUILDLAB_ASSIGN(const Identity identity, identity_at(to));
  return Copied{identity, with_attributes(content.hex(), attributes)};
}

Result<Copied> copy_once(const fs::path& from, const fs::path& to, const Entry& entry) {
  if (entry.type == EntryType::link) return copy_link(from, to, entry);
  if (entry.type == EntryType::special) return copy_special(from, to, entry);
  return copy_file_once(from, to, entry);
}

}  // namespace

Result<std::map<std::string, std::string>> user_attributes(const fs::path& path) {
  return attributes_of(path);
}

tl::unexpected<Error> system_error(std::string_view call, const fs::path& path, int number) {
  std::vector<std::string> details;
  if (number == ENOENT)
    details.emplace_back(
        "it vanished while the context was copied; something is writing there, or leave it out with "
        ".dockerignore");
  if (number == EACCES || number == EPERM)
    details.emplace_back(
        "give read permission, or leave it out with .dockerignore if the build does not need it");
  if (number == ENOSPC || number == EDQUOT)
    details.emplace_back("free some space, or move the store (--store) to a larger disk");
  return fail(ErrorKind::infrastructure,
              fmt::format("{} {}: {}", call, path.string(), std::system_category().message(number)),
              std::move(details));
}

EntryType type_of(const struct stat& info) {
  if (S_ISREG(info.st_mode)) return EntryType::file;
  if (S_ISDIR(info.st_mode)) return EntryType::folder;
  return S_ISLNK(info.st_mode) ? EntryType::link : EntryType::special;
}

Identity identity_of(const struct stat& info) {
  return {static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec * k_second + info.st_mtim.tv_nsec,
          info.st_ctim.tv_sec * k_second + info.st_ctim.tv_nsec, info.st_ino, info.st_mode & 07777U};
}

Result<std::optional<struct stat>> look_at(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) return info;
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<struct stat>();
  return system_error("lstat", path, errno);
}

Result<Copied> copy_entry(const fs::path& from, const fs::path& to, const Entry& entry) {
  Entry current = entry;
  for (int attempt = 1;; ++attempt) {
    auto copied = copy_once(from, to, current);
    if (!copied) {
      ::unlink(to.c_str());
      return copied;
    }
    BUILDLAB_ASSIGN(const Identity after, identity_at(from));
    if (after == current.identity) {
      copied->source = after;
      return copied;
    }
    ::unlink(to.c_str());
    if (attempt == k_attempts) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("{} keeps changing while it is copied", from.string()),
                  {"stop what writes there, or leave it out with .dockerignore"});
    }
    current.identity = after;
  }
}

Result<Copied> finish_folder(const fs::path& from, const fs::path& to, const Entry& entry) {
  BUILDLAB_ASSIGN(const Attributes wanted, attributes_of(from));
  BUILDLAB_ASSIGN(const Attributes present, attributes_of(to));
  if (wanted != present) {
    for (const auto& [name, value] : present) ::lremovexattr(to.c_str(), name.c_str());
    BUILDLAB_TRY(set_attributes(to, wanted));
  }
  if (::chmod(to.c_str(), entry.identity.mode) != 0) return system_error("chmod", to, errno);
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, to_timespec(entry.identity.mtime_ns)};
  if (::utimensat(AT_FDCWD, to.c_str(), times.data(), 0) != 0) return system_error("utimensat", to, errno);
  BUILDLAB_ASSIGN(const Identity identity, identity_at(to));
  return Copied{identity, with_attributes("", wanted)};
}

}  // namespace buildlab::context
