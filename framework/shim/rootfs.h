// What the shim has to know of an image's files before it can vary what runs on them. Paths are looked up as
// the container will see them: links, "..", absolute names never lead out of its root.
#pragma once

#include <sys/types.h>
#include <compare>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/base/bytes.h"
#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/shim/program.h"

namespace buildlab::shim {

using FileIdentity = std::pair<dev_t, ino_t>;

class Root {
 public:
  static Result<Root> open(const std::filesystem::path& path);

  // A regular file's first bytes; nullopt when there is no such file (or no right to it).
  std::optional<std::string> head(const std::string& path, Bytes limit) const;
  bool has(const std::string& path) const;
  // Which file a path leads to, of whatever type; nullopt when to none.
  std::optional<FileIdentity> identity(const std::string& path) const;
  // Where a regular file lies on the host, links followed; empty when there is none.
  std::filesystem::path on_host(const std::string& path) const;
  // Names in a folder, sorted; none when there is no such folder. At most 10,000.
  std::vector<std::string> names(const std::string& path) const;

 private:
  explicit Root(Fd fd) : m_fd(std::move(fd)) {}
  Fd open_inside(const std::string& path, int flags) const;
  Fd m_fd;
};

struct GlibcVersion {
  int major = 0;
  int minor = 0;

  friend auto operator<=>(const GlibcVersion&, const GlibcVersion&) = default;
};
std::string to_string(const GlibcVersion& version);  // "2.36"

// The newest "GLIBC_2.36" in the bytes of a library: of libc.so.6 its own version, of another library the one
// that it needs at least. Older ones may be names that it only looks up.
std::optional<GlibcVersion> newest_glibc(std::string_view bytes);

struct Facts {
  std::string program_name;           // of the container's first program, as it was given
  Program program;                    // that program; behind a #! the one that reads it
  std::optional<GlibcVersion> glibc;  // of the image's libc.so.6
  bool has_libm = false;
  std::vector<std::string> locales;  // "C.utf8", "et_EE.utf8"
  bool has_zones = false;            // k_far_zone is there
};

inline constexpr const char* k_far_zone = "Pacific/Kiritimati";  // UTC+14, without summer time

// `arguments` and `variables` are those of the container's first program.
Facts look_at(const Root& root, const std::vector<std::string>& arguments,
              const std::vector<std::string>& variables, const std::string& working_folder);

}  // namespace buildlab::shim
