#include "framework/drift/lockstep.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "framework/drift/contents.h"
#include "framework/drift/facts.h"
#include "framework/drift/links.h"
#include "framework/drift/names.h"

namespace buildlab::drift {
namespace {

using image::TarEntry;
using image::TarType;

// Of a file that only one image has, to recognise what it is.
constexpr std::size_t k_kept_presence = 16U << 10U;
// POSIX: two blocks of zeros end an archive.
constexpr std::uint64_t k_end_mark = 1024;

// The order of a walk that sorts names: '/' comes before all other characters.
bool walks_before(const std::string& a, const std::string& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto rank = [](char c) {
      return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)) + 1;
    };
    return rank(x) < rank(y);
  });
}

// An entry that met no entry of its path yet.
struct Waiting {
  TarEntry entry;
  std::optional<Digested> content;
  std::uint32_t index = 0;
};

struct Hand {
  Hand(image::ByteSource& source, std::string layer) : reader(source, layer), name(std::move(layer)) {}

  image::TarReader reader;
  std::string name;
  const TarEntry* entry = nullptr;
  std::uint32_t index = 0;  // of `entry`, from 1
  std::unordered_map<std::string, std::vector<Waiting>> waiting;
  Names names;
  Links links;

  Status advance() {
    BUILDLAB_ASSIGN(entry, reader.next());
    ++index;
    if (entry == nullptr) return {};
    names.add(*entry);
    if (entry->type == TarType::hardlink) links.add(entry->path, entry->link);
    return {};
  }
};

class Lockstep {
 public:
  Lockstep(const LayerPair& pair, Explainer& explainer)
      : m_pair(pair), m_explainer(explainer), m_a(pair.a, pair.name_a), m_b(pair.b, pair.name_b) {}

  Result<LayerResult> run() {
    BUILDLAB_TRY(m_a.advance());
    BUILDLAB_TRY(m_b.advance());
    while (m_a.entry != nullptr || m_b.entry != nullptr) {
      if (m_a.entry != nullptr && m_b.entry != nullptr && m_a.entry->path == m_b.entry->path) {
        BUILDLAB_TRY(meet());
        BUILDLAB_TRY(m_a.advance());
        BUILDLAB_TRY(m_b.advance());
      } else if (takes_a()) {
        BUILDLAB_TRY(put_aside(m_a, m_b, true));
      } else {
        BUILDLAB_TRY(put_aside(m_b, m_a, false));
      }
    }
    BUILDLAB_TRY(compare_links());
    tell_those_left(m_a, Attribute::missing);
    tell_those_left(m_b, Attribute::added);
    tell_order();
    find_entangled();
    BUILDLAB_TRY(compare_trailers());
    if (m_result.found == 0 && m_result.late.empty()) {
      // The digests differ, so some byte does: what is left are the blocks' paddings.
      hand_over({difference(Attribute::format, "padding", "bytes between entries", "other bytes", true)});
    }
    return std::move(m_result);
  }

 private:
  bool takes_a() const {
    if (m_b.entry == nullptr) return true;
    if (m_a.entry == nullptr) return false;
    // Whose partner waits already frees memory when it is taken.
    if (m_b.waiting.contains(m_a.entry->path)) return true;
    if (m_a.waiting.contains(m_b.entry->path)) return false;
    return walks_before(m_a.entry->path, m_b.entry->path);
  }

  Difference difference(Attribute attribute, std::string key, std::string a, std::string b,
                        bool representation) const {
    Difference found;
    found.attribute = attribute;
    found.key = std::move(key);
    found.a = std::move(a);
    found.b = std::move(b);
    found.representation = representation;
    return found;
  }

  void hand_over(std::vector<Difference> differences, const Contents* contents = nullptr) {
    for (Difference& found : differences) {
      found.layer = m_pair.number_a;
      found.layer_b = m_pair.number_b;
    }
    m_result.found += differences.size();
    if (!differences.empty()) {
      note_told(differences.front().path, differences.back().attribute == Attribute::type);
    }
    m_explainer.take(std::move(differences), contents);
  }

  // `shape`: what there is differs, not only what it is like.
  void note_told(const std::string& path, bool shape) {
    m_told_shape = m_told_shape || shape;
    if (!path.empty()) m_told.push_back(Names::hash(path));
  }

