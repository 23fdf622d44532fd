// Valid records for tests, made of a few words each: every value is consistent with the laws of a record, so
// that a test states only what it is about.
#pragma once

#include <fmt/format.h>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "framework/base/digest.h"
#include "framework/record/record.h"

namespace buildlab::testing {

// A digest that is well-formed and told from others by its seed.
inline std::string digest(std::string_view seed) {
  return sha256(seed).text();
}

inline metrics::Step step(std::string stage, int line, std::string text, metrics::StepOutcome outcome,
                          double seconds = 0) {
  metrics::Step result;
  result.stage = std::move(stage);
  result.lines = {line, line};
  result.text = std::move(text);
  result.outcome = outcome;
  if (outcome == metrics::StepOutcome::hit) result.source = metrics::HitSource::local;
  if (outcome == metrics::StepOutcome::ran || outcome == metrics::StepOutcome::failed) {
    result.seconds = seconds;
    result.started_sec = 0;
  }
  return result;
}

inline metrics::Step ran(std::string stage, int line, std::string text, double seconds) {
  return step(std::move(stage), line, std::move(text), metrics::StepOutcome::ran, seconds);
}

inline metrics::Step hit(std::string stage, int line, std::string text) {
  return step(std::move(stage), line, std::move(text), metrics::StepOutcome::hit);
}

// The numbers that these steps come to, run one after the other; the rest of `duration_sec` is idle.
inline metrics::Numbers numbers(std::vector<metrics::Step> steps, double duration_sec) {
  metrics::Numbers result;
  for (metrics::Step& step : steps) {
    switch (step.outcome) {
      case metrics::StepOutcome::hit:
        ++result.hits;
        break;
      case metrics::StepOutcome::ran:
        ++result.ran;
        break;
      case metrics::StepOutcome::failed:
        ++result.failed;
        break;
      case metrics::StepOutcome::not_run:
        ++result.not_run;
        break;
      case metrics::StepOutcome::not_in_graph:
        ++result.not_in_graph;
        break;
    }
    if (step.seconds) {
      step.started_sec = result.steps_seconds_sum;
      result.steps_seconds_sum += *step.seconds;
      result.critical_path.push_back(
          {fmt::format("Dockerfile:{} {}", step.lines.first, step.text), *step.seconds});
    }
  }
  result.critical_path_sec = result.steps_seconds_sum;
  result.parts.steps_sec = result.steps_seconds_sum;
  result.parts.idle_sec = duration_sec - result.steps_seconds_sum;
  if (result.hits + result.ran > 0) {
    result.cache_hit_ratio = static_cast<double>(result.hits) / (result.hits + result.ran);
  }
  result.steps = std::move(steps);
  return result;
}

// Two layers and a config; images of different seeds differ in every digest.
inline record::ImageRow image(std::string_view seed) {
  record::ImageRow row;
  row.digest = digest(fmt::format("{} manifest", seed));
  row.config_digest = digest(fmt::format("{} config", seed));
  row.layers = {
      {digest("base"), digest("base diff"), 30'000'000},
      {digest(fmt::format("{} layer", seed)), digest(fmt::format("{} layer diff", seed)), 12'000'000}};
  row.size_bytes = 42'001'500;
  return row;
}

// A valid sample: `iteration` is set when it joins a record.
inline record::Build build(std::vector<metrics::Step> steps, double duration_sec,
                           std::string_view image_seed = "app") {
  record::Build result;
  result.cache_state = "empty";
  result.started = "2026-11-23T20:02:11.5Z";
  result.duration_sec = duration_sec;
  result.numbers = numbers(std::move(steps), duration_sec);
  result.image = image(image_seed);
  result.valid = true;
  return result;
}

inline record::Build invalid(record::Build build, std::string reason) {
  build.valid = false;
  build.invalid_reason = std::move(reason);
  return build;
}

inline record::Build failed(record::Build build, std::string failure) {
  build.failure = std::move(failure);
  build.image.reset();
  return invalid(std::move(build), "the build failed");
}

// The two-stage program that the helpers below build: four steps, g++ installed before the sources are
// copied.
inline constexpr const char* k_dockerfile =
    "FROM debian:bookworm-slim AS build\n"
    "RUN apt-get update && apt-get install -y g++\n"
    "WORKDIR /src\n"
    "COPY src/ .\n"
    "RUN g++ -O2 -o hello main.cpp\n"
    "FROM debian:bookworm-slim AS runtime\n"
    "COPY --from=build /src/hello /usr/bin/hello\n";

inline std::vector<metrics::Step> cold_steps() {
  return {ran("build", 2, "RUN apt-get update && apt-get install -y g++", 11.8),
          ran("build", 3, "WORKDIR /src", 0.1), ran("build", 4, "COPY src/ .", 0.1),
          ran("build", 5, "RUN g++ -O2 -o hello main.cpp", 1.9),
          ran("runtime", 7, "COPY --from=build /src/hello /usr/bin/hello", 0.1)};
}

inline std::vector<metrics::Step> warm_steps() {
  return {hit("build", 2, "RUN apt-get update && apt-get install -y g++"), hit("build", 3, "WORKDIR /src"),
          hit("build", 4, "COPY src/ ."), hit("build", 5, "RUN g++ -O2 -o hello main.cpp"),
          hit("runtime", 7, "COPY --from=build /src/hello /usr/bin/hello")};
}

inline std::vector<metrics::Step> edit_steps() {
  return {hit("build", 2, "RUN apt-get update && apt-get install -y g++"), hit("build", 3, "WORKDIR /src"),
          ran("build", 4, "COPY src/ .", 0.1), ran("build", 5, "RUN g++ -O2 -o hello main.cpp", 1.9),
          ran("runtime", 7, "COPY --from=build /src/hello /usr/bin/hello", 0.1)};
}

inline record::Circumstances circumstances() {
  record::Circumstances result;
  result.tool_version = "0.1.0";
  result.buildkit_version = "v0.32.2";
  result.buildkit_origin = "pinned copy";
  result.runc_version = "1.1.5";
  result.snapshotter = "overlayfs";
  result.decompressor = "built-in";
  result.cores = 2;
  result.kernel = "6.1.0";
  result.load_1min = 0.25;
  result.memory_bytes = 8ULL << 30U;
  result.bases = {{"docker.io/library/debian:bookworm-slim", digest("debian"), false, false}};
  result.dockerfile_digest = sha256(k_dockerfile).text();
  result.context_digest = digest("context");
  result.source_date_epoch = 1'700'000'000;
  return result;
}

// A record of `kind` with these builds as its samples and no verdicts; its outcome is `passed`.
inline record::ScenarioRecord record(std::string name, std::string kind, std::vector<record::Build> builds) {
  record::ScenarioRecord result;
  result.run_id = "2026-11-23T20-02-11Z-7f3a";
  result.name = std::move(name);
  result.kind = std::move(kind);
  result.cache_mode = result.kind == "warm" || result.kind == "edit" ? "builder" : "none";
  result.subject = {"app", ".", "Dockerfile", "runtime", {}, "linux/amd64"};
  result.scenario_file = "buildlab.json";
  result.scenario_line = 4;
  result.dockerfile_path = "Dockerfile";
  result.dockerfile_text = k_dockerfile;
  result.started = "2026-11-23T20:02:11Z";
  result.finished = "2026-11-23T20:02:28Z";
  result.circumstances = circumstances();
  result.declaration = std::map<std::string, std::string>{{"network", "direct"}};
  result.builds = std::move(builds);
  int iteration = 0;
  for (record::Build& build : result.builds) build.iteration = ++iteration;
  result.outcome = verdict::Outcome::passed;
  return result;
}

inline record::ScenarioRecord cold_record() {
  return record("app.cold", "cold", {build(cold_steps(), 16.2)});
}

inline record::ScenarioRecord warm_record() {
  record::ScenarioRecord result =
      record("app.warm", "warm", {build(warm_steps(), 0.40), build(warm_steps(), 0.38)});
  for (record::Build& build : result.builds) {
    build.cache_state = "primed";
    build.time_weighted_hit_ratio = 1.0;
  }
  return result;
}

inline record::ScenarioRecord edit_record() {
  record::ScenarioRecord result = record("app.edit", "edit", {build(edit_steps(), 3.1, "edited app")});
  result.input_mutation = "append src/main.cpp";
  result.builds[0].cache_state = "primed";
  result.builds[0].mutation = "append src/main.cpp";
  result.builds[0].time_weighted_hit_ratio = 0.85;
  return result;
}

}  // namespace buildlab::testing
