#include "framework/drift/history.h"

namespace buildlab::drift {
namespace {

// The comment of an entry that stands for a layer which the configuration's own history did not tell of.
constexpr const char* k_added_by_exporter = "buildkit.exporter.image.v0";

// As Go reads it: an absent or null member is empty. nullopt for what is not text.
std::optional<std::string> text_of(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end() || found->is_null()) return "";
  return found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

std::optional<bool> is_empty_layer(const Json& entry) {
  const auto found = entry.find("empty_layer");
  if (found == entry.end() || found->is_null()) return false;
  return found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
}

}  // namespace

std::optional<std::vector<HistoryEntry>> read_history(const Json& config, std::size_t layers) {
  if (!config.is_object()) return std::nullopt;
  const auto history = config.find("history");
  if (history == config.end() || !history->is_array()) return std::nullopt;
  std::vector<HistoryEntry> entries;
  std::size_t told = 0;
  std::size_t added = 0;  // at the end
  for (const Json& json : *history) {
    if (!json.is_object()) return std::nullopt;
    auto created_by = text_of(json, "created_by");
    const auto comment = text_of(json, "comment");
    const auto empty = is_empty_layer(json);
    if (!created_by || !comment || !empty) return std::nullopt;
    if (!*empty) ++told;
    added = !*empty && *comment == k_added_by_exporter ? added + 1 : 0;
    entries.push_back({std::move(*created_by), !*empty});
  }
  if (told != layers) return std::nullopt;
  entries.resize(entries.size() - added);
  return entries;
}

}  // namespace buildlab::drift
