#include "framework/record/run_length_json.h"

#include "framework/record/record_json.h"

namespace buildlab::record {
namespace {

Json length_to_json(const RunLength& length) {
  return {{"least", length.least},
          {"most", length.most},
          {"until_interval", length.until_interval},
          {"budget_sec", or_null(length.budget_sec)},
          {"interval", or_null(length.interval)},
          {"spent_sec", length.spent_sec},
          {"stopped", length.stopped}};
}

Json confirmation_build_to_json(const ConfirmationBuild& build) {
  return {{"scenario", build.scenario},
          {"round", build.round},
          {"started", build.started},
          {"duration_sec", build.duration_sec},
          {"artifacts", build.artifacts.empty() ? Json(nullptr) : Json(build.artifacts)},
          {"invalid_reason", or_null(build.invalid_reason)}};
}

Json confirmation_to_json(const Confirmation& confirmation) {
  Json builds = Json::array();
  for (const ConfirmationBuild& build : confirmation.builds)
    builds.push_back(confirmation_build_to_json(build));
  return {{"gate", confirmation.gate},
          {"of", confirmation.of.empty() ? Json(nullptr) : Json(confirmation.of)},
          {"at_most", confirmation.at_most},
          {"builds", std::move(builds)},
          {"confirmed", confirmation.confirmed},
          {"error", or_null(confirmation.error)},
          {"budget_sec", or_null(confirmation.budget_sec)}};
}

RunLength read_length(const Fields& fields) {
  RunLength length;
  length.least = fields.integer<int>("least");
  length.most = fields.integer<int>("most");
  length.until_interval = fields.number("until_interval");
  length.budget_sec = fields.optional_number("budget_sec");
  length.interval = fields.optional_number("interval");
  length.spent_sec = fields.number("spent_sec");
  length.stopped = fields.text("stopped");
  return length;
}

Confirmation read_confirmation(const Fields& fields) {
  Confirmation confirmation;
  confirmation.gate = fields.text("gate");
  confirmation.of = fields.text_or_empty("of");
  confirmation.at_most = fields.integer<int>("at_most");
  confirmation.builds = fields.objects("builds", [](const Fields& build) {
    ConfirmationBuild read;
    read.scenario = build.text("scenario");
    read.round = build.integer<int>("round");
    read.started = build.text("started");
    read.duration_sec = build.number("duration_sec");
    read.artifacts = build.text_or_empty("artifacts");
    read.invalid_reason = build.optional_text("invalid_reason");
    return read;
  });
  confirmation.confirmed = fields.boolean("confirmed");
  confirmation.error = fields.optional_text("error");
  confirmation.budget_sec = fields.optional_number("budget_sec");
  return confirmation;
}

}  // namespace

Json run_length_to_json(const ScenarioRecord& record) {
  return record.run_length ? length_to_json(*record.run_length) : Json(nullptr);
}

Json confirmations_to_json(const ScenarioRecord& record) {
  Json array = Json::array();
  for (const Confirmation& confirmation : record.confirmations)
    array.push_back(confirmation_to_json(confirmation));
  return array;
}

Json moved_bases_to_json(const ScenarioRecord& record) {
  Json array = Json::array();
  for (const MovedBase& base : record.moved_bases) {
    array.push_back(
        {{"reference", base.reference}, {"digest", base.digest}, {"digest_now", base.digest_now}});
  }
  return array;
}

void read_run_length(const Fields& fields, ScenarioRecord& record) {
  // Absent in records of before there were any.
  record.run_length = fields.optional_object("run_length", read_length);
  if (fields.raw("confirmations") != nullptr)
    record.confirmations = fields.objects("confirmations", read_confirmation);
  if (fields.raw("moved_bases") != nullptr) {
    record.moved_bases = fields.objects("moved_bases", [](const Fields& base) {
      return MovedBase{base.text("reference"), base.text("digest"), base.text("digest_now")};
    });
  }
}

}  // namespace buildlab::record
