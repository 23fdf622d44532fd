#include "framework/statement/merge.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

#include "framework/statement/of_record.h"

namespace buildlab::statement {
namespace {

// What the configuration names: digest, else URI. Several of one name stand together, sorted.
std::map<std::string, std::string> pins_of(const Statement& statement) {
  std::set<std::pair<std::string, std::string>> sorted;
  for (const Resource& resource : statement.configuration)
    sorted.emplace(resource.name, resource.digest.empty() ? resource.uri : resource.digest);
  std::map<std::string, std::string> pins;
  for (const auto& [name, value] : sorted) {
    std::string& all = pins[name];
    if (!all.empty()) all += ", ";
    all += value;
  }
  return pins;
}

std::string pin(const std::map<std::string, std::string>& pins, const std::string& name) {
  const auto found = pins.find(name);
  return found == pins.end() ? "nothing" : found->second;
}

void add_difference(std::vector<std::string>& lines, std::string_view what, const std::string& first,
                    const std::string& other) {
  if (first != other) lines.push_back(fmt::format("  {}: {} and {}", what, first, other));
}

std::string or_none(const std::string& text) {
  return text.empty() ? "none" : text;
}

// Settings have one digest in the configuration; the rounds tell which of them it was.
void add_settings(std::vector<std::string>& lines, const Settings& first, const Settings& other) {
  const std::size_t before = lines.size();
  const auto epoch = [](const Settings& settings) {
    return settings.source_date_epoch ? fmt::format("{}", *settings.source_date_epoch) : "none";
  };
  const auto arguments = [](const Settings& settings) {
    std::string names;
    for (const std::string& name : settings.build_args) names += (names.empty() ? "" : ", ") + name;
    return or_none(names);
  };
  add_difference(lines, "platform", first.platform, other.platform);
  add_difference(lines, "target", or_none(first.target), or_none(other.target));
  add_difference(lines, "build arguments", arguments(first), arguments(other));
  add_difference(lines, "input mutation", or_none(first.input_mutation), or_none(other.input_mutation));
  add_difference(lines, "SOURCE_DATE_EPOCH", epoch(first), epoch(other));
  add_difference(lines, "rewriting of timestamps", first.rewrite_timestamp ? "on" : "off",
                 other.rewrite_timestamp ? "on" : "off");
  if (lines.size() == before) lines.emplace_back("  build arguments: their values differ");
}

std::vector<std::string> differences(const Statement& first, const Statement& other) {
  std::vector<std::string> lines;
  const auto a = pins_of(first);
  const auto b = pins_of(other);
  std::set<std::string> names;
  for (const auto& [name, value] : a) names.insert(name);
  for (const auto& [name, value] : b) names.insert(name);
  for (const std::string& name : names) {
    if (pin(a, name) == pin(b, name)) continue;
    if (name == k_settings_resource && first.rounds && other.rounds) {
      add_settings(lines, first.rounds->settings, other.rounds->settings);
    } else {
      add_difference(lines, name.empty() ? "(no name)" : name, pin(a, name), pin(b, name));
    }
  }
  return lines;
}

// Statements that do not tell their inputs would agree on them by saying nothing.
Status check_names_inputs(const MergeInput& input) {
  const auto pins = pins_of(input.checked.statement);
  for (const char* name : {k_dockerfile_resource, k_context_resource, k_settings_resource}) {
    if (pins.contains(name)) continue;
    return fail(ErrorKind::not_evaluable,
                fmt::format("{}: its configuration does not name the {}", input.name, name));
  }
  return {};
}

Status check_inputs(const std::vector<MergeInput>& inputs) {
  std::vector<std::string> lines;
  for (const MergeInput& input : inputs) {
    if (input.checked.statement.quorum) {
      return fail(ErrorKind::usage,
                  fmt::format("{} is merged itself: name the statements that it is made of", input.name));
    }
    BUILDLAB_TRY(check_names_inputs(input));
    std::vector<std::string> found = differences(inputs.front().checked.statement, input.checked.statement);
    if (found.empty()) continue;
    lines.push_back(fmt::format("{} and {}:", inputs.front().name, input.name));
    lines.insert(lines.end(), found.begin(), found.end());
  }
  if (lines.empty()) return {};
  return fail(ErrorKind::not_evaluable,
              "the statements are of different inputs, so their digests say nothing", std::move(lines));
}

std::string host_of(const MergeInput& input) {
  const auto& rounds = input.checked.statement.rounds;
  return rounds ? rounds->machine.host : "";
}

bool share_a_key(const MergedBuilder& builder, const MergeInput& input) {
  return std::any_of(input.checked.signers.begin(), input.checked.signers.end(), [&](const std::string& id) {
    return std::find(builder.keys.begin(), builder.keys.end(), id) != builder.keys.end();
  });
}

void absorb(MergedBuilder& builder, const MergedBuilder& other) {
  for (const std::string& key : other.keys) {
    if (std::find(builder.keys.begin(), builder.keys.end(), key) == builder.keys.end())
      builder.keys.push_back(key);
  }
  builder.inputs.insert(builder.inputs.end(), other.inputs.begin(), other.inputs.end());
  std::sort(builder.inputs.begin(), builder.inputs.end());
  if (builder.host.empty()) builder.host = other.host;
}

// An envelope of two keys makes one builder of all that either of them signed.
std::vector<MergedBuilder> group(const std::vector<MergeInput>& inputs) {
  std::vector<MergedBuilder> builders;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].checked.signers.empty()) continue;
    MergedBuilder joined{inputs[i].checked.signers, host_of(inputs[i]), {i}, "", ""};
    std::vector<MergedBuilder> others;
    for (const MergedBuilder& builder : builders) {
      if (share_a_key(builder, inputs[i])) {
        absorb(joined, builder);
      } else {
        others.push_back(builder);
      }
    }
    builders = std::move(others);
    builders.push_back(std::move(joined));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].checked.signers.empty()) continue;
    const std::string host = host_of(inputs[i]);
    // All of unknown machines are one: nothing says that they are two.
    const auto found = std::find_if(builders.begin(), builders.end(), [&](const MergedBuilder& builder) {
      if (host.empty()) return builder.keys.empty() && builder.host.empty();
      return std::any_of(builder.inputs.begin(), builder.inputs.end(),
                         [&](std::size_t at) { return host_of(inputs[at]) == host; });
    });
    if (found == builders.end()) {
      builders.push_back({{}, host, {i}, "", ""});
    } else {
      found->inputs.push_back(i);
    }
  }
  std::sort(builders.begin(), builders.end(), [](const MergedBuilder& a, const MergedBuilder& b) {
    return a.inputs.front() < b.inputs.front();
  });
  return builders;
}

