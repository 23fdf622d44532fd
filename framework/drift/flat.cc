#include "framework/drift/flat.h"

#include <fmt/format.h>
#include <algorithm>

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

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

class Flattener {
 public:
  Flattener(const image::ImageFile& image, bool keep_whiteouts)
      : m_image(image), m_keep_whiteouts(keep_whiteouts) {}

  Status add_layer(std::size_t layer, Bytes max_layer) {
    m_name = fmt::format("{}: layer {}", m_image.path().string(), layer + 1);
    m_layer = layer + 1;
    m_here.clear();
    BUILDLAB_ASSIGN(const image::Source source, m_image.layer(layer, max_layer));
    TarReader reader(*source, m_name);
    while (true) {
      BUILDLAB_ASSIGN(const TarEntry* const entry, reader.next());
      if (entry == nullptr) break;
      BUILDLAB_TRY(add(*entry, reader));
    }
    const auto finished = reader.finish();
    if (!finished) return tl::unexpected<Error>(finished.error());
    return {};
  }

  FlatTree finish() && {
    if (!m_keep_whiteouts) {
      std::erase_if(m_tree, [](const auto& item) { return is_whiteout(item.first); });
    }
    std::map<std::string, std::size_t> names;
    for (const auto& [path, entry] : m_tree) {
      if (entry.type == TarType::hardlink) ++names[entry.link];
    }
    for (auto& [path, entry] : m_tree) {
      const auto found = names.find(entry.type == TarType::hardlink ? entry.link : path);
      if (found != names.end()) entry.names = found->second + 1;
    }
    return std::move(m_tree);
  }

 private:
  static bool is_whiteout(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return path.substr(slash == std::string_view::npos ? 0 : slash + 1).starts_with(k_whiteout_prefix);
  }

  void remove(const std::string& path, bool itself) {
    // Entries of this very layer stay: a whiteout acts on what is below (OCI image spec, "Whiteouts").
    const auto gone = [this](const auto& at) { return !m_here.contains(at->first); };
    if (const auto found = m_tree.find(path); itself && found != m_tree.end() && gone(found)) {
      m_tree.erase(found);
    }
    const std::string below = path.empty() ? "" : path + "/";
    for (auto at = m_tree.lower_bound(below); at != m_tree.end() && at->first.starts_with(below);) {
      if (gone(at)) {
        at = m_tree.erase(at);
      } else {
        ++at;
      }
    }
  }

  Status add(const TarEntry& entry, TarReader& reader) {
    const EntryKind kind = kind_of(entry);
    if (kind == EntryKind::opaque) {
      remove(parent_of(entry.path), false);
    } else if (kind == EntryKind::whiteout) {
      const std::string folder = parent_of(entry.path);
      const std::size_t name_at = folder.empty() ? 0 : folder.size() + 1;
      remove(join(folder, std::string_view(entry.path).substr(name_at + k_whiteout_prefix.size())), true);
    } else if (entry.type != TarType::directory) {
      remove(entry.path, true);
    }
    if (m_tree.size() >= k_max_entries) {
      return fail(ErrorKind::infrastructure, fmt::format("{}: more than {} entries", m_name, k_max_entries));
    }
    FlatEntry flat;
    flat.type = entry.type;
    flat.mode = entry.mode;
    flat.uid = entry.uid;
    flat.gid = entry.gid;
    flat.mtime = entry.mtime;
    flat.size = entry.size;
    flat.link = entry.link;
    flat.layer = m_layer;
    flat.rare = share(entry);
    if (entry.type == TarType::file) {
      BUILDLAB_ASSIGN(Digested content, digest_content(reader, 0));
      flat.sum = std::move(content.sum);
    }
    if (entry.type == TarType::hardlink) {
      auto target = m_tree.find(entry.link);
      if (target != m_tree.end() && target->second.type == TarType::hardlink) {
        flat.link = target->second.link;
        target = m_tree.find(flat.link);
      }
      if (target != m_tree.end()) {
        flat.sum = target->second.sum;
        flat.size = target->second.size;
      }
    }
    m_here.insert(entry.path);
    m_tree[entry.path] = std::move(flat);
    return {};
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
  bool m_keep_whiteouts;
  FlatTree m_tree;
  std::set<std::string> m_here;  // of this layer
  std::map<std::string, std::shared_ptr<const TarEntry>> m_rare;
  std::string m_name;
  std::size_t m_layer = 0;
};

// As a header without representation, for the same comparison as within a layer.
TarEntry header_of(const std::string& path, const FlatEntry& flat) {
  TarEntry entry = *flat.rare;
  entry.path = path;
  // A hard link is the file that it names.
  entry.type = flat.type == TarType::hardlink ? TarType::file : flat.type;
  entry.mode = flat.mode;
  entry.uid = flat.uid;
  entry.gid = flat.gid;
  entry.mtime = flat.mtime;
  entry.size = flat.size;
  if (flat.type == TarType::symlink) entry.link = flat.link;
  return entry;
}

std::vector<Difference> differences_of(const std::string& path, const FlatEntry& a, const FlatEntry& b) {
  const TarEntry header_a = header_of(path, a);
  const TarEntry header_b = header_of(path, b);
  std::vector<Difference> found = differences_of_headers(header_a, header_b);
  const auto add = [&](Attribute attribute, std::string value_a, std::string value_b) {
    Difference difference;
    difference.path = path;
    difference.kind = kind_of(header_a);
    difference.attribute = attribute;
    difference.a = std::move(value_a);
    difference.b = std::move(value_b);
    found.push_back(std::move(difference));
  };
  if (header_a.type != header_b.type) {
    add(Attribute::type, type_text(header_a), type_text(header_b));
  } else if (a.names != b.names) {
    add(Attribute::nlink, fmt::format("{}", a.names), fmt::format("{}", b.names));
  }
  return found;
}

bool contents_differ(const FlatEntry& a, const FlatEntry& b) {
  return a.sum && b.sum && *a.sum != *b.sum;
}

}  // namespace

