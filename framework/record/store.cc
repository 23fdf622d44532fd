#include "framework/record/store.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <thread>

#include "framework/base/digest.h"
#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/record/index.h"
#include "framework/record/layout.h"
#include "framework/record/record_json.h"

namespace buildlab::record {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> os_error(std::string_view call, const fs::path& path, int code) {
  return fail(ErrorKind::infrastructure, fmt::format("{} {}: {}", call, path.string(), std::strerror(code)));
}

// Points the link at `target` in one step; the caller holds the index's lock.
Status replace_link(const fs::path& link, const fs::path& target) {
  const fs::path temporary = fmt::format("{}.{}", link.string(), ::getpid());
  ::unlink(temporary.c_str());
  if (::symlink(target.c_str(), temporary.c_str()) != 0) return os_error("linking", temporary, errno);
  if (::rename(temporary.c_str(), link.c_str()) != 0) return os_error("linking", link, errno);
  return {};
}

// Makes `latest` name the newest finished run, or nothing.
Status point_latest(const fs::path& store, const std::vector<std::string>& finished) {
  if (!finished.empty()) return replace_link(latest_link(store), fs::path("runs") / finished.back());
  std::error_code code;
  fs::remove(latest_link(store), code);
  return {};
}

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code code;
  for (fs::recursive_directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && !it->is_symlink(ignored)) sum += it->file_size(ignored);
  }
  return sum;
}

// Moves builds/BUILD/provenance.json to provenance/BUILD.json and removes the rest. Moved first: a crash
// between the two leaves nothing that the next call does not finish.
Result<std::uint64_t> prune_scenario(const fs::path& folder) {
  constexpr const char* k_provenance = "provenance.json";
  const fs::path builds = folder / "builds";
  std::error_code code;
  if (!fs::is_directory(builds, code)) return 0;
  for (fs::directory_iterator it(builds, code), end; !code && it != end; it.increment(code)) {
    const fs::path kept = it->path() / k_provenance;
    if (!fs::is_regular_file(fs::symlink_status(kept))) continue;
    BUILDLAB_TRY(make_directories(folder / "provenance"));
    const fs::path target = folder / "provenance" / fmt::format("{}.json", it->path().filename().string());
    if (::rename(kept.c_str(), target.c_str()) != 0) return os_error("moving", kept, errno);
  }
  const std::uint64_t bytes = bytes_below(builds);
  BUILDLAB_TRY(remove_tree(builds));
  return bytes;
}

template <typename AnyBuild>
void forget_removed_artifacts(std::vector<AnyBuild>& builds, const fs::path& run_folder) {
  for (AnyBuild& build : builds) {
    std::error_code code;
    if (!build.artifacts.empty() && !fs::exists(run_folder / build.artifacts, code)) build.artifacts.clear();
  }
}

WallTime begin_of(const fs::path& run_folder) {
  if (const auto time = time_of_run_id(run_folder.filename().string())) return *time;
  struct stat info {};
  if (::stat(run_folder.c_str(), &info) != 0) return wall_now();
  return WallTime(std::chrono::seconds(info.st_mtim.tv_sec));
}

}  // namespace

Result<Store> Store::open(const fs::path& folder) {
  std::error_code code;
  fs::path absolute = fs::absolute(folder, code).lexically_normal();
  if (code) return os_error("opening store", folder, code.value());
  for (const fs::path& needed : {record::runs_folder(absolute), index_file(absolute).parent_path()}) {
    if (Status made = make_directories(needed); !made) {
      made.error().details.emplace_back("name another place for records with --store or BUILDLAB_HOME");
      return fail_in(fmt::format("opening store {}", absolute.string()), std::move(made).error());
    }
  }
  return Store(std::move(absolute));
}