  // Both heads have the same path.
  Status meet() {
    const TarEntry& a = *m_a.entry;
    const TarEntry& b = *m_b.entry;
    m_met.emplace_back(m_a.index, m_b.index);
    std::vector<Difference> differences = differences_of_headers(a, b);
    std::optional<Contents> contents;
    if (a.type == TarType::file && b.type == TarType::file) {
      BUILDLAB_ASSIGN(contents, compare_contents(m_a.reader, a.size, m_b.reader, b.size, m_scratch));
      if (contents) add_content(differences, a.path, a.size, b.size, *contents);
    } else {
      add_type(differences, a, b);
    }
    hand_over(std::move(differences), contents ? &*contents : nullptr);
    return {};
  }

  // Different kinds of entries, unless one of two names of a file is meant: that is for the links.
  void add_type(std::vector<Difference>& differences, const TarEntry& a, const TarEntry& b) {
    if (a.type == b.type) return;
    const auto may_be_file = [](TarType type) { return type == TarType::file || type == TarType::hardlink; };
    if (may_be_file(a.type) && may_be_file(b.type)) return;
    Difference type = difference(Attribute::type, "", type_text(a), type_text(b), false);
    type.path = a.path;
    type.kind = kind_of(a);
    differences.push_back(std::move(type));
  }

  Status put_aside(Hand& mine, Hand& other, bool mine_is_a) {
    const TarEntry& entry = *mine.entry;
    Waiting aside{entry, std::nullopt, mine.index};
    aside.entry.header.clear();
    if (entry.type == TarType::file) {
      BUILDLAB_ASSIGN(aside.content, digest_content(mine.reader, k_kept_presence));
    }
    const auto partner = other.waiting.find(entry.path);
    if (partner == other.waiting.end()) {
      mine.waiting[entry.path].push_back(std::move(aside));
    } else {
      Waiting met = std::move(partner->second.front());
      partner->second.erase(partner->second.begin());
      if (partner->second.empty()) other.waiting.erase(partner);
      meet_late(mine_is_a ? aside : met, mine_is_a ? met : aside);
    }
    return mine.advance();
  }

  void meet_late(const Waiting& a, const Waiting& b) {
    m_met.emplace_back(a.index, b.index);
    m_late = true;
    std::vector<Difference> differences = differences_of_headers(a.entry, b.entry);
    add_type(differences, a.entry, b.entry);
    if (a.content && b.content && a.content->sum != b.content->sum) {
      note_told(a.entry.path, false);
      m_result.late.push_back({a.entry.path, a.entry.path, a.entry.path, true});
    }
    hand_over(std::move(differences));
  }

  Status compare_trailers() {
    BUILDLAB_ASSIGN(const image::TarReader::Trailer a, m_a.reader.finish());
    BUILDLAB_ASSIGN(const image::TarReader::Trailer b, m_b.reader.finish());
    const auto is_ended = [](const image::TarReader::Trailer& trailer) { return trailer.size >= k_end_mark; };
    const auto text = [&](const image::TarReader::Trailer& trailer) {
      return fmt::format("{} bytes{}{}", trailer.size, trailer.only_zeros ? "" : ", not all of them zero",
                         is_ended(trailer) ? "" : ", less than the two blocks of the end mark");
    };
    // Writers fill archives up to whole records: how much depends on all that stands before.
    const bool filled = a.only_zeros && b.only_zeros && is_ended(a) == is_ended(b) &&
                        (m_result.found > 0 || !m_result.late.empty());
    if (text(a) != text(b) && !filled) {
      hand_over({difference(Attribute::format, "end of the archive", text(a), text(b), true)});
    }
    return {};
  }

  Status compare_links() {
    BUILDLAB_TRY(m_a.links.resolve(m_a.name));
    BUILDLAB_TRY(m_b.links.resolve(m_b.name));
    m_a.names.settle();
    m_b.names.settle();
    std::set<std::string> paths;
    for (const auto& [path, target] : m_a.links.all()) paths.insert(path);
    for (const auto& [path, target] : m_b.links.all()) paths.insert(path);
    std::set<std::pair<std::string, std::string>> compared;
    for (const std::string& path : paths) {
      const std::string& root_a = m_a.links.root(path);
      const std::string& root_b = m_b.links.root(path);
      note_outside(m_a, path, root_a, m_result.outside_a);
      note_outside(m_b, path, root_b, m_result.outside_b);
      if (m_a.waiting.contains(path) || m_b.waiting.contains(path)) continue;
      std::optional<Difference> found = difference_of_links(path, m_a.links, m_b.links);
      if (!found) continue;
      if (root_a != root_b && compared.emplace(root_a, root_b).second) {
        m_result.late.push_back({path, root_a, root_b, false});
        // The file has the attributes of the name that was written last.
        if (found->representation) {
          for (const std::string& name : m_a.links.group(path)) m_swapped.insert(Names::hash(name));
        }
      }
      hand_over({std::move(*found)});
    }
    return {};
  }

