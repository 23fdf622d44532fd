// Byte code, the cache of libraries, and folders: what follows from an entry beside or inside of it.
#include <algorithm>
#include <map>
#include <set>

#include "framework/causes/catalogue.h"
#include "framework/causes/evidence.h"
#include "framework/causes/folding.h"
#include "framework/causes/paths.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

std::string source_of(std::string_view compiled) {
  std::string_view folder = parent_path(compiled);
  const std::string_view name = base_name(compiled);
  std::string_view stem = name.substr(0, name.size() - 4);
  if (base_name(folder) == "__pycache__") {
    folder = parent_path(folder);
    stem = name.substr(0, name.find('.'));
  }
  return (folder.empty() ? "" : std::string(folder) + "/") + std::string(stem) + ".py";
}

// File names of libraries, between zero bytes or blanks.
std::set<std::string_view> libraries_in(std::string_view cache) {
  std::set<std::string_view> names;
  std::size_t at = 0;
  while (at < cache.size() && names.size() < 100'000) {
    const std::size_t end = std::min(cache.find('\0', at), cache.size());
    const std::string_view text = cache.substr(at, end - at);
    // The first name follows binary entries without a zero byte between them, so the path counts.
    if (text.starts_with('/') && text.find(".so") != std::string_view::npos) names.insert(text);
    at = end + 1;
  }
  return names;
}

// Presence first, then the entry's own time: a folder's time is that of the last change of its entries'
// names.
int weight(const Known& entry) {
  const auto& attributes = entry.attributes;
  if (attributes.contains(Attribute::missing) || attributes.contains(Attribute::added)) return 2;
  return attributes.contains(Attribute::mtime) ? 1 : 0;
}

}  // namespace

void fold_compiled_python(Fold& fold) {
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const Known& entry = fold.known()[i];
    if (fold.is_claimed(i) || !entry.path.ends_with(".pyc")) continue;
    if (!entry.attributes.contains(Attribute::content) && !fold.is_one_sided(entry.path)) continue;
    std::string source = source_of(entry.path);
    if (!fold.is_other(source)) continue;
    std::string evidence = source + " differs";
    fold.claim(i, derived("byte code of a source that differs", std::move(source), std::move(evidence)));
  }
}

void fold_library_cache(Fold& fold) {
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const Known& entry = fold.known()[i];
    if (fold.is_claimed(i) || !matches_path("*/etc/ld.so.cache", entry.path)) continue;
    const auto [a, b] = fold.contents(entry.path);
    const auto names_a = libraries_in(a);
    const auto names_b = libraries_in(b);
    std::vector<std::string_view> other;
    std::set_symmetric_difference(names_a.begin(), names_a.end(), names_b.begin(), names_b.end(),
                                  std::back_inserter(other));
    if (names_a.empty() || names_b.empty() || other.empty()) continue;
    std::set<std::string_view> one_sided;
    for (const Known& known : fold.known()) {
      if (fold.is_one_sided(known.path)) one_sided.insert(base_name(known.path));
    }
    // Libraries are listed below /lib, which is a link to usr/lib: their names have to do.
    const bool all = std::all_of(other.begin(), other.end(),
                                 [&](std::string_view path) { return one_sided.contains(base_name(path)); });
    if (!all) continue;
    const auto root = std::find_if(fold.known().begin(), fold.known().end(), [&](const Known& known) {
      return base_name(known.path) == base_name(other.front()) && fold.is_one_sided(known.path);
    });
    fold.claim(i, derived("the cache of libraries lists files that only one image has", root->path,
                          "lists " + shown(other.front(), 160)));
  }
}

void fold_folders(Fold& fold) {
  std::map<std::string_view, std::size_t> heaviest;  // folder -> its entry
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const Known& entry = fold.known()[i];
    if (entry.path.empty() || weight(entry) == 0) continue;
    const auto [place, fresh] = heaviest.emplace(parent_path(entry.path), i);
    if (!fresh && weight(entry) > weight(fold.known()[place->second])) place->second = i;
  }
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const Known& entry = fold.known()[i];
    if (fold.is_claimed(i) || entry.path.empty() || entry.attributes != std::set{Attribute::mtime}) continue;
    const auto found = heaviest.find(entry.path);
    if (found == heaviest.end()) continue;
    const Known& child = fold.known()[found->second];
    const bool presence = weight(child) == 2;
    fold.claim(i, derived("a folder's modification time is that of the last change in it", child.path,
                          child.path + (presence ? " is in one image only" : " differs too")));
  }
}

}  // namespace buildlab::causes
