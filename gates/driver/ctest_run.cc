#include "gates/driver/ctest_run.h"

#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <charconv>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/verdict/verdict.h"

namespace buildlab::gates {
namespace fs = std::filesystem;
namespace {

// One JSON object a line, so that scenarios that run at the same time add theirs without a lock.
fs::path file_of(const fs::path& store, pid_t ctest_pid) {
  return store / "ctest" / fmt::format("{}.jsonl", ctest_pid);
}

bool is_alive(pid_t pid) {
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

Status remove_file(const fs::path& path) {
  std::error_code code;
  fs::remove(path, code);
  if (code)
    return fail(ErrorKind::infrastructure, fmt::format("removing {}: {}", path.string(), code.message()));
  return {};
}

ErrorKind kind_of_exit_code(int code) {
  for (const ErrorKind kind : {ErrorKind::usage, ErrorKind::build_failed, ErrorKind::not_evaluable,
                               ErrorKind::infrastructure, ErrorKind::interrupted}) {
    if (verdict::exit_code(verdict::outcome_of(kind)) == code) return kind;
  }
  return ErrorKind::infrastructure;
}

}  // namespace

Status begin_ctest_run(const fs::path& store, pid_t ctest_pid) {
  BUILDLAB_TRY(make_directories(store / "ctest"));
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(store / "ctest", code)) {
    const std::string stem = entry.path().stem().string();
    pid_t pid = 0;
    const auto parsed = std::from_chars(stem.data(), stem.data() + stem.size(), pid);
    if (parsed.ec == std::errc() && pid > 0 && !is_alive(pid)) BUILDLAB_TRY(remove_file(entry.path()));
  }
  return write_file_atomic(file_of(store, ctest_pid), "");
}

Status add_run(const fs::path& store, pid_t ctest_pid, const std::string& run_id) {
  return append_to_file(file_of(store, ctest_pid), to_line(Json{{"run_id", run_id}}) + "\n");
}

Status add_setup_error(const fs::path& store, pid_t ctest_pid, const Error& error) {
  const Json line = {{"setup_error",
                      {{"exit_code", verdict::exit_code(verdict::outcome_of(error.kind))},
                       {"message", error.message},
                       {"details", error.details}}}};
  return append_to_file(file_of(store, ctest_pid), to_line(line) + "\n");
}

Result<std::optional<CtestRun>> read_ctest_run(const fs::path& store, pid_t ctest_pid) {
  const fs::path path = file_of(store, ctest_pid);
  std::error_code code;
  if (!fs::exists(path, code)) return std::nullopt;
  BUILDLAB_ASSIGN(const std::string text, read_file(path));
  CtestRun run;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    BUILDLAB_ASSIGN(const Json value, parse_json(line, path.string()));
    if (value.contains("run_id") && value["run_id"].is_string()) run.run_ids.push_back(value["run_id"]);
    if (const auto found = value.find("setup_error"); found != value.end() && found->is_object()) {
      run.setup_error = Error{kind_of_exit_code(found->value("exit_code", 99)), found->value("message", ""),
                              found->value("details", std::vector<std::string>{})};
    }
  }
  return run;
}

Status end_ctest_run(const fs::path& store, pid_t ctest_pid) {
  return remove_file(file_of(store, ctest_pid));
}

}  // namespace buildlab::gates
