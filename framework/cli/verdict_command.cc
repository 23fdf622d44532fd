// `build-lab verdict check` and `merge`: reading statements that others made.
#include <fmt/format.h>
#include <algorithm>

#include "framework/base/digest.h"
#include "framework/base/file.h"
#include "framework/base/platform.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/verdict_file.h"
#include "framework/cli/verdict_text.h"
#include "framework/image/oci.h"
#include "framework/statement/check.h"
#include "framework/statement/merge.h"

namespace buildlab::cli {
namespace {

namespace fs = std::filesystem;

template <typename Options>
Result<statement::Policy> policy_of(const Options& options) {
  statement::Policy policy;
  policy.accept_unsigned = options.accept_unsigned;
  policy.lenient = options.lenient;
  for (const fs::path& path : options.keys) {
    BUILDLAB_ASSIGN(statement::PublicKey key, statement::load_public_key(path));
    policy.keys.push_back(std::move(key));
  }
  return policy;
}

FileState state_of(statement::Refusal::Kind kind) {
  switch (kind) {
    case statement::Refusal::Kind::not_a_statement:
      return FileState::no_statement;
    case statement::Refusal::Kind::no_key:
      return FileState::unchecked;
    case statement::Refusal::Kind::not_verified:
      return FileState::refused;
  }
  return FileState::refused;
}

CheckRow check_file(const fs::path& path, const statement::Policy& policy) {
  const auto text = read_file(path, statement::k_max_statement_file);
  if (!text) return {path.string(), FileState::no_statement, {}, text.error().message, text.error().details};
  auto checked = statement::check(*text, policy);
  if (checked) return {path.string(), FileState::verified, *std::move(checked)};
  const statement::Refusal& refusal = checked.error();
  return {path.string(), state_of(refusal.kind), {}, refusal.reason, refusal.details};
}

bool is_digest(const std::string& subject) {
  return subject.rfind("sha256:", 0) == 0;
}

// Why the statement is not about the subject; "" when it is. An image is looked up by the digest for the
// platform which the statement names, and its layers are read: it has to be what its manifest says.
Result<std::string> subject_problem(const std::string& subject, const statement::Statement& statement) {
  std::string digest = subject;
  if (!is_digest(subject)) {
    const std::string platform = statement.rounds ? statement.rounds->settings.platform : host_platform();
    auto image = image::read_image(subject, platform);
    if (!image) {
      image.error().kind = ErrorKind::usage;
      return tl::unexpected(image.error());
    }
    if (const Status whole = image::verify_layers(subject, *image); !whole) return whole.error().message;
    digest = image->manifest_digest.text();
  }
  return statement::has_subject(statement, digest) ? "" : fmt::format("it is not about {}", digest);
}

Status judge(CheckRow& row, const VerdictCheck& options) {
  const statement::Statement& statement = row.checked->statement;
  if (options.subject) {
    BUILDLAB_ASSIGN(row.reason, subject_problem(*options.subject, statement));
  }
  if (row.reason.empty() && options.require_pass && statement.result != statement::Grade::passed)
    row.reason = fmt::format("its result is {}", statement::to_string(statement.result));
  return {};
}

verdict::Outcome outcome_of(const CheckRow& row) {
  switch (row.state) {
    case FileState::verified:
      return row.reason.empty() ? verdict::Outcome::passed : verdict::Outcome::gate_failed;
    case FileState::refused:
      return verdict::Outcome::gate_failed;
    case FileState::unchecked:
    case FileState::no_statement:
      return verdict::Outcome::invalid;
  }
  return verdict::Outcome::invalid;
}

verdict::Outcome outcome_of(const std::vector<CheckRow>& rows) {
  verdict::Outcome outcome = verdict::Outcome::passed;
  for (const CheckRow& row : rows) outcome = verdict::worst(outcome, outcome_of(row));
  return outcome;
}

}  // namespace

Result<verdict::Outcome> check_verdicts(const VerdictCheck& options) {
  if (options.subject && is_digest(*options.subject) && !Digest::parse(*options.subject)) {
    return fail(ErrorKind::usage,
                fmt::format("--subject {}: sha256: and 64 hex digits, or a path", *options.subject));
  }
  BUILDLAB_ASSIGN(const statement::Policy policy, policy_of(options));
  std::vector<CheckRow> rows;
  for (const fs::path& path : options.files) {
    CheckRow row = check_file(path, policy);
    if (row.checked) {
      BUILDLAB_TRY(judge(row, options));
    }
    rows.push_back(std::move(row));
  }
  BUILDLAB_TRY(write_stdout(options.common.json ? to_json(rows)
                                                : to_text(rows, colour_on_stdout(options.common.no_color))));
  return outcome_of(rows);
}

Result<verdict::Outcome> merge_verdicts(const VerdictMerge& options) {
  BUILDLAB_ASSIGN(const statement::Policy policy, policy_of(options));
  BUILDLAB_ASSIGN(const std::vector<statement::PrivateKey> sign_keys, load_signing_keys(options.sign_keys));
  std::vector<CheckRow> refused;
  std::vector<statement::MergeInput> inputs;
  for (const fs::path& path : options.files) {
    CheckRow row = check_file(path, policy);
    if (row.checked) {
      inputs.push_back({row.file, *std::move(row.checked)});
    } else {
      refused.push_back(std::move(row));
    }
  }
  if (!refused.empty()) {
    write_stderr(to_text(refused, colour_on_stderr(options.common.no_color)));
    return outcome_of(refused);
  }
  std::optional<std::size_t> quorum;
  if (options.quorum) quorum = static_cast<std::size_t>(*options.quorum);
  BUILDLAB_ASSIGN(const statement::Merged merged, statement::merge(std::move(inputs), quorum));
  if (options.output) {
    BUILDLAB_TRY(write_statement(statement::to_statement(merged), sign_keys, options.output));
  }
  BUILDLAB_TRY(write_stdout(
      options.common.json ? to_json(merged) : to_text(merged, colour_on_stdout(options.common.no_color))));
  return merged.agreed ? verdict::Outcome::passed : verdict::Outcome::gate_failed;
}

}  // namespace buildlab::cli
