// A statement made from a stored record of a reproducibility scenario.
#pragma once

#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/record/record.h"
#include "framework/statement/statement.h"

namespace buildlab::statement {

enum class TestResult { passed, warned, failed, not_applied };

// What became of one variation; the test of builds without any is named k_base_test and made from the record.
struct TestOutcome {
  std::string name;
  TestResult result = TestResult::passed;
  std::string reason = {};  // why it was not applied
};

inline constexpr const char* k_base_test = "base";

// Names of the configuration's members; bases are "base:<reference>".
inline constexpr const char* k_dockerfile_resource = "dockerfile";
inline constexpr const char* k_context_resource = "context";
inline constexpr const char* k_settings_resource = "settings";

struct Origin {
  std::string host;                          // fingerprint of the machine that built; "" when unknown
  std::vector<TestOutcome> variations = {};  // in the order in which the statement names them
};

// The base test fails where valid builds differ, warns where they differ and the record's digest gate
// tolerates it, and passes where two builds or more, all of them valid, have one digest. Everything else is
// not evaluable: it is never a pass.
Result<Statement> of_record(const record::ScenarioRecord& record, const Origin& origin);

}  // namespace buildlab::statement