void decide(MergedBuilder& builder, const std::vector<MergeInput>& inputs) {
  for (const std::size_t i : builder.inputs) {
    const Statement& statement = inputs[i].checked.statement;
    if (statement.result == Grade::failed) {
      builder.silent = fmt::format("{} says FAILED", inputs[i].name);
    } else if (statement.subjects.size() != 1) {
      builder.silent = fmt::format("{} is of {} images", inputs[i].name, statement.subjects.size());
    } else if (!builder.digest.empty() && builder.digest != statement.subjects.front().digest) {
      builder.silent = "its statements name different images";
    } else {
      builder.digest = statement.subjects.front().digest;
    }
  }
  if (!builder.silent.empty()) builder.digest.clear();
}

std::vector<Agreement> agreements_of(const std::vector<MergedBuilder>& builders) {
  std::vector<Agreement> agreements;
  for (std::size_t i = 0; i < builders.size(); ++i) {
    if (builders[i].digest.empty()) continue;
    const auto found = std::find_if(agreements.begin(), agreements.end(), [&](const Agreement& agreement) {
      return agreement.digest == builders[i].digest;
    });
    if (found == agreements.end()) {
      agreements.push_back({builders[i].digest, {i}});
    } else {
      found->builders.push_back(i);
    }
  }
  std::stable_sort(agreements.begin(), agreements.end(), [](const Agreement& a, const Agreement& b) {
    return a.builders.size() > b.builders.size();
  });
  return agreements;
}

void add_remarks(Merged& merged) {
  for (std::size_t a = 0; a < merged.builders.size(); ++a) {
    for (std::size_t b = a + 1; b < merged.builders.size(); ++b) {
      const std::string& host = merged.builders[a].host;
      if (host.empty() || host != merged.builders[b].host) continue;
      merged.remarks.push_back(
          fmt::format("builders {} and {} have different keys and the same machine", a + 1, b + 1));
    }
  }
  const auto reached =
      std::count_if(merged.agreements.begin(), merged.agreements.end(),
                    [&](const Agreement& agreement) { return agreement.builders.size() >= merged.required; });
  if (reached > 1) {
    merged.remarks.push_back(
        fmt::format("{} digests reach the quorum, so none is agreed on: ask for more builders", reached));
  }
}

}  // namespace

Result<Merged> merge(std::vector<MergeInput> inputs, std::optional<std::size_t> quorum) {
  if (inputs.empty()) return fail(ErrorKind::usage, "no statement to merge");
  BUILDLAB_TRY(check_inputs(inputs));
  Merged merged;
  merged.builders = group(inputs);
  for (MergedBuilder& builder : merged.builders) decide(builder, inputs);
  merged.inputs = std::move(inputs);
  merged.agreements = agreements_of(merged.builders);
  merged.required = quorum.value_or(std::max<std::size_t>(2, merged.builders.size()));
  const auto reaches = [&](std::size_t at) {
    return at < merged.agreements.size() && merged.agreements[at].builders.size() >= merged.required;
  };
  if (reaches(0) && !reaches(1)) merged.agreed = merged.agreements.front().digest;
  add_remarks(merged);
  return merged;
}

Statement to_statement(const Merged& merged) {
  Statement statement;
  const Statement& first = merged.inputs.front().checked.statement;
  statement.configuration = first.configuration;
  const bool all =
      !merged.agreements.empty() && merged.agreements.front().builders.size() == merged.builders.size();
  if (merged.agreed) {
    statement.result = all ? Grade::passed : Grade::warned;
    statement.subjects = {{first.subjects.size() == 1 ? first.subjects.front().name : "", *merged.agreed}};
  } else {
    statement.result = Grade::failed;
    for (const MergeInput& input : merged.inputs) {
      for (const Subject& subject : input.checked.statement.subjects) {
        if (!has_subject(statement, subject.digest)) statement.subjects.push_back({"", subject.digest});
      }
    }
  }
  auto& tests = statement.result == Grade::passed   ? statement.passed
                : statement.result == Grade::warned ? statement.warned
                                                    : statement.failed;
  tests.emplace_back(k_quorum_test);
  Quorum quorum{static_cast<int>(merged.required), {}};
  for (const MergedBuilder& builder : merged.builders) {
    QuorumBuilder row{builder.keys.empty() ? "" : builder.keys.front(), builder.host, builder.digest, {}};
    for (const std::size_t i : builder.inputs) row.statements.push_back(merged.inputs[i].checked.file_digest);
    quorum.builders.push_back(std::move(row));
  }
  statement.quorum = std::move(quorum);
  return statement;
}

}  // namespace buildlab::statement
