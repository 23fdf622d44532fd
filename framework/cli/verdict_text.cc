#include "framework/cli/verdict_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "framework/base/json.h"
#include "framework/report/characters.h"
#include "framework/report/colour.h"

namespace buildlab::cli {
namespace {

using report::paint;
using report::printable;
using report::Tone;
using statement::Statement;

constexpr int k_schema_version = 1;

std::string line(std::string_view label, const std::string& text) {
  return fmt::format("  {:<9}  {}\n", label, printable(text));
}

std::string names_or_none(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

std::string count(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

Tone tone_of(statement::Grade grade) {
  switch (grade) {
    case statement::Grade::passed:
      return Tone::good;
    case statement::Grade::warned:
      return Tone::doubtful;
    case statement::Grade::failed:
      return Tone::bad;
  }
  return Tone::bad;
}

std::string tests_text(const Statement& statement) {
  std::string text;
  if (!statement.passed.empty()) text += line("passed", names_or_none(statement.passed));
  if (!statement.warned.empty()) text += line("warned", names_or_none(statement.warned));
  if (!statement.failed.empty()) text += line("failed", names_or_none(statement.failed));
  return text;
}

std::string rounds_text(const statement::Rounds& rounds) {
  std::string text;
  for (const statement::NotApplied& variation : rounds.not_applied)
    text += line("not tried", fmt::format("{}: {}", variation.name, variation.reason));
  text += line("built", fmt::format("{} of {}, {}", count(static_cast<std::size_t>(rounds.runs), "time"),
                                    rounds.scenario, rounds.started));
  const statement::Machine& machine = rounds.machine;
  text += line("by", fmt::format("Build Lab {}, BuildKit {}, Linux {}, {} on machine {}",
                                 machine.tool_version, machine.buildkit_version, machine.kernel,
                                 count(static_cast<std::size_t>(machine.cores), "core"),
                                 machine.host.empty() ? "unknown" : machine.host));
  return text;
}

std::string quorum_text(const statement::Quorum& quorum) {
  std::string text = line(
      "quorum", fmt::format("{} of {} needed", quorum.required, count(quorum.builders.size(), "builder")));
  for (const statement::QuorumBuilder& builder : quorum.builders) {
    const std::string who =
        !builder.key.empty() ? "key " + builder.key : fmt::format("machine {} (not signed)", builder.host);
    text += line("", fmt::format("{}: {}", who, builder.digest.empty() ? "no digest" : builder.digest));
  }
  return text;
}

std::string statement_text(const statement::Checked& checked, bool colour) {
  const Statement& statement = checked.statement;
  std::string text =
      fmt::format("  {:<9}  {}\n", "result",
                  paint(statement::to_string(statement.result), tone_of(statement.result), colour));
  for (const statement::Subject& subject : statement.subjects) {
    text += line("subject", subject.name.empty() ? subject.digest
                                                 : fmt::format("{} ({})", subject.digest, subject.name));
  }
  text += tests_text(statement);
  if (checked.signers.empty()) text += line("signed by", "nobody");
  for (const std::string& id : checked.signers) text += line("signed by", "key " + id);
  if (statement.rounds) text += rounds_text(*statement.rounds);
  if (statement.quorum) text += quorum_text(*statement.quorum);
  for (const statement::Resource& resource : statement.configuration) {
    text += line("input", fmt::format("{} {}", resource.name,
                                      resource.digest.empty() ? resource.uri : resource.digest));
  }
  return text;
}

std::string_view word_of(FileState state) {
  switch (state) {
    case FileState::verified:
      return "verified";
    case FileState::refused:
      return "NOT verified";
    case FileState::unchecked:
      return "not checked";
    case FileState::no_statement:
      return "no statement";
  }
  return "";
}

// For programs.
std::string_view key_of(FileState state) {
  switch (state) {
    case FileState::verified:
      return "verified";
    case FileState::refused:
      return "refused";
    case FileState::unchecked:
      return "unchecked";
    case FileState::no_statement:
      return "no_statement";
  }
  return "";
}

std::string who(const statement::MergedBuilder& builder) {
  if (!builder.keys.empty()) return fmt::format("key {}", fmt::join(builder.keys, " and "));
  return fmt::format("machine {} (not signed)", builder.host.empty() ? "unknown" : builder.host);
}

std::string files_of(const statement::Merged& merged, const statement::MergedBuilder& builder) {
  std::vector<std::string> names;
  for (const std::size_t i : builder.inputs) names.push_back(merged.inputs[i].name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string builder_line(const statement::Merged& merged, std::size_t at) {
  const statement::MergedBuilder& builder = merged.builders[at];
  std::string text = fmt::format("{:>3}  {}  {}", at + 1, who(builder), files_of(merged, builder));
  if (!builder.silent.empty()) text += fmt::format(": {}", builder.silent);
  return printable(text) + "\n";
}

}  // namespace

std::string to_text(const std::vector<CheckRow>& rows, bool colour) {
  std::string text;
  for (const CheckRow& row : rows) {
    const bool verified = row.state == FileState::verified;
    text += fmt::format("{}: {}", printable(row.file),
                        paint(word_of(row.state), verified ? Tone::good : Tone::bad, colour));
    if (!row.reason.empty()) text += fmt::format("{} {}", verified ? ", but" : ":", printable(row.reason));
    text += "\n";
    for (const std::string& detail : row.details) text += fmt::format("  {}\n", printable(detail));
    if (row.checked) text += statement_text(*row.checked, colour);
  }
  return text;
}

std::string to_json(const std::vector<CheckRow>& rows) {
  Json files = Json::array();
  for (const CheckRow& row : rows) {
    Json file{{"file", row.file},
              {"state", key_of(row.state)},
              {"accepted", row.reason.empty()},
              {"reason", row.reason.empty() ? Json() : Json(row.reason)},
              {"details", row.details},
              {"signed_by", row.checked ? Json(row.checked->signers) : Json()},
              {"statement", row.checked ? statement::to_json(row.checked->statement) : Json()}};
    files.push_back(std::move(file));
  }
  return to_pretty_text({{"schema_version", k_schema_version}, {"files", std::move(files)}});
}

std::string to_text(const statement::Merged& merged, bool colour) {
  const std::size_t most = merged.agreements.empty() ? 0 : merged.agreements.front().builders.size();
  std::string text;
  if (merged.agreed) {
    text += paint(
        fmt::format("{} of {} agree on {}", most, count(merged.builders.size(), "builder"), *merged.agreed),
        Tone::good, colour);
  } else {
    text += paint(fmt::format("no digest is agreed on: {} of {} have the same one", most,
                              count(merged.builders.size(), "builder")),
                  Tone::bad, colour);
  }
  text += fmt::format(" ({} needed)\n", merged.required);
  for (const statement::Agreement& agreement : merged.agreements) {
    text += fmt::format("\n{}  {}\n", agreement.digest, count(agreement.builders.size(), "builder"));
    for (const std::size_t at : agreement.builders) text += builder_line(merged, at);
  }
  bool told = false;
  for (std::size_t at = 0; at < merged.builders.size(); ++at) {
    if (merged.builders[at].silent.empty()) continue;
    if (!told) text += "\nno digest\n";
    told = true;
    text += builder_line(merged, at);
  }
  for (const std::string& remark : merged.remarks) text += fmt::format("\nnote: {}\n", printable(remark));
  return text;
}

std::string to_json(const statement::Merged& merged) {
  Json builders = Json::array();
  for (const statement::MergedBuilder& builder : merged.builders) {
    Json files = Json::array();
    for (const std::size_t i : builder.inputs) files.push_back(merged.inputs[i].name);
    builders.push_back({{"keys", builder.keys},
                        {"host", builder.host.empty() ? Json() : Json(builder.host)},
                        {"signed", !builder.keys.empty()},
                        {"digest", builder.digest.empty() ? Json() : Json(builder.digest)},
                        {"reason", builder.silent.empty() ? Json() : Json(builder.silent)},
                        {"files", std::move(files)}});
  }
  Json digests = Json::array();
  for (const statement::Agreement& agreement : merged.agreements) {
    digests.push_back({{"digest", agreement.digest}, {"builders", agreement.builders}});
  }
  return to_pretty_text({{"schema_version", k_schema_version},
                         {"required", merged.required},
                         {"agreed", merged.agreed ? Json(*merged.agreed) : Json()},
                         {"digests", std::move(digests)},
                         {"builders", std::move(builders)},
                         {"remarks", merged.remarks}});
}

}  // namespace buildlab::cli
