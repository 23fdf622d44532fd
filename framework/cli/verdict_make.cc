// `build-lab verdict make`: a statement of a stored record.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <algorithm>
#include <array>

#include "framework/base/digest.h"
#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/project.h"
#include "framework/cli/verdict_file.h"
#include "framework/scenario/parse.h"
#include "framework/statement/dsse.h"
#include "framework/statement/of_record.h"

namespace buildlab::cli {
namespace {

namespace fs = std::filesystem;

Result<const scenario::Scenario*> choose_scenario(const scenario::ScenarioFile& file,
                                                  const std::optional<std::string>& pattern) {
  std::vector<const scenario::Scenario*> candidates;
  for (const scenario::Scenario& scenario : file.scenarios) candidates.push_back(&scenario);
  if (pattern) {
    BUILDLAB_ASSIGN(candidates, scenario::select_scenarios(file, {*pattern}));
  }
  std::vector<std::string> names;
  const scenario::Scenario* chosen = nullptr;
  for (const scenario::Scenario* candidate : candidates) {
    if (candidate->kind != scenario::Kind::reproducibility) continue;
    names.push_back(candidate->name);
    chosen = candidate;
  }
  if (names.size() == 1) return chosen;
  if (names.empty()) {
    return fail(ErrorKind::usage,
                pattern ? fmt::format("\"{}\" is no scenario of kind reproducibility", one_line(*pattern, 80))
                        : fmt::format("{}: no scenario of kind reproducibility", file.path.string()));
  }
  return fail(ErrorKind::usage,
              fmt::format("several scenarios are of kind reproducibility: {}", fmt::join(names, ", ")),
              {"--scenario NAME chooses one"});
}

// Tells machines apart and names none: machine-id(5) asks that the id itself be kept back.
std::string host_fingerprint() {
  std::string identity;
  if (const auto id = read_file("/etc/machine-id", Bytes{4096})) identity = trim(*id);
  if (identity.empty()) {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) identity = name.data();
  }
  if (identity.empty()) return "";
  return sha256("build-lab verdict\n" + identity).hex().substr(0, 16);
}

}  // namespace

Result<std::vector<statement::PrivateKey>> load_signing_keys(const std::vector<fs::path>& paths) {
  std::vector<statement::PrivateKey> keys;
  for (const fs::path& path : paths) {
    BUILDLAB_ASSIGN(statement::PrivateKey key, statement::load_private_key(path));
    if (statement::others_can_read(path)) {
      write_stderr(
          fmt::format("warning: others can read the private key {0} (chmod 600 {0})\n", path.string()));
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

Status write_statement(const statement::Statement& statement, const std::vector<statement::PrivateKey>& keys,
                       const std::optional<fs::path>& output) {
  std::string text = to_line(statement::to_json(statement));
  if (keys.empty()) {
    text += "\n";
  } else {
    BUILDLAB_ASSIGN(const statement::Envelope envelope, statement::sign(std::move(text), keys));
    text = statement::to_text(envelope);
  }
  if (!output) return write_stdout(text);
  BUILDLAB_TRY(write_file_atomic(*output, text));
  std::vector<std::string> ids;
  for (const statement::PrivateKey& key : keys) ids.push_back("key " + key.public_key().id());
  write_stderr(fmt::format("{}: {} {}, signed by {}\n", output->string(),
                           statement::to_string(statement.result), statement.subjects.front().digest,
                           ids.empty() ? "nobody" : fmt::format("{}", fmt::join(ids, ", "))));
  return {};
}

Result<verdict::Outcome> make_verdict(const VerdictMake& options) {
  BUILDLAB_ASSIGN(const std::vector<statement::PrivateKey> keys, load_signing_keys(options.keys));
  BUILDLAB_ASSIGN(const Project project, open_project(options.common, FileCheck::none));
  BUILDLAB_ASSIGN(const scenario::Scenario* scenario, choose_scenario(project.file, options.scenario));
  BUILDLAB_ASSIGN(const scenario::Subject* subject, choose_subject(project.file, scenario->subject));
  BUILDLAB_ASSIGN(const auto record, newest_record(project, *scenario, *subject));
  if (!record || !record::is_complete(*record)) {
    return fail(ErrorKind::not_evaluable,
                fmt::format("no run of \"{}\" that came to its end is recorded", scenario->name),
                {fmt::format("build-lab run --scenario {} makes one", scenario->name),
                 fmt::format("looked in {}", project.store.folder().string())});
  }
  BUILDLAB_ASSIGN(const statement::Statement statement, statement::of_record(*record, host_fingerprint()));
  BUILDLAB_TRY(write_statement(statement, keys, options.output));
  return verdict::Outcome::passed;
}

}  // namespace buildlab::cli
