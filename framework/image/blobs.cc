#include "framework/image/blobs.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <memory>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/image/tar_fields.h"

namespace buildlab::image {
namespace {

namespace fs = std::filesystem;

// BuildKit writes two entries a blob at most; more than this is no image but an attack on memory and time.
constexpr std::size_t k_max_entries = 100'000;
constexpr std::size_t k_read_ahead = 64U << 10U;

struct CloseArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

tl::unexpected<Error> problem(const fs::path& path, std::string_view what) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: {}", path.string(), what));
}

tl::unexpected<Error> cut(const fs::path& path, std::string_view how) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: the archive is cut: {}", path.string(), how),
              {"write it anew; a full disk or a killed build leaves such archives"});
}

tl::unexpected<Error> no_tar(const fs::path& path, archive* handle) {
  const char* cause = archive_error_string(handle);
  const std::string_view text = cause == nullptr ? "unknown format" : cause;
  if (text.find("Truncated") != std::string_view::npos) return cut(path, text);
  return problem(path, fmt::format("is no tar archive that is not compressed: {}", text));
}

// Plain tar only: a compressed archive could not be sought in.
Result<Archive> open_archive(const fs::path& path) {
  Archive handle(archive_read_new());
  if (!handle) return problem(path, "no memory to read the archive");
  archive_read_support_format_tar(handle.get());
  if (archive_read_open_filename(handle.get(), path.c_str(), k_read_ahead) != ARCHIVE_OK) {
    return no_tar(path, handle.get());
  }
  return handle;
}

// The next entry; nullptr at the end.
Result<archive_entry*> next_entry(const Archive& handle, const fs::path& path) {
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(handle.get(), &entry);
  if (code == ARCHIVE_EOF) return nullptr;
  if (code == ARCHIVE_OK || code == ARCHIVE_WARN) return entry;
  return no_tar(path, handle.get());
}

// The entry's path without "./"; an error where it would leave the layout.
Result<std::string> name_of(archive_entry* entry, const fs::path& path) {
  const char* raw = archive_entry_pathname(entry);
  if (raw == nullptr) raw = archive_entry_pathname_utf8(entry);
  if (raw == nullptr) return problem(path, "an entry has no readable name");
  std::string_view name = raw;
  while (name.substr(0, 2) == "./") name.remove_prefix(2);
  for (const std::string_view part : split(name, '/')) {
    if (part == "..") return problem(path, fmt::format("entry \"{}\" leaves the layout", one_line(raw, 120)));
  }
  if (!name.empty() && name.front() == '/') {
    return problem(path, fmt::format("entry \"{}\" leaves the layout", one_line(raw, 120)));
  }
  return std::string(name);
}

bool belongs_to_layout(std::string_view name) {
  return name == k_index_name || name.substr(0, 6) == "blobs/";
}

// A tar archive ends in two blocks of zeros (POSIX pax, "two 512-octet blocks"); one that was cut does not.
Status check_end(const fs::path& path, std::uint64_t file_size) {
  if (file_size % k_tar_block != 0)
    return cut(path, fmt::format("it ends inside a block, after {} bytes", file_size));
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string end(2 * k_tar_block, 'x');
  const auto at = static_cast<off_t>(file_size - end.size());
  if (!fd.valid() || ::pread(fd.get(), end.data(), end.size(), at) != static_cast<ssize_t>(end.size())) {
    return problem(path, std::strerror(errno));
  }
  if (end.find_first_not_of('\0') != std::string::npos) return cut(path, "it has no end mark");
  return {};
}

}  // namespace

