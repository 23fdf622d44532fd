#include "framework/run/cached_build.h"

#include "framework/run/cache_proxy.h"
#include "framework/run/no_cache.h"

namespace buildlab::run {
namespace {

// What earlier measured builds left on a kept builder is no part of what the next one finds there.
Status back_to_primed(engine::Builder& builder, const std::set<std::string>& primed) {
  BUILDLAB_ASSIGN(std::set<std::string> there, builder.cache_records());
  for (const std::string& id : primed) there.erase(id);
  return there.empty() ? Status() : builder.remove_cache_records(there);
}

}  // namespace

Status build_with_cache(ScenarioRun& run, const std::filesystem::path& copy, const engine::BaseImages& bases,
                        const ExternalCache& cache, CachedOrder step) {
  static const std::vector<fault::Fault> k_no_faults;
  const bool measured = step.order.role == Role::measured;
  engine::BuilderOptions options = builder_options(run, bases.mirrors);
  options.root = step.root;
  options.kept = step.primed != nullptr;
  // A way for each builder, so that its proxy counts what this one transferred and nothing else.
  CacheWay way;
  if (const std::string registry = cache.registry(); !registry.empty()) {
    BUILDLAB_ASSIGN(
        way, open_way(registry, measured ? step.faults : k_no_faults, k_primed_tag, step.order.iteration));
    step.use = through_proxy(std::move(step.use), registry, way.import_endpoint(), way.export_endpoint());
    tell_of_way(way, options);
  }
  BUILDLAB_ASSIGN(const std::unique_ptr<engine::Builder> builder, engine::Builder::start(options));
  if (step.primed != nullptr && measured) BUILDLAB_TRY(back_to_primed(*builder, *step.primed));
  engine::BuildRequest request = make_request(run, copy, step.order.build_args, bases.resolved);
  if (measured) use_no_cache(run.scenario, request);
  request.cache_imports = std::move(step.use.imports);
  request.cache_exports = std::move(step.use.exports);
  request.push = std::move(step.use.push);
  request.push_attributes = std::move(step.use.push_attributes);
  BUILDLAB_ASSIGN(Finished finished, build(run, *builder, request, std::move(step.order)));
  finished.builder_start_sec = to_seconds(builder->started().ready_after);
  if (way.proxy) finished.transfer = transfer_of(way);
  if (step.primed != nullptr && !measured) {
    BUILDLAB_ASSIGN(*step.primed, builder->cache_records());
  }
  std::vector<Finished> builds;
  builds.push_back(std::move(finished));
  const Status concluded = conclude(run, *builder, std::move(builds));
  const Status stopped = builder->stop();
  return concluded ? stopped : concluded;
}

}  // namespace buildlab::run
