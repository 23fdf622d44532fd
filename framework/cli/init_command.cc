#include <fmt/format.h>
#include <fmt/ranges.h>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/scenario/parse.h"
#include "framework/scenario/starter.h"

namespace buildlab::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_file_name = "buildlab.json";

// A folder, or the Dockerfile itself.
Result<fs::path> find_dockerfile(const fs::path& given) {
  std::error_code code;
  if (fs::is_regular_file(given, code)) return given;
  for (const char* name : {"Dockerfile", "dockerfile", "docker/Dockerfile"}) {
    if (fs::is_regular_file(given / name, code)) return given / name;
  }
  return fail(ErrorKind::usage, fmt::format("no Dockerfile in {}", given.string()),
              {"name the folder that holds it: build-lab init DIR"});
}

}  // namespace

Result<verdict::Outcome> make_starter(const Init& options) {
  std::error_code code;
  const fs::path given = fs::absolute(options.folder, code).lexically_normal();
  BUILDLAB_ASSIGN(const fs::path dockerfile, find_dockerfile(given));
  const fs::path folder = fs::is_directory(given, code) ? given : dockerfile.parent_path();
  const fs::path target = folder / k_file_name;
  if (fs::exists(target, code) && !options.force) {
    return fail(ErrorKind::usage, fmt::format("{} is there already", target.string()),
                {"--force replaces it"});
  }
  BUILDLAB_ASSIGN(const std::string text, read_file(dockerfile));
  BUILDLAB_ASSIGN(const scenario::Starter starter,
                  scenario::make_starter({folder, dockerfile.lexically_relative(folder), text, folder}));
  const std::string json = to_pretty_text(starter.file);
  // What is written must be valid, whatever the Dockerfile holds.
  BUILDLAB_ASSIGN(const scenario::ScenarioFile file, scenario::parse_scenario_file(json, target));
  BUILDLAB_TRY(scenario::check_files(file));
  BUILDLAB_TRY(write_file_atomic(target, json));

  if (options.common.json) {
    Json result;
    result["schema_version"] = 1;
    result["file"] = target.string();
    result["targets"] = starter.targets;
    result["cmake"] = starter.cmake;
    result["notes"] = starter.notes;
    BUILDLAB_TRY(write_stdout(to_pretty_text(result)));
    return verdict::Outcome::passed;
  }
  std::string words = fmt::format("wrote {}\n", target.string());
  if (!starter.targets.empty()) words += fmt::format("targets: {}\n", fmt::join(starter.targets, ", "));
  for (const std::string& note : starter.notes) words += fmt::format("note: {}\n", note);
  words += "next: build-lab run --all\nor with CMake:\n\n";
  write_stderr(words);
  BUILDLAB_TRY(
      write_stdout(starter.cmake + (starter.cmake.empty() || starter.cmake.back() == '\n' ? "" : "\n")));
  return verdict::Outcome::passed;
}

}  // namespace buildlab::cli