Status Blobs::scan(std::uint64_t file_size) {
  const fs::path& path = m_path;
  if (file_size < 2 * k_tar_block) return cut(path, fmt::format("it has {} bytes", file_size));
  BUILDLAB_ASSIGN(const Archive handle, open_archive(path));
  for (std::size_t count = 0;; ++count) {
    BUILDLAB_ASSIGN(archive_entry* const entry, next_entry(handle, path));
    if (entry == nullptr) break;
    if (count == k_max_entries) return problem(path, fmt::format("has more than {} entries", k_max_entries));
    BUILDLAB_ASSIGN(std::string name, name_of(entry, path));
    const auto begin = static_cast<std::uint64_t>(archive_read_header_position(handle.get()));
    const auto size = static_cast<std::uint64_t>(archive_entry_size(entry));
    if (begin + k_tar_block > file_size || size > file_size - begin - k_tar_block) {
      return cut(path, fmt::format("entry \"{}\" has {} bytes, the whole archive {}", one_line(name, 120),
                                   size, file_size));
    }
    const bool of_layout = belongs_to_layout(name);
    const auto type = archive_entry_filetype(entry);
    if (type == AE_IFDIR) continue;
    if (type == AE_IFLNK && !of_layout) {
      const char* target = archive_entry_symlink(entry);
      const fs::path beside = fs::path(name).parent_path() / (target == nullptr ? "" : target);
      m_links[name] = beside.lexically_normal().string();
      continue;
    }
    if (type != AE_IFREG || archive_entry_hardlink(entry) != nullptr ||
        archive_entry_sparse_count(entry) > 0) {
      if (!of_layout) continue;
      return problem(path, fmt::format("entry \"{}\" is no plain file", one_line(name, 120)));
    }
    // Everything before the content was read by now, and nothing of the content.
    const auto offset = static_cast<std::uint64_t>(archive_filter_bytes(handle.get(), 0));
    if (offset > file_size || size > file_size - offset) {
      return cut(path, fmt::format("entry \"{}\" has {} bytes, the whole archive {}", one_line(name, 120),
                                   size, file_size));
    }
    if (!m_members.emplace(name, Member{Bytes{size}, offset}).second) {
      return problem(path, fmt::format("holds \"{}\" twice", one_line(name, 120)));
    }
  }
  return check_end(path, file_size);
}

std::string blob_name(const Digest& digest) {
  return "blobs/sha256/" + digest.hex();
}

Status Blobs::fetch(const Digest& digest, Bytes size) const {
  if (!m_fetch) return {};
  BUILDLAB_ASSIGN(const std::optional<Bytes> there, size_of(blob_name(digest)));
  return there ? Status() : m_fetch(digest, size);
}

Result<Blobs> Blobs::open(const fs::path& path, FetchBlob fetch) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return problem(path, std::strerror(errno));
  if (S_ISDIR(info.st_mode)) {
    Blobs folder(path, Form::folder);
    folder.m_fetch = std::move(fetch);
    return folder;
  }
  if (!S_ISREG(info.st_mode)) return problem(path, "is neither an OCI archive nor a layout folder");
  Blobs blobs(path, Form::archive);
  BUILDLAB_TRY(blobs.scan(static_cast<std::uint64_t>(info.st_size)));
  return blobs;
}

Result<std::optional<Bytes>> Blobs::size_of(const std::string& name) const {
  if (m_form == Form::archive) {
    const auto found = m_members.find(name);
    return found == m_members.end() ? std::nullopt : std::optional(found->second.size);
  }
  struct stat info {};
  const fs::path file = m_path / name;
  if (::lstat(file.c_str(), &info) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return problem(file, std::strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) return problem(m_path, fmt::format("\"{}\" is no plain file", name));
  return Bytes{static_cast<std::uint64_t>(info.st_size)};
}

Result<std::string> Blobs::read(const std::string& name, Bytes limit) const {
  BUILDLAB_ASSIGN(const std::optional<Bytes> size, size_of(name));
  if (!size) return problem(m_path, fmt::format("holds no {}", name));
  if (*size > limit) {
    return problem(m_path, fmt::format("{} has {}, more than the {} that such a file may have", name,
                                       to_string(*size), to_string(limit)));
  }
  BUILDLAB_ASSIGN(const Source source, stream(name));
  std::string content;
  content.reserve(size->count);
  while (true) {
    BUILDLAB_ASSIGN(const std::string_view piece, source->next());
    if (piece.empty()) return content;
    content.append(piece);
  }
}

Result<Source> Blobs::stream(const std::string& name) const {
  BUILDLAB_ASSIGN(const std::optional<Bytes> size, size_of(name));
  if (!size) return problem(m_path, fmt::format("holds no {}", name));
  if (m_form == Form::folder) return read_range(m_path / name, 0, *size);
  const Member& member = m_members.at(name);
  return read_range(m_path, member.offset, member.size);
}

Result<Digest> Blobs::digest_of(const std::string& name) const {
  BUILDLAB_ASSIGN(const Source source, stream(name));
  Sha256 sum;
  while (true) {
    BUILDLAB_ASSIGN(const std::string_view piece, source->next());
    if (piece.empty()) return sum.finish();
    sum.add(piece);
  }
}

std::string Blobs::resolve(const std::string& name) const {
  const auto link = m_links.find(name);
  return link == m_links.end() ? name : link->second;
}

}  // namespace buildlab::image
