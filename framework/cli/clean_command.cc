#include <fmt/format.h>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/project.h"
#include "framework/engine/toolchain.h"
#include "framework/run/clean.h"
#include "framework/run/replay.h"

namespace buildlab::cli {
namespace {

void append(run::Removed& all, run::Removed more) {
  all.what.insert(all.what.end(), more.what.begin(), more.what.end());
  all.in_use.insert(all.in_use.end(), more.in_use.begin(), more.in_use.end());
}

}  // namespace

Result<verdict::Outcome> clean_up(const Clean& options) {
  BUILDLAB_ASSIGN(Project project, open_project(options.common, FileCheck::none));
  const std::filesystem::path store = project.store.folder();
  BUILDLAB_ASSIGN(run::Removed removed, run::remove_leftovers(store));
  BUILDLAB_ASSIGN(const std::uint64_t pruned, project.store.prune_artifacts());
  if (pruned > 0)
    removed.what.push_back(fmt::format("raw artifacts of older runs, {}", to_string(Bytes{pruned})));
  if (options.all || options.older_than_days) {
    BUILDLAB_ASSIGN(const auto runs, project.store.remove_runs(options.older_than_days));
    if (runs.removed > 0) removed.what.push_back(fmt::format("{} runs", runs.removed));
    if (runs.left > 0) removed.in_use.push_back(fmt::format("{} runs that have not finished", runs.left));
  }
  if (options.all) {
    BUILDLAB_ASSIGN(run::Removed builders, run::remove_kept_builders(store));
    append(removed, std::move(builders));
    BUILDLAB_ASSIGN(run::Removed replays, run::remove_kept_builders(run::replays_folder(store)));
    append(removed, std::move(replays));
  }
  if (options.cache) {
    for (const char* part : {"engine", "bases"}) {
      BUILDLAB_ASSIGN(const bool was_there, remove_tree(engine::cache_folder() / part));
      if (was_there) removed.what.push_back(fmt::format("{} in {}", part, engine::cache_folder().string()));
    }
  }
  if (options.common.json) {
    Json json;
    json["schema_version"] = 1;
    json["removed"] = removed.what;
    json["in_use"] = removed.in_use;
    BUILDLAB_TRY(write_stdout(to_pretty_text(json)));
    return verdict::Outcome::passed;
  }
  std::string text;
  for (const std::string& what : removed.what) text += fmt::format("removed {}\n", what);
  for (const std::string& what : removed.in_use) text += fmt::format("left alone, in use: {}\n", what);
  if (text.empty()) text = "nothing to remove\n";
  BUILDLAB_TRY(write_stdout(text));
  return verdict::Outcome::passed;
}

}  // namespace buildlab::cli
