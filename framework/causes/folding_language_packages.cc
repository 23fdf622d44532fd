// Everything that a package of Python or Node with another version owns.
#include <algorithm>
#include <map>
#include <set>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/evidence.h"
#include "framework/causes/folding.h"
#include "framework/causes/paths.h"

namespace buildlab::causes {
namespace {

// "lib/site-packages/requests-2.31.0.dist-info" in its parts.
struct Distribution {
  std::string folder;  // of the packages
  std::string name;
  std::string version;
  std::string path;  // of the dist-info folder
};

std::optional<Distribution> distribution_of(std::string_view path) {
  constexpr std::string_view end = ".dist-info";
  const std::size_t at = path.find(".dist-info/");
  const bool itself = path.ends_with(end);
  if (at == std::string_view::npos && !itself) return std::nullopt;
  const std::string_view info = itself ? path : path.substr(0, at + end.size());
  const std::string_view name = base_name(info);
  const std::string_view stem = name.substr(0, name.size() - end.size());
  const std::size_t dash = stem.find('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  return Distribution{std::string(parent_path(info)), to_lower(stem.substr(0, dash)),
                      std::string(stem.substr(dash + 1)), std::string(info)};
}

struct Versions {
  std::string version_a;
  std::string version_b;
  std::string path_a;
  std::string path_b;
};

// The same version in another folder is no other version: a virtual environment of a random name, another
// order of hoisting.
template <typename Map>
void erase_moved(Map& changed) {
  std::set<std::pair<std::string, std::string>> only_a;  // name, version
  std::set<std::pair<std::string, std::string>> only_b;
  for (const auto& [key, versions] : changed) {
    if (versions.version_b.empty()) only_a.emplace(key.second, versions.version_a);
    if (versions.version_a.empty()) only_b.emplace(key.second, versions.version_b);
  }
  std::erase_if(changed, [&](const auto& entry) {
    const auto& [key, versions] = entry;
    if (versions.version_b.empty()) return only_b.contains({key.second, versions.version_a});
    if (versions.version_a.empty()) return only_a.contains({key.second, versions.version_b});
    return false;
  });
}

// dist-info folders of which only one image has the METADATA.
std::map<std::pair<std::string, std::string>, Versions> changed_distributions(
    const std::vector<Known>& known) {
  std::map<std::pair<std::string, std::string>, Versions> changed;
  for (const Known& entry : known) {
    if (base_name(entry.path) != "METADATA") continue;
    const bool only_a = entry.attributes.contains(Attribute::missing);
    const bool only_b = entry.attributes.contains(Attribute::added);
    if (only_a == only_b) continue;
    const auto distribution = distribution_of(entry.path);
    if (!distribution) continue;
    Versions& versions = changed[{distribution->folder, distribution->name}];
    (only_a ? versions.version_a : versions.version_b) = distribution->version;
    (only_a ? versions.path_a : versions.path_b) = distribution->path;
  }
  erase_moved(changed);
  return changed;
}

// The paths of a RECORD, below the folder of the packages.
std::vector<std::string> recorded(std::string_view folder, std::string_view record) {
  std::vector<std::string> paths;
  for (std::string_view line : split(record, '\n')) {
    line = trim(line);
    // "path,sha256=…,size"; a path with a comma stands in quotes.
    std::string_view name = line.substr(0, line.find(','));
    if (line.starts_with('"')) name = line.substr(1, std::min(line.find('"', 1), line.size()) - 1);
    if (name.empty()) continue;
    std::string path =
        name.starts_with('/') ? std::string(name) : std::string(folder) + "/" + std::string(name);
    if (auto plain = plain_path(path)) paths.push_back(std::move(*plain));
  }
  return paths;
}

void claim_below(Fold& fold, const std::string& folder, const Cause& cause) {
  if (folder.empty()) return;
  const std::string prefix = folder + "/";
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const std::string& path = fold.known()[i].path;
    if (path == folder || path.starts_with(prefix)) fold.claim(i, cause);
  }
}

// "pkg/__pycache__/mod.cpython-311.pyc" of each "pkg/mod.py".
void claim_compiled(Fold& fold, const std::map<std::string, Cause>& owners) {
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const std::string_view path = fold.known()[i].path;
    if (!path.ends_with(".pyc") || base_name(parent_path(path)) != "__pycache__") continue;
    const std::string_view name = base_name(path);
    const std::string source = std::string(parent_path(parent_path(path))) + "/" +
                               std::string(name.substr(0, name.find('.'))) + ".py";
    if (const auto owner = owners.find(source); owner != owners.end()) fold.claim(i, owner->second);
  }
}

