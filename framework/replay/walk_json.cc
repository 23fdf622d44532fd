#include "framework/replay/walk_json.h"

#include <fmt/format.h>
#include <utility>

namespace buildlab::replay {

Json to_json(const Walk& walk) {
  Json rows = Json::array();
  for (const Row& row : walk.rows) rows.push_back(to_json(row));
  return {{"subject", walk.subject},
          {"dockerfile", walk.dockerfile},
          {"range", walk.range},
          {"planned", walk.planned},
          {"buildkit_version", walk.buildkit_version},
          {"tool_version", walk.tool_version},
          {"cores", walk.cores},
          {"commits", std::move(rows)},
          {"notes", walk.notes}};
}

Result<Walk> walk_from_json(const Json& json) {
  try {
    Walk walk;
    walk.subject = json.at("subject").get<std::string>();
    walk.dockerfile = json.at("dockerfile").get<std::string>();
    walk.range = json.at("range").get<std::string>();
    walk.planned = json.at("planned").get<std::size_t>();
    walk.buildkit_version = json.at("buildkit_version").get<std::string>();
    walk.tool_version = json.at("tool_version").get<std::string>();
    walk.cores = json.at("cores").get<int>();
    for (const Json& row : json.at("commits")) {
      BUILDLAB_ASSIGN(Row one, row_from_json(row));
      walk.rows.push_back(std::move(one));
    }
    walk.notes = json.at("notes").get<std::vector<std::string>>();
    return walk;
  } catch (const Json::exception& error) {
    return fail(ErrorKind::infrastructure, fmt::format("no replay: {}", error.what()));
  }
}

}  // namespace buildlab::replay
