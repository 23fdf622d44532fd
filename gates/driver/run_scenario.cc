#include "gates/driver/run_scenario.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/record/store.h"
#include "framework/scenario/parse.h"
#include "framework/verdict/verdict.h"
#include "gates/confirmation/conclude_confirmed.h"

namespace buildlab::gates {
namespace fs = std::filesystem;
namespace {

bool lies_in(const fs::path& inner, const fs::path& outer) {
  const fs::path relative = inner.lexically_normal().lexically_relative(outer.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

Result<LoadedScenario> load_scenario(const fs::path& path, const std::string& name) {
  BUILDLAB_ASSIGN(scenario::ScenarioFile file, scenario::read_scenario_file(fs::absolute(path)));
  const scenario::Scenario* found = file.find_scenario(name);
  if (found == nullptr) {
    std::vector<std::string> known;
    for (const scenario::Scenario& each : file.scenarios) known.push_back(each.name);
    const auto near = nearest(name, known);
    return fail(ErrorKind::usage,
                fmt::format("{}: no scenario \"{}\"{}", path.string(), name,
                            near ? fmt::format("; did you mean {}?", *near) : ""),
                {fmt::format("known: {}", fmt::join(known, ", "))});
  }
  // Another scenario's missing Dockerfile is not this one's trouble.
  scenario::ScenarioFile own{file.path, {}, {*found}};
  if (const scenario::Subject* subject = file.find_subject(found->subject)) own.subjects.push_back(*subject);
  BUILDLAB_TRY(scenario::check_files(own));
  return LoadedScenario{std::move(file), name};
}

Result<record::ScenarioRecord> run_scenario(const LoadedScenario& loaded, const RunScenarioOptions& options) {
  const scenario::Scenario& scenario = loaded.scenario();
  const fs::path folder = options.store.empty() ? record::default_store(loaded.file.path) : options.store;
  BUILDLAB_ASSIGN(record::Store store, record::Store::open(folder));
  run::RunOptions run_options;
  run_options.file = loaded.file;
  run_options.store = store.folder();
  run_options.installer = options.installer;
  const scenario::Subject* subject = loaded.file.find_subject(scenario.subject);
  // A context that the CMake build made itself lies inside the build folder and is built all the same.
  if (!options.build_dir.empty() && subject != nullptr && !lies_in(subject->context, options.build_dir)) {
    run_options.exclude.push_back(options.build_dir);
  }
  if (options.run_id) {
    run_options.run_id = *options.run_id;
  } else {
    BUILDLAB_ASSIGN(run_options.run_id, store.open_run());
  }
  const std::string run_id = run_options.run_id;
  run::Observer silent;
  run::Observer& observer = options.observer != nullptr ? *options.observer : silent;
  BUILDLAB_ASSIGN(const std::unique_ptr<run::Session> session,
                  run::Session::open(std::move(run_options), observer));
  BUILDLAB_ASSIGN(record::ScenarioRecord record, session->run(scenario));
  if (options.before_judging) options.before_judging(record);
  BUILDLAB_TRY(conclude_confirmed(record, scenario, {loaded.file, store, *session, observer, options.until}));
  if (!options.run_id) BUILDLAB_TRY(store.finish_run(run_id));
  return record;
}

Result<record::ScenarioRecord> run_scenario(const fs::path& file, const std::string& name,
                                            const RunScenarioOptions& options) {
  BUILDLAB_ASSIGN(const LoadedScenario loaded, load_scenario(file, name));
  return run_scenario(loaded, options);
}

record::ScenarioRecord record_of(const Error& error, const std::string& name) {
  record::ScenarioRecord record;
  record.name = name;
  record.started = record.finished = to_rfc3339(wall_now());
  record.error = error.message;
  record.error_details = error.details;
  record.outcome = verdict::outcome_of(error.kind);
  return record;
}

std::string describe(const Error& error) {
  std::string text = error.message;
  for (const std::string& detail : error.details) text += "\n" + detail;
  return text;
}

}  // namespace buildlab::gates
