// What `build-lab verdict` prints: for people and as JSON. Values in, text out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/statement/check.h"
#include "framework/statement/merge.h"

namespace buildlab::cli {

// What became of one file. Without `checked` it is refused, or no statement.
struct CheckRow {
  std::string file;
  std::optional<statement::Checked> checked;
  bool is_statement = true;  // whether there is anything to believe or not
  std::string reason;        // why not accepted; "" when it is
  std::vector<std::string> details;

  bool accepted() const { return reason.empty(); }
};

std::string to_text(const std::vector<CheckRow>& rows, bool colour);
std::string to_json(const std::vector<CheckRow>& rows);

std::string to_text(const statement::Merged& merged, bool colour);
std::string to_json(const statement::Merged& merged);

}  // namespace buildlab::cli
