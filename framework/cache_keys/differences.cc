#include "framework/cache_keys/differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "framework/base/text.h"
#include "framework/cache_keys/operations.h"

namespace buildlab::cache_keys {
namespace {

// Of cache/contenthash/tarsum.go, in its order; extended attributes follow, name and value in one.
constexpr std::array<std::string_view, 11> k_fields{
    "name", "mode", "uid", "gid", "size", "typeflag", "linkname", "uname", "gname", "devmajor", "devminor"};
constexpr std::size_t k_mode = 1;
constexpr std::size_t k_size = 4;
constexpr std::size_t k_type = 5;
constexpr std::size_t k_link = 6;

void compare(const Json& before, const Json& now, const std::string& at,
             std::vector<std::string>& differing) {
  if (before == now) return;
  if (before.is_object() && now.is_object()) {
    std::vector<std::string> names;
    for (const auto& entry : before.items()) names.push_back(entry.key());
    for (const auto& entry : now.items()) {
      if (!before.contains(entry.key())) names.push_back(entry.key());
    }
    static const Json k_none;
    for (const std::string& name : names) {
      const auto one = before.find(name);
      const auto other = now.find(name);
      compare(one == before.end() ? k_none : *one, other == now.end() ? k_none : *other,
              at.empty() ? name : at + "." + name, differing);
    }
    return;
  }
  // Actions are told one by one; the words of a command or the variables as a whole.
  const bool structured = before.is_array() && now.is_array() && before.size() == now.size() &&
                          !now.empty() && now.front().is_object();
  if (!structured) {
    differing.push_back(at);
    return;
  }
  for (std::size_t i = 0; i < now.size(); ++i)
    compare(before[i], now[i], fmt::format("{}[{}]", at, i), differing);
}

std::string_view value_of(const FileKey& file, std::size_t field) {
  return std::string_view(file.header[field]).substr(k_fields[field].size());
}

bool is_known(const FileKey& file) {
  if (file.header.size() < k_fields.size()) return false;
  for (std::size_t i = 0; i < k_fields.size(); ++i) {
    if (!file.header[i].starts_with(k_fields[i])) return false;
  }
  return true;
}

// The decimal of a tar header as chmod takes it.
std::string octal(std::string_view decimal) {
  unsigned mode = 0;
  const auto read = std::from_chars(decimal.data(), decimal.data() + decimal.size(), mode);
  return read.ec == std::errc() ? fmt::format("{:04o}", mode & 07777U) : std::string(decimal);
}

std::string attributes_of(const FileKey& before, const FileKey& now) {
  const auto names = [](const FileKey& file) {
    std::vector<std::string> of_file(file.header.begin() + k_fields.size(), file.header.end());
    std::sort(of_file.begin(), of_file.end());
    return of_file;
  };
  std::vector<std::string> differing;
  const std::vector<std::string> one = names(before);
  const std::vector<std::string> other = names(now);
  std::set_symmetric_difference(one.begin(), one.end(), other.begin(), other.end(),
                                std::back_inserter(differing));
  return differing.empty() ? "" : "extended attributes";
}

FileDifference difference_of(const std::string& path, const FileKey& before, const FileKey& now) {
  FileDifference difference{.path = path};
  if (!is_known(before) || !is_known(now)) {
    difference.what = "content or metadata";
    return difference;
  }
  std::vector<std::string> what;
  bool content = value_of(before, k_type) != value_of(now, k_type);
  for (std::size_t i = 1; i < k_fields.size(); ++i) {
    const std::string_view was = value_of(before, i);
    const std::string_view is = value_of(now, i);
    if (was == is) continue;
    if (i == k_size) {
      what.push_back(fmt::format("content, {} -> {} bytes", was, is));
    } else if (i == k_mode) {
      what.push_back(fmt::format("mode {} -> {}", octal(was), octal(is)));
    } else {
      what.push_back(fmt::format("{} {} -> {}", i == k_type ? "type" : k_fields[i], one_line(was, 60),
                                 one_line(is, 60)));
    }
    content = content || i == k_size || i == k_link;
  }
  if (auto attributes = attributes_of(before, now); !attributes.empty())
    what.push_back(std::move(attributes));
  // Both headers are the same, and the digests are not.
  if (what.empty()) what.emplace_back("content");
  difference.only_metadata = !content && what.front() != "content";
  difference.what = fmt::format("{}", fmt::join(what, ", "));
  return difference;
}

std::string joined(const std::string& root, const std::string& path) {
  if (path.empty() || root.empty() || root.back() == '/') return root + path;
  return root + "/" + path;
}

void compare_trees(const Tree& before, const Tree& now, const std::string& root,
                   std::vector<FileDifference>& differing) {
  for (const auto& [path, file] : now) {
    const auto was = before.find(path);
    if (was == before.end()) {
      differing.push_back({joined(root, path), false, "new"});
    } else if (was->second.digest != file.digest) {
      differing.push_back(difference_of(joined(root, path), was->second, file));
    }
  }
  for (const auto& entry : before) {
    if (!now.contains(entry.first)) differing.push_back({joined(root, entry.first), false, "gone"});
  }
}

}  // namespace

std::vector<std::string> differing_members_of(const Json& before, const Json& now) {
  std::vector<std::string> differing;
  compare(before, now, "", differing);
  return differing;
}

std::vector<std::string> differing_members(std::string_view before, std::string_view now) {
  return differing_members_of(readable(before), readable(now));
}

std::vector<FileDifference> differing_files(const Content& before, const Content& now,
                                            const std::vector<std::string>& roots) {
  std::vector<FileDifference> differing;
  // Another number of paths was read: nothing pairs them.
  if (before.size() != now.size()) return differing;
  for (std::size_t i = 0; i < now.size(); ++i)
    compare_trees(before[i], now[i], roots.size() == now.size() ? roots[i] : "", differing);
  std::sort(differing.begin(), differing.end(),
            [](const FileDifference& a, const FileDifference& b) { return a.path < b.path; });
  return differing;
}

}  // namespace buildlab::cache_keys
