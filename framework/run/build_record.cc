#include "framework/run/build_record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/drift/layer_lines.h"
#include "framework/image/image_file.h"
#include "framework/metrics/graph.h"
#include "framework/metrics/intervals.h"
#include "framework/metrics/provenance.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

std::optional<metrics::Provenance> load_provenance(const fs::path& path) {
  if (path.empty()) return std::nullopt;
  const auto text = read_file(path);
  if (!text) return std::nullopt;
  auto provenance = metrics::parse_provenance(*text, path.filename().string());
  if (!provenance) return std::nullopt;
  return std::move(*provenance);
}

record::ImageRow to_row(const image::ImageFile& file, const std::optional<metrics::Provenance>& provenance) {
  const image::Image& image = file.image();
  record::ImageRow row{image.manifest_digest.text(), image.config_digest.text(), image.size.count, {}};
  for (const image::Layer& layer : image.layers) {
    row.layers.push_back(
        {layer.digest.text(), layer.diff_id.text(), layer.size.count, std::nullopt, layer.media_type});
  }
  if (!provenance) return row;
  const auto found = drift::lines_of_layers(*provenance, file.config(), row.layers.size());
  for (std::size_t i = 0; i < found.lines.size(); ++i) row.layers[i].lines = found.lines[i];
  return row;
}

// "Dockerfile:4 RUN make, Dockerfile:9 RUN npm ci" of what had begun and did not end.
std::string cut_short(const BuildContext& context, const std::vector<metrics::Step>& steps) {
  std::string text;
  for (const metrics::Step& step : steps) {
    if (step.outcome != metrics::StepOutcome::not_run || !step.seconds) continue;
    text += fmt::format("{}{}:{} {}", text.empty() ? "" : ", ", context.subject.dockerfile_path,
                        step.lines.first, one_line(step.text, 120));
  }
  return text;
}

// The failing step with its Dockerfile line first, then its last output lines, then what the client said.
void describe_failure(const engine::BuildArtifacts& artifacts, const BuildContext& context,
                      record::Build& build) {
  const auto failed =
      std::find_if(build.numbers.steps.begin(), build.numbers.steps.end(),
                   [](const auto& step) { return step.outcome == metrics::StepOutcome::failed; });
  const bool timed_out = std::holds_alternative<process::TimedOut>(artifacts.termination);
  const std::string how = timed_out ? "it took longer than the scenario's timeout_sec, and was ended"
                                    : process::to_string(artifacts.termination);
  if (failed != build.numbers.steps.end()) {
    build.failure = fmt::format("{}:{} {} failed: {}", context.subject.dockerfile_path, failed->lines.first,
                                one_line(failed->text, 120), failed->error.value_or(how));
    build.failure_details = failed->log_tail;
    if (artifacts.proxy_network && failed->text.starts_with("RUN")) {
      build.failure_details.emplace_back(
          "note: the step had the proxy network, where only HTTP and HTTPS through the proxy of its "
          "environment "
          "get out; other connections, and programs that do not trust its authority, fail "
          "(docs/proxy-network.md)");
    }
  } else {
    build.failure = fmt::format("the build failed: {}", timed_out ? how : build.numbers.error.value_or(how));
    const std::string running = timed_out ? cut_short(context, build.numbers.steps) : "";
    if (!running.empty()) build.failure_details.push_back("still running: " + running);
  }
  if (const auto messages = read_file(artifacts.messages)) {
    std::vector<std::string> lines;
    for (const std::string_view line : split(*messages, '\n')) {
      if (!trim(line).empty()) lines.emplace_back(line);
    }
    constexpr std::size_t k_kept_messages = 30;
    const std::size_t skip = lines.size() > k_kept_messages ? lines.size() - k_kept_messages : 0;
    build.failure_details.insert(build.failure_details.end(),
                                 lines.begin() + static_cast<std::ptrdiff_t>(skip), lines.end());
  }
}

