#include "framework/run/no_cache.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"

namespace buildlab::run {

Status require_stages(const scenario::Scenario& scenario, const dockerfile::Dockerfile& file) {
  for (const std::string& wanted : scenario.no_cache) {
    if (wanted == scenario::k_all_stages) continue;
    const auto has_name = [&wanted](const dockerfile::Stage& stage) {
      return stage.name == to_lower(wanted);
    };
    if (std::any_of(file.stages.begin(), file.stages.end(), has_name)) continue;
    std::string names;
    for (const dockerfile::Stage& stage : file.stages) {
      if (stage.name) names += (names.empty() ? "" : ", ") + *stage.name;
    }
    return fail(
        ErrorKind::usage,
        fmt::format("scenario \"{}\": \"no_cache\" names the stage \"{}\", which the Dockerfile does not "
                    "have",
                    scenario.name, wanted),
        {names.empty() ? "no stage of it has a name (FROM … AS name); [\"*\"] means all steps"
                       : "its stages: " + names});
  }
  return {};
}

void use_no_cache(const scenario::Scenario& scenario, engine::BuildRequest& request) {
  for (const std::string& stage : scenario.no_cache) {
    if (stage == scenario::k_all_stages) {
      request.no_cache = true;
    } else {
      request.no_cache_filter.push_back(to_lower(stage));
    }
  }
}

}  // namespace buildlab::run
