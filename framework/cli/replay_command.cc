#include <fmt/format.h>
#include <algorithm>

#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/installer.h"
#include "framework/cli/live_view.h"
#include "framework/cli/project.h"
#include "framework/process/interrupt.h"
#include "framework/report/replay.h"
#include "framework/run/replay.h"

namespace buildlab::cli {
namespace {

std::string render(const replay::Walk& walk, const Replay& options) {
  switch (options.format) {
    case Format::markdown:
      return report::to_markdown(walk);
    case Format::json:
      return report::to_json(walk);
    case Format::text:
    case Format::junit:
      break;
  }
  return report::to_text(walk, colour_on_stdout(options.common.no_color));
}

}  // namespace

Result<verdict::Outcome> replay_history(const Replay& options) {
  process::catch_interrupts();
  run::ReplayRequest request;
  request.anew = options.refresh;
  request.cache_mode = options.cache_mode;
  if (options.commits) {
    request.range = replay::last_commits(*options.commits);
  } else {
    BUILDLAB_ASSIGN(request.range, replay::parse_range(*options.range));
  }
  // The work tree may lack what an older commit has: nothing of it is built.
  BUILDLAB_ASSIGN(Project project, open_project(options.common, FileCheck::none));
  BUILDLAB_ASSIGN(const scenario::Subject* subject, choose_subject(project.file, options.subject));
  LiveView view(LiveView::Events::none, options.common.no_color, project.file, 1);
  run::RunOptions run_options;
  run_options.file = project.file;
  run_options.store = project.store.folder();
  run_options.installer = installer_path();
  BUILDLAB_ASSIGN(const std::unique_ptr<run::Session> session,
                  run::Session::open(std::move(run_options), view));
  const auto walk = run::replay_commits(*session, project.file, *subject, request);
  view.close();
  if (!walk) return tl::unexpected(walk.error());
  BUILDLAB_TRY(write_stdout(render(*walk, options)));
  const bool any =
      std::any_of(walk->rows.begin(), walk->rows.end(), [](const replay::Row& row) { return row.counts(); });
  return any ? verdict::Outcome::passed : verdict::Outcome::not_evaluated;
}

}  // namespace buildlab::cli
