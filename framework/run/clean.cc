#include "framework/run/clean.h"

#include <fmt/format.h>
#include <unistd.h>

#include "framework/base/file.h"
#include "framework/engine/builder.h"
#include "framework/run/workspace.h"

namespace buildlab::run {

namespace fs = std::filesystem;

Result<Removed> remove_leftovers(const fs::path& store) {
  BUILDLAB_ASSIGN(std::vector<std::string> swept, engine::sweep_leftovers());
  BUILDLAB_TRY(Workspace::sweep(store));
  return Removed{std::move(swept), {}};
}

Result<Removed> remove_kept_builders(const fs::path& store) {
  Removed removed;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(store / "builders", code)) {
    if (!entry.is_directory(code) || entry.is_symlink(code)) continue;
    const std::string name = entry.path().filename().string();
    BUILDLAB_ASSIGN(const std::optional<FileLock> lock, FileLock::try_lock(entry.path() / "lock"));
    if (!lock) {
      removed.in_use.push_back(fmt::format("kept builder {}", name));
      continue;
    }
    // Out of the way in one step: a run that comes meanwhile makes its own folder and never sees half of
    // this.
    const fs::path aside = store / "builders" / fmt::format(".removing-{}-{}", ::getpid(), name);
    fs::rename(entry.path(), aside, code);
    BUILDLAB_TRY(remove_tree(code ? entry.path() : aside).map([](bool) {}));
    removed.what.push_back(fmt::format("kept builder {}", name));
  }
  return removed;
}

}  // namespace buildlab::run