Result<std::string> Store::open_run() {
  while (true) {
    std::string id = make_run_id(wall_now());
    if (::mkdir(run_folder(id).c_str(), 0755) == 0) return id;
    if (errno != EEXIST) return os_error("making the run's folder", run_folder(id), errno);
    // Another run began within the same 65,536th of a second.
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

Status Store::join_run(const std::string& run_id) {
  BUILDLAB_TRY(check_run_id(run_id));
  const fs::path folder = run_folder(run_id);
  BUILDLAB_TRY(make_directories(folder));
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return os_error("writing to the run's folder", folder, errno);
  return {};
}

fs::path Store::runs_folder() const {
  return record::runs_folder(m_folder);
}

fs::path Store::run_folder(const std::string& run_id) const {
  return runs_folder() / run_id;
}

fs::path Store::scenario_folder(const std::string& run_id, const std::string& scenario) const {
  return run_folder(run_id) / folder_name(scenario);
}

fs::path Store::bases_file(const std::string& run_id) const {
  return run_folder(run_id) / k_bases_name;
}

fs::path Store::bases_lock(const std::string& run_id) const {
  return run_folder(run_id) / k_bases_lock_name;
}

Status Store::append_event(const std::string& run_id, const Json& event) {
  BUILDLAB_TRY(check_run_id(run_id));
  return append_to_file(run_folder(run_id) / k_events_name, to_line(event) + "\n");
}

Status Store::save(const ScenarioRecord& record) {
  BUILDLAB_TRY(check_run_id(record.run_id));
  ScenarioRecord saved = record;
  for (const std::string& law : broken_laws(record)) {
    saved.notes.push_back(fmt::format("a law of records is broken, which is a defect of Build Lab: {}", law));
    saved.outcome = verdict::worst(saved.outcome, verdict::Outcome::infrastructure);
  }
  const std::string text = to_pretty_text(to_json(saved));
  // What would not be read back is not written.
  BUILDLAB_ASSIGN(const Json again, parse_json(text, saved.name));
  BUILDLAB_TRY(record_from_json(again, fmt::format("the record of {}", saved.name)));
  return save_listed(m_folder, entry_of(m_folder, saved), text);
}

Status Store::finish_run(const std::string& run_id) {
  BUILDLAB_TRY(check_run_id(run_id));
  const Json content{
      {"schema_version", k_schema_version}, {"run_id", run_id}, {"finished", to_rfc3339(wall_now())}};
  BUILDLAB_TRY(write_file_atomic(run_folder(run_id) / k_run_name, to_pretty_text(content)));
  BUILDLAB_ASSIGN(const FileLock lock, FileLock::lock(index_lock(m_folder)));
  BUILDLAB_ASSIGN(const std::vector<std::string> finished, run_ids());
  return point_latest(m_folder, finished);
}

Result<ScenarioRecord> Store::load(const std::string& run_id, const std::string& scenario) const {
  BUILDLAB_TRY(check_run_id(run_id));
  const fs::path path = scenario_folder(run_id, scenario) / k_record_name;
  std::error_code code;
  if (!fs::exists(path, code)) {
    return fail(ErrorKind::not_evaluable, fmt::format("run {} holds no record of {}", run_id, scenario),
                {fmt::format("looked for {}", path.string())});
  }
  BUILDLAB_ASSIGN(const Json json, load_json(path));
  BUILDLAB_ASSIGN(ScenarioRecord record, record_from_json(json, path.string()));
  forget_removed_artifacts(record.priming, run_folder(run_id));
  forget_removed_artifacts(record.builds, run_folder(run_id));
  forget_removed_artifacts(record.references, run_folder(run_id));
  forget_removed_artifacts(record.varied_builds, run_folder(run_id));
  for (Confirmation& confirmation : record.confirmations)
    forget_removed_artifacts(confirmation.builds, run_folder(run_id));
  return record;
}

Result<ScenarioRecord> Store::load(const Entry& entry) const {
  return load(entry.run_id, entry.scenario);
}

Result<std::vector<Entry>> Store::list() const {
  return read_entries(m_folder);
}

Result<std::vector<std::string>> Store::run_ids() const {
  std::vector<std::string> ids;
  std::error_code code;
  for (fs::directory_iterator it(runs_folder(), code), end; !code && it != end; it.increment(code)) {
    const std::string marker = (it->path() / k_run_name).string();
    if (::access(marker.c_str(), F_OK) == 0) ids.push_back(it->path().filename().string());
  }
  if (code) return os_error("reading", runs_folder(), code.value());
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::optional<ScenarioRecord>> Store::latest(
    const std::string& scenario, const std::function<bool(const ScenarioRecord&)>& accept) const {
  BUILDLAB_ASSIGN(const std::vector<Entry> entries, list());
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->scenario != scenario) continue;
    auto record = load(*entry);
    if (record && (!accept || accept(*record))) return std::optional(std::move(*record));
  }
  return std::nullopt;
}

Result<std::uint64_t> Store::prune_artifacts() {
  BUILDLAB_ASSIGN(const std::vector<Entry> entries, list());
  const std::string failed_gate(verdict::to_string(verdict::Outcome::gate_failed));
  std::set<std::string> seen;
  std::uint64_t freed = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const bool newest = seen.insert(entry->scenario).second;
    if (newest || entry->outcome == failed_gate) continue;
    BUILDLAB_ASSIGN(const std::uint64_t bytes, prune_scenario(entry->folder));
    freed += bytes;
  }
  return freed;
}

Result<Store::RemovedRuns> Store::remove_runs(std::optional<int> older_than_days) {
  const WallTime now = wall_now();
  RemovedRuns result;
  std::vector<fs::path> old;
  std::error_code code;
  for (fs::directory_iterator it(runs_folder(), code), end; !code && it != end; it.increment(code)) {
    const auto age = now - begin_of(it->path());
    if (older_than_days && age <= std::chrono::hours(24) * *older_than_days) continue;
    std::error_code ignored;
    if (age < std::chrono::hours(24) && !fs::exists(it->path() / k_run_name, ignored)) {
      ++result.left;
    } else {
      old.push_back(it->path());
    }
  }
  if (code) return os_error("reading", runs_folder(), code.value());
  const fs::path removed = removed_folder(m_folder);
  if (!old.empty()) {
    BUILDLAB_TRY(make_directories(removed));
    BUILDLAB_ASSIGN(const TempDir heap, TempDir::create(removed, "runs-"));
    for (const fs::path& folder : old) {
      const fs::path target = heap.path() / folder.filename();
      if (::rename(folder.c_str(), target.c_str()) != 0) return os_error("removing", folder, errno);
    }
    BUILDLAB_TRY(compact_index(m_folder));
    BUILDLAB_ASSIGN(const FileLock lock, FileLock::lock(index_lock(m_folder)));
    BUILDLAB_ASSIGN(const std::vector<std::string> finished, run_ids());
    BUILDLAB_TRY(point_latest(m_folder, finished));
  }
  BUILDLAB_TRY(remove_tree(removed));
  result.removed = old.size();
  return result;
}

fs::path default_store(const fs::path& scenario_file) {
  if (const std::string home = environment("BUILDLAB_HOME"); !home.empty()) return home;
  fs::path state = environment("XDG_STATE_HOME");
  if (state.empty()) state = fs::path(environment("HOME")) / ".local" / "state";
  std::error_code code;
  const fs::path folder = fs::weakly_canonical(scenario_file, code).parent_path();
  return state / "buildlab" / sha256(folder.string()).hex().substr(0, 16);
}

}  // namespace buildlab::record
