#include "framework/run/varied_build.h"

#include <fmt/format.h>
#include <algorithm>
#include <thread>

#include "framework/base/redact.h"
#include "framework/base/text.h"
#include "framework/context/vary.h"
#include "framework/run/canaries.h"
#include "framework/variation/canary.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using variation::How;
using variation::Kind;
using variation::Place;
using variation::Reach;
using variation::Reached;
using variation::Set;
using variation::Variation;

// A root in memory is used when it holds what the plain builder needed with room to spare, and when all
// builders side by side take no more than half of the free memory.
std::optional<Bytes> memory_root(const engine::VariationTools& tools, Bytes disk_usage) {
  const std::uint64_t builders = std::max(1U, std::thread::hardware_concurrency());
  const std::uint64_t share = tools.memory_free.count / 2 / builders;
  const std::uint64_t needed = disk_usage.count + disk_usage.count / 2 + (256U << 20U);
  return disk_usage.count > 0 && needed <= share ? std::optional<Bytes>(Bytes{share}) : std::nullopt;
}

bool changes_context(const Set& set) {
  return std::any_of(set.begin(), set.end(), [](const Variation& variation) {
    return variation.kind == Kind::user || variation::describe(variation.kind).place == Place::context;
  });
}

struct VariedContext {
  fs::path path;
  context::CopyRefusals refusals;
};

Result<VariedContext> vary_context(const ScenarioRun& run, const FreshBuilds& fresh,
                                   const VariedOrder& order) {
  VariedContext varied{fresh.copy, {}};
  if (!changes_context(order.set)) return varied;
  varied.path = fresh.workspace.path() / fmt::format("context-{}", order.number);
  context::CopyChanges changes;
  changes.umask = engine::includes(order.set, Kind::context_umask);
  changes.order = engine::includes(order.set, Kind::context_order);
  changes.times = engine::includes(order.set, Kind::context_mtime);
  changes.owner = engine::includes(order.set, Kind::user);
  changes.epoch = run.state.source_date_epoch.value_or(0);
  BUILDLAB_ASSIGN(varied.refusals, context::copy_varied(fresh.copy, varied.path, changes));
  return varied;
}

// The build itself; behind another one that filled the cache mounts where that is asked for.
Result<engine::BuildArtifacts> build_on(ScenarioRun& run, engine::Builder& builder,
                                        const engine::BuildRequest& request, const VariedOrder& order,
                                        const std::string& name) {
  const fs::path folder = run.folder() / "builds" / name;
  const auto on_progress = [&](std::string_view line) {
    run.observer.progress(run.scenario.name, name, line);
  };
  if (engine::includes(order.set, Kind::cache_mounts)) {
    engine::BuildRequest filling = request;
    filling.export_oci = false;
    BUILDLAB_ASSIGN(engine::BuildArtifacts filled,
                    builder.build(filling, run.folder() / "builds" / (name + "-before"), on_progress));
    // Without the first the second says nothing of cache mounts: it stands for both.
    if (!process::succeeded(filled.termination)) return filled;
    BUILDLAB_TRY(builder.forget_steps());
  }
  return builder.build(request, folder, on_progress);
}

bool is_full_disk(const Error& error) {
  return error.kind == ErrorKind::infrastructure && error.message.find("disk is full") != std::string::npos;
}

void note_refusals(const VariedContext& context, variation::Observation& observation) {
  for (const Variation& variation : observation.set) {
    const std::string& reason = variation.kind == Kind::context_umask   ? context.refusals.umask
                                : variation.kind == Kind::context_order ? context.refusals.order
                                                                        : "";
    if (!reason.empty()) observation.reached[variation] = {Reach::none, reason};
  }
}

}  // namespace

std::map<Variation, Reached> reach_of(const Set& set, const std::vector<variation::StepReport>& steps) {
  std::map<Variation, Reached> reached;
  for (const Variation& variation : set) {
    if (variation::describe(variation.kind).place != Place::container) continue;
    std::size_t refused = 0;
    std::size_t pinned = 0;
    std::size_t told = 0;
    std::string why_refused;
    std::string why_pinned;
    for (const variation::StepReport& step : steps) {
      for (const variation::Application& application : step.applications) {
        if (application.variation != variation) continue;
        ++told;
        if (application.how == How::refused && refused++ == 0)
          why_refused = fmt::format("{} (RUN {})", application.reason, one_line(step.command, 60));
        if (application.how == How::pinned && pinned++ == 0) why_pinned = application.reason;
      }
    }
    if (told == 0) {
      // The owner of the context's files is varied all the same.
      if (variation.kind != Kind::user) reached[variation] = {Reach::none, "no RUN was executed"};
    } else if (refused == told) {
      reached[variation] = {Reach::none, why_refused};
    } else if (refused > 0) {
      reached[variation] = {Reach::some,
                            fmt::format("not applied to {} of {} RUN: {}", refused, told, why_refused)};
    } else if (pinned == told) {
      reached[variation] = {Reach::pinned, why_pinned};
    }
  }
  return reached;
}

