#include <fmt/format.h>

#include "framework/run/build_facts.h"
#include "framework/run/cache_proxy.h"
#include "framework/run/circumstances.h"
#include "framework/run/kinds.h"
#include "framework/run/edited_subject.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using engine::CacheAttributes;

// Of the private registry's cache, which the priming build fills.
constexpr const char* k_primed_tag = "primed";

// The external cache of one scenario: where the priming build exports to, what every run imports, and where a
// run exports to. A run's export does not change what the next run imports, so that all start from the same
// state; a cache that the user named is read and written by each, as runners do.
struct ExternalCache {
  std::vector<CacheAttributes> prime_to;
  std::vector<CacheAttributes> from;
  std::shared_ptr<engine::RegistryServer> server;  // cache_mode registry without a cache_ref
  fs::path folder;                                 // cache_mode local
  std::string ref;                                 // cache_mode registry
  std::string export_mode;

  std::vector<CacheAttributes> to(int iteration) const {
    if (!folder.empty()) {
      return {
          {"local", {{"dest", (folder / fmt::format("run-{}", iteration)).string()}, {"mode", export_mode}}}};
    }
    if (ref.empty()) return {};
    const std::string target = server ? fmt::format("{}-run", ref) : ref;
    return {{"registry", {{"ref", target}, {"mode", export_mode}}}};
  }
};

Result<ExternalCache> open_cache(const ScenarioRun& run, const Workspace& workspace) {
  ExternalCache cache;
  cache.export_mode = run.scenario.cache_export_mode;
  if (run.scenario.cache_mode == scenario::CacheMode::local) {
    cache.folder = workspace.path() / "cache";
    const std::string primed = (cache.folder / "primed").string();
    cache.prime_to = {{"local", {{"dest", primed}, {"mode", cache.export_mode}}}};
    cache.from = {{"local", {{"src", primed}}}};
  } else if (run.scenario.cache_mode == scenario::CacheMode::registry) {
    if (run.scenario.cache_ref) {
      cache.ref = *run.scenario.cache_ref;
    } else {
      if (!run.toolchain.registry) {
        return fail(ErrorKind::infrastructure,
                    "cache_mode registry without a cache_ref needs a registry server, and none was found",
                    {"install the package docker-registry, or set BUILDLAB_REGISTRY to a registry program"});
      }
      BUILDLAB_ASSIGN(cache.server,
                      engine::RegistryServer::start(*run.toolchain.registry, workspace.path() / "registry"));
      cache.ref = fmt::format("{}/buildlab/cache:{}", cache.server->endpoint(), k_primed_tag);
    }
    cache.prime_to = {{"registry", {{"ref", cache.ref}, {"mode", cache.export_mode}}}};
    step.faults = run.scenario.faults;
    cache.from = {{"registry", {{"ref", cache.ref}}}};
  }
  return cache;
    if (!priming) BUILDLAB_TRY(apply_edit(run, copy, step.order));
    step.order.context_sec = to_seconds(SteadyClock::now() - begin);
}

struct CachedOrder {
  Order order;
  std::vector<CacheAttributes> imports;
  std::vector<CacheAttributes> exports;
};

Status build_once(ScenarioRun& run, const fs::path& copy, const fs::path& root,
                  const engine::BaseImages& bases, const ExternalCache& cache, CachedOrder step) {
  engine::BuilderOptions options = builder_options(run, bases.mirrors);
  options.root = root;
  // One for each builder, so that it counts what this one transferred and nothing else.
  std::unique_ptr<network::Proxy> proxy;
  if (cache.server) {
    const std::string registry = cache.server->endpoint();
    const bool disturbs = step.order.role == Role::measured;
    BUILDLAB_ASSIGN(proxy, start_cache_proxy(registry, run.scenario, k_primed_tag, disturbs));
    step.imports = through_proxy(std::move(step.imports), registry, proxy->endpoint());
    step.exports = through_proxy(std::move(step.exports), registry, proxy->endpoint());
    options.plain_http_registries.push_back(proxy->endpoint());
  }
  BUILDLAB_ASSIGN(const std::unique_ptr<engine::Builder> builder, engine::Builder::start(options));
  engine::BuildRequest request = make_request(run, copy, step.order.build_args, bases.resolved);
  request.cache_imports = std::move(step.imports);
  request.cache_exports = std::move(step.exports);
  BUILDLAB_ASSIGN(Finished finished, build(run, *builder, request, std::move(step.order)));
  if (proxy) finished.transfer = to_transfer(proxy->transfers());
  std::vector<Finished> builds;
  builds.push_back(std::move(finished));
  const Status concluded = conclude(run, *builder, std::move(builds));
  const Status stopped = builder->stop();
  return concluded ? stopped : concluded;
}

}  // namespace

Status run_ephemeral(ScenarioRun& run) {
  BUILDLAB_ASSIGN(const engine::BaseImages* bases, run.resolve_bases(run.state));
  describe_bases(run.record.circumstances, bases->resolved);
  BUILDLAB_ASSIGN(const Workspace workspace, Workspace::create(run.store.folder(), run.scenario.name));
  BUILDLAB_ASSIGN(const ExternalCache cache, open_cache(run, workspace));
  const fs::path copy = workspace.path() / "context";
  const bool caches = run.scenario.cache_mode != scenario::CacheMode::none;
  run.record.faults = fault_texts(run.scenario);

  for (int i = 0; i <= run.scenario.runs; ++i) {
    const bool priming = i == 0;
    if (priming && !caches) continue;
    const auto begin = SteadyClock::now();
    BUILDLAB_ASSIGN(context::ContextCopy pristine, copy_context(run, copy));
    describe_subject(run.record.circumstances, run.state, pristine);
    CachedOrder step;
    step.order.build_args = run.subject.build_args;
    step.order.role = priming ? Role::priming : Role::measured;
    step.order.iteration = priming ? 1 : i;
    step.order.hint = {.builder_is_fresh = true, .imports_cache = caches && !priming};
    step.order.declared = {caches && !priming ? CacheState::imported : CacheState::empty, true,
                           !run.scenario.input_mutation.empty()};
    if (priming) {
      step.use = cache.priming();
      run.record.priming_notes.push_back("filled the external cache from a fresh builder");
    } else if (caches) {
      step.order.declared.local_import_present = cache.is_filled();
      step.use = cache.measured(i);
    }
    BUILDLAB_TRY(
        build_once(run, copy, workspace.path() / fmt::format("root-{}", i), *bases, cache, std::move(step)));
  }
  return {};
}

}  // namespace buildlab::run
