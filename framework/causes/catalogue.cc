#include "framework/causes/catalogue.h"

#include <algorithm>
#include <map>

#include "framework/causes/paths.h"

namespace buildlab::causes {
namespace {

// Characters that the longest matching pattern spells out; nullopt when none matches.
std::optional<std::size_t> specificity(std::string_view patterns, std::string_view path) {
  std::optional<std::size_t> best;
  std::size_t at = 0;
  while (at < patterns.size()) {
    const std::size_t end = std::min(patterns.find(' ', at), patterns.size());
    const std::string_view pattern = patterns.substr(at, end - at);
    at = end + 1;
    if (pattern.empty() || !matches_path(pattern, path)) continue;
    const auto wild =
        std::count_if(pattern.begin(), pattern.end(), [](char c) { return c == '*' || c == '?'; });
    const std::size_t literal = pattern.size() - static_cast<std::size_t>(wild);
    if (!best || literal > *best) best = literal;
  }
  return best;
}

}  // namespace

const std::vector<Row>& catalogue() {
  static const std::vector<Row> rows = [] {
    std::vector<Row> all;
    for (const auto part : {image_rows(), debian_rows(), distribution_rows(), account_rows(), python_rows(),
                            node_rows(), compiled_rows(), ecosystem_rows(), jvm_rows(), nested_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

const Row* find_row(std::string_view id) {
  static const std::map<std::string_view, const Row*> by_id = [] {
    std::map<std::string_view, const Row*> index;
    for (const Row& row : catalogue()) index.emplace(row.id, &row);
    return index;
  }();
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : found->second;
}

Cause cause_of(const Row& row) {
  Cause cause;
  cause.kind = row.kind;
  cause.row = row.id;
  cause.recogniser = row.id;
  cause.name = row.name;
  cause.fix = row.fix;
  return cause;
}

std::vector<const Row*> rows_for_content(std::string_view path) {
  std::vector<std::pair<std::size_t, const Row*>> found;
  for (const Row& row : catalogue()) {
    if (row.paths.empty()) continue;
    if (const auto literal = specificity(row.paths, path)) found.emplace_back(*literal, &row);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& left, const auto& right) { return left.first > right.first; });
  std::vector<const Row*> rows;
  rows.reserve(found.size());
  for (const auto& [literal, row] : found) rows.push_back(row);
  return rows;
}

const Row* row_for_presence(std::string_view path) {
  const Row* best = nullptr;
  std::size_t most = 0;
  for (const Row& row : catalogue()) {
    if (row.presence.empty()) continue;
    const auto literal = specificity(row.presence, path);
    if (!literal || (best != nullptr && *literal <= most)) continue;
    best = &row;
    most = *literal;
  }
  return best;
}

}  // namespace buildlab::causes
