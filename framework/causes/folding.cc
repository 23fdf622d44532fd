#include "framework/causes/folding.h"

#include <algorithm>
#include <set>

#include "framework/base/text.h"

namespace buildlab::causes {

Fold::Fold(const std::vector<Known>& known, const Files& files)
    : m_known(known), m_files(files), m_claims(known.size()) {
  for (std::size_t i = 0; i < known.size(); ++i) m_by_path[known[i].path].push_back(i);
}

bool Fold::is_one_sided(std::string_view path) const {
  const auto found = m_by_path.find(path);
  if (found == m_by_path.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [this](std::size_t i) {
    const auto& attributes = m_known[i].attributes;
    return attributes.contains(Attribute::missing) || attributes.contains(Attribute::added);
  });
}

bool Fold::is_other(std::string_view path) const {
  const auto found = m_by_path.find(path);
  if (found == m_by_path.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [this](std::size_t i) {
    const auto& attributes = m_known[i].attributes;
    return attributes.contains(Attribute::content) || attributes.contains(Attribute::missing) ||
           attributes.contains(Attribute::added);
  });
}

std::pair<std::string_view, std::string_view> Fold::contents(std::string_view path) const {
  std::pair<std::string_view, std::string_view> found;
  if (const auto indices = m_by_path.find(path); indices != m_by_path.end()) {
    for (const std::size_t i : indices->second) {
      if (found.first.empty()) found.first = m_known[i].a;
      if (found.second.empty()) found.second = m_known[i].b;
    }
  }
  if (const auto file = m_files.find(std::string(path)); file != m_files.end()) {
    if (found.first.empty() && file->second.first) found.first = *file->second.first;
    if (found.second.empty() && file->second.second) found.second = *file->second.second;
  }
  return found;
}

void Fold::claim(std::size_t index, const Cause& cause) {
  if (!m_claims[index]) m_claims[index] = cause;
}

void Fold::claim(std::string_view path, const Cause& cause) {
  const auto found = m_by_path.find(path);
  if (found == m_by_path.end()) return;
  for (const std::size_t i : found->second) claim(i, cause);
}

std::vector<Consequence> Fold::result() const {
  std::vector<Consequence> found;
  for (std::size_t i = 0; i < m_claims.size(); ++i) {
    if (m_claims[i]) found.push_back({i, *m_claims[i]});
  }
  return found;
}

Cause derived(std::string name, std::string root, std::string evidence) {
  Cause cause;
  cause.kind = CauseClass::derived;
  cause.row = "G10";
  cause.recogniser = "G10";
  cause.name = std::move(name);
  cause.evidence.push_back(std::move(evidence));
  cause.fix = "mend " + root + ", from which it follows";
  cause.root = std::move(root);
  return cause;
}

std::optional<std::string> plain_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  std::string plain;
  for (const std::string_view part : parts) {
    if (!plain.empty()) plain += '/';
    plain += part;
  }
  return plain;
}

std::vector<std::string> wanted(const std::vector<Known>& known) {
  std::vector<std::string> paths;
  want_packages(known, paths);
  want_python_packages(known, paths);
  want_names(known, paths);
  std::set<std::string> seen;
  std::erase_if(paths, [&](const std::string& path) { return !seen.insert(path).second; });
  return paths;
}

std::vector<Consequence> consequences(const std::vector<Known>& known, const Files& files,
                                      const Surroundings& surroundings) {
  Fold fold(known, files);
  // Another version explains everything that the package owns, so it comes first.
  fold_packages(fold);
  fold_python_packages(fold);
  fold_node_packages(fold);
  fold_sums(fold);
  fold_compiled_python(fold);
  fold_library_cache(fold);
  fold_names(fold, surroundings);
  fold_folders(fold);
  return fold.result();
}

}  // namespace buildlab::causes
