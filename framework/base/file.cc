#include "framework/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

namespace buildlab {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> os_error(std::string_view call, const fs::path& path, int code) {
  return fail(ErrorKind::infrastructure, fmt::format("{} {}: {}", call, path.string(), std::strerror(code)));
}

Status write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return os_error("writing", path, errno);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// The folder may be removed between its making and the file's; then both are made again.
Result<Fd> open_lock(const fs::path& path) {
  constexpr int k_attempts = 100;
  for (int attempt = 1;; ++attempt) {
    BUILDLAB_TRY(make_directories(path.parent_path()));
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (fd.valid()) return fd;
    if (errno != ENOENT || attempt == k_attempts) return os_error("opening lock", path, errno);
  }
}

// Whether `path` still names the open file: a file that is removed keeps its locks, and nobody else sees
// them.
bool is_named(const Fd& fd, const fs::path& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd.get(), &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (m_fd >= 0) ::close(m_fd);
    m_fd = other.release();
  }
  return *this;
}

Fd::~Fd() {
  if (m_fd >= 0) ::close(m_fd);
}

int Fd::release() {
  const int fd = m_fd;
  m_fd = -1;
  return fd;
}

Result<std::string> read_file(const fs::path& path, Bytes limit) {
  const auto too_large = [&path, limit] {
    return fail(ErrorKind::infrastructure,
                fmt::format("reading {}: larger than {}", path.string(), to_string(limit)));
  };
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return os_error("reading", path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return os_error("reading", path, errno);
  if (S_ISDIR(info.st_mode)) return os_error("reading", path, EISDIR);
  // Before anything is set aside for it: a sparse file can name any size.
  if (info.st_size > 0 && static_cast<std::uint64_t>(info.st_size) > limit.count) return too_large();
  std::string content;
  if (info.st_size > 0) content.reserve(static_cast<std::size_t>(info.st_size));
  std::string buffer(1U << 16U, '\0');
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0) {
      if (errno == EINTR) continue;
      return os_error("reading", path, errno);
    }
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > limit.count) return too_large();
  }
}

Status write_file_atomic(const fs::path& path, std::string_view content) {
  BUILDLAB_TRY(make_directories(path.parent_path()));
  std::string name = path.string() + ".XXXXXX";
  const Fd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid()) return os_error("writing", path, errno);
  Status written = write_all(fd.get(), content, path);
  if (written && ::fchmod(fd.get(), 0644) != 0) written = os_error("writing", path, errno);
  if (written && ::fsync(fd.get()) != 0) written = os_error("writing", path, errno);
  if (written && ::rename(name.c_str(), path.c_str()) != 0) written = os_error("writing", path, errno);
  if (!written) ::unlink(name.c_str());
  return written;
}

Status append_to_file(const fs::path& path, std::string_view content) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  if (!fd.valid()) return os_error("appending to", path, errno);
  return write_all(fd.get(), content, path);
}

Status make_directories(const fs::path& path) {
  if (path.empty()) return {};
  std::error_code code;
  fs::create_directories(path, code);
  if (code && !fs::is_directory(path)) return os_error("making folder", path, code.value());
  return {};
}

Result<bool> remove_tree(const fs::path& path) {
  std::error_code code;
  if (!fs::exists(fs::symlink_status(path, code))) return false;
  // Other processes may be at it too (a killed builder's guard, another run that sweeps): what they took is
  // no error, however often they are met; each attempt removes some of what is there.
  constexpr std::chrono::seconds k_patience{60};
  const auto begin = std::chrono::steady_clock::now();
  do {
    fs::remove_all(path, code);
    if (!code) return true;
    if (code != std::errc::no_such_file_or_directory && code != std::errc::directory_not_empty) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  } while (std::chrono::steady_clock::now() - begin < k_patience);
  for (auto it = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, code);
       it != fs::recursive_directory_iterator(); it.increment(code)) {
    if (it->is_directory() && !it->is_symlink()) {
      fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, code);
    }
  }
  fs::remove_all(path, code);
  std::error_code ignored;
  if (code && fs::exists(fs::symlink_status(path, ignored))) return os_error("removing", path, code.value());
  return true;
}

Result<TempDir> TempDir::create(const fs::path& parent, std::string_view prefix) {
  BUILDLAB_TRY(make_directories(parent));
  std::string name = (parent / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr) return os_error("making a folder in", parent, errno);
  return TempDir(fs::path(name));
}

TempDir::TempDir(TempDir&& other) noexcept : m_path(std::move(other.m_path)) {
  other.m_path.clear();
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    if (!m_path.empty()) (void)remove_tree(m_path);
    m_path = std::move(other.m_path);
    other.m_path.clear();
  }
  return *this;
}

TempDir::~TempDir() {
  if (!m_path.empty()) (void)remove_tree(m_path);
}

fs::path TempDir::keep() {
  fs::path path = std::move(m_path);
  m_path.clear();
  return path;
}

Result<std::optional<FileLock>> FileLock::try_lock(const fs::path& path) {
  while (true) {
    BUILDLAB_ASSIGN(Fd fd, open_lock(path));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::nullopt;
      return os_error("locking", path, errno);
    }
    if (is_named(fd, path)) return FileLock(std::move(fd));
  }
}

Result<FileLock> FileLock::lock(const fs::path& path) {
  while (true) {
    BUILDLAB_ASSIGN(Fd fd, open_lock(path));
    while (::flock(fd.get(), LOCK_EX) != 0) {
      if (errno != EINTR) return os_error("locking", path, errno);
    }
    if (is_named(fd, path)) return FileLock(std::move(fd));
  }
}

Result<FileLock> FileLock::lock(const fs::path& path, const LockWait& wait) {
  constexpr std::chrono::milliseconds k_pause{50};
  constexpr std::chrono::seconds k_told_after{1};
  const auto begin = std::chrono::steady_clock::now();
  bool told = !wait.waiting;
  while (true) {
    BUILDLAB_ASSIGN(std::optional<FileLock> held, try_lock(path));
    if (held) return std::move(*held);
    if (wait.give_up && wait.give_up()) {
      return fail(
          ErrorKind::interrupted,
          fmt::format("interrupted while waiting for {}, which another process holds", path.string()));
    }
    if (!told && std::chrono::steady_clock::now() - begin >= k_told_after) {
      told = true;
      wait.waiting();
    }
    std::this_thread::sleep_for(k_pause);
  }
}

}  // namespace buildlab
