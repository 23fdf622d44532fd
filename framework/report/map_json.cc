// The map of a context for programs.
#include "framework/base/json.h"
#include "framework/report/map.h"

namespace buildlab::report {
namespace {

constexpr int k_map_schema_version = 1;

Json map_steps_json(const invalidation::Map& map) {
  Json steps = Json::array();
  for (const invalidation::StepNode& node : map.steps) {
    steps.push_back({{"stage", node.stage},
                     {"line", node.line},
                     {"text", node.text},
                     {"seconds", or_null(node.seconds)},
                     {"stands_on", node.parents},
                     {"copies_from", node.content_parents}});
  }
  return steps;
}

Json probe_json(const std::optional<invalidation::Probe>& probe) {
  if (!probe) return nullptr;
  return {{"path", probe->path},
          {"ran", probe->ran},
          {"unknown", probe->unknown},
          {"own_sec", probe->own_sec},
          {"critical_path_sec", probe->critical_path_sec},
          {"duration_sec", probe->duration_sec},
          {"as_derived", probe->as_derived}};
}

Json map_row_json(const invalidation::ClassRow& row) {
  Json affected = Json::array();
  for (const invalidation::Affected& each : row.affected) {
    affected.push_back(
        {{"step", each.step}, {"reach", each.reach == invalidation::Reach::at_most ? "at_most" : "certain"}});
  }
  Json json;
  json["name"] = row.name;
  json["files"] = row.files;
  json["size_bytes"] = row.size_bytes;
  json["example"] = row.example;
  json["readers"] = row.readers;
  json["re_runs"] = std::move(affected);
  json["derived"] = {{"own_sec", or_null(row.own_sec)}, {"critical_path_sec", or_null(row.chain_sec)}};
  json["measured"] = probe_json(row.probe);
  json["not_measured_because"] = row.unprobed ? Json(*row.unprobed) : Json(nullptr);
  return json;
}

}  // namespace

std::string to_json(const invalidation::Map& map) {
  Json rows = Json::array();
  for (const invalidation::ClassRow& row : map.rows) rows.push_back(map_row_json(row));
  Json json;
  json["schema_version"] = k_map_schema_version;
  json["subject"] = map.subject;
  json["dockerfile"] = map.dockerfile;
  json["seconds_from"] = map.seconds_from ? Json(*map.seconds_from) : Json(nullptr);
  json["steps"] = map_steps_json(map);
  json["classes"] = std::move(rows);
  json["notes"] = map.notes;
  return to_pretty_text(json);
}

}  // namespace buildlab::report
