// What `build-lab verdict` prints: for people and as JSON. Values in, text out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/statement/check.h"
#include "framework/statement/merge.h"

namespace buildlab::cli {

// What a check of one file came to.
enum class FileState {
  verified,
  refused,       // a statement that must not be believed
  unchecked,     // signed, and no key was given
  no_statement,  // something else, or not readable
};

struct CheckRow {
  std::string file;
  FileState state = FileState::no_statement;
  std::optional<statement::Checked> checked = {};  // of a verified file
  std::string reason = {};                         // why it is not accepted; "" when it is
  std::vector<std::string> details = {};
};

std::string to_text(const std::vector<CheckRow>& rows, bool colour);
std::string to_json(const std::vector<CheckRow>& rows);

std::string to_text(const statement::Merged& merged, bool colour);
std::string to_json(const statement::Merged& merged);

}  // namespace buildlab::cli
