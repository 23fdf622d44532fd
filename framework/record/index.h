// What makes listing fast: one line a saved record, appended. The folders are the truth, the index only
// speeds up reading them: it is healed from them where it is missing, torn or behind. Private to this room.
//
// A line is written (and flushed) before the record.json that it announces, so no saved record lacks its line
// except after damage; a line whose record.json does not exist is passed over.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/record/store.h"

namespace buildlab::record {

// Appends the entry's line and writes its record.json, both under the index's lock: whoever rewrites the
// index sees both or neither.
Status save_listed(const std::filesystem::path& store, const Entry& entry, std::string_view record_text);

// Newest last. Heals the index on disk where it can be written; where it cannot, what is returned is right
// all the same.
Result<std::vector<Entry>> read_entries(const std::filesystem::path& store);

// Leaves out the lines whose record is gone.
Status compact_index(const std::filesystem::path& store);

Entry entry_of(const std::filesystem::path& store, const ScenarioRecord& record);

}  // namespace buildlab::record
