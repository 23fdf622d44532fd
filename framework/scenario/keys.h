// Private to the room: the keys of each object of a scenario file. docs/schema/scenario.schema.json has the
// same ones, which a test compares.
#pragma once

#include <string>
#include <vector>

namespace buildlab::scenario {

inline const std::vector<std::string>& file_keys() {
  static const std::vector<std::string> k_keys = {"$schema", "schema_version", "subjects", "scenarios"};
  return k_keys;
}

inline const std::vector<std::string>& subject_keys() {
  static const std::vector<std::string> k_keys = {"context",    "dockerfile",        "target",
                                                  "build_args", "platform",          "local_base",
                                                  "secrets",    "source_date_epoch", "rewrite_timestamp"};
  return k_keys;
}

inline const std::vector<std::string>& secret_keys() {
  static const std::vector<std::string> k_keys = {"id", "file", "env"};
  return k_keys;
}

inline const std::vector<std::string>& scenario_keys() {
  static const std::vector<std::string> k_keys = {"name",           "subject",
                                                  "kind",           "cache_mode",
                                                  "input_mutation", "runs",
                                                  "cache_ref",      "cache_export_mode",
                                                  "network",        "vary",
                                                  "max_builds",     "timeout_sec",
                                                  "labels",         "gates",
                                                  "faults",         "max_runs",
                                                  "until_interval", "time_budget_sec",
                                                  "no_cache",       "cache_attributes",
                                                  "backends",       "commits",
                                                  "cache_preimages"};
  return k_keys;
}

inline const std::vector<std::string>& backend_keys() {
  static const std::vector<std::string> k_keys = {
      "name", "cache_mode", "kept", "cache_ref", "cache_export_mode", "cache_attributes", "faults"};
  return k_keys;
}

inline const std::vector<std::string>& gate_keys() {
  static const std::vector<std::string> k_keys = {"digest_stable",
                                                  "variations_stable",
                                                  "ignore_differences",
                                                  "min_hit_ratio",
                                                  "min_time_weighted_hit_ratio",
                                                  "stable_hit_ratio",
                                                  "max_duration_sec",
                                                  "max_duration_ratio",
                                                  "max_spread",
                                                  "expect_cached",
                                                  "expect_ran",
                                                  "max_image_size",
                                                  "strict_baseline",
                                                  "confirmation_runs",
                                                  "confirmation_budget_sec"};
  return k_keys;
}

inline const std::vector<std::string>& duration_ratio_keys() {
  static const std::vector<std::string> k_keys = {"limit", "of"};
  return k_keys;
}

// Of every fault; what one kind of fault takes beside them stands in framework/fault/fault.h.
inline const std::vector<std::string>& fault_keys() {
  static const std::vector<std::string> k_keys = {
      "at",         "fault",     "times",         "status",      "retry_after_sec",
      "latency_ms", "jitter_ms", "bytes_per_sec", "after_bytes", "delay_ms",
      "build",      "from_ms",   "for_ms",        "every_ms"};
  return k_keys;
}

// A mutation is an object whose first word says what it does.
struct MutationShape {
  std::string verb;
  std::vector<std::string> required;
  std::vector<std::string> optional;
};

inline const std::vector<MutationShape>& mutation_shapes() {
  static const std::vector<MutationShape> k_shapes = {{"append", {}, {"text"}},
                                                      {"replace", {"from", "to"}, {}},
                                                      {"touch", {}, {}},
                                                      {"chmod", {"mode"}, {}},
                                                      {"add", {}, {"text"}},
                                                      {"delete", {}, {}},
                                                      {"rename", {"to"}, {}},
                                                      {"patch", {}, {}},
                                                      {"set_build_arg", {"value"}, {}},
                                                      {"run", {}, {}}};
  return k_shapes;
}

}  // namespace buildlab::scenario
