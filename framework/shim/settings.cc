#include "framework/shim/settings.h"

#include <fmt/format.h>

namespace buildlab::shim {

Json to_json(const Settings& settings) {
  Json variations = Json::array();
  for (const variation::Variation& variation : settings.variations)
    variations.push_back(to_string(variation));
  return {{"runtime", settings.runtime.string()},
          {"report", settings.report.string()},
          {"faketime", settings.faketime.string()},
          {"cpu_sets", settings.cpu_sets},
          {"proxied", settings.proxied},
          {"variations", std::move(variations)}};
}

Result<Settings> settings_from_json(const Json& json, std::string_view name) {
  Settings settings;
  settings.runtime = text_member(json, "runtime");
  settings.report = text_member(json, "report");
  settings.faketime = text_member(json, "faketime");
  const auto flag = [&json](const char* key) {
    return json.is_object() && json.contains(key) && json.at(key).is_boolean() && json.at(key).get<bool>();
  };
  settings.cpu_sets = flag("cpu_sets");
  settings.proxied = flag("proxied");
  if (settings.runtime.empty() || settings.report.empty() || !json.contains("variations") ||
      !json.at("variations").is_array()) {
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: runtime, report and variations are needed", name));
  }
  for (const Json& entry : json.at("variations")) {
    if (!entry.is_string())
      return fail(ErrorKind::infrastructure, fmt::format("{}: a variation is no text", name));
    BUILDLAB_ASSIGN(const std::vector<variation::Variation> some,
                    variation::parse_variation(entry.get_ref<const std::string&>()));
    settings.variations.insert(settings.variations.end(), some.begin(), some.end());
  }
  return settings;
}

}  // namespace buildlab::shim
