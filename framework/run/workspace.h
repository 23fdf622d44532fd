// A scratch folder below the store for one scenario's run: context copies and roots of fresh builders. Gone
// at the end; what a killed process left is removed by the next one.
#pragma once

#include <filesystem>
#include <string_view>

#include "framework/base/file.h"
#include "framework/base/result.h"

namespace buildlab::run {

class Workspace {
 public:
  static Result<Workspace> create(const std::filesystem::path& store, std::string_view name);
  // Removes the workspaces of `store` that no living process holds.
  static Status sweep(const std::filesystem::path& store);

  const std::filesystem::path& path() const { return m_folder.path(); }

 private:
  Workspace(TempDir folder, FileLock lock) : m_folder(std::move(folder)), m_lock(std::move(lock)) {}
  TempDir m_folder;
  FileLock m_lock;
};

}  // namespace buildlab::run
