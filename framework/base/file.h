// Files: read whole, written whole or not at all, locked, temporary. Nothing here is left half-written.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/bytes.h"
#include "framework/base/result.h"

namespace buildlab {

// An owned file descriptor, closed at the end of its life. -1 owns nothing.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : m_fd(fd) {}
  Fd(Fd&& other) noexcept : m_fd(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  int get() const { return m_fd; }
  bool valid() const { return m_fd >= 0; }
  int release();

 private:
  int m_fd = -1;
};

// The whole content; an error names the path and the cause. Files above `limit` are refused.
Result<std::string> read_file(const std::filesystem::path& path, Bytes limit = Bytes{256ULL << 20U});

// Written beside the target, flushed, then renamed over it: a reader sees the old or the new content.
Status write_file_atomic(const std::filesystem::path& path, std::string_view content);

// One write(2) with O_APPEND, so that lines of several processes do not mix (up to PIPE_BUF they are whole).
Status append_to_file(const std::filesystem::path& path, std::string_view content);

Status make_directories(const std::filesystem::path& path);

// Removes the tree; true if something was there. Makes folders writable where their mode forbids removal.
Result<bool> remove_tree(const std::filesystem::path& path);

// A private folder (mode 0700), removed with everything in it at the end of its life unless kept.
class TempDir {
 public:
  static Result<TempDir> create(const std::filesystem::path& parent, std::string_view prefix);
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&& other) noexcept;
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const { return m_path; }
  std::filesystem::path keep();

 private:
  explicit TempDir(std::filesystem::path path) : m_path(std::move(path)) {}
  std::filesystem::path m_path;
};

// For locks that are held for long: how a wait ends early, and who hears of it.
struct LockWait {
  std::function<bool()> give_up;  // asked 20 times a second; true ends the wait with ErrorKind::interrupted
  std::function<void()> waiting;  // called once, after a second of waiting
};

// An exclusive flock(2) on a file that is made when missing. The kernel frees it when the holder dies. What
// is locked is always the file that the path names: one that was removed meanwhile is let go of.
class FileLock {
 public:
  // nullopt when another process holds it.
  static Result<std::optional<FileLock>> try_lock(const std::filesystem::path& path);
  // Waits as long as it takes: for locks that are held for moments.
  static Result<FileLock> lock(const std::filesystem::path& path);
  static Result<FileLock> lock(const std::filesystem::path& path, const LockWait& wait);

 private:
  explicit FileLock(Fd fd) : m_fd(std::move(fd)) {}
  Fd m_fd;
};

}  // namespace buildlab