Result<FlatTree> flatten(const image::ImageFile& image, std::size_t first, std::size_t end,
                         bool keep_whiteouts, Bytes max_layer) {
  Flattener flattener(image, keep_whiteouts);
  for (std::size_t layer = first; layer < end; ++layer) {
    BUILDLAB_TRY(flattener.add_layer(layer, max_layer));
  }
  return std::move(flattener).finish();
}

bool equal(const FlatTree& a, const FlatTree& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.first == y.first && !contents_differ(x.second, y.second) &&
                  differences_of(x.first, x.second, y.second).empty();
         });
}

Status compare_flat(const image::ImageFile& a, Range range_a, const image::ImageFile& b, Range range_b,
                    Bytes max_layer, Explainer& explainer) {
  BUILDLAB_ASSIGN(const FlatTree tree_a, flatten(a, range_a.first, range_a.end, true, max_layer));
  BUILDLAB_ASSIGN(const FlatTree tree_b, flatten(b, range_b.first, range_b.end, true, max_layer));
  std::map<std::pair<std::size_t, std::size_t>, std::vector<LatePair>> late;
  const auto presence = [&](const std::string& path, const FlatEntry& entry, Attribute attribute) {
    Difference found;
    found.path = path;
    found.attribute = attribute;
    TarEntry header = header_of(path, entry);
    found.kind = kind_of(header);
    found.layer = found.layer_b = entry.layer;
    (attribute == Attribute::missing ? found.a : found.b) = type_text(header);
    explainer.take_presence(std::move(found), "");
  };
  for (const auto& [path, entry] : tree_a) {
    const auto other = tree_b.find(path);
    if (other == tree_b.end()) {
      presence(path, entry, Attribute::missing);
      continue;
    }
    std::vector<Difference> found = differences_of(path, entry, other->second);
    for (Difference& difference : found) {
      difference.layer = entry.layer;
      difference.layer_b = other->second.layer;
    }
    explainer.take(std::move(found));
    if (contents_differ(entry, other->second)) {
      const auto name = [&, &path = path](const FlatEntry& its) {
        return its.type == TarType::hardlink ? its.link : path;
      };
      late[{entry.layer, other->second.layer}].push_back({path, name(entry), name(other->second), true});
    }
  }
  for (const auto& [path, entry] : tree_b) {
    if (!tree_a.contains(path)) presence(path, entry, Attribute::added);
  }
  for (const auto& [layers, pairs] : late) {
    BUILDLAB_TRY(compare_late(a, b, layers.first, layers.second, pairs, max_layer, explainer));
  }
  return {};
}

}  // namespace buildlab::drift
