#include <fmt/format.h>

#include "framework/record/backends_json.h"
#include "framework/record/drift_json.h"
#include "framework/record/json_fields.h"
#include "framework/record/record_json.h"
#include "framework/record/record_parts.h"
#include "framework/record/run_length_json.h"
#include "framework/record/transfer_json.h"
#include "framework/replay/walk_json.h"

namespace buildlab::record {
namespace {

metrics::Parts read_parts(const Fields& fields) {
  metrics::Parts parts;
  parts.steps_sec = fields.number("steps_sec");
  parts.hydration_sec = fields.number("hydration_sec");
  parts.base_pull_sec = fields.number("base_pull_sec");
  parts.context_sec = fields.number("context_sec");
  parts.cache_import_sec = fields.number("cache_import_sec");
  parts.cache_export_sec = fields.number("cache_export_sec");
  parts.export_sec = fields.number("export_sec");
  parts.idle_sec = fields.number("idle_sec");
  return parts;
}

dockerfile::LineRange read_lines(const Fields& fields) {
  const Json* lines = fields.raw("lines");
  if (lines != nullptr && lines->is_array() && lines->size() == 2 && (*lines)[0].is_number_integer() &&
      (*lines)[1].is_number_integer()) {
    return {(*lines)[0].get<int>(), (*lines)[1].get<int>()};
  }
  fields.wrong("lines", "is not [first, last]");
  return {};
}

metrics::Step read_step(const Fields& fields) {
  metrics::Step step;
  step.stage = fields.text("stage");
  step.lines = read_lines(fields);
  step.text = fields.text("text");
  step.outcome = fields.word("outcome", metrics::parse_step_outcome);
  step.source = fields.optional_word("source", metrics::parse_hit_source);
  step.seconds = fields.optional_number("seconds");
  step.hydration_seconds = fields.optional_number("hydration_seconds");
  step.started_sec = fields.optional_number("started_sec");
  step.error = fields.optional_text("error");
  step.log_tail = fields.texts("log_tail");
  step.fetches = fields.optional_object("fetches", read_fetches);
  // Absent in records of before misses had reasons.
  if (fields.raw("miss_reason") == nullptr) return step;
  if (const auto reason = fields.optional_word("miss_reason", metrics::parse_miss_reason))
    step.miss = metrics::Miss{*reason, fields.optional_text("miss_detail")};
  return step;
}

ImageRow read_image_row(const Fields& fields) {
  ImageRow image;
  image.digest = fields.text("digest");
  image.config_digest = fields.text("config_digest");
  image.size_bytes = fields.integer<std::uint64_t>("size_bytes");
  image.layers = fields.objects("layers", [](const Fields& layer) {
    LayerRow row{layer.text("digest"), layer.text("diff_id"), layer.integer<std::uint64_t>("size_bytes")};
    // Absent in records of before layers were tied to instructions.
    if (const Json* lines = layer.raw("lines"); lines != nullptr && !lines->is_null()) {
      row.lines = read_lines(layer);
    }
    row.media_type = layer.text_or_empty("media_type");  // absent in older records
    return row;
  });
  image.same_as = fields.optional_text("same_as");
  image.passed_over = read_passed_over(fields);
  return image;
}

Overhead read_overhead(const Fields& fields) {
  return {fields.number("context_sec"), fields.number("client_sec"), fields.number("provenance_sec"),
          fields.number("analysis_sec")};
}

metrics::Numbers read_numbers(const Fields& fields) {
  metrics::Numbers numbers;
  numbers.parts = fields.object("parts", read_parts);
  numbers.steps = fields.objects("steps", read_step);
  struct Counts {
    int hit = 0, ran = 0, failed = 0, not_run = 0, not_in_graph = 0;
  };
  const Counts counts = fields.object("step_counts", [](const Fields& count) {
    return Counts{count.integer<int>("hit"), count.integer<int>("ran"), count.integer<int>("failed"),
                  count.integer<int>("not_run"), count.integer<int>("not_in_graph")};
  });
  numbers.hits = counts.hit;
  numbers.ran = counts.ran;
  numbers.failed = counts.failed;
  numbers.not_run = counts.not_run;
  numbers.not_in_graph = counts.not_in_graph;
  numbers.cache_hit_ratio = fields.optional_number("cache_hit_ratio");
  numbers.steps_seconds_sum = fields.number("steps_seconds_sum");
  numbers.critical_path = fields.objects("critical_path", [](const Fields& step) {
    return metrics::CriticalStep{step.text("name"), step.number("seconds")};
  });
  numbers.critical_path_sec = fields.number("critical_path_sec");
  numbers.cache_imports = fields.objects("cache_imports", [](const Fields& import) {
    return metrics::CacheImport{import.text("name"), import.optional_text("error")};
  });
  numbers.cache_export_error = fields.optional_text("cache_export_error");
  numbers.warnings = fields.texts("warnings");
  numbers.error = fields.optional_text("error");
  return numbers;
}

// Absent where nothing was fetched, and in records of before they were kept.
std::map<std::string, std::string> read_sources(const Fields& fields) {
  std::map<std::string, std::string> sources;
  const Json* json = fields.raw("sources");
  if (json == nullptr) return sources;
  if (!json->is_object()) {
    fields.wrong("sources", "is not an object");
    return sources;
  }
  for (const auto& [url, digest] : json->items()) {
    if (digest.is_string()) {
      sources[url] = digest.get<std::string>();
    } else {
      fields.wrong("sources", "holds what is not a string");
    }
  }
  return sources;
}

Build read_build(const Fields& fields) {
  Build build;
  build.iteration = fields.integer<int>("iteration");
  build.builder = fields.text_or_empty("builder");
  build.cache_state = fields.text("cache_state");
  build.mutation = fields.text_or_empty("mutation");
  build.started = fields.text("started");
  build.duration_sec = fields.number("duration_sec");
  build.numbers = read_numbers(fields);
  build.time_weighted_hit_ratio = fields.optional_number("time_weighted_hit_ratio");
  build.image = fields.optional_object("image", read_image_row);
  build.valid = fields.boolean("valid");
  build.invalid_reason = fields.optional_text("invalid_reason");
  build.failure = fields.optional_text("failure");
  build.failure_details = fields.texts("failure_details");
  build.overhead = fields.object("overhead", read_overhead);
  if (fields.raw("builder_start_sec") != nullptr)
    build.builder_start_sec = fields.optional_number("builder_start_sec");
  build.transfer = fields.optional_object("transfer", read_transfer);
  build.noisy_network = fields.optional_text("noisy_network");
  build.clock_step_sec = fields.optional_number("clock_step_sec");
  build.other_fetches = fields.optional_object("other_fetches", read_fetches);
  build.sources = read_sources(fields);
  build.artifacts = fields.text_or_empty("artifacts");
  return build;
}

}  // namespace

Circumstances read_circumstances(const Fields& fields) {
  Circumstances result;
  result.tool_version = fields.text("tool_version");
  result.buildkit_version = fields.text("buildkit_version");
  result.buildkit_origin = fields.text("buildkit_origin");
  result.runc_version = fields.text("runc_version");
  result.snapshotter = fields.text("snapshotter");
  result.decompressor = fields.text("decompressor");
  result.cores = fields.integer<int>("cores");
  result.kernel = fields.text("kernel");
  result.load_1min = fields.number("load_1min");
  result.memory_bytes = fields.integer<std::uint64_t>("memory_bytes");
  result.bases = fields.objects("bases", [](const Fields& base) {
    return Base{base.text("reference"), base.text("digest"), base.boolean("made_locally"),
                base.boolean("trusts_host_authorities")};
  });
  result.dockerfile_digest = fields.text("dockerfile_digest");
  result.context_digest = fields.text("context_digest");
  result.context_left_out = fields.texts("context_left_out");
  result.source_date_epoch = fields.optional_integer<std::int64_t>("source_date_epoch");
  result.rewrite_timestamp = fields.boolean("rewrite_timestamp");
  result.proxy_network = fields.raw("proxy_network") != nullptr && fields.boolean("proxy_network");
  return result;
}

SubjectKey read_subject(const Fields& fields) {
  SubjectKey subject;
  subject.name = fields.text("name");
  subject.context = fields.text("context");
  subject.dockerfile = fields.text("dockerfile");
  subject.target = fields.text_or_empty("target");
  subject.platform = fields.text("platform");
  const Json* build_args = fields.raw("build_args");
  if (build_args == nullptr || !build_args->is_object()) {
    fields.wrong("build_args", "is not an object");
    return subject;
  }
  for (const auto& [name, value] : build_args->items()) {
    if (value.is_string()) {
      subject.build_args[name] = value.get<std::string>();
    } else {
      fields.wrong("build_args." + name, "is not a string");
    }
  }
  return subject;
}

namespace {

verdict::Verdict read_verdict(const Fields& fields) {
  verdict::Verdict verdict;
  verdict.gate = fields.text("name");
  verdict.ruling = fields.word("verdict", verdict::parse_ruling);
  verdict.message = fields.text("message");
  verdict.evidence = fields.texts("evidence");
  verdict.file = fields.optional_text("file");
  verdict.line = fields.optional_integer<int>("line");
  return verdict;
}

VariationRow read_variation(const Fields& fields) {
  VariationRow row;
  row.name = fields.text("name");
  row.outcome = fields.word("outcome", variation::parse_outcome);
  row.reason = fields.text_or_empty("reason");
  row.builds = fields.integer<int>("builds");
  row.digest = fields.text_or_empty("digest");
  if (fields.raw("drift") != nullptr) row.drift = fields.object("drift", read_drift);
  return row;
}

VariedBuild read_varied_build(const Fields& fields) {
  VariedBuild build;
  build.varied = fields.texts("varied");
  build.started = fields.text("started");
  build.duration_sec = fields.number("duration_sec");
  build.digest = fields.text_or_empty("digest");
  build.canaries = fields.texts("canaries");
  build.failure = fields.optional_text("failure");
  build.artifacts = fields.text_or_empty("artifacts");
  return build;
}

ScenarioRecord read_record(const Fields& fields) {
  ScenarioRecord record;
  record.run_id = fields.text("run_id");
  record.name = fields.text("name");
  record.kind = fields.text("kind");
  record.cache_mode = fields.text("cache_mode");
  record.input_mutation = fields.text_or_empty("input_mutation");
  record.subject = fields.object("subject", read_subject);
  record.scenario_file = fields.text("scenario_file");
  record.scenario_line = fields.integer<int>("scenario_line");
  record.dockerfile_path = fields.text("dockerfile_path");
  record.dockerfile_text = fields.text("dockerfile_text");
  record.started = fields.text("started");
  record.finished = fields.text_or_empty("finished");
  record.outcome = fields.word("outcome", verdict::parse_outcome);
  record.error = fields.optional_text("error");
  record.error_details = fields.texts("error_details");
  record.notes = fields.texts("notes");
  // Absent in records of before faults could be declared.
  if (fields.raw("faults") != nullptr) record.faults = fields.texts("faults");
  read_run_length(fields, record);
  read_backends(fields, record);
  // Absent in records of before it was kept.
  if (fields.raw("declaration") != nullptr) record.declaration = read_texts_by_name(fields, "declaration");
  record.circumstances = fields.object("circumstances", read_circumstances);
  // Absent in records of before images were compared.
  if (fields.raw("drift") != nullptr) record.drift = fields.objects("drift", read_drift);
  record.gates = fields.objects("gates", read_verdict);
  record.priming_notes = fields.texts("priming_notes");
  record.priming = fields.objects("priming", read_build);
  record.builds = fields.objects("builds", read_build);
  // Absent in records of before disturbed builds were compared with undisturbed ones.
  if (fields.raw("references") != nullptr) record.references = fields.objects("references", read_build);
  // Absent in records of before anything was varied.
  if (fields.raw("variations") != nullptr) record.variations = fields.objects("variations", read_variation);
  if (fields.raw("varied_builds") != nullptr)
    record.varied_builds = fields.objects("varied_builds", read_varied_build);
  return record;
}

}  // namespace

Result<Build> build_from_json(const Json& json, std::string_view name) {
  FieldErrors errors{std::string(name), std::nullopt};
  Build build = read_build(Fields(json, "", errors));
  if (errors.first) return fail(ErrorKind::infrastructure, *errors.first);
  return build;
}

Result<ScenarioRecord> record_from_json(const Json& json, std::string_view name) {
  FieldErrors errors{std::string(name), std::nullopt};
  const Fields fields(json, "", errors);
  const int version = fields.integer<int>("schema_version");
  if (!errors.first && version > k_schema_version) {
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: schema_version {} is newer than the {} that this Build Lab reads", name,
                            version, k_schema_version),
                {"use the Build Lab that wrote it, or another --store"});
  }
  ScenarioRecord record = read_record(fields);
  record.schema_version = version;
  if (errors.first) return fail(ErrorKind::infrastructure, *errors.first);
  // Absent in records of before histories were replayed.
  if (const auto walk = json.find("replay"); walk != json.end() && !walk->is_null()) {
    BUILDLAB_ASSIGN(record.replay, replay::walk_from_json(*walk));
  }
  return record;
}

}  // namespace buildlab::record