  static void note_outside(const Hand& hand, const std::string& path, const std::string& root,
                           std::vector<std::pair<std::string, std::string>>& outside) {
    if (!hand.links.all().contains(path)) return;
    if (!hand.names.has(root)) outside.emplace_back(path, root);
  }

  void tell_those_left(Hand& mine, Attribute attribute) {
    for (auto& [path, all] : mine.waiting) {
      note_told(path, true);
      for (Waiting& left : all) {
        Difference found = difference(attribute, "", "", "", false);
        found.path = path;
        found.kind = kind_of(left.entry);
        found.layer = m_pair.number_a;
        found.layer_b = m_pair.number_b;
        (attribute == Attribute::missing ? found.a : found.b) = type_text(left.entry);
        ++m_result.found;
        m_explainer.take_presence(std::move(found), left.content ? left.content->beginning : "");
      }
    }
  }

  // Layers are rarely so; then they are read once more.
  void find_entangled() {
    const auto either = [this](bool (Names::*asked)() const) {
      return (m_a.names.*asked)() || (m_b.names.*asked)();
    };
    const bool moved = m_order_differs || m_told_shape;
    m_result.to_be_unpacked =
        (m_order_differs && either(&Names::any_without_folder)) || either(&Names::any_tangled);
    if (moved && (either(&Names::any_below_others) || either(&Names::any_early_links))) {
      m_result.entangled = [](const std::string&) { return true; };
      return;
    }
    const auto swapped = [all = m_swapped](const std::string& path) {
      return all.contains(Names::hash(path));
    };
    if (!m_swapped.empty()) m_result.entangled = swapped;
    if (!either(&Names::any_repeated)) return;
    const auto repeated_hash = [this](std::uint64_t hash) {
      return m_a.names.is_repeated(hash) || m_b.names.is_repeated(hash);
    };
    const auto repeated = [&](const std::string& path) { return repeated_hash(Names::hash(path)); };
    if (!m_order_differs && std::none_of(m_told.begin(), m_told.end(), repeated_hash)) return;
    // Which content a hard link has depends on the entry of its target that stands before it.
    for (const Links* links : {&m_a.links, &m_b.links}) {
      for (const auto& [path, target] : links->all()) {
        if (!repeated(path) && !repeated(target) && !repeated(links->root(path))) continue;
        m_result.entangled = [](const std::string&) { return true; };
        return;
      }
    }
    m_result.entangled = [a = m_a.names, b = m_b.names, swapped](const std::string& path) {
      return a.is_repeated(Names::hash(path)) || b.is_repeated(Names::hash(path)) || swapped(path);
    };
  }

  void tell_order() {
    if (!m_late) return;
    std::sort(m_met.begin(), m_met.end());
    std::size_t behind = 0;
    std::uint32_t highest = 0;
    for (const auto& [index_a, index_b] : m_met) {
      if (index_b < highest) ++behind;
      highest = std::max(highest, index_b);
    }
    if (behind == 0) return;
    m_order_differs = true;
    hand_over({difference(
        Attribute::order, "", "its order",
        fmt::format("{} of {} entries stand before others that A has before them", behind, m_met.size()),
        true)});
  }

  const LayerPair& m_pair;
  Explainer& m_explainer;
  Hand m_a;
  Hand m_b;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> m_met;
  bool m_late = false;
  bool m_order_differs = false;
  std::vector<std::uint64_t> m_told;  // hashes of paths with differences
  bool m_told_shape = false;
  std::set<std::uint64_t> m_swapped;  // hashes of the names of files of which another name is the file
  std::string m_scratch;
  LayerResult m_result;
};

}  // namespace

Result<LayerResult> compare_layer(const LayerPair& pair, Explainer& explainer) {
  return Lockstep(pair, explainer).run();
}

}  // namespace buildlab::drift
