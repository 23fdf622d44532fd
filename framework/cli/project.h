// The scenario file and the store that a command works on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/cli/arguments.h"
#include "framework/record/record.h"
#include "framework/record/store.h"
#include "framework/scenario/scenario.h"

namespace buildlab::cli {

struct Project {
  scenario::ScenarioFile file;
  record::Store store;
};

// What the disk must hold for a command: reports and lists read records of subjects whose files may be gone
// by now.
enum class FileCheck { none, all };

// --file, else buildlab.json here or above; --store, else the file's default store.
Result<Project> open_project(const Common& common, FileCheck check);

// The subject named, else the file's first. A usage error names the known ones.
Result<const scenario::Subject*> choose_subject(const scenario::ScenarioFile& file,
                                                const std::optional<std::string>& name);

// The scenario's newest record, one that came to its end if there is such. Records of an earlier declaration
// of its subject (other context, Dockerfile, target, args or platform) are not its records.
Result<std::optional<record::ScenarioRecord>> newest_record(const Project& project,
                                                            const scenario::Scenario& scenario,
                                                            const scenario::Subject& subject);

// The newest record of each scenario of the subject, in the file's order.
Result<std::vector<record::ScenarioRecord>> newest_records(const Project& project,
                                                           const scenario::Subject& subject);

// The report of these records in a format.
std::string render_report(const Project& project, std::vector<record::ScenarioRecord> records, Format format);

}  // namespace buildlab::cli