Result<VariedResult> build_varied(ScenarioRun& run, const FreshBuilds& fresh, SameImages& same,
                                  const engine::VariationTools& tools, const VariedOrder& order) {
  VariedResult result;
  const std::string name = fmt::format("varied-{}", order.number);
  result.observation.set = order.set;
  for (const Variation& variation : order.set) result.build.varied.push_back(to_string(variation));
  run.observer.varied_build_started(run.record, result.build, name);

  BUILDLAB_ASSIGN(const VariedContext context, vary_context(run, fresh, order));
  engine::BuilderOptions options = builder_options(run, fresh.bases.mirrors);
  options.root = fresh.workspace.path() / fmt::format("root-{}", name);
  options.varied = {order.set, tools, memory_root(tools, fresh.disk_usage)};
  BUILDLAB_ASSIGN(const std::unique_ptr<engine::Builder> builder, engine::Builder::start(options));
  const engine::BuildRequest request =
      make_request(run, context.path, fresh.applied.build_args, fresh.bases.resolved);
  const auto built = build_on(run, *builder, request, order, name);
  if (!built && options.varied.memory_root && is_full_disk(built.error())) {
    // The root in memory is a variation's affair: the build does not fit there.
    result.observation.failure = "it needs more than the memory that is free";
    result.build.failure = result.observation.failure;
    result.build.started = to_rfc3339(wall_now());
    run.observer.varied_build_finished(run.record, result.build, name);
    return result;
  }
  if (!built) return tl::unexpected(built.error());
  const engine::BuildArtifacts& artifacts = *built;

  const BuildContext about{run.state,
                           fresh.applied.build_args,
                           {CacheState::empty, true, !run.scenario.input_mutation.empty()},
                           {.builder_is_fresh = true, .imports_cache = false},
                           run.store.run_folder(run.record.run_id),
                           std::nullopt};
  const record::Build seen = to_record(artifacts, about);
  BUILDLAB_TRY(builder->stop());
  result.build.started = seen.started;
  result.build.duration_sec = seen.duration_sec;
  result.build.artifacts = seen.artifacts;
  if (const Status failed = failure_of(run.scenario, seen, artifacts); !failed) {
    const bool in_memory = options.varied.memory_root && is_full_disk(failed.error());
    if (failed.error().kind != ErrorKind::build_failed && !in_memory) return tl::unexpected(failed.error());
    result.build.failure = redact_url_credentials(failed.error().message);
    result.observation.failure = *result.build.failure;
  } else if (!seen.image) {
    return fail(ErrorKind::infrastructure, fmt::format("the varied build {}: {}", order.number,
                                                       seen.invalid_reason.value_or("it has no image")));
  } else {
    result.image = artifacts.image;
    result.build.digest = seen.image->digest;
    const SameImages::Kind counted = same.kind_of(*seen.image, artifacts.image);
    result.first_of_its_kind = counted.first;
    result.observation.fingerprint = counted.fingerprint;
    result.observation.reached = reach_of(order.set, artifacts.varied_steps);
    note_refusals(context, result.observation);
    std::error_code code;
    if (result.observation.fingerprint != order.plain_fingerprint && fs::exists(order.plain_image, code)) {
      std::vector<Kind> kinds;
      for (const Variation& variation : order.set) kinds.push_back(variation.kind);
      BUILDLAB_ASSIGN(result.observation.canaries,
                      find_canaries(artifacts.image, order.plain_image, run.subject.platform, kinds));
    }
    for (const Kind kind : result.observation.canaries)
      result.build.canaries.emplace_back(variation::describe(kind).name);
  }
  run.observer.varied_build_finished(run.record, result.build, name);
  return result;
}

}  // namespace buildlab::run
