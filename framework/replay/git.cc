#include "framework/replay/git.h"

#include <fmt/format.h>
#include <unistd.h>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/process/command.h"

namespace buildlab::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes k_patience{10};

// Every GIT_* of the caller (a hook has GIT_DIR and GIT_INDEX_FILE) would lead us elsewhere.
std::vector<std::string> inherited_git_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.starts_with("GIT_")) names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

// An object that is not there is not fetched: that would run what the repository's configuration names, write
// into it, and use the network.
std::map<std::string, std::string> careful_environment() {
  return {{"GIT_OPTIONAL_LOCKS", "0"},  {"GIT_NO_LAZY_FETCH", "1"},      {"GIT_ALLOW_PROTOCOL", "none"},
          {"GIT_TERMINAL_PROMPT", "0"}, {"GIT_NO_REPLACE_OBJECTS", "1"}, {"LC_ALL", "C"}};
}

Result<std::string> run_git(process::Command command, ErrorKind kind) {
  command.timeout = k_patience;
  for (std::string& name : inherited_git_variables()) {
    if (!command.environment.contains(name)) command.unset.push_back(std::move(name));
  }
  auto finished = process::run(command);
  if (!finished) return fail_in("git", finished.error());
  if (std::holds_alternative<process::Interrupted>(finished->termination))
    return fail(ErrorKind::interrupted, "interrupted");
  if (process::succeeded(finished->termination)) return std::move(finished->standard_output);
  std::string said = one_line(trim(finished->standard_error), 400);
  if (said.starts_with("fatal: ")) said.erase(0, 7);
  return fail(kind, fmt::format("git: {}", said.empty() ? process::to_string(finished->termination) : said));
}

}  // namespace

Result<std::string> ask_repository(const fs::path& folder, const GitCall& call) {
  process::Command command;
  // Another owner's work tree (a container's mount) is read too: nothing of its settings is run by rev-parse.
  command.argv = {"git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", folder.string()};
  command.argv.insert(command.argv.end(), call.arguments.begin(), call.arguments.end());
  command.environment = careful_environment();
  command.input = call.input;
  return run_git(std::move(command), call.kind);
}

Result<std::string> PrivateGit::ask(const GitCall& call) const {
  process::Command command;
  command.argv = {"git", "--git-dir", folder.string()};
  command.argv.insert(command.argv.end(), call.arguments.begin(), call.arguments.end());
  command.environment = careful_environment();
  command.environment["GIT_CONFIG_NOSYSTEM"] = "1";
  command.environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
  command.environment["GIT_ATTR_NOSYSTEM"] = "1";
  command.environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = quoted_for_alternates(objects.string());
  command.directory = folder;
  command.input = call.input;
  return run_git(std::move(command), call.kind);
}

Result<PrivateGit> make_private_git(const fs::path& folder, const fs::path& common, const fs::path& objects,
                                    std::string_view object_format) {
  BUILDLAB_TRY(remove_tree(folder).map([](bool) {}));
  BUILDLAB_TRY(make_directories(folder / "objects"));
  BUILDLAB_TRY(make_directories(folder / "refs"));
  BUILDLAB_TRY(write_file_atomic(folder / "HEAD", "ref: refs/heads/none\n"));
  std::string config = "[core]\n\tbare = true\n";
  config +=
      object_format == "sha1"
          ? "\trepositoryformatversion = 0\n"
          : fmt::format("\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = {}\n", object_format);
  BUILDLAB_TRY(write_file_atomic(folder / "config", config));
  std::error_code code;
  if (fs::exists(common / "shallow", code)) {
    BUILDLAB_ASSIGN(const std::string shallow, read_file(common / "shallow"));
    BUILDLAB_TRY(write_file_atomic(folder / "shallow", shallow));
  }
  return PrivateGit{folder, objects};
}

std::string quoted_for_alternates(const std::string& path) {
  std::string quoted = "\"";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\{:03o}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace buildlab::replay
