// What a runtime shim is told by the builder that it serves: a file that the daemon's environment names.
#pragma once

#include <filesystem>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "framework/variation/variation.h"

namespace buildlab::shim {

// The daemon's (and so the shim's) variable with the path of the settings.
inline constexpr const char* k_settings_variable = "BUILDLAB_RUNTIME_SETTINGS";

struct Settings {
  std::filesystem::path runtime;   // the real runc
  std::filesystem::path report;    // one line a container is appended here
  std::filesystem::path faketime;  // libfaketime of the host; empty when there is none
  std::vector<variation::Variation> variations;
  bool cpu_sets = false;  // control groups can bind containers to processors
  bool proxied =
      false;  // containers have BuildKit's proxy network: its authority is made known (authorities.h)

  friend bool operator==(const Settings&, const Settings&) = default;
};

Json to_json(const Settings& settings);
Result<Settings> settings_from_json(const Json& json, std::string_view name);

}  // namespace buildlab::shim
