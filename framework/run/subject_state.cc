#include "framework/run/subject_state.h"

#include <fmt/format.h>
#include <charconv>

#include "framework/base/file.h"
#include "framework/base/redact.h"
#include "framework/base/text.h"
#include "framework/process/command.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

bool lies_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

std::optional<fs::path> work_tree_of(const fs::path& path) {
  std::error_code code;
  for (fs::path folder = path; !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", code)) return folder;
    if (folder == folder.root_path()) return std::nullopt;
  }
  return std::nullopt;
}

// The time of the last commit that touched the context; 0 outside git, and for a context that was never
// committed. Another owner's work tree (a container's mount) is read too; nothing of its settings is run.
std::int64_t epoch_from_git(const fs::path& context, std::vector<std::string>& notes) {
  const std::optional<fs::path> tree = work_tree_of(context);
  if (!tree) return 0;
  std::error_code code;
  if (fs::exists(*tree / ".git" / "shallow", code)) {
    notes.emplace_back(
        "the git clone is shallow, so SOURCE_DATE_EPOCH may differ from that of another clone: fetch the "
        "whole "
        "history, or set \"source_date_epoch\"");
  }
  process::Command command;
  command.argv = {"git",
                  "-c",
                  "safe.directory=*",
                  "-c",
                  "core.fsmonitor=false",
                  "-C",
                  context.string(),
                  "log",
                  "-1",
                  "--format=%ct",
                  "--",
                  "."};
  command.environment = {{"GIT_OPTIONAL_LOCKS", "0"}};
  command.timeout = std::chrono::seconds(20);
  const auto finished = process::run(command);
  if (!finished || !process::succeeded(finished->termination)) {
    const std::string cause = !finished                          ? finished.error().message
                              : finished->standard_error.empty() ? process::to_string(finished->termination)
                                                                 : one_line(finished->standard_error, 200);
    notes.push_back(
        fmt::format("SOURCE_DATE_EPOCH is 0, because git could not tell the last commit's time: {}", cause));
    return 0;
  }
  const std::string_view text = trim(finished->standard_output);
  std::int64_t epoch = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), epoch);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? epoch : 0;
}

}  // namespace

std::string display_path(const fs::path& path, const fs::path& folder) {
  const fs::path normal = path.lexically_normal();
  if (const auto tree = work_tree_of(normal.parent_path())) return normal.lexically_relative(*tree).string();
  if (lies_below(normal, folder)) return normal.lexically_relative(folder).string();
  return normal.string();
}

record::SubjectKey subject_key(const scenario::Subject& subject, const fs::path& scenario_file) {
  const fs::path folder = scenario_file.parent_path();
  std::map<std::string, std::string> shown;
  for (const auto& [name, value] : subject.build_args) shown[name] = redact_url_credentials(value);
  const bool inside = subject.context == folder || lies_below(subject.context, folder);
  return {subject.name,
          inside ? subject.context.lexically_relative(folder).string() : subject.context.string(),
          subject.dockerfile.string(),
          subject.target.value_or(""),
          std::move(shown),
          subject.platform};
}

Result<SubjectState> read_subject(const scenario::Subject& subject, const fs::path& scenario_file) {
  const fs::path path = subject.context / subject.dockerfile;
  const fs::path folder = scenario_file.parent_path();
  auto text = read_file(path, Bytes{16U << 20U});
  if (!text) {
    return fail(ErrorKind::usage, fmt::format("subject \"{}\": {}", subject.name, text.error().message),
                {"name the Dockerfile with \"dockerfile\" (relative to the context)"});
  }
  const std::string name = display_path(path, folder);
  BUILDLAB_ASSIGN(dockerfile::Dockerfile parsed, dockerfile::parse_dockerfile(*text, name));
  BUILDLAB_ASSIGN(std::vector<std::string> images,
                  dockerfile::external_images(parsed, subject.target, subject.build_args, subject.platform));
  std::optional<std::int64_t> epoch;
  std::vector<std::string> notes;
  if (subject.set_source_date_epoch) {
    epoch = subject.source_date_epoch ? *subject.source_date_epoch : epoch_from_git(subject.context, notes);
  }
  Digest digest = sha256(*text);
  return SubjectState{&subject,
                      std::move(*text),
                      std::move(digest),
                      std::move(parsed),
                      std::move(images),
                      epoch,
                      std::move(notes),
                      subject_key(subject, scenario_file),
                      name};
}

}  // namespace buildlab::run
