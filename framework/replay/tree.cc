#include "framework/replay/tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "framework/base/file.h"
#include "framework/base/text.h"

namespace buildlab::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_lfs_head = "version https://git-lfs.github.com/spec/v1\n";
constexpr std::size_t k_largest_pointer = 1024;

tl::unexpected<Error> cannot(std::string_view call, const fs::path& path) {
  const int number = errno;
  // A name that this file system does not take is the commit's own matter; a full disk is not.
  const bool of_commit = number == ENAMETOOLONG || number == EILSEQ || number == EINVAL;
  return fail(of_commit ? ErrorKind::build_failed : ErrorKind::infrastructure,
              fmt::format("{} {}: {}", call, path.string(), std::strerror(number)));
}

Status write_content(const fs::path& path, std::string_view content, mode_t mode) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return cannot("writing", path);
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("writing", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fchmod(fd.get(), mode) != 0) return cannot("chmod", path);
  return {};
}

bool same(const TreeEntry& a, const TreeEntry& b) {
  return a.kind == b.kind && a.object == b.object;
}

}  // namespace

std::optional<LfsPointer> parse_lfs_pointer(std::string_view content) {
  if (content.size() > k_largest_pointer || !content.starts_with(k_lfs_head)) return std::nullopt;
  LfsPointer pointer;
  bool has_size = false;
  for (const std::string_view line : split(content, '\n')) {
    if (line.starts_with("oid sha256:")) pointer.digest = line.substr(11);
    if (!line.starts_with("size ")) continue;
    const std::string_view number = line.substr(5);
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), pointer.size);
    has_size = parsed.ec == std::errc() && parsed.ptr == number.data() + number.size();
  }
  const bool is_digest = pointer.digest.size() == 64 &&
                         pointer.digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_digest && has_size ? std::optional(pointer) : std::nullopt;
}

Result<PrivateTree> PrivateTree::make(const fs::path& folder) {
  BUILDLAB_TRY(remove_tree(folder).map([](bool) {}));
  BUILDLAB_TRY(make_directories(folder));
  if (::chmod(folder.c_str(), 0755) != 0) return cannot("chmod", folder);
  return PrivateTree(folder);
}

// With the folders that hold nothing any more, as git keeps none of these.
Status PrivateTree::remove(const std::string& path) {
  BUILDLAB_TRY(remove_tree(m_folder / path).map([](bool) {}));
  for (fs::path parent = fs::path(path).parent_path(); !parent.empty(); parent = parent.parent_path()) {
    if (::rmdir((m_folder / parent).c_str()) == 0) continue;
    if (errno == ENOTEMPTY || errno == EEXIST) return {};
    return cannot("rmdir", m_folder / parent);
  }
  return {};
}

// No part of the way may be a link: parse_ls_tree refuses trees in which one could be.
Status PrivateTree::make_parents(const std::string& path) {
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    const fs::path parent = m_folder / path.substr(0, at);
    if (::mkdir(parent.c_str(), 0755) == 0) {
      if (::chmod(parent.c_str(), 0755) != 0) return cannot("chmod", parent);
      continue;
    }
    struct stat info {};
    if (errno != EEXIST || ::lstat(parent.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
      return cannot("mkdir", parent);
  }
  return {};
}

Status PrivateTree::write(const History& history, const TreeEntry& entry, std::string_view content,
                          std::vector<std::string>& notes) {
  const fs::path path = m_folder / entry.path;
  BUILDLAB_TRY(make_parents(entry.path));
  if (entry.kind == TreeEntry::Kind::link) {
    if (::symlink(std::string(content).c_str(), path.c_str()) != 0) return cannot("symlink", path);
    return {};
  }
  const mode_t mode = entry.kind == TreeEntry::Kind::executable ? 0755 : 0644;
  const auto pointer = parse_lfs_pointer(content);
  if (!pointer) return write_content(path, content, mode);
  const fs::path stored =
      history.lfs_objects() / pointer->digest.substr(0, 2) / pointer->digest.substr(2, 2) / pointer->digest;
  std::error_code code;
  if (!fs::is_regular_file(stored, code) || fs::file_size(stored, code) != pointer->size) {
    notes.push_back(
        fmt::format("{} is a git-lfs pointer whose content is not in this clone (git lfs fetch "
                    "--all brings it): the pointer itself was built",
                    entry.path));
    return write_content(path, content, mode);
  }
  BUILDLAB_TRY(write_content(path, "", mode));
  if (!fs::copy_file(stored, path, fs::copy_options::overwrite_existing, code)) {
    errno = code.value();
    return cannot("copying", path);
  }
  if (::chmod(path.c_str(), mode) != 0) return cannot("chmod", path);
  return {};
}

Result<std::vector<std::string>> PrivateTree::show(const History& history, const std::string& commit) {
  BUILDLAB_ASSIGN(std::vector<TreeEntry> listed, history.tree(commit));
  std::map<std::string, TreeEntry> wanted;
  for (TreeEntry& entry : listed) wanted.emplace(entry.path, std::move(entry));
  std::vector<std::string> gone;
  for (const auto& [path, entry] : m_entries) {
    const auto now = wanted.find(path);
    if (now == wanted.end() || !same(now->second, entry)) gone.push_back(path);
  }
  for (const std::string& path : gone) {
    m_entries.erase(path);  // before the file: what is half done is done again
    BUILDLAB_TRY(remove(path));
  }
  std::vector<std::string> notes;
  std::vector<TreeEntry> blobs;
  for (const auto& [path, entry] : wanted) {
    if (entry.kind == TreeEntry::Kind::submodule)
      notes.push_back(fmt::format("the submodule {} is an empty folder, as in a clone without it", path));
    if (m_entries.contains(path)) continue;
    if (entry.kind != TreeEntry::Kind::submodule) {
      blobs.push_back(entry);
      continue;
    }
    BUILDLAB_TRY(make_parents(path + "/"));
    m_entries.emplace(path, entry);
  }
  const auto take = [&](const TreeEntry& entry, std::string_view content) -> Status {
    BUILDLAB_TRY(write(history, entry, content, notes));
    m_entries.emplace(entry.path, entry);
    return {};
  };
  BUILDLAB_TRY(history.read_blobs(blobs, take));
  constexpr std::size_t k_kept_notes = 20;
  if (notes.size() > k_kept_notes) {
    const std::size_t more = notes.size() - k_kept_notes;
    notes.resize(k_kept_notes);
    notes.push_back(fmt::format("and {} more of the kind", more));
  }
  return notes;
}

}  // namespace buildlab::replay
