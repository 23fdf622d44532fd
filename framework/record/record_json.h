// Record <-> JSON, and the events of `run --json`. What a record does not have (nullopt, or an empty text
// where its header says "" without one) is null.
#pragma once

#include <string_view>

#include "framework/base/json.h"
#include "framework/record/record.h"

namespace buildlab::record {

Json to_json(const ScenarioRecord& record);
// Unknown fields are ignored; a newer schema_version and wrong types are errors naming the field.
Result<ScenarioRecord> record_from_json(const Json& json, std::string_view name);

// One build as in record and report (docs/schema): duration_sec, parts, cache_hit_ratio, digest, steps[], …
Json build_to_json(const Build& build);
Result<Build> build_from_json(const Json& json, std::string_view name);
// A gate's row: name, verdict, message, evidence[], file, line.
Json verdict_to_json(const verdict::Verdict& verdict);
// A variation's row: name, outcome, reason, builds, digest.
Json variation_to_json(const VariationRow& row);
Json circumstances_to_json(const Circumstances& circumstances);
// One line of events.jsonl (docs/schema/event.schema.json).
Json build_event(const ScenarioRecord& record, const Build& build, bool priming);

// null where the number of builds is given.
Json run_length_to_json(const ScenarioRecord& record);
Json confirmations_to_json(const ScenarioRecord& record);
Json moved_bases_to_json(const ScenarioRecord& record);

}  // namespace buildlab::record
