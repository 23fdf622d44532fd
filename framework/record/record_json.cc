#include "framework/record/record_json.h"

#include "framework/record/backends_json.h"
#include "framework/record/drift_json.h"
#include "framework/record/record_parts.h"
#include "framework/record/transfer_json.h"
#include "framework/replay/walk_json.h"

namespace buildlab::record {
namespace {

template <typename T, typename Write>
Json array_of(const std::vector<T>& values, Write write) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(write(value));
  return array;
}

Json parts_to_json(const metrics::Parts& parts) {
  return {{"steps_sec", parts.steps_sec},
          {"hydration_sec", parts.hydration_sec},
          {"base_pull_sec", parts.base_pull_sec},
          {"context_sec", parts.context_sec},
          {"cache_import_sec", parts.cache_import_sec},
          {"cache_export_sec", parts.cache_export_sec},
          {"export_sec", parts.export_sec},
          {"idle_sec", parts.idle_sec}};
}

Json step_to_json(const metrics::Step& step) {
  Json json{{"stage", step.stage},
            {"lines", Json::array({step.lines.first, step.lines.last})},
            {"text", step.text},
            {"outcome", metrics::to_string(step.outcome)},
            {"source", step.source ? Json(metrics::to_string(*step.source)) : Json(nullptr)},
            {"seconds", or_null(step.seconds)},
            {"hydration_seconds", or_null(step.hydration_seconds)},
            {"started_sec", or_null(step.started_sec)},
            {"error", or_null(step.error)},
            {"miss_reason", step.miss ? Json(metrics::to_string(step.miss->reason)) : Json(nullptr)},
            {"miss_detail", step.miss ? or_null(step.miss->detail) : Json(nullptr)},
            {"log_tail", step.log_tail}};
  if (step.fetches) json["fetches"] = fetches_to_json(*step.fetches);
  return json;
}

Json layer_to_json(const LayerRow& layer) {
  return {{"digest", layer.digest},
          {"diff_id", layer.diff_id},
          {"size_bytes", layer.size_bytes},
          {"media_type", or_null(layer.media_type)},
          {"lines", layer.lines ? Json::array({layer.lines->first, layer.lines->last}) : Json()}};
}

Json image_to_json(const ImageRow& image) {
  return {{"digest", image.digest},
          {"config_digest", image.config_digest},
          {"size_bytes", image.size_bytes},
          {"layers", array_of(image.layers, layer_to_json)},
          {"same_as", or_null(image.same_as)},
          {"passed_over", passed_over_to_json(image.passed_over)}};
}

Json overhead_to_json(const Overhead& overhead) {
  return {{"context_sec", overhead.context_sec},
          {"client_sec", overhead.client_sec},
          {"provenance_sec", overhead.provenance_sec},
          {"analysis_sec", overhead.analysis_sec}};
}

}  // namespace

Json subject_to_json(const SubjectKey& subject) {
  Json build_args = Json::object();
  for (const auto& [name, value] : subject.build_args) build_args[name] = value;
  return {{"name", subject.name},
          {"context", subject.context},
          {"dockerfile", subject.dockerfile},
          {"target", or_null(subject.target)},
          {"build_args", std::move(build_args)},
          {"platform", subject.platform}};
}

namespace {

Json varied_build_to_json(const VariedBuild& build) {
  return {{"varied", build.varied},
          {"started", build.started},
          {"duration_sec", build.duration_sec},
          {"digest", or_null(build.digest)},
          {"canaries", build.canaries},
          {"failure", or_null(build.failure)},
          {"artifacts", or_null(build.artifacts)}};
}

}  // namespace

Json variation_to_json(const VariationRow& row) {
  return {{"name", row.name},
          {"outcome", variation::to_string(row.outcome)},
          {"reason", or_null(row.reason)},
          {"builds", row.builds},
          {"digest", or_null(row.digest)},
          {"drift", row.drift ? drift_to_json(*row.drift) : Json(nullptr)}};
}

Json circumstances_to_json(const Circumstances& circumstances) {
  return {{"tool_version", circumstances.tool_version},
          {"buildkit_version", circumstances.buildkit_version},
          {"buildkit_origin", circumstances.buildkit_origin},
          {"runc_version", circumstances.runc_version},
          {"snapshotter", circumstances.snapshotter},
          {"decompressor", circumstances.decompressor},
          {"cores", circumstances.cores},
          {"kernel", circumstances.kernel},
          {"load_1min", circumstances.load_1min},
          {"memory_bytes", circumstances.memory_bytes},
          {"bases", array_of(circumstances.bases,
                             [](const Base& base) {
                               return Json{{"reference", base.reference},
                                           {"digest", base.digest},
                                           {"made_locally", base.made_locally},
                                           {"trusts_host_authorities", base.trusts_host_authorities}};
                             })},
          {"dockerfile_digest", circumstances.dockerfile_digest},
          {"context_digest", circumstances.context_digest},
          {"context_left_out", circumstances.context_left_out},
          {"source_date_epoch", or_null(circumstances.source_date_epoch)},
          {"rewrite_timestamp", circumstances.rewrite_timestamp},
          {"proxy_network", circumstances.proxy_network}};
}

Json verdict_to_json(const verdict::Verdict& verdict) {
  return {{"name", verdict.gate},          {"verdict", verdict::to_string(verdict.ruling)},
          {"message", verdict.message},    {"evidence", verdict.evidence},
          {"file", or_null(verdict.file)}, {"line", or_null(verdict.line)}};
}

