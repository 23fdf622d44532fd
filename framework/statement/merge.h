// Statements of several machines put together: a digest that k of n independent builders agree on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/statement/check.h"

namespace buildlab::statement {

struct MergeInput {
  std::string name;  // of the file, for messages
  Checked checked;
};

// Who is independent: statements that share a signing key are of one builder. A statement that is not signed
// counts by its machine's fingerprint, which anybody can write, and belongs to the signing builder where that
// one built on the same machine: taking a signature off makes no second builder.
struct MergedBuilder {
  std::vector<std::string> keys;  // empty: its statements were not signed
  std::string host;               // "" when unknown
  std::vector<std::size_t> inputs;
  std::string digest;  // that it vouches for: the one image of all its statements, none of them FAILED
  std::string silent;  // why it vouches for none; "" otherwise
};

struct Agreement {
  std::string digest;
  std::vector<std::size_t> builders;
};

struct Merged {
  std::vector<MergeInput> inputs;
  std::vector<MergedBuilder> builders;
  std::vector<Agreement> agreements;  // most builders first
  std::size_t required = 0;
  // The one digest that enough builders agree on; none when two reach the quorum.
  std::optional<std::string> agreed;
  std::vector<std::string> remarks;
};

// Not evaluable when the statements are of different inputs (Dockerfile, context, settings with the platform,
// bases); the details say what differs. Without a quorum all builders have to agree, and two at least.
Result<Merged> merge(std::vector<MergeInput> inputs, std::optional<std::size_t> quorum);

// One test, k_quorum_test: PASSED when all builders agree, WARNED when enough do, else FAILED.
inline constexpr const char* k_quorum_test = "quorum";
Statement to_statement(const Merged& merged);

}  // namespace buildlab::statement
