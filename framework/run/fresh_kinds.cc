#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <thread>

#include "framework/run/circumstances.h"
#include "framework/run/drift_analysis.h"
#include "framework/run/kinds.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

// "A", "B", …, "Z", "27": names of builders side by side.
std::string builder_name(int iteration) {
  return iteration <= 26 ? std::string(1, static_cast<char>('A' + iteration - 1))
                         : fmt::format("{}", iteration);
}

Status build_once(ScenarioRun& run, const fs::path& copy, const engine::BaseImages& bases,
                  const fs::path& root, Order order) {
  engine::BuilderOptions options = builder_options(run, bases.mirrors);
  options.root = root;
  // Why builds differ is found out on the states that they leave.
  options.kept = run.scenario.kind == scenario::Kind::reproducibility;
  BUILDLAB_ASSIGN(const std::unique_ptr<engine::Builder> builder, engine::Builder::start(options));
  const engine::BuildRequest request = make_request(run, copy, order.build_args, bases.resolved);
  BUILDLAB_ASSIGN(Finished finished, build(run, *builder, request, std::move(order)));
  std::vector<Finished> builds;
  builds.push_back(std::move(finished));
  const Status concluded = conclude(run, *builder, std::move(builds));
  const Status stopped = builder->stop();
  return concluded ? stopped : concluded;
}

}  // namespace

Status run_on_fresh_builders(ScenarioRun& run) {
  BUILDLAB_ASSIGN(const engine::BaseImages* bases, run.resolve_bases(run.state));
  describe_bases(run.record.circumstances, bases->resolved);
  BUILDLAB_ASSIGN(const Workspace workspace, Workspace::create(run.store.folder(), run.scenario.name));
  const fs::path copy = workspace.path() / "context";
  const auto begin = SteadyClock::now();
  BUILDLAB_ASSIGN(context::ContextCopy pristine, copy_context(run, copy));
  describe_subject(run.record.circumstances, run.state, pristine);
  context::Applied applied;
  applied.build_args = run.subject.build_args;
  if (!run.scenario.input_mutation.empty()) {
    BUILDLAB_ASSIGN(applied, mutate(run, copy, 1));
    applied.build_args.insert(run.subject.build_args.begin(), run.subject.build_args.end());
  }
  const double context_sec = to_seconds(SteadyClock::now() - begin);

  const bool side_by_side = run.scenario.kind == scenario::Kind::reproducibility && run.scenario.runs > 1;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int workers = side_by_side ? std::min(run.scenario.runs, cores) : 1;
  std::atomic<int> next{1};
  std::atomic<bool> stop{false};
  std::vector<Status> results(static_cast<std::size_t>(run.scenario.runs));
  const auto work = [&] {
    for (int i = next++; i <= run.scenario.runs && !stop; i = next++) {
      Order order;
      order.iteration = i;
      if (side_by_side) order.builder = builder_name(i);
      order.mutation = applied.description;
      order.build_args = applied.build_args;
      order.declared = {CacheState::empty, true, !run.scenario.input_mutation.empty()};
      order.hint = {.builder_is_fresh = true, .imports_cache = false};
      order.context_sec = i == 1 ? context_sec : 0;
      Status& result = results[static_cast<std::size_t>(i - 1)];
      result = build_once(run, copy, *bases, workspace.path() / fmt::format("root-{}", i), std::move(order));
      if (!result) stop = true;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 1; i < workers; ++i) threads.emplace_back(work);
    work();
  }
  std::sort(run.record.builds.begin(), run.record.builds.end(),
            [](const record::Build& a, const record::Build& b) { return a.iteration < b.iteration; });
  for (Status& result : results) BUILDLAB_TRY(std::move(result));
  if (run.scenario.kind != scenario::Kind::reproducibility) return {};
  const auto root_of = [&workspace](int iteration) {
    return workspace.path() / fmt::format("root-{}", iteration);
  };
  return analyse_drift(run, {copy, workspace.path() / "drift", *bases, applied.build_args, root_of});
}

}  // namespace buildlab::run
