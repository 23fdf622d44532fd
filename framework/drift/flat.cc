#include "framework/drift/flat.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "framework/drift/facts.h"
#include "framework/drift/unpacking.h"

namespace buildlab::drift {
namespace {

using image::TarEntry;
using image::TarType;

// As a header without representation, for the same comparison as within a layer.
TarEntry header_of(const std::string& path, const FlatEntry& flat) {
  TarEntry entry = *flat.rare;
  entry.path = path;
  entry.type = flat.outside.empty() ? flat.type : TarType::hardlink;
  entry.mode = flat.mode;
  entry.uid = flat.uid;
  entry.gid = flat.gid;
  entry.mtime = flat.mtime;
  entry.link = flat.outside.empty() ? flat.link : flat.outside;
  return entry;
}

std::string link_text(const std::string& path, const FlatEntry& flat) {
  return flat.first_name == path ? "file" : "hardlink to " + flat.first_name;
}

std::vector<Difference> differences_of(const std::string& path, const FlatEntry& a, const FlatEntry& b) {
  if (a.implied && b.implied) return {};
  const TarEntry header_a = header_of(path, a);
  const TarEntry header_b = header_of(path, b);
  std::vector<Difference> found = differences_of_headers(header_a, header_b);
  const auto add = [&](Attribute attribute, EntryKind kind, std::string value_a, std::string value_b) {
    Difference difference;
    difference.path = path;
    difference.kind = kind;
    difference.attribute = attribute;
    difference.a = std::move(value_a);
    difference.b = std::move(value_b);
    found.push_back(std::move(difference));
  };
  const bool outside = !a.outside.empty() || !b.outside.empty();
  const EntryKind kind = outside ? EntryKind::hardlink : kind_of(header_a);
  if (header_a.type != header_b.type) {
    add(Attribute::type, kind, type_text(header_a), type_text(header_b));
  } else if (outside && a.outside != b.outside) {
    add(Attribute::linktarget, kind, type_text(header_a), type_text(header_b));
  } else if (a.names != b.names) {
    add(Attribute::nlink, kind, fmt::format("{}", a.names), fmt::format("{}", b.names));
  } else if (a.first_name != b.first_name) {
    add(Attribute::linktarget, EntryKind::hardlink, link_text(path, a), link_text(path, b));
  }
  return found;
}

bool contents_differ(const FlatEntry& a, const FlatEntry& b) {
  return a.sum && b.sum && *a.sum != *b.sum;
}

bool equal(const FlatTree& a, const FlatTree& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.first == y.first && x.second.implied == y.second.implied &&
                  !contents_differ(x.second, y.second) && differences_of(x.first, x.second, y.second).empty();
         });
}

// Tells how two trees differ.
class Telling {
 public:
  Telling(const image::ImageFile& a, const image::ImageFile& b, Explainer& explainer)
      : m_a(a), m_b(b), m_explainer(explainer) {}

  // Of one layer each: what only one tree has belongs to both layers then.
  void set_layers(std::size_t number_a, std::size_t number_b) { m_layers = {number_a, number_b}; }

  Status tell(const FlatTree& tree_a, const FlatTree& tree_b, const PathFilter& is_meant, Bytes max_layer) {
    for (const auto& [path, entry] : tree_a) {
      if (!is_meant(path)) continue;
      const auto other = tree_b.find(path);
      if (other != tree_b.end() && entry.implied == other->second.implied) {
        compare(path, entry, other->second);
      } else {
        only_in_one(path, entry, Attribute::missing);
      }
    }
    for (const auto& [path, entry] : tree_b) {
      if (!is_meant(path)) continue;
      const auto other = tree_a.find(path);
      if (other == tree_a.end() || entry.implied != other->second.implied) {
        only_in_one(path, entry, Attribute::added);
      }
    }
    for (const auto& [path, place] : m_implied) {
      const auto below = m_told.lower_bound(path + "/");
      const bool follows = m_told.contains(path) || (below != m_told.end() && below->starts_with(path + "/"));
      if (!follows) presence(path, *place.first, place.second);
    }
    for (const auto& [layers, pairs] : m_late) {
      BUILDLAB_TRY(compare_late(m_a, m_b, layers.first, layers.second, pairs, max_layer, m_explainer));
    }
    return {};
  }

  const std::set<std::string>& told() const { return m_told; }

 private:
  void compare(const std::string& path, const FlatEntry& a, const FlatEntry& b) {
    std::vector<Difference> found = differences_of(path, a, b);
    for (Difference& difference : found) {
      difference.layer = a.layer;
      difference.layer_b = b.layer;
    }
    if (!found.empty()) m_told.insert(path);
    m_explainer.take(std::move(found));
    if (!contents_differ(a, b)) return;
    const auto name = [&](const FlatEntry& its) {
      return its.content_path.empty() ? path : its.content_path;
    };
    m_told.insert(path);
    m_late[{a.content_layer, b.content_layer}].push_back({path, name(a), name(b), true, a.sum, b.sum});
  }

