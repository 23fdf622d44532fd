#include <fmt/format.h>

#include "framework/run/build_facts.h"
#include "framework/run/cache_proxy.h"
#include "framework/run/cached_build.h"
#include "framework/run/circumstances.h"
#include "framework/run/edited_subject.h"
#include "framework/run/key_evidence.h"
#include "framework/run/kinds.h"
#include "framework/run/missed_steps.h"
#include "framework/run/run_count.h"

namespace buildlab::run {
namespace {

scenario::Backend backend_of(const scenario::Scenario& scenario) {
  scenario::Backend backend;
  backend.cache_mode = scenario.cache_mode;
  backend.cache_ref = scenario.cache_ref;
  backend.cache_export_mode = scenario.cache_export_mode;
  backend.cache_attributes = scenario.cache_attributes;
  return backend;
}

// The facts of two builds: of the one that filled the cache, and of the one that used it.
struct BothFacts {
  std::optional<misses::BuildFacts> filled_by = {};
  std::optional<misses::BuildFacts> now = {};
  // That they left.
  std::shared_ptr<const cache_keys::KeyStore> keys = nullptr;
  std::shared_ptr<const cache_keys::KeyStore> keys_now = nullptr;
};

// Why steps of the build that just ended ran; 0 is the iteration that fills the cache.
void tell_build(ScenarioRun& run, BothFacts& facts, int iteration) {
  const bool priming = iteration == 0;
  std::vector<record::Build>& builds = priming ? run.record.priming : run.record.builds;
  facts.keys_now = nullptr;
  if (builds.empty() || (!priming && builds.back().iteration != iteration)) return;
  const FilledCache known{
      .source = source_of(run.scenario, run.scenario.cache_mode, run.scenario.cache_export_mode, priming),
      .filled_by = facts.filled_by ? &*facts.filled_by : nullptr};
  tell_misses(known, facts.now ? &*facts.now : nullptr, run.state.dockerfile_path, builds.back());
  facts.keys_now = take_keys(run.keys, builds.back());
  tell_keys(run, facts.keys.get(), facts.keys_now.get(), builds.back());
}

}  // namespace

Status run_ephemeral(ScenarioRun& run) {
  BUILDLAB_ASSIGN(const engine::BaseImages* bases, run.resolve_bases(run.state));
  describe_bases(run.record.circumstances, bases->resolved);
  BUILDLAB_ASSIGN(const Workspace workspace, Workspace::create(run.store.folder(), run.scenario.name));
  BUILDLAB_ASSIGN(const ExternalCache cache,
                  ExternalCache::open(run.toolchain, backend_of(run.scenario), workspace.path() / "cache"));
  const std::filesystem::path copy = workspace.path() / "context";
  const bool caches = cache.exists();
  run.record.faults = fault_texts(run.scenario.faults);

  BothFacts facts;
  RunCount count(run.scenario, run.record);
  for (int i = 0; i == 0 || count.wants_another(); ++i) {
    const bool priming = i == 0;
    if (priming && !caches) continue;
    const auto begin = SteadyClock::now();
    BUILDLAB_ASSIGN(context::ContextCopy pristine, copy_context(run, copy));
    describe_subject(run.record.circumstances, run.state, pristine);
    CachedOrder step;
    step.faults = run.scenario.faults;
    step.order.build_args = run.subject.build_args;
    step.order.role = priming ? Role::priming : Role::measured;
    step.order.iteration = priming ? 1 : i;
    if (!priming) BUILDLAB_TRY(apply_edit(run, copy, step.order));
    step.order.context_sec = to_seconds(SteadyClock::now() - begin);
    step.order.hint = {.builder_is_fresh = true, .imports_cache = caches && !priming};
    step.order.declared = {caches && !priming ? CacheState::imported : CacheState::empty, true,
                           !run.scenario.input_mutation.empty()};
    if (priming) {
      step.use = cache.priming();
      step.order.on_empty_builder = step.use.imports.empty();
      run.record.priming_notes.push_back("filled the external cache from a fresh builder");
    } else if (caches) {
      step.order.declared.local_import_present = cache.is_filled();
      step.use = cache.measured(i);
    }
    step.root = workspace.path() / fmt::format("root-{}", i);
    BUILDLAB_ASSIGN(const engine::BaseImages images, images_of(run, step.order, *bases));
    facts.now = facts_or_note(run, step.order, copy, images.resolved);
    step.facts = facts.now ? &*facts.now : nullptr;
    const Status built = build_with_cache(run, copy, images, cache, std::move(step));
    tell_build(run, facts, i);
    BUILDLAB_TRY(built);
    // A cache that the user named is written by each build.
    if (priming || run.scenario.cache_ref) {
      facts.filled_by = std::move(facts.now);
      facts.keys = std::move(facts.keys_now);
    }
    if (!priming) count.built(sample_of(run.record.builds.back()));
  }
  return {};
}

}  // namespace buildlab::run
