#include "framework/context/outside_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/context/edit_file.h"
#include "framework/context/restore.h"
#include "framework/process/command.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes k_timeout{10};
constexpr std::size_t k_lines_told = 10;

std::vector<std::string> last_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(trim(text), '\n')) lines.push_back(one_line(line, 300));
  if (lines.size() > k_lines_told) lines.erase(lines.begin(), lines.end() - k_lines_told);
  return lines;
}

Status run_to_success(const process::Command& command, std::string_view what) {
  const auto finished = process::run(command);
  if (!finished) return fail_in(what, finished.error());
  if (std::holds_alternative<process::Interrupted>(finished->termination))
    return fail(ErrorKind::interrupted, "interrupted");
  if (process::succeeded(finished->termination)) return {};
  return fail(ErrorKind::usage, fmt::format("{} failed: {}", what, process::to_string(finished->termination)),
              last_lines(finished->standard_output + finished->standard_error));
}

// The names behind "--- a/" and "+++ b/" of a unified diff.
std::vector<std::string> paths_named(std::string_view patch) {
  std::vector<std::string> paths;
  for (std::string_view line : split(patch, '\n')) {
    if (!line.starts_with("--- ") && !line.starts_with("+++ ")) continue;
    line =
        trim(line.substr(4, line.find('\t') == std::string_view::npos ? line.size() : line.find('\t') - 4));
    const auto slash = line.find('/');
    if (line == "/dev/null" || slash == std::string_view::npos) continue;
    std::string path(line.substr(slash + 1));
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace

std::string with_token(std::string text, std::string_view token) {
  constexpr std::string_view k_place = "{token}";
  for (auto at = text.find(k_place); at != std::string::npos; at = text.find(k_place, at + token.size()))
    text.replace(at, k_place.size(), token);
  return text;
}

Result<std::vector<std::string>> apply_patch(const fs::path& patch, const fs::path& copy,
                                             std::string_view token) {
  auto text = read_file(patch, Bytes{64U << 20U});
  if (!text) return fail(ErrorKind::usage, text.error().message);
  *text = with_token(std::move(*text), token);
  const std::vector<std::string> paths = paths_named(*text);
  for (const std::string& path : paths)
    BUILDLAB_TRY(inside(copy, path, LastLink::followed).map([](const fs::path&) {}));
  process::Command command;
  if (process::find_program("patch")) {
    command.argv = {"patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", "--reject-file=-"};
  } else if (process::find_program("git")) {
    command.argv = {"git", "apply", "-p1", "-"};
    // A repository around the copy is none of its business.
    command.environment = {{"GIT_CEILING_DIRECTORIES", fs::absolute(copy).parent_path().string()}};
  } else {
    return fail(ErrorKind::infrastructure,
                fmt::format("applying {} needs the program patch or git", patch.string()),
                {"apt-get install patch"});
  }
  command.directory = copy;
  command.input = std::move(*text);
  command.timeout = k_timeout;
  BUILDLAB_TRY(run_to_success(command, fmt::format("applying {}", patch.string())));
  for (const std::string& path : paths) {
    std::error_code code;
    if (fs::is_regular_file(copy / path, code)) BUILDLAB_TRY(renew_time(copy / path));
  }
  return paths;
}

Status run_command(const std::vector<std::string>& argv, const fs::path& copy, std::string_view token) {
  process::Command command;
  for (const std::string& argument : argv) command.argv.push_back(with_token(argument, token));
  command.environment = {{"BUILDLAB_TOKEN", std::string(token)}};
  command.directory = copy;
  command.timeout = k_timeout;
  return run_to_success(
      command, fmt::format("the command \"{}\"", one_line(fmt::format("{}", fmt::join(argv, " ")), 100)));
}

}  // namespace buildlab::context
