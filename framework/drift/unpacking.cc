#include "framework/drift/unpacking.h"

#include <fmt/format.h>
#include <unordered_map>

#include "framework/base/text.h"
#include "framework/drift/contents.h"
#include "framework/drift/facts.h"

namespace buildlab::drift {
namespace {

using image::TarEntry;
using image::TarReader;
using image::TarType;

constexpr std::size_t k_max_entries = 5'000'000;
constexpr std::string_view k_whiteout_prefix = ".wh.";
constexpr int k_most_links = 40;  // on the way to one entry, as in Linux (path_resolution(7))

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string name_of_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

// Parts of a path that are still to be walked, the next one last.
void put_parts(std::vector<std::string>& left, std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(path, '/')) {
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  left.insert(left.end(), parts.rbegin(), parts.rend());
}

class Unpacking {
 public:
  Unpacking(const image::ImageFile& image, bool from_the_lowest, bool keep_whiteouts, LinksBelow links)
      : m_image(image),
        m_from_the_lowest(from_the_lowest),
        m_keep_whiteouts(keep_whiteouts),
        m_links(links) {}

  Status add_layer(std::size_t layer, Bytes max_layer) {
    m_name = fmt::format("{}: layer {}", m_image.path().string(), layer + 1);
    m_layer = layer + 1;
    m_walked.reset();
    BUILDLAB_ASSIGN(const image::Source source, m_image.layer(layer, max_layer));
    TarReader reader(*source, m_name);
    while (true) {
      BUILDLAB_ASSIGN(const TarEntry* const entry, reader.next());
      if (entry == nullptr) break;
      BUILDLAB_TRY(add(*entry, reader));
    }
    const auto finished = reader.finish();
    if (!finished) return tl::unexpected<Error>(finished.error());
    return bind_late_links();
  }

  UnpackedLayers finish() && {
    struct Names {
      std::size_t count = 0;
      std::string first;
    };
    std::unordered_map<std::uint64_t, Names> names;
    for (const auto& [path, entry] : m_tree) {
      if (!m_linked.contains(entry.file)) continue;
      Names& of_file = names[entry.file];
      if (of_file.count++ == 0) of_file.first = path;
    }
    for (auto& [path, entry] : m_tree) {
      const auto linked = m_linked.find(entry.file);
      if (linked == m_linked.end()) continue;
      const Names& of_file = names[entry.file];
      entry.names = of_file.count;
      if (of_file.count > 1) entry.first_name = of_file.first;
      take_attributes(entry, linked->second);
    }
    return {std::move(m_tree), std::move(m_below_link), m_folders_missing};
  }

 private:
  // A file has one set of these, whichever of its names was written last.
  static void take_attributes(FlatEntry& entry, const FlatEntry& from) {
    entry.mode = from.mode;
    entry.uid = from.uid;
    entry.gid = from.gid;
    entry.mtime = from.mtime;
  }

  // With `spare_layer`, what this layer wrote stays.
  void remove(const std::string& path, bool itself, bool spare_layer) {
    const std::size_t before = m_tree.size();
    const auto goes = [&](const auto& at) { return !spare_layer || at->second.layer != m_layer; };
    if (const auto found = m_tree.find(path); itself && found != m_tree.end() && goes(found)) {
      m_tree.erase(found);
    }
    const std::string below = path.empty() ? "" : path + "/";
    for (auto at = m_tree.upper_bound(below); at != m_tree.end() && at->first.starts_with(below);) {
      at = goes(at) ? m_tree.erase(at) : std::next(at);
    }
    if (m_tree.size() != before) m_walked.reset();
  }

  void make_folder(const std::string& path) {
    FlatEntry folder;
    folder.type = TarType::directory;
    folder.mode = 0755;
    folder.layer = m_layer;
    folder.file = ++m_files;
    folder.implied = true;
    folder.rare = share(TarEntry());
    m_tree[path] = std::move(folder);
  }

  // Whether a link leads to where it says; else a folder takes its place.
  bool is_followed(const FlatEntry& link, const std::string& at, const std::string& path) {
    if (link.layer == m_layer) return true;
    if (!m_below_link) {
      m_below_link = fmt::format(
          "{} writes \"{}\" below \"{}\", a symbolic link of layer {}: some runtimes follow it, "
          "others put a folder in its place",
          m_name, one_line(path, 120), one_line(at, 120), link.layer);
    }
    return m_links == LinksBelow::followed;
  }