// "app/node_modules/@types/node/package.json" -> "@types/node"; "" for anything else.
std::string node_package(std::string_view path) {
  if (base_name(path) != "package.json") return "";
  const std::string_view folder = parent_path(path);
  const std::string_view above = parent_path(folder);
  if (base_name(above) == "node_modules") return std::string(base_name(folder));
  const bool scoped = base_name(above).starts_with('@') && base_name(parent_path(above)) == "node_modules";
  return scoped ? std::string(base_name(above)) + "/" + std::string(base_name(folder)) : "";
}

std::string version_member(std::string_view package_json) {
  if (package_json.empty() || package_json.size() > (1U << 20U)) return "";
  const auto json = parse_json(package_json, "package.json");
  return json && json->is_object() ? text_member(*json, "version") : "";
}

}  // namespace

void fold_python_packages(Fold& fold) {
  const auto changed = changed_distributions(fold.known());
  std::map<std::string, Cause> owners;
  for (const auto& [key, versions] : changed) {
    const auto& [folder, name] = key;
    const std::string& named = versions.path_b.empty() ? versions.path_a : versions.path_b;
    const std::string root = named + "/METADATA";
    Cause cause = cause_of(*find_row("E10"));
    cause.recogniser = "G11";
    cause.proven = true;
    cause.evidence = {change(shown(name, 60), versions.version_a, versions.version_b)};
    fold.claim(root, cause);
    cause.root = root;
    for (const std::string& info : {versions.path_a, versions.path_b}) {
      if (info.empty()) continue;
      claim_below(fold, info, cause);
      const auto [a, b] = fold.contents(info + "/RECORD");
      for (const std::string_view record : {a, b}) {
        for (const std::string& path : recorded(folder, record)) {
          fold.claim(path, cause);
          owners.emplace(path, cause);
        }
      }
    }
  }
  if (!owners.empty()) claim_compiled(fold, owners);
}

void want_python_packages(const std::vector<Known>& known, std::vector<std::string>& paths) {
  for (const auto& [key, versions] : changed_distributions(known)) {
    for (const std::string& info : {versions.path_a, versions.path_b}) {
      if (!info.empty()) paths.push_back(info + "/RECORD");
    }
  }
}

void fold_node_packages(Fold& fold) {
  std::map<std::pair<std::string, std::string>, Versions> changed;
  for (const Known& entry : fold.known()) {
    const std::string name = node_package(entry.path);
    if (name.empty() || !fold.is_other(entry.path)) continue;
    const auto [a, b] = fold.contents(entry.path);
    Versions versions{version_member(a), version_member(b), entry.path, entry.path};
    if (versions.version_a == versions.version_b) continue;
    changed.emplace(std::pair{std::string(parent_path(entry.path)), name}, std::move(versions));
  }
  erase_moved(changed);
  std::map<std::string_view, Cause> folders;
  for (const auto& [key, versions] : changed) {
    Cause cause = cause_of(*find_row("F5"));
    cause.recogniser = "G11";
    cause.proven = true;
    cause.evidence = {change(shown(key.second, 60), versions.version_a, versions.version_b)};
    fold.claim(versions.path_a, cause);
    cause.root = versions.path_a;
    folders.emplace(key.first, std::move(cause));
  }
  if (folders.empty()) return;
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    // From the nearest folder upwards: a package inside of another's node_modules is its own.
    for (std::string_view path = fold.known()[i].path; !path.empty(); path = parent_path(path)) {
      const auto found = folders.find(path);
      if (found == folders.end()) continue;
      fold.claim(i, found->second);
      break;
    }
  }
}

}  // namespace buildlab::causes
