#include <fmt/format.h>

#include "framework/base/file.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/installer.h"
#include "framework/cli/live_view.h"
#include "framework/cli/project.h"
#include "framework/process/interrupt.h"
#include "framework/report/map.h"
#include "framework/run/map.h"

namespace buildlab::cli {
namespace {

// The probes' raw artifacts lie in a run of their own, which makes no record and goes at the end.
Status probe(const Map& options, Project& project, const scenario::Subject& subject, invalidation::Map& map) {
  BUILDLAB_ASSIGN(const std::string run_id, project.store.open_run());
  LiveView view(LiveView::Events::none, options.common.no_color, project.file, 1);
  run::RunOptions run_options;
  run_options.file = project.file;
  run_options.store = project.store.folder();
  run_options.run_id = run_id;
  run_options.installer = installer_path();
  const auto session = run::Session::open(std::move(run_options), view);
  Status done;
  if (session) {
    done = run::probe_map(**session, subject, static_cast<std::size_t>(options.probes), map);
  } else {
    done = tl::unexpected(session.error());
  }
  view.close();
  BUILDLAB_TRY(remove_tree(project.store.run_folder(run_id)).map([](bool) {}));
  return done;
}

}  // namespace

Result<verdict::Outcome> show_map(const Map& options) {
  BUILDLAB_ASSIGN(Project project, open_project(options.common, FileCheck::none));
  BUILDLAB_ASSIGN(const scenario::Subject* subject, choose_subject(project.file, options.subject));
  BUILDLAB_ASSIGN(invalidation::Map map, run::derive_map(project.file, project.store, *subject));
  if (options.probes > 0) {
    process::catch_interrupts();
    BUILDLAB_TRY(probe(options, project, *subject, map));
  }
  std::string text;
  switch (options.format) {
    case MapFormat::json:
      text = report::to_json(map);
      break;
    case MapFormat::svg:
      text = report::to_svg(map);
      break;
    case MapFormat::text:
      text = report::to_text(map, colour_on_stdout(options.common.no_color));
      break;
  }
  BUILDLAB_TRY(write_stdout(text));
  return verdict::Outcome::passed;
}

}  // namespace buildlab::cli