  // The folder in which an entry of this path lands, made where it is not there.
  const std::string& folder_of(const std::string& path) {
    const std::string folder = parent_of(path);
    if (m_walked && m_walked->first == folder) return m_walked->second;
    std::vector<std::string> left;
    put_parts(left, folder);
    std::string at;
    int links = 0;
    while (!left.empty()) {
      const std::string part = std::move(left.back());
      left.pop_back();
      if (part == "..") {
        at = parent_of(at);
        continue;
      }
      const std::string next = join(at, part);
      const auto found = m_tree.find(next);
      if (found == m_tree.end()) {
        if (m_from_the_lowest) {
          make_folder(next);
        } else {
          m_folders_missing = true;
        }
      } else if (found->second.type == TarType::symlink && ++links <= k_most_links &&
                 is_followed(found->second, next, path)) {
        if (found->second.link.starts_with('/')) at.clear();
        put_parts(left, found->second.link);
        continue;
      } else if (found->second.type != TarType::directory) {
        remove(next, true, false);
        make_folder(next);
      }
      at = next;
    }
    m_walked = {folder, at};
    return m_walked->second;
  }

  // Where the target of a hard link lies; nothing is made for it.
  std::string target_of(const std::string& path) const {
    std::vector<std::string> left;
    put_parts(left, parent_of(path));
    std::string at;
    int links = 0;
    while (!left.empty()) {
      const std::string part = std::move(left.back());
      left.pop_back();
      if (part == "..") {
        at = parent_of(at);
        continue;
      }
      const std::string next = join(at, part);
      const auto found = m_tree.find(next);
      if (found != m_tree.end() && found->second.type == TarType::symlink && ++links <= k_most_links) {
        if (found->second.link.starts_with('/')) at.clear();
        put_parts(left, found->second.link);
        continue;
      }
      at = next;
    }
    return join(at, name_of_path(path));
  }

  Status add(const TarEntry& entry, TarReader& reader) {
    const std::string name = name_of_path(entry.path);
    const std::string folder = entry.path.empty() ? "" : folder_of(entry.path);
    const std::string path = join(folder, name);
    const EntryKind kind = kind_of(entry);
    const bool whiteout = kind == EntryKind::opaque || kind == EntryKind::whiteout;
    if (kind == EntryKind::opaque) remove(folder, false, true);
    if (kind == EntryKind::whiteout) remove(join(folder, name.substr(k_whiteout_prefix.size())), true, true);
    if (whiteout && !m_keep_whiteouts) return {};
    if (m_tree.size() >= k_max_entries) {
      return fail(ErrorKind::infrastructure, fmt::format("{}: more than {} entries", m_name, k_max_entries));
    }
    BUILDLAB_ASSIGN(FlatEntry flat, read_entry(entry, path, reader));
    const auto there = m_tree.find(path);
    const bool again = there != m_tree.end() && there->second.layer == m_layer && !there->second.implied;
    if (again) flat.times = there->second.times + 1;
    const bool stays_folder = entry.type == TarType::directory &&
                              (there == m_tree.end() || there->second.type == TarType::directory);
    if (!stays_folder) {
      remove(path, true, false);
      if (m_walked && m_walked->second.starts_with(path)) m_walked.reset();
    }
    if (!flat.outside.empty()) m_late_links.push_back(path);
    m_tree[path] = std::move(flat);
    return {};
  }

  Result<FlatEntry> read_entry(const TarEntry& entry, const std::string& path, TarReader& reader) {
    FlatEntry flat;
    flat.type = entry.type;
    flat.mode = entry.mode;
    flat.uid = entry.uid;
    flat.gid = entry.gid;
    flat.mtime = entry.mtime;
    flat.layer = flat.content_layer = m_layer;
    if (entry.path != path) flat.content_path = entry.path;
    if (entry.type == TarType::symlink) flat.link = entry.link;
    flat.rare = share(entry);
    if (entry.type == TarType::file) {
      BUILDLAB_ASSIGN(Digested content, digest_content(reader, 0));
      flat.sum = std::move(content.sum);
    }
    if (entry.type != TarType::hardlink) {
      flat.file = ++m_files;
    } else if (const auto target = m_tree.find(target_of(entry.link)); target != m_tree.end()) {
      link(flat, target->first, target->second);
    } else {
      flat.outside = entry.link;
      flat.file = ++m_files;
    }
    return flat;
  }

