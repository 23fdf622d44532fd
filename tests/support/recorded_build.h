// Loads a folder of tests/data/progress (or one of the same shape) and analyses it: the whole way from text
// to numbers.
#pragma once

#include <filesystem>
#include <optional>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/metrics/analyse.h"

namespace buildlab::test {

struct RecordedBuild {
  Json about;  // case.json
  metrics::Window window;
  metrics::StateHint hint;
  dockerfile::Dockerfile file;
  metrics::BuildGraph graph;
  std::optional<metrics::Provenance> provenance;
  metrics::Numbers numbers;

  double duration_sec() const { return to_seconds(window.duration); }
};

inline Result<RecordedBuild> load_recorded_build(const std::filesystem::path& folder) {
  RecordedBuild build;
  BUILDLAB_ASSIGN(build.about, load_json(folder / "case.json"));
  build.window.started = WallTime(Nanoseconds(build.about["window"]["started_ns"].get<std::int64_t>()));
  build.window.duration = Nanoseconds(build.about["window"]["duration_ns"].get<std::int64_t>());
  build.hint.builder_is_fresh = build.about["builder_is_fresh"].get<bool>();
  build.hint.imports_cache = build.about["imports_cache"].get<bool>();
  std::optional<std::string> target;
  if (build.about["target"].is_string()) target = build.about["target"].get<std::string>();
  const auto build_args = build.about["build_args"].get<std::map<std::string, std::string>>();

  BUILDLAB_ASSIGN(const std::string dockerfile, read_file(folder / "Dockerfile"));
  if (auto parsed = dockerfile::parse_dockerfile(dockerfile, "Dockerfile")) build.file = std::move(*parsed);
  BUILDLAB_ASSIGN(const std::string stream, read_file(folder / "progress.rawjson"));
  metrics::ProgressDecoder decoder;
  decoder.feed(stream);
  BUILDLAB_ASSIGN(build.graph, decoder.finish());
  if (std::filesystem::exists(folder / "provenance.json")) {
    BUILDLAB_ASSIGN(const std::string text, read_file(folder / "provenance.json"));
    BUILDLAB_ASSIGN(build.provenance, metrics::parse_provenance(text, "provenance.json"));
  }
  build.numbers = metrics::analyse(build.graph, build.provenance, build.file, target, build_args,
                                   build.window, build.hint);
  return build;
}

}  // namespace buildlab::test
