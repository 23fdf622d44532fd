// A first scenario file for a Dockerfile: valid, and running as it is. Reads the context's folder, writes
// nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"

namespace buildlab::scenario {

struct StarterRequest {
  std::filesystem::path context;     // absolute
  std::filesystem::path dockerfile;  // relative to the context
  std::string_view dockerfile_text;
  std::filesystem::path folder;            // absolute; where the scenario file will lie
  std::optional<std::string> target = {};  // the last stage when absent
};

struct Starter {
  Json file;                         // the scenario file's content
  std::string cmake;                 // the same in CMake's words
  std::vector<std::string> targets;  // named stages, in order
  std::vector<std::string> notes;    // what could not be found, one sentence each
};

// The edit is of the largest source file that the target copies. Errors are those of the Dockerfile.
Result<Starter> make_starter(const StarterRequest& request);

}  // namespace buildlab::scenario
