// Writing statements, signed where keys are given.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "framework/base/result.h"
#include "framework/statement/keys.h"
#include "framework/statement/statement.h"

namespace buildlab::cli {

// Warns on standard error of a key file that others can read.
Result<std::vector<statement::PrivateKey>> load_signing_keys(const std::vector<std::filesystem::path>& paths);

// An envelope, or the statement alone where there is no key; to standard output without `output`.
Status write_statement(const statement::Statement& statement, const std::vector<statement::PrivateKey>& keys,
                       const std::optional<std::filesystem::path>& output);

}  // namespace buildlab::cli
