#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <thread>

#include "framework/base/redact.h"
#include "framework/run/circumstances.h"
#include "framework/run/drift_analysis.h"
#include "framework/run/edited_subject.h"
#include "framework/run/fresh_builds.h"
#include "framework/run/kinds.h"
#include "framework/run/missed_steps.h"
#include "framework/run/run_count.h"
#include "framework/run/same_images.h"
#include "framework/run/variations.h"

namespace buildlab::run {

namespace fs = std::filesystem;

namespace {

// The mutations applied to the copy, once for all builds: their Dockerfile is the one that the mutations
// left.
Result<context::Applied> mutated_copy(ScenarioRun& run, const fs::path& copy) {
  context::Applied applied;
  if (!run.scenario.input_mutation.empty()) {
    BUILDLAB_ASSIGN(applied, mutate(run, copy, 1));
  }
  applied.build_args.insert(run.subject.build_args.begin(), run.subject.build_args.end());
  if (run.scenario.input_mutation.empty()) return applied;
  BUILDLAB_ASSIGN(const auto edited, edited_subject(run, copy, applied.build_args));
  if (!edited) return applied;
  run.state = *edited;
  run.record.dockerfile_text = redact_url_credentials(edited->dockerfile_text);
  return applied;
}

// Nothing was there before any of them.
void tell_first_builds(ScenarioRun& run) {
  FilledCache nothing;
  nothing.source.empty = true;
  for (record::Build& build : run.record.builds)
    tell_misses(nothing, nullptr, run.state.dockerfile_path, build);
}

// Builds that start in the same moment write many times in the same second: an image that holds one would
// look reproducible. More than a second, by what steps of two equal builds come apart or together.
constexpr Nanoseconds k_apart = std::chrono::milliseconds(1500);

}  // namespace

std::string builder_name(int iteration) {
  return iteration <= 26 ? std::string(1, static_cast<char>('A' + iteration - 1))
                         : fmt::format("{}", iteration);
}

Status build_fresh(ScenarioRun& run, FreshBuilds& fresh, Order order) {
  engine::BuilderOptions options = builder_options(run, fresh.bases.mirrors);
  options.root = fresh.workspace.path() / fmt::format("root-{}", order.iteration);
  // Why builds differ is found out on the states that they leave.
  options.kept = run.scenario.kind == scenario::Kind::reproducibility;
  BUILDLAB_ASSIGN(const std::unique_ptr<engine::Builder> builder, engine::Builder::start(options));
  const engine::BuildRequest request = make_request(run, fresh.copy, order.build_args, fresh.bases.resolved);
  const bool measured = fresh.measure_disk && order.iteration == 1;
  BUILDLAB_ASSIGN(Finished finished, build(run, *builder, request, std::move(order)));
  std::vector<Finished> builds;
  builds.push_back(std::move(finished));
  const Status concluded = conclude(run, *builder, std::move(builds));
  if (measured) {
    BUILDLAB_ASSIGN(fresh.disk_usage, builder->disk_usage());
  }
  const Status stopped = builder->stop();
  return concluded ? stopped : concluded;
}

Status side_by_side(int count, const std::function<Status(int)>& work, Nanoseconds apart) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::atomic<int> next{0};
  std::atomic<bool> stop{false};
  std::vector<Status> results(static_cast<std::size_t>(count));
  const auto take = [&](int place) {
    std::this_thread::sleep_for(apart * place);
    for (int i = next++; i < count && !stop; i = next++) {
      Status& result = results[static_cast<std::size_t>(i)];
      result = work(i);
      if (!result) stop = true;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 1; i < std::min(count, cores); ++i) threads.emplace_back(take, i);
    take(0);
  }
  for (Status& result : results) BUILDLAB_TRY(std::move(result));
  return {};
}

Status run_on_fresh_builders(ScenarioRun& run) {
  BUILDLAB_ASSIGN(const Workspace workspace, Workspace::create(run.store.folder(), run.scenario.name));
  const fs::path copy = workspace.path() / "context";
  const auto begin = SteadyClock::now();
  BUILDLAB_ASSIGN(context::ContextCopy pristine, copy_context(run, copy));
  BUILDLAB_ASSIGN(context::Applied applied, mutated_copy(run, copy));
  const double context_sec = to_seconds(SteadyClock::now() - begin);
  describe_subject(run.record.circumstances, run.state, pristine);
  BUILDLAB_ASSIGN(const engine::BaseImages* bases, run.resolve_bases(run.state));
  describe_bases(run.record.circumstances, bases->resolved);
  FreshBuilds fresh{*bases, workspace, copy, std::move(applied)};
  fresh.measure_disk = engine::includes(run.scenario.vary, variation::Kind::file_order);

  const bool together = run.scenario.kind == scenario::Kind::reproducibility && run.scenario.runs > 1;
  const auto once = [&](int index) {
    Order order;
    order.iteration = index + 1;
    if (together) order.builder = builder_name(order.iteration);
    order.mutation = fresh.applied.description;
    order.build_args = fresh.applied.build_args;
    order.declared = {CacheState::empty, true, !run.scenario.input_mutation.empty()};
    order.hint = {.builder_is_fresh = true, .imports_cache = false};
    order.context_sec = index == 0 ? context_sec : 0;
    return build_fresh(run, fresh, std::move(order));
  };
  Status done;
  if (together) {
    done = side_by_side(run.scenario.runs, once, k_apart);
  } else {
    RunCount count(run.scenario, run.record);
    for (int i = 0; done && count.wants_another(); ++i) {
      done = once(i);
      if (done) count.built(sample_of(run.record.builds.back()));
    }
  }
  std::sort(run.record.builds.begin(), run.record.builds.end(),
            [](const record::Build& a, const record::Build& b) { return a.iteration < b.iteration; });
  tell_first_builds(run);
  BUILDLAB_TRY(std::move(done));
  if (run.scenario.kind != scenario::Kind::reproducibility) return {};
  SameImages same(run.scenario.gates, run.subject.platform);
  for (record::Build& build : run.record.builds) {
    if (build.valid && build.image) take_kind(run, same, build);
  }
  const auto root_of = [&workspace](int iteration) {
    return workspace.path() / fmt::format("root-{}", iteration);
  };
  BUILDLAB_TRY(analyse_drift(
      run, {fresh.copy, workspace.path() / "drift", *bases, fresh.applied.build_args, root_of}));
  return run.scenario.vary.empty() ? Status() : run_variations(run, fresh, same);
}

}  // namespace buildlab::run