// A clock that is slewed gains or loses at most a two thousandth; more than that was a step.
std::optional<double> clock_step(const engine::BuildArtifacts& artifacts) {
  constexpr double k_least_sec = 0.05;
  constexpr double k_slew = 0.001;
  const double moved = to_seconds(artifacts.clock_step);
  const double allowed = k_least_sec + k_slew * to_seconds(artifacts.duration);
  return std::abs(moved) > allowed ? std::optional(moved) : std::nullopt;
}

}  // namespace

Result<metrics::BuildGraph> read_progress(const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid())
    return fail(ErrorKind::infrastructure, fmt::format("{}: no progress stream", path.string()));
  metrics::ProgressDecoder decoder;
  std::vector<char> buffer(1U << 18U);
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorKind::infrastructure, fmt::format("{}: cannot be read", path.string()));
    if (got == 0) return decoder.finish();
    decoder.feed(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

bool ran_a_step(const engine::BuildArtifacts& artifacts) {
  const auto graph = read_progress(artifacts.progress);
  return !graph || std::any_of(graph->vertexes.begin(), graph->vertexes.end(), [](const auto& vertex) {
    const metrics::VertexFacts facts = metrics::facts_of(vertex);
    return facts.kind == metrics::VertexKind::step && facts.state == metrics::VertexState::ran;
  });
}

record::Build to_record(const engine::BuildArtifacts& artifacts, const BuildContext& context) {
  const auto begin = SteadyClock::now();
  record::Build build;
  build.cache_state = to_string(context.declared.state);
  build.started = to_rfc3339(artifacts.started);
  build.duration_sec = to_seconds(artifacts.duration);
  build.artifacts = artifacts.folder.lexically_relative(context.run_folder).string();
  build.overhead.client_sec = to_seconds(artifacts.overhead);
  const bool succeeded = process::succeeded(artifacts.termination);

  auto graph = read_progress(artifacts.progress);
  if (graph) build.other_fetches = metrics::attach(*graph, context.observed.requests);
  if (context.observed.turned_away > 0) {
    if (!build.other_fetches) build.other_fetches.emplace();
    build.other_fetches->turned_away = context.observed.turned_away;
  }
  const metrics::BuildGraph empty;
  metrics::StateHint hint = context.hint;
  hint.build_succeeded = succeeded;
  const std::optional<metrics::Provenance> provenance = load_provenance(artifacts.provenance);
  build.numbers = metrics::analyse(
      graph ? *graph : empty, provenance, context.subject.dockerfile, context.subject.subject->target,
      context.build_args, {artifacts.started, artifacts.duration}, hint, context.subject.subject->platform);
  if (provenance) build.sources = metrics::fetched_sources(*provenance);
  build.clock_step_sec = clock_step(artifacts);
  // What BuildKit stamped before the step and after it are not of one clock.
  if (context.cold_steps && !build.clock_step_sec) {
    build.time_weighted_hit_ratio =
        metrics::time_weighted_hit_ratio(build.numbers.steps, *context.cold_steps);
  }
  if (!graph) {
    build.invalid_reason = fmt::format("its progress stream cannot be read: {}", graph.error().message);
  } else if (graph->truncated && succeeded) {
    build.invalid_reason =
        "its progress stream ends in the middle of a line, so what it says of hits is incomplete";
  } else if (succeeded) {
    build.invalid_reason = invalid_reason(context.declared, build.numbers, build.duration_sec);
  }
  if (succeeded && !artifacts.image.empty()) {
    const auto image = image::ImageFile::open(artifacts.image, context.subject.subject->platform);
    if (image) {
      build.image = to_row(*image, provenance);
    } else if (!build.invalid_reason) {
      build.invalid_reason = fmt::format("its image cannot be read: {}", image.error().message);
    }
  }
  if (!succeeded) {
    describe_failure(artifacts, context, build);
    if (!build.invalid_reason) build.invalid_reason = "the build failed";
  }
  build.valid = !build.invalid_reason;
  build.overhead.analysis_sec = to_seconds(SteadyClock::now() - begin);
  return build;
}

}  // namespace buildlab::run