  // A folder without an entry is only worth a line where nothing in it has one.
  void only_in_one(const std::string& path, const FlatEntry& entry, Attribute attribute) {
    if (entry.implied) {
      m_implied.emplace(path, std::pair(&entry, attribute));
    } else {
      presence(path, entry, attribute);
    }
  }

  void presence(const std::string& path, const FlatEntry& entry, Attribute attribute) {
    m_told.insert(path);
    Difference found;
    found.path = path;
    found.attribute = attribute;
    const TarEntry header = header_of(path, entry);
    found.kind = kind_of(header);
    found.layer = m_layers.first != 0 ? m_layers.first : entry.layer;
    found.layer_b = m_layers.first != 0 ? m_layers.second : entry.layer;
    (attribute == Attribute::missing ? found.a : found.b) = type_text(header);
    m_explainer.take_presence(std::move(found), "");
  }

  const image::ImageFile& m_a;
  const image::ImageFile& m_b;
  Explainer& m_explainer;
  std::pair<std::size_t, std::size_t> m_layers{0, 0};
  std::set<std::string> m_told;
  std::map<std::string, std::pair<const FlatEntry*, Attribute>> m_implied;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<LatePair>> m_late;
};

bool any_path(const std::string&) {
  return true;
}

// An entry of the layer that is not told as a difference, because of what other entries make of it.
std::string form_text(const FlatTree& tree, const std::string& path, bool written) {
  if (!written) return "none";
  const auto found = tree.find(path);
  if (found == tree.end()) return "an entry that others replace or lead elsewhere";
  return found->second.times == 1 ? "1 entry" : fmt::format("the last of {} entries", found->second.times);
}

}  // namespace

Result<bool> unpack_alike(const image::ImageFile& a, const image::ImageFile& b, Bytes max_layer,
                          Explainer& explainer) {
  for (const LinksBelow links : {LinksBelow::hidden, LinksBelow::followed}) {
    const Range of_a{0, a.image().layers.size()};
    const Range of_b{0, b.image().layers.size()};
    BUILDLAB_ASSIGN(const UnpackedLayers in_a, unpack_layers(a, of_a, false, links, max_layer));
    BUILDLAB_ASSIGN(const UnpackedLayers in_b, unpack_layers(b, of_b, false, links, max_layer));
    const bool alike = equal(in_a.tree, in_b.tree);
    if (!alike && in_a.below_link) explainer.note(*in_a.below_link);
    if (!alike && in_b.below_link) explainer.note(*in_b.below_link);
    if (!alike) return false;
    if (!in_a.below_link && !in_b.below_link) break;
  }
  return true;
}

Result<bool> compare_flat(const image::ImageFile& a, Range range_a, const image::ImageFile& b, Range range_b,
                          Bytes max_layer, Explainer& explainer) {
  bool to_be_unpacked = false;
  for (const LinksBelow links : {LinksBelow::hidden, LinksBelow::followed}) {
    BUILDLAB_ASSIGN(const UnpackedLayers in_a, unpack_layers(a, range_a, true, links, max_layer));
    BUILDLAB_ASSIGN(const UnpackedLayers in_b, unpack_layers(b, range_b, true, links, max_layer));
    Telling telling(a, b, explainer);
    BUILDLAB_TRY(telling.tell(in_a.tree, in_b.tree, any_path, max_layer));
    to_be_unpacked = in_a.folders_missing || in_b.folders_missing;
    if (!telling.told().empty() || (!in_a.below_link && !in_b.below_link)) break;
  }
  return to_be_unpacked;
}

Status compare_again(const image::ImageFile& a, std::size_t number_a, const image::ImageFile& b,
                     std::size_t number_b, const PathFilter& is_meant, Bytes max_layer,
                     Explainer& explainer) {
  const std::map<std::string, Difference> forgotten = explainer.forget(number_a, number_b, is_meant);
  const auto unpacked = [&](const image::ImageFile& image, std::size_t number) {
    return unpack_layers(image, {number - 1, number}, true, LinksBelow::hidden, max_layer);
  };
  BUILDLAB_ASSIGN(const UnpackedLayers in_a, unpacked(a, number_a));
  BUILDLAB_ASSIGN(const UnpackedLayers in_b, unpacked(b, number_b));
  Telling telling(a, b, explainer);
  telling.set_layers(number_a, number_b);
  BUILDLAB_TRY(telling.tell(in_a.tree, in_b.tree, is_meant, max_layer));
  for (const auto& [path, found] : forgotten) {
    if (telling.told().contains(path)) continue;
    const bool in_a_only = found.attribute == Attribute::missing && !in_b.tree.contains(path);
    const bool in_b_only = found.attribute == Attribute::added && !in_a.tree.contains(path);
    Difference form;
    form.layer = number_a;
    form.layer_b = number_b;
    form.path = path;
    form.attribute = Attribute::format;
    form.key = "entries that others replace";
    form.a = form_text(in_a.tree, path, !in_b_only);
    form.b = form_text(in_b.tree, path, !in_a_only);
    form.representation = true;
    std::vector<Difference> one;
    one.push_back(std::move(form));
    explainer.take(std::move(one));
  }
  return {};
}

}  // namespace buildlab::drift
