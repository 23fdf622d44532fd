// A statement made from a stored record of a reproducibility scenario.
#pragma once

#include <string>

#include "framework/base/result.h"
#include "framework/record/record.h"
#include "framework/statement/statement.h"

namespace buildlab::statement {

// The test of the builds as declared; the others bear the names of their variations.
inline constexpr const char* k_base_test = "base";

// Names of the configuration's members; bases are "base:<reference>".
inline constexpr const char* k_dockerfile_resource = "dockerfile";
inline constexpr const char* k_context_resource = "context";
inline constexpr const char* k_settings_resource = "settings";

// `host` is the fingerprint of the machine that built; "" when unknown. The base test fails where valid
// builds differ, warns where they differ and the record's digest gate tolerates it, and passes where two
// builds or more, all of them valid, have one digest. Everything else is not evaluable: it is never a pass. A
// variation that changes the image, always or now and then, has failed; one of which the builds do not tell
// warns; one that could not be applied is no test.
Result<Statement> of_record(const record::ScenarioRecord& record, const std::string& host);

}  // namespace buildlab::statement
