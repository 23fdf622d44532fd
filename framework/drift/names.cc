#include "framework/drift/names.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace buildlab::drift {
namespace {

constexpr std::uint64_t k_folder_bit = 1;

std::uint64_t hash_of(std::string_view path) {
  return static_cast<std::uint64_t>(std::hash<std::string_view>{}(path)) & ~k_folder_bit;
}

std::uint64_t without_bit(std::uint64_t hash) {
  return hash & ~k_folder_bit;
}

}  // namespace

void Names::add(const image::TarEntry& entry) {
  const std::uint64_t hash = hash_of(entry.path);
  m_all.push_back(entry.type == image::TarType::directory ? hash | k_folder_bit : hash);
  if (entry.type == image::TarType::hardlink) m_links.push_back({hash_of(entry.link), m_all.size() - 1});
  const std::size_t slash = entry.path.rfind('/');
  const std::string_view folder =
      std::string_view(entry.path).substr(0, slash == std::string::npos ? 0 : slash);
  if (folder == m_last_folder) return;
  m_last_folder = folder;
  for (std::size_t end = folder.size(); end != std::string_view::npos && end > 0;
       end = folder.rfind('/', end - 1)) {
    m_folders.push_back({hash_of(folder.substr(0, end)), m_all.size() - 1});
  }
}

void Names::settle() {
  const auto same_hash = [](const Placed& a, const Placed& b) { return a.hash == b.hash; };
  std::sort(m_folders.begin(), m_folders.end());
  m_folders.erase(std::unique(m_folders.begin(), m_folders.end(), same_hash), m_folders.end());
  find_early_links();
  find_late_folders();
  std::sort(m_all.begin(), m_all.end());
  for (std::size_t i = 1; i < m_all.size(); ++i) {
    const bool again = without_bit(m_all[i]) == without_bit(m_all[i - 1]);
    if (again && (m_repeated.empty() || m_repeated.back() != without_bit(m_all[i]))) {
      m_repeated.push_back(without_bit(m_all[i]));
    }
  }
  for (const Placed& folder : m_folders) {
    // One that is no folder sorts before those that are.
    const auto found = std::lower_bound(m_all.begin(), m_all.end(), folder.hash);
    const bool there = found != m_all.end() && without_bit(*found) == folder.hash;
    if (!there) m_without_folder = true;
    if (there && *found == folder.hash) m_below_others = true;
  }
}

void Names::find_late_folders() {
  std::vector<Placed> entries;
  for (std::size_t i = 0; i < m_all.size(); ++i) {
    if ((m_all[i] & k_folder_bit) != 0) entries.push_back({without_bit(m_all[i]), i});
  }
  std::sort(entries.begin(), entries.end());
  for (const Placed& folder : m_folders) {
    const auto found = std::lower_bound(entries.begin(), entries.end(), Placed{folder.hash, 0});
    const bool late = found != entries.end() && found->hash == folder.hash && found->place > folder.place;
    if (late) m_without_folder = true;
  }
}

void Names::find_early_links() {
  if (m_links.empty()) return;
  std::unordered_map<std::uint64_t, std::size_t> first;
  for (const Placed& link : m_links) first.emplace(link.hash, m_all.size());
  for (std::size_t i = m_all.size(); i-- > 0;) {
    const auto found = first.find(without_bit(m_all[i]));
    if (found != first.end()) found->second = i;
  }
  for (const Placed& link : m_links) {
    const std::size_t at = first.at(link.hash);
    if (at < m_all.size() && at > link.place) m_early_links = true;
  }
}

bool Names::has(const std::string& path) const {
  const std::uint64_t hash = hash_of(path);
  const auto found = std::lower_bound(m_all.begin(), m_all.end(), hash);
  return found != m_all.end() && without_bit(*found) == hash;
}

std::uint64_t Names::hash(std::string_view path) {
  return hash_of(path);
}

bool Names::is_repeated(std::uint64_t hash) const {
  return std::binary_search(m_repeated.begin(), m_repeated.end(), hash);
}

}  // namespace buildlab::drift
