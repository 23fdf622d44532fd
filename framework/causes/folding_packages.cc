// Everything that a package with another version owns: dpkg and apk.
#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

#include "framework/base/text.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/evidence.h"
#include "framework/causes/folding.h"
#include "framework/causes/package_files.h"
#include "framework/causes/paths.h"

namespace buildlab::causes {
namespace {

constexpr std::string_view k_dpkg_status = "*/var/lib/dpkg/status */var/lib/dpkg/status.d/*";
constexpr std::string_view k_apk_installed = "*/lib/apk/db/installed";
constexpr std::size_t k_shown_packages = 5;

struct Changed {
  std::string version_a;  // "" when the image lacks the package
  std::string version_b;
  std::set<std::string> architectures;
};
using Changes = std::map<std::string, Changed, std::less<>>;

std::string versions_text(const std::string& name, const Changed& changed) {
  return change(shown(name, 60), changed.version_a, changed.version_b);
}

// The part of a database's path before what is the same in every image: "" or "rootfs/".
std::string_view root_of(std::string_view path, std::string_view below) {
  const std::size_t at = path.rfind(below);
  return at == std::string_view::npos ? std::string_view{} : path.substr(0, at);
}

struct Compared {
  Changes changes;
  bool rest_equal = true;  // the packages of the same version have the same records
};

// Several versions of a name, of different architectures, count as one text.
Compared compare_dpkg(std::string_view a, std::string_view b) {
  struct Side {
    std::string versions;
    std::string texts;
    std::set<std::string> architectures;
  };
  const auto read = [](std::string_view status) {
    std::map<std::string, Side, std::less<>> packages;
    for (const DpkgRecord& record : dpkg_records(status)) {
      Side& side = packages[std::string(record.name)];
      if (!side.versions.empty()) side.versions += ", ";
      side.versions += record.version;
      side.texts += record.text;
      side.architectures.emplace(record.architecture);
    }
    return packages;
  };
  const auto packages_a = read(a);
  const auto packages_b = read(b);
  Compared compared;
  for (const auto& [name, side] : packages_a) {
    const auto other = packages_b.find(name);
    if (other != packages_b.end() && other->second.versions == side.versions) {
      compared.rest_equal = compared.rest_equal && other->second.texts == side.texts;
      continue;
    }
    Changed changed{side.versions, "", side.architectures};
    if (other != packages_b.end()) {
      changed.version_b = other->second.versions;
      changed.architectures.insert(other->second.architectures.begin(), other->second.architectures.end());
    }
    compared.changes.emplace(name, std::move(changed));
  }
  for (const auto& [name, side] : packages_b) {
    if (packages_a.contains(name)) continue;
    compared.changes.emplace(name, Changed{"", side.versions, side.architectures});
  }
  return compared;
}

Cause version_cause(std::string_view row, const Changes& changes, bool proven) {
  Cause cause = cause_of(*find_row(row));
  cause.recogniser = "G11";
  cause.proven = proven;
  for (const auto& [name, changed] : changes) {
    if (cause.evidence.size() == k_shown_packages) {
      cause.evidence.push_back(fmt::format("{} more packages", changes.size() - k_shown_packages));
      break;
    }
    cause.evidence.push_back(versions_text(name, changed));
  }
  return cause;
}

Cause owned_cause(const Cause& root, std::string_view database, std::string evidence) {
  Cause cause = root;
  cause.root = database;
  cause.proven = true;
  cause.evidence = {std::move(evidence)};
  return cause;
}

// Folders stand in every package's list; only what nothing stands below is a package's own.
std::vector<std::string> listed_files(std::string_view list) {
  std::vector<std::string> paths;
  for (std::string_view line : split(list, '\n')) {
    while (line.starts_with('/') || line.starts_with("./")) line.remove_prefix(line.starts_with('/') ? 1 : 2);
    if (!line.empty()) paths.emplace_back(line);
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    const std::string below = path + "/";
    const auto next = std::lower_bound(paths.begin(), paths.end(), below);
    if (next == paths.end() || !next->starts_with(below)) files.push_back(path);
  }
  return files;
}

std::vector<std::string> list_paths(std::string_view root, const std::string& name, const Changed& changed) {
  const std::string base = std::string(root) + "var/lib/dpkg/info/" + name;
  std::vector<std::string> paths = {base + ".list"};
  for (const std::string& architecture : changed.architectures) {
    if (!architecture.empty()) paths.push_back(base + ":" + architecture + ".list");
  }
  return paths;
}

void claim_list(Fold& fold, std::string_view root, std::string_view list, const Cause& cause) {
  for (const std::string& file : listed_files(list)) fold.claim(std::string(root) + file, cause);
}

void fold_status(Fold& fold, std::string_view path) {
  const auto [a, b] = fold.contents(path);
  if (a.empty() || b.empty()) return;
  const Compared compared = compare_dpkg(a, b);
  if (compared.changes.empty()) return;
  const Cause root_cause = version_cause("B27", compared.changes, compared.rest_equal);
  fold.claim(path, root_cause);
  const std::string_view root = root_of(path, "var/lib/dpkg/status");
  std::map<std::string, Cause, std::less<>> of_info;
  for (const auto& [name, changed] : compared.changes) {
    const Cause cause = owned_cause(root_cause, path, versions_text(name, changed));
    for (const std::string& list : list_paths(root, name, changed)) {
      const auto [list_a, list_b] = fold.contents(list);
      claim_list(fold, root, list_a, cause);
      claim_list(fold, root, list_b, cause);
    }
    of_info.emplace(name, cause);
  }
  // "var/lib/dpkg/info/NAME.md5sums", "NAME:ARCH.postinst"
  const std::string info = std::string(root) + "var/lib/dpkg/info/";
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const std::string_view known = fold.known()[i].path;
    if (!known.starts_with(info)) continue;
    std::string_view name = known.substr(info.size());
    name = name.substr(0, name.find(':'));
    if (name.size() == known.size() - info.size()) name = name.substr(0, name.rfind('.'));
    if (const auto found = of_info.find(name); found != of_info.end()) fold.claim(i, found->second);
  }
}

// One file a package, as images without a package manager have it.
void fold_status_part(Fold& fold, std::string_view path) {
  const auto [a, b] = fold.contents(path);
  if (a.empty() || b.empty() || path.ends_with(".md5sums")) return;
  const Compared compared = compare_dpkg(a, b);
  if (compared.changes.empty()) return;
  const Cause root_cause = version_cause("B27", compared.changes, true);
  fold.claim(path, root_cause);
  const std::string_view root = root_of(path, "var/lib/dpkg/status.d/");
  const auto& [name, changed] = *compared.changes.begin();
  const Cause cause = owned_cause(root_cause, path, versions_text(name, changed));
  const std::string sums = std::string(path) + ".md5sums";
  fold.claim(sums, cause);
  const auto [sums_a, sums_b] = fold.contents(sums);
  for (const std::string_view list : {sums_a, sums_b}) {
    for (const std::string_view line : split(list, '\n')) {
      const std::size_t blank = line.find("  ");
      if (blank == std::string_view::npos) continue;
      fold.claim(std::string(root) + std::string(trim(line.substr(blank))), cause);
    }
  }
}

void fold_apk(Fold& fold, std::string_view path) {
  const auto [a, b] = fold.contents(path);
  if (a.empty() || b.empty()) return;
  std::map<std::string_view, ApkRecord> records_a;
  std::map<std::string_view, ApkRecord> records_b;
  for (const ApkRecord& record : apk_records(a)) records_a.emplace(record.name, record);
  for (const ApkRecord& record : apk_records(b)) records_b.emplace(record.name, record);
  Changes changes;
  bool rest_equal = true;
  for (const auto& [name, record] : records_a) {
    const auto other = records_b.find(name);
    // Virtual packages name no version: row C2.
    if (name.starts_with('.')) continue;
    if (other == records_b.end()) {
      changes.emplace(name, Changed{std::string(record.version), "", {}});
    } else if (other->second.version != record.version) {
      changes.emplace(name, Changed{std::string(record.version), std::string(other->second.version), {}});
    } else {
      rest_equal = rest_equal && record.text == other->second.text;
    }
  }
  for (const auto& [name, record] : records_b) {
    if (name.starts_with('.') || records_a.contains(name)) continue;
    changes.emplace(name, Changed{"", std::string(record.version), {}});
  }
  if (changes.empty()) return;
  const Cause root_cause = version_cause("C4", changes, rest_equal);
  fold.claim(path, root_cause);
  const std::string root(root_of(path, "lib/apk/db/installed"));
  for (const auto& [name, changed] : changes) {
    const Cause cause = owned_cause(root_cause, path, versions_text(name, changed));
    for (const auto* records : {&records_a, &records_b}) {
      const auto record = records->find(name);
      if (record == records->end()) continue;
      for (const std::string& file : apk_files(record->second)) fold.claim(root + file, cause);
    }
  }
}

bool is_status_part(std::string_view path) {
  return path.find("/dpkg/status.d/") != std::string_view::npos;
}

}  // namespace

