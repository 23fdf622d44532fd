// The driver's command line, as BuildLab.cmake writes it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/scenario/scenario.h"

namespace buildlab::gates {

enum class Mode {
  scenario,  // builds and judges one scenario
  setup,     // the fixture's begin: engine, leftovers, a new run
  finish,    // the fixture's end: leftovers, summary, merged JUnit
  help,
  version
};

struct DriverOptions {
  Mode mode = Mode::scenario;
  std::filesystem::path file;  // the scenario file
  std::string name;            // the scenario's
  std::filesystem::path store;
  std::filesystem::path build_dir;  // of CMake; left out of contexts. Empty: none
  std::filesystem::path installer;  // cmake/engine/install.sh. Empty: nothing is installed
  std::optional<scenario::SourceLine>
      declared_at;                     // the CMake call, for failures; else the scenario file's line
  std::optional<double> deadline_sec;  // after which builds are stopped and what there is is reported
  std::optional<std::string> run_id;   // else that of the ctest run, else a new one
  std::vector<std::string> googletest_arguments;  // --gtest_…
};

// A usage error names the argument.
Result<DriverOptions> parse_options(const std::vector<std::string>& arguments);

// "CMakeLists.txt:12" or a path alone (line 0).
scenario::SourceLine parse_source_line(const std::string& text);

std::string usage_text();

}  // namespace buildlab::gates
