// What a builder's cache holds, as its daemon lists it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::engine {

// Ids of `buildctl du --format '{{json .}}'`. Another shape is an infrastructure error.
Result<std::set<std::string>> cache_record_ids(std::string_view listing);

// `buildctl prune` for exactly these records, in as many commands as argument lists allow.
std::vector<std::vector<std::string>> prune_commands(const std::set<std::string>& ids);

}  // namespace buildlab::engine