void fold_packages(Fold& fold) {
  for (const Known& entry : fold.known()) {
    if (matches_path(k_apk_installed, entry.path)) fold_apk(fold, entry.path);
    if (!matches_path(k_dpkg_status, entry.path)) continue;
    if (is_status_part(entry.path)) {
      fold_status_part(fold, entry.path);
    } else {
      fold_status(fold, entry.path);
    }
  }
}

void want_packages(const std::vector<Known>& known, std::vector<std::string>& paths) {
  for (const Known& entry : known) {
    const bool apk = matches_path(k_apk_installed, entry.path);
    const bool dpkg = matches_path(k_dpkg_status, entry.path);
    if (!apk && !dpkg) continue;
    if (entry.a.empty() || entry.b.empty()) paths.push_back(entry.path);
    if (apk) continue;
    if (is_status_part(entry.path)) {
      if (!entry.path.ends_with(".md5sums")) paths.push_back(entry.path + ".md5sums");
      continue;
    }
    const std::string_view root = root_of(entry.path, "var/lib/dpkg/status");
    for (const auto& [name, changed] : compare_dpkg(entry.a, entry.b).changes) {
      for (std::string& list : list_paths(root, name, changed)) paths.push_back(std::move(list));
    }
  }
}

}  // namespace buildlab::causes
