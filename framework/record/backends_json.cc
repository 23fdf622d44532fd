#include "framework/record/backends_json.h"

namespace buildlab::record {
namespace {

std::map<std::string, std::string> read_attributes(const Fields& fields) {
  return read_texts_by_name(fields, "cache_attributes");  // absent in records of before caches had some
}

}  // namespace

std::map<std::string, std::string> read_texts_by_name(const Fields& fields, std::string_view key) {
  std::map<std::string, std::string> texts;
  const Json* json = fields.raw(key);
  if (json == nullptr) return texts;
  if (!json->is_object()) {
    fields.wrong(key, "is not an object");
    return texts;
  }
  for (const auto& [name, value] : json->items()) {
    if (value.is_string()) {
      texts[name] = value.get<std::string>();
    } else {
      fields.wrong(fmt::format("{}.{}", key, name), "is not a string");
    }
  }
  return texts;
}

Json attributes_to_json(const std::map<std::string, std::string>& attributes) {
  Json json = Json::object();
  for (const auto& [name, value] : attributes) json[name] = value;
  return json;
}

Json backends_to_json(const ScenarioRecord& record) {
  Json rows = Json::array();
  for (const BackendRow& row : record.backends) {
    rows.push_back(
        {{"name", row.name},
         {"cache_mode", row.cache_mode},
         {"kept", row.kept},
         {"cache_export_mode", row.cache_export_mode.empty() ? Json() : Json(row.cache_export_mode)},
         {"cache_attributes", attributes_to_json(row.cache_attributes)},
         {"faults", row.faults}});
  }
  return rows;
}

void read_backends(const Fields& fields, ScenarioRecord& record) {
  record.cache_attributes = read_attributes(fields);
  if (fields.raw("backends") == nullptr) return;
  record.backends = fields.objects("backends", [](const Fields& row) {
    BackendRow read;
    read.name = row.text("name");
    read.cache_mode = row.text("cache_mode");
    read.kept = row.boolean("kept");
    read.cache_export_mode = row.text_or_empty("cache_export_mode");
    read.cache_attributes = read_attributes(row);
    read.faults = row.texts("faults");
    return read;
  });
}

}  // namespace buildlab::record