  void link(FlatEntry& flat, const std::string& target_path, const FlatEntry& target) {
    flat.type = target.type;
    flat.link = target.link;
    flat.sum = target.sum;
    flat.file = target.file;
    flat.outside = target.outside;
    flat.content_layer = target.content_layer;
    flat.content_path = target.content_path.empty() ? target_path : target.content_path;
    // Xattrs and the device are the file's; a header of a link need not have them.
    TarEntry merged = *flat.rare;
    merged.xattrs.insert(target.rare->xattrs.begin(), target.rare->xattrs.end());
    merged.device_major = target.rare->device_major;
    merged.device_minor = target.rare->device_minor;
    flat.rare = share(merged);
    FlatEntry& newest = m_linked[flat.file];
    take_attributes(newest, flat);
  }

  // Links that stand before what they name: some unpackers make them at the end.
  Status bind_late_links() {
    constexpr int k_rounds = 16;  // such a link may name another one
    for (int round = 0; m_from_the_lowest && round < k_rounds && !m_late_links.empty(); ++round) {
      std::erase_if(m_late_links, [this](const std::string& path) { return bind_late_link(path); });
    }
    if (m_from_the_lowest && !m_late_links.empty()) {
      const std::string& path = m_late_links.front();
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: \"{}\" is a hard link to \"{}\", which no layer holds", m_name,
                              one_line(path, 120), one_line(m_tree.at(path).outside, 120)),
                  {"no runtime could unpack this image; build it anew"});
    }
    m_late_links.clear();
    return {};
  }

  // False when its target is not there yet.
  bool bind_late_link(const std::string& path) {
    const auto found = m_tree.find(path);
    if (found == m_tree.end() || found->second.outside.empty()) return true;
    const auto target = m_tree.find(target_of(found->second.outside));
    if (target == m_tree.end() || target == found || !target->second.outside.empty()) return false;
    link(found->second, target->first, target->second);
    return true;
  }

  std::shared_ptr<const TarEntry> share(const TarEntry& entry) {
    std::string key =
        fmt::format("{}\n{}\n{}:{}\n", entry.uname, entry.gname, entry.device_major, entry.device_minor);
    for (const auto& [name, value] : entry.xattrs) key += name + "=" + value + "\n";
    if (entry.atime) key += "a" + time_text(*entry.atime);
    if (entry.ctime) key += "c" + time_text(*entry.ctime);
    std::shared_ptr<const TarEntry>& known = m_rare[key];
    if (!known) {
      TarEntry rare;
      rare.uname = entry.uname;
      rare.gname = entry.gname;
      rare.device_major = entry.device_major;
      rare.device_minor = entry.device_minor;
      rare.xattrs = entry.xattrs;
      rare.atime = entry.atime;
      rare.ctime = entry.ctime;
      known = std::make_shared<const TarEntry>(std::move(rare));
    }
    return known;
  }

  const image::ImageFile& m_image;
  bool m_from_the_lowest;
  bool m_keep_whiteouts;
  LinksBelow m_links;
  FlatTree m_tree;
  std::unordered_map<std::uint64_t, FlatEntry> m_linked;  // files with hard links: attributes written last
  std::vector<std::string> m_late_links;
  std::optional<std::pair<std::string, std::string>> m_walked;  // a folder, and where it is
  std::optional<std::string> m_below_link;
  bool m_folders_missing = false;
  std::map<std::string, std::shared_ptr<const TarEntry>> m_rare;
  std::string m_name;
  std::size_t m_layer = 0;
  std::uint64_t m_files = 0;
};

}  // namespace

Result<UnpackedLayers> unpack_layers(const image::ImageFile& image, Range layers, bool keep_whiteouts,
                                     LinksBelow links, Bytes max_layer) {
  Unpacking unpacking(image, layers.first == 0, keep_whiteouts, links);
  for (std::size_t layer = layers.first; layer < layers.end; ++layer) {
    BUILDLAB_TRY(unpacking.add_layer(layer, max_layer));
  }
  return std::move(unpacking).finish();
}

}  // namespace buildlab::drift
