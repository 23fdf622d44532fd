#include "framework/replay/row.h"

#include <fmt/format.h>
#include <array>
#include <utility>

namespace buildlab::replay {
namespace {

constexpr std::array<std::pair<Outcome, std::string_view>, 4> k_outcomes = {
    {{Outcome::built, "built"},
     {Outcome::failed, "failed"},
     {Outcome::no_dockerfile, "no-dockerfile"},
     {Outcome::refused, "refused"}}};

template <typename T>
std::optional<T> optional_of(const Json& object, const char* key) {
  const Json& value = object.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<T>());
}

RanStep step_from_json(const Json& json) {
  return {json.at("stage").get<std::string>(),
          json.at("line").get<int>(),
          json.at("text").get<std::string>(),
          json.at("seconds").get<double>(),
          optional_of<std::string>(json, "miss_reason"),
          optional_of<std::string>(json, "miss_detail")};
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  for (const auto& [value, word] : k_outcomes) {
    if (value == outcome) return word;
  }
  return "built";
}

Result<Outcome> parse_outcome(std::string_view text) {
  for (const auto& [value, word] : k_outcomes) {
    if (word == text) return value;
  }
  return fail(ErrorKind::infrastructure, fmt::format("unknown outcome \"{}\"", text.substr(0, 40)));
}

Json to_json(const Row& row) {
  Json ran = Json::array();
  for (const RanStep& step : row.ran) {
    ran.push_back({{"stage", step.stage},
                   {"line", step.line},
                   {"text", step.text},
                   {"seconds", step.seconds},
                   {"miss_reason", or_null(step.reason)},
                   {"miss_detail", or_null(step.detail)}});
  }
  Json json;
  json["number"] = row.number;
  json["commit"] = row.commit;
  json["subject"] = row.subject;
  json["committed"] = row.committed;
  json["outcome"] = to_string(row.outcome);
  json["problem"] = or_null(row.problem);
  json["primes"] = row.primes;
  json["changed"] = row.changed;
  json["changed_count"] = row.changed_count;
  json["classes"] = Json::object();
  for (const auto& [name, count] : row.classes) json["classes"][name] = count;
  json["blame"] = Json::object();
  for (const auto& [name, seconds] : row.blame) json["blame"][name] = seconds;
  json["hits"] = row.hits;
  json["ran"] = std::move(ran);
  json["duration_sec"] = or_null(row.duration_sec);
  json["critical_path_sec"] = or_null(row.critical_path_sec);
  json["digest"] = or_null(row.digest);
  json["invalid_reason"] = or_null(row.invalid_reason);
  json["bases"] = row.bases;
  json["notes"] = row.notes;
  return json;
}

Result<Row> row_from_json(const Json& json) {
  try {
    Row row;
    row.number = json.at("number").get<int>();
    row.commit = json.at("commit").get<std::string>();
    row.subject = json.at("subject").get<std::string>();
    row.committed = json.at("committed").get<std::string>();
    BUILDLAB_ASSIGN(row.outcome, parse_outcome(json.at("outcome").get<std::string>()));
    row.problem = optional_of<std::string>(json, "problem");
    row.primes = json.at("primes").get<bool>();
    row.changed = json.at("changed").get<std::vector<std::string>>();
    row.changed_count = json.at("changed_count").get<std::size_t>();
    row.classes = json.at("classes").get<std::map<std::string, std::size_t>>();
    row.blame = json.at("blame").get<std::map<std::string, double>>();
    row.hits = json.at("hits").get<int>();
    for (const Json& step : json.at("ran")) row.ran.push_back(step_from_json(step));
    row.duration_sec = optional_of<double>(json, "duration_sec");
    row.critical_path_sec = optional_of<double>(json, "critical_path_sec");
    row.digest = optional_of<std::string>(json, "digest");
    row.invalid_reason = optional_of<std::string>(json, "invalid_reason");
    row.bases = json.at("bases").get<std::vector<std::string>>();
    row.notes = json.at("notes").get<std::vector<std::string>>();
    return row;
  } catch (const Json::exception& error) {
    return fail(ErrorKind::infrastructure, fmt::format("no row of a replay: {}", error.what()));
  }
}

}  // namespace buildlab::replay
