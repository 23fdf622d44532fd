// A walk through history for programs.
#include "framework/base/json.h"
#include "framework/report/replay.h"

namespace buildlab::report {
namespace {

constexpr int k_replay_schema_version = 1;

Json classes_json(const replay::Sums& sums) {
  Json json = Json::array();
  for (const replay::ClassSum& sum : sums.classes) {
    json.push_back({{"name", sum.name},
                    {"commits", sum.commits},
                    {"share", sum.share},
                    {"mean_sec", sum.mean_sec},
                    {"alone", sum.alone},
                    {"alone_sec", or_null(sum.alone_sec)},
                    {"expected_sec", sum.expected_sec}});
  }
  return json;
}

Json steps_json(const replay::Sums& sums) {
  Json json = Json::array();
  for (const replay::StepSum& sum : sums.steps) {
    Json reasons = Json::object();
    for (const auto& [reason, count] : sum.reasons) reasons[reason] = count;
    json.push_back({{"stage", sum.stage},
                    {"text", sum.text},
                    {"commits", sum.commits},
                    {"share", sum.share},
                    {"mean_sec", sum.mean_sec},
                    {"expected_sec", sum.expected_sec},
                    {"miss_reasons", std::move(reasons)}});
  }
  return json;
}

Json sums_json(const replay::Sums& sums) {
  Json duration = nullptr;
  if (sums.duration) {
    duration = {{"median", sums.duration->median},
                {"low", sums.duration->low},
                {"high", sums.duration->high},
                {"count", sums.duration->count}};
  }
  return {{"commits", sums.commits},
          {"counted", sums.counted},
          {"failed", sums.failed},
          {"without_dockerfile", sums.without_dockerfile},
          {"refused", sums.refused},
          {"duration_sec", std::move(duration)},
          {"mean_sec", or_null(sums.mean_sec)},
          {"cache_hit_ratio", or_null(sums.hit_ratio)},
          {"ran_nothing", sums.full_hits},
          {"classes", classes_json(sums)},
          {"steps", steps_json(sums)}};
}

}  // namespace

Json document_of(const replay::Walk& walk) {
  Json rows = Json::array();
  for (const replay::Row& row : walk.rows) rows.push_back(replay::to_json(row));
  Json json;
  json["schema_version"] = k_replay_schema_version;
  json["subject"] = walk.subject;
  json["dockerfile"] = walk.dockerfile;
  json["range"] = walk.range;
  json["planned"] = walk.planned;
  json["tool_version"] = walk.tool_version;
  json["buildkit_version"] = walk.buildkit_version;
  json["cores"] = walk.cores;
  json["sums"] = sums_json(replay::sum_up(walk.rows));
  json["commits"] = std::move(rows);
  json["notes"] = walk.notes;
  return json;
}

std::string to_json(const replay::Walk& walk) {
  return to_pretty_text(document_of(walk));
}

}  // namespace buildlab::report
