#include <fmt/format.h>
#include <algorithm>
#include <map>

#include "framework/base/json.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/project.h"

namespace buildlab::cli {
namespace {

Json to_json(const Project& project, const std::map<std::string, record::Entry>& newest) {
  Json scenarios = Json::array();
  for (const scenario::Scenario& scenario : project.file.scenarios) {
    Json row;
    row["name"] = scenario.name;
    row["subject"] = scenario.subject;
    row["kind"] = scenario::to_string(scenario.kind);
    row["cache_mode"] = scenario::to_string(scenario.cache_mode);
    row["input_mutation"] =
        scenario.input_mutation.empty() ? Json() : Json(scenario::to_string(scenario.input_mutation));
    row["runs"] = scenario.runs;
    const auto found = newest.find(scenario.name);
    row["last_run"] = found == newest.end() ? Json() : Json(found->second.run_id);
    row["last_outcome"] = found == newest.end() ? Json() : Json(found->second.outcome);
    scenarios.push_back(std::move(row));
  }
  Json json;
  json["schema_version"] = 1;
  json["file"] = project.file.path.string();
  json["store"] = project.store.folder().string();
  json["scenarios"] = std::move(scenarios);
  return json;
}

}  // namespace

Result<verdict::Outcome> list_scenarios(const List& options) {
  BUILDLAB_ASSIGN(const Project project, open_project(options.common, FileCheck::none));
  BUILDLAB_ASSIGN(const std::vector<record::Entry> entries, project.store.list());
  std::map<std::string, record::Entry> newest;
  for (const record::Entry& entry : entries) newest[entry.scenario] = entry;
  if (options.common.json) {
    BUILDLAB_TRY(write_stdout(to_pretty_text(to_json(project, newest))));
    return verdict::Outcome::passed;
  }
  std::size_t width = 8;
  for (const scenario::Scenario& scenario : project.file.scenarios)
    width = std::max(width, scenario.name.size());
  std::string text;
  for (const scenario::Scenario& scenario : project.file.scenarios) {
    const auto found = newest.find(scenario.name);
    const std::string last = found == newest.end()
                                 ? "never run"
                                 : fmt::format("{} ({})", found->second.outcome, found->second.run_id);
    text += fmt::format("{:<{}}  {:<15}  {:<8}  {}\n", scenario.name, width,
                        scenario::to_string(scenario.kind), scenario::to_string(scenario.cache_mode), last);
  }
  BUILDLAB_TRY(write_stdout(text));
  return verdict::Outcome::passed;
}

}  // namespace buildlab::cli
