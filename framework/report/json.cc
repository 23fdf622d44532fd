// The report for programs: docs/schema/report.schema.json.
#include "framework/base/json.h"
#include "framework/record/drift_json.h"
#include "framework/record/record_json.h"
#include "framework/report/matrix.h"
#include "framework/report/replay.h"
#include "framework/report/report.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

constexpr int k_report_schema_version = 1;

Json advice_to_json(const advisor::Advice& advice) {
  return {{"rule", advice.rule},         {"text", advice.text},         {"seconds", advice.seconds},
          {"run_id", advice.run_id},     {"scenario", advice.scenario}, {"file", or_null(advice.file)},
          {"line", or_null(advice.line)}};
}

Json builds_to_json(const std::vector<record::Build>& builds) {
  Json array = Json::array();
  for (const record::Build& build : builds) array.push_back(record::build_to_json(build));
  return array;
}

Json scenario_to_json(const record::ScenarioRecord& record) {
  Json gates = Json::array();
  for (const verdict::Verdict& gate : record.gates) gates.push_back(record::verdict_to_json(gate));
  Json drifts = Json::array();
  for (const record::Drift& drift : record.drift) drifts.push_back(record::drift_to_json(drift));
  Json variations = Json::array();
  for (const record::VariationRow& row : record.variations)
    variations.push_back(record::variation_to_json(row));
  return {{"name", record.name},
          {"kind", record.kind},
          {"cache_mode", record.cache_mode},
          {"input_mutation", record.input_mutation.empty() ? Json(nullptr) : Json(record.input_mutation)},
          {"subject", record.subject.name},
          {"run_id", record.run_id},
          {"started", record.started},
          {"outcome", verdict::to_string(record.outcome)},
          {"error", or_null(record.error)},
          {"error_details", record.error_details},
          {"gates", std::move(gates)},
          {"priming_notes", record.priming_notes},
          {"priming", builds_to_json(record.priming)},
          {"builds", builds_to_json(record.builds)},
          {"references", builds_to_json(record.references)},
          {"drift", std::move(drifts)},
          {"variations", std::move(variations)},
          {"circumstances", record::circumstances_to_json(record.circumstances)},
          {"notes", record.notes},
          {"faults", record.faults},
          {"cache_attributes", record.cache_attributes},
          {"backends", matrix_to_json(record)},
          {"break_even", break_evens_to_json(record)},
          {"run_length", record::run_length_to_json(record)},
          {"confirmations", record::confirmations_to_json(record)},
          {"moved_bases", record::moved_bases_to_json(record)},
          {"replay", record.replay ? document_of(*record.replay) : Json(nullptr)}};
}

}  // namespace

std::string to_json(const ReportInput& unsafe) {
  const ReportInput input = redacted(unsafe);
  const Head head = head_of(input.records);
  Json actions = Json::array();
  Json advice = Json::array();
  for (const advisor::Advice& each : input.advice) {
    actions.push_back(each.text);
    advice.push_back(advice_to_json(each));
  }
  Json scenarios = Json::array();
  for (const record::ScenarioRecord& record : input.records) scenarios.push_back(scenario_to_json(record));
  return to_pretty_text({{"schema_version", k_report_schema_version},
                         {"cold_duration", or_null(head.cold_duration)},
                         {"warm_duration", or_null(head.warm_duration)},
                         {"cache_hit_ratio", or_null(head.cache_hit_ratio)},
                         {"digest_stability", head.digest_stability},
                         {"recommended_actions", std::move(actions)},
                         {"advice", std::move(advice)},
                         {"scenarios", std::move(scenarios)}});
}

}  // namespace buildlab::report
