// Removing what Build Lab made below a store, and nothing that is in use.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::run {

struct Removed {
  std::vector<std::string> what;    // one line each
  std::vector<std::string> in_use;  // kept builders that another process works on, left alone
};

// Leftovers of processes that ended without cleaning up: daemons, sockets, scratch folders.
Result<Removed> remove_leftovers(const std::filesystem::path& store);

// Kept builders with their context copies.
Result<Removed> remove_kept_builders(const std::filesystem::path& store);

}  // namespace buildlab::run
