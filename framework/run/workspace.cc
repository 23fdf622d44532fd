#include "framework/run/workspace.h"

#include <fmt/format.h>

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& store) {
  return store / "tmp";
}

// Held while a workspace is made or swept, so that a new one is never taken for a leftover before it is
// locked.
Result<FileLock> gate(const fs::path& store) {
  return FileLock::lock(folder_of(store) / ".lock");
}

}  // namespace

Result<Workspace> Workspace::create(const fs::path& store, std::string_view name) {
  BUILDLAB_ASSIGN(const FileLock guard, gate(store));
  BUILDLAB_ASSIGN(TempDir folder, TempDir::create(folder_of(store), fmt::format("{}-", name)));
  BUILDLAB_ASSIGN(FileLock lock, FileLock::lock(folder.path() / "lock"));
  return Workspace(std::move(folder), std::move(lock));
}

Status Workspace::sweep(const fs::path& store) {
  std::error_code code;
  if (!fs::exists(folder_of(store), code)) return {};
  BUILDLAB_ASSIGN(const FileLock guard, gate(store));
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_of(store), code)) {
    if (!entry.is_directory(code) || entry.is_symlink(code)) continue;
    const auto lock = FileLock::try_lock(entry.path() / "lock");
    if (lock && lock->has_value()) BUILDLAB_TRY(remove_tree(entry.path()).map([](bool) {}));
  }
  return {};
}

}  // namespace buildlab::run