Json build_to_json(const Build& build) {
  const metrics::Numbers& numbers = build.numbers;
  Json json = {
      {"iteration", build.iteration},
      {"builder", or_null(build.builder)},
      {"cache_state", build.cache_state},
      {"mutation", or_null(build.mutation)},
      {"started", build.started},
      {"duration_sec", build.duration_sec},
      {"builder_start_sec", or_null(build.builder_start_sec)},
      {"parts", parts_to_json(numbers.parts)},
      {"cache_hit_ratio", or_null(numbers.cache_hit_ratio)},
      {"time_weighted_hit_ratio", or_null(build.time_weighted_hit_ratio)},
      {"digest", build.image ? Json(build.image->digest) : Json(nullptr)},
      {"valid", build.valid},
      {"invalid_reason", or_null(build.invalid_reason)},
      {"steps", array_of(numbers.steps, step_to_json)},
      {"step_counts",
       {{"hit", numbers.hits},
        {"ran", numbers.ran},
        {"failed", numbers.failed},
        {"not_run", numbers.not_run},
        {"not_in_graph", numbers.not_in_graph}}},
      {"steps_seconds_sum", numbers.steps_seconds_sum},
      {"critical_path_sec", numbers.critical_path_sec},
      {"critical_path", array_of(numbers.critical_path,
                                 [](const metrics::CriticalStep& step) {
                                   return Json{{"name", step.name}, {"seconds", step.seconds}};
                                 })},
      {"cache_imports", array_of(numbers.cache_imports,
                                 [](const metrics::CacheImport& import) {
                                   return Json{{"name", import.name}, {"error", or_null(import.error)}};
                                 })},
      {"cache_export_error", or_null(numbers.cache_export_error)},
      {"warnings", numbers.warnings},
      {"error", or_null(numbers.error)},
      {"image", build.image ? image_to_json(*build.image) : Json(nullptr)},
      {"failure", or_null(build.failure)},
      {"failure_details", build.failure_details},
      {"overhead", overhead_to_json(build.overhead)},
      {"transfer", build.transfer ? transfer_to_json(*build.transfer) : Json(nullptr)},
      {"artifacts", or_null(build.artifacts)},
  };
  if (build.noisy_network) json["noisy_network"] = *build.noisy_network;
  if (build.clock_step_sec) json["clock_step_sec"] = *build.clock_step_sec;
  if (build.other_fetches) json["other_fetches"] = fetches_to_json(*build.other_fetches);
  if (!build.sources.empty()) json["sources"] = build.sources;
  return json;
}

Json to_json(const ScenarioRecord& record) {
  return {{"schema_version", record.schema_version},
          {"run_id", record.run_id},
          {"name", record.name},
          {"kind", record.kind},
          {"cache_mode", record.cache_mode},
          {"input_mutation", or_null(record.input_mutation)},
          {"subject", subject_to_json(record.subject)},
          {"scenario_file", record.scenario_file},
          {"scenario_line", record.scenario_line},
          {"dockerfile_path", record.dockerfile_path},
          {"dockerfile_text", record.dockerfile_text},
          {"started", record.started},
          {"finished", or_null(record.finished)},
          {"outcome", verdict::to_string(record.outcome)},
          {"error", or_null(record.error)},
          {"error_details", record.error_details},
          {"notes", record.notes},
          {"faults", record.faults},
          {"cache_attributes", attributes_to_json(record.cache_attributes)},
          {"declaration", record.declaration ? attributes_to_json(*record.declaration) : Json(nullptr)},
          {"backends", backends_to_json(record)},
          {"run_length", run_length_to_json(record)},
          {"confirmations", confirmations_to_json(record)},
          {"moved_bases", moved_bases_to_json(record)},
          {"replay", record.replay ? replay::to_json(*record.replay) : Json(nullptr)},
          {"circumstances", circumstances_to_json(record.circumstances)},
          {"drift", array_of(record.drift, drift_to_json)},
          {"gates", array_of(record.gates, verdict_to_json)},
          {"priming_notes", record.priming_notes},
          {"priming", array_of(record.priming, build_to_json)},
          {"builds", array_of(record.builds, build_to_json)},
          {"references", array_of(record.references, build_to_json)},
          {"variations", array_of(record.variations, variation_to_json)},
          {"varied_builds", array_of(record.varied_builds, varied_build_to_json)}};
}

Json build_event(const ScenarioRecord& record, const Build& build, bool priming) {
  return {{"schema_version", k_schema_version},
          {"event", "build_finished"},
          {"run_id", record.run_id},
          {"name", record.name},
          {"kind", record.kind},
          {"cache_mode", record.cache_mode},
          {"input_mutation", or_null(build.mutation)},
          {"role", priming ? "priming" : "measured"},
          {"iteration", build.iteration},
          {"builder", or_null(build.builder)},
          {"started", build.started},
          {"duration_sec", build.duration_sec},
          {"parts", parts_to_json(build.numbers.parts)},
          {"cache_hit_ratio", or_null(build.numbers.cache_hit_ratio)},
          {"time_weighted_hit_ratio", or_null(build.time_weighted_hit_ratio)},
          {"digest", build.image ? Json(build.image->digest) : Json(nullptr)},
          {"valid", build.valid},
          {"invalid_reason", or_null(build.invalid_reason)},
          {"failure", or_null(build.failure)}};
}

}  // namespace buildlab::record
