// Records on disk: one folder a run, append-only, atomic, safe for several processes at once.
//
//   STORE/runs/RUN_ID/run.json            written last: a run without it is incomplete
//   STORE/runs/RUN_ID/SCENARIO/record.json
//   STORE/runs/RUN_ID/SCENARIO/builds/…   raw artifacts
//   STORE/runs/RUN_ID/events.jsonl
//   STORE/runs/RUN_ID/bases.json          which base images its builds have (made by run); bases.lock
//   STORE/latest                          link to the newest finished run
//   STORE/index/…                         what makes listing 10,000 records fast; healed from the folders
//   STORE/builders/SUBJECT/               kept builders (made by run)
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "framework/record/record.h"

namespace buildlab::record {

// One line a record: enough to list and to find without opening it.
struct Entry {
  std::string run_id;
  std::string scenario;
  std::string kind;
  std::string subject;
  std::string started;
  std::string outcome;
  std::filesystem::path folder;  // absolute

  friend bool operator==(const Entry&, const Entry&) = default;
};

class Store {
 public:
  // Makes the folder. Errors are infrastructure errors naming it (no rights, disk full).
  static Result<Store> open(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return m_folder; }

  // A new run's id and folder; ids sort by time and are unique.
  Result<std::string> open_run();
  // The same folder for processes that share a run (CTest): made when missing.
  Status join_run(const std::string& run_id);
  std::filesystem::path runs_folder() const;  // holds one folder a run
  std::filesystem::path run_folder(const std::string& run_id) const;
  std::filesystem::path scenario_folder(const std::string& run_id, const std::string& scenario) const;
  std::filesystem::path bases_file(const std::string& run_id) const;
  std::filesystem::path bases_lock(const std::string& run_id) const;

  Status append_event(const std::string& run_id, const Json& event);
  // Validates the laws (broken ones are added to the notes and make the record's outcome infrastructure),
  // writes record.json atomically and adds it to the index. Saving again replaces the record.
  Status save(const ScenarioRecord& record);
  // Marks the run complete, and `latest` points at it unless a newer run is. Again is no error.
  Status finish_run(const std::string& run_id);

  // Not evaluable when there is none. `artifacts` of builds whose folder is gone is "".
  Result<ScenarioRecord> load(const std::string& run_id, const std::string& scenario) const;
  Result<ScenarioRecord> load(const Entry& entry) const;
  // Newest last; records that were saved whole, of finished runs or not.
  Result<std::vector<Entry>> list() const;
  Result<std::vector<std::string>> run_ids() const;  // of finished runs, oldest first
  // The newest record of that scenario that `accept` takes; records that cannot be read are passed over.
  Result<std::optional<ScenarioRecord>> latest(
      const std::string& scenario, const std::function<bool(const ScenarioRecord&)>& accept) const;

  // Removes the raw artifacts of all but the last run of each scenario and of failed gates; returns the bytes
  // freed. Record and provenance stay (SCENARIO/provenance/BUILD.json).
  Result<std::uint64_t> prune_artifacts();
  struct RemovedRuns {
    std::size_t removed = 0;
    std::size_t left = 0;  // not finished and younger than a day: probably running
  };
  // Removes runs that began more than that many days ago (nullopt: all).
  Result<RemovedRuns> remove_runs(std::optional<int> older_than_days);

 private:
  explicit Store(std::filesystem::path folder) : m_folder(std::move(folder)) {}
  std::filesystem::path m_folder;
};

// --store, else $BUILDLAB_HOME, else ${XDG_STATE_HOME:-~/.local/state}/buildlab/<hash of the scenario file's
// folder>.
std::filesystem::path default_store(const std::filesystem::path& scenario_file);

}  // namespace buildlab::record
