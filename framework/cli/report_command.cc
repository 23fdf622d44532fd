#include <fmt/format.h>

#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/project.h"

namespace buildlab::cli {

Result<verdict::Outcome> print_report(const Report& options) {
  BUILDLAB_ASSIGN(const Project project, open_project(options.common, FileCheck::none));
  BUILDLAB_ASSIGN(const scenario::Subject* subject, choose_subject(project.file, options.subject));
  BUILDLAB_ASSIGN(auto records, newest_records(project, *subject));
  if (records.empty()) {
    return fail(ErrorKind::not_evaluable,
                fmt::format("nothing is recorded yet for subject \"{}\"", subject->name),
                {"build-lab run --all makes the first records",
                 fmt::format("looked in {}", project.store.folder().string())});
  }
  BUILDLAB_TRY(write_stdout(render_report(project, std::move(records), options.format)));
  return verdict::Outcome::passed;
}

}  // namespace buildlab::cli
