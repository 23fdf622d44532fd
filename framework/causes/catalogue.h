// The catalogue of docs/drift-causes.md: where a cause shows, what supports it, and what mends it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

// What a row's check saw in two contents.
struct Finding {
  bool proven = false;  // without exactly what the row names both are equal
  std::vector<std::string> evidence;
  std::optional<CauseClass> kind = std::nullopt;  // where a row covers more than one
};
using Check = std::optional<Finding> (*)(const ContentPair&, const Surroundings&);

struct Row {
  std::string_view id;
  CauseClass kind = CauseClass::time;
  std::string_view name;  // what happens
  std::string_view fix;
  std::string_view paths = {};     // patterns (paths.h) of files whose content the check is asked of
  Check check = nullptr;           // without one, only a format's reader or an attribute leads here
  std::string_view presence = {};  // patterns of entries that only one image has because of this cause
  // Ids of general rows that are this one in files of `paths`. With any ("-" is none), the check is asked
  // only after the formats' readers.
  std::string_view over = {};
  bool mixed = false;  // the class is that of the generic recogniser that fired
};

const std::vector<Row>& catalogue();       // in the order of the ids
const Row* find_row(std::string_view id);  // nullptr: no such row
Cause cause_of(const Row& row);            // class, row, recogniser, name and fix

// The rows whose patterns match, the most specific pattern first.
std::vector<const Row*> rows_for_content(std::string_view path);
const Row* row_for_presence(std::string_view path);

// The table's parts.
std::span<const Row> image_rows();
std::span<const Row> debian_rows();
std::span<const Row> distribution_rows();
std::span<const Row> account_rows();
std::span<const Row> python_rows();
std::span<const Row> node_rows();
std::span<const Row> jvm_rows();
std::span<const Row> compiled_rows();
std::span<const Row> ecosystem_rows();
std::span<const Row> nested_rows();

}  // namespace buildlab::causes
