// Scenario file -> values, every problem told at once with file and line; and choosing scenarios by name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/scenario/scenario.h"

namespace buildlab::scenario {

// `path` is used for messages and to make relative paths absolute. Problems are one usage Error: message
// "N problems in FILE, nothing was run", details one "FILE:LINE: …" each, with a suggestion where there is
// one. Only the text is looked at; what needs the disk (context, Dockerfile, mutated files) is check_files.
Result<ScenarioFile> parse_scenario_file(std::string_view text, const std::filesystem::path& path);

// What needs the disk: contexts, Dockerfiles, targets, mutated paths, step selectors that match nothing.
Status check_files(const ScenarioFile& file);

// Reads and parses; a file that cannot be read, or is larger than 16 MiB, is a usage Error.
Result<ScenarioFile> read_scenario_file(const std::filesystem::path& path);

// Reads, parses and checks: the problems of the text and of the disk are told together.
Result<ScenarioFile> load_scenario_file(const std::filesystem::path& path);

// buildlab.json in `start` or the nearest folder above it.
Result<std::filesystem::path> find_scenario_file(const std::filesystem::path& start);

// Each pattern matches the full name, else the kind, else the part after the last dot, else as a glob. The
// result keeps the file's order. A pattern that matches none is a usage error with the known names.
Result<std::vector<const Scenario*>> select_scenarios(const ScenarioFile& file,
                                                      const std::vector<std::string>& patterns);

}  // namespace buildlab::scenario
