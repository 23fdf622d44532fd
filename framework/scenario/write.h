// Values -> scenario file JSON. What equals its default is left out, so that the text is what a person would
// write.
#pragma once

#include <filesystem>

#include "framework/base/json.h"
#include "framework/scenario/scenario.h"

namespace buildlab::scenario {

// `folder` is the scenario file's: paths below or beside it are written relative to it.
Json to_json(const Subject& subject, const std::filesystem::path& folder);
Json to_json(const Mutation& mutation);
Json to_json(const fault::Fault& fault);
Json to_json(const Backend& backend);
Json cache_attributes_json(CacheMode mode, const std::map<std::string, std::string>& attributes);
Json to_json(const Scenario& scenario);
Json to_json(const ScenarioFile& file);

}  // namespace buildlab::scenario
