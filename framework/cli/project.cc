#include "framework/cli/project.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "framework/advisor/advice.h"
#include "framework/base/file.h"
#include "framework/cli/console.h"
#include "framework/report/report.h"
#include "framework/run/subject_state.h"
#include "framework/scenario/parse.h"

namespace buildlab::cli {

namespace fs = std::filesystem;

Result<Project> open_project(const Common& common, FileCheck check) {
  fs::path path;
  std::error_code code;
  if (common.file) {
    path = fs::absolute(*common.file, code);
    if (fs::is_directory(path, code)) path /= "buildlab.json";
  } else {
    BUILDLAB_ASSIGN(path, scenario::find_scenario_file(fs::current_path(code)));
  }
  BUILDLAB_ASSIGN(scenario::ScenarioFile file, check == FileCheck::all ? scenario::load_scenario_file(path)
                                                                       : scenario::read_scenario_file(path));
  const fs::path folder = common.store ? fs::absolute(*common.store, code) : record::default_store(path);
  BUILDLAB_ASSIGN(record::Store store, record::Store::open(folder));
  return Project{std::move(file), std::move(store)};
}

Result<const scenario::Subject*> choose_subject(const scenario::ScenarioFile& file,
                                                const std::optional<std::string>& name) {
  if (!name) {
    if (file.subjects.empty())
      return fail(ErrorKind::usage, fmt::format("{}: no subject", file.path.string()));
    return &file.subjects.front();
  }
  if (const scenario::Subject* subject = file.find_subject(*name)) return subject;
  std::vector<std::string> known;
  for (const scenario::Subject& subject : file.subjects) known.push_back(subject.name);
  return fail(ErrorKind::usage, fmt::format("no subject \"{}\"", *name),
              {fmt::format("known: {}", fmt::join(known, ", "))});
}

Result<std::optional<record::ScenarioRecord>> newest_record(const Project& project,
                                                            const scenario::Scenario& scenario,
                                                            const scenario::Subject& subject) {
  const record::SubjectKey key = run::subject_key(subject, project.file.path);
  std::optional<std::string> passed_over;  // the newest, where it was cut short
  BUILDLAB_ASSIGN(auto found,
                  project.store.latest(scenario.name, [&](const record::ScenarioRecord& candidate) {
                    if (!candidate.subject.same_declaration(key)) return false;
                    if (record::is_complete(candidate)) return true;
                    if (!passed_over) passed_over = candidate.run_id;
                    return false;
                  }));
  if (found && passed_over) {
    write_stderr(fmt::format("{}: run {} was cut short; reported is run {}\n", scenario.name, *passed_over,
                             found->run_id));
  }
  if (!found && passed_over) {
    BUILDLAB_ASSIGN(found, project.store.load(*passed_over, scenario.name));
  }
  return found;
}

Result<std::vector<record::ScenarioRecord>> newest_records(const Project& project,
                                                           const scenario::Subject& subject) {
  std::vector<record::ScenarioRecord> records;
  for (const scenario::Scenario& scenario : project.file.scenarios) {
    if (scenario.subject != subject.name) continue;
    BUILDLAB_ASSIGN(auto found, newest_record(project, scenario, subject));
    if (found) records.push_back(std::move(*found));
  }
  return records;
}

std::string render_report(const Project& project, std::vector<record::ScenarioRecord> records,
                          Format format) {
  report::ReportInput input{std::move(records), {}};
  input.runs_folder = run::display_path(project.store.runs_folder(), project.file.path.parent_path());
  input.advice = advisor::advise(input.records);
  switch (format) {
    case Format::text:
      return report::to_text(input);
    case Format::markdown:
      return report::to_markdown(input);
    case Format::json:
      return report::to_json(input);
    case Format::junit:
      return report::to_junit(input);
  }
  return {};
}

}  // namespace buildlab::cli
