#include "framework/run/cached_build.h"

#include <fmt/format.h>

#include "framework/base/digest.h"
#include "framework/misses/facts_json.h"
#include "framework/run/cache_proxy.h"
#include "framework/run/imported_image.h"
#include "framework/run/no_cache.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

// What earlier measured builds left on a kept builder is no part of what the next one finds there. Returns
// how much of what priming put there is gone (the daemon's garbage collection, a hand).
Result<std::size_t> back_to_primed(engine::Builder& builder, const std::set<std::string>& primed) {
  BUILDLAB_ASSIGN(std::set<std::string> there, builder.cache_records());
  std::size_t lost = 0;
  for (const std::string& id : primed) lost += there.erase(id) == 0 ? 1 : 0;
  if (!there.empty()) BUILDLAB_TRY(builder.remove_cache_records(there));
  return lost;
}

// The same build once more with nothing declared that disturbs it, on a fresh builder.
CachedOrder undisturbed(const CachedOrder& step, std::size_t number) {
  CachedOrder again = step;
  again.faults.clear();
  again.root += "-reference";
  again.kept = nullptr;
  again.order.role = Role::reference;
  again.order.iteration = static_cast<int>(number);
  again.order.artifacts.clear();
  again.order.context_sec = 0;
  again.order.hint = {.builder_is_fresh = true, .imports_cache = true};
  again.order.declared.state = CacheState::imported;
  return again;
}

// What builds of the same inputs with the same cache have in common; "" where that is not known. Times of
// files are no part of it, so images that carry them are no part of that either.
std::string key_of_inputs(const ScenarioRun& run, const CachedOrder& step) {
  if (step.facts == nullptr || !run.subject.rewrite_timestamp) return "";
  return fmt::format("{} {}", sha256(to_line(misses::to_json(*step.facts))).text(), step.order.builder);
}

// Why the image of a build whose cache failed is not to be trusted, by one that is built undisturbed unless
// there is one of the same inputs already.
Result<std::optional<std::string>> compare_with_undisturbed(ScenarioRun& run, const fs::path& copy,
                                                            const engine::BaseImages& bases,
                                                            const ExternalCache& cache,
                                                            const CachedOrder& step,
                                                            const record::Build& entry) {
  if (!needs_reference(run.record, entry)) return std::optional<std::string>();
  const std::string inputs = key_of_inputs(run, step);
  const auto known = run.reference_of.find(inputs);
  if (known != run.reference_of.end())
    return unlike_reference(run.record, entry, run.record.references.at(known->second));
  const std::size_t place = run.record.references.size();
  const Status built = build_with_cache(run, copy, bases, cache, undisturbed(step, place + 1));
  if (run.record.references.size() == place || !built) {
    return built ? fail(ErrorKind::infrastructure, "it is not in the record") : tl::unexpected(built.error());
  }
  if (!inputs.empty()) run.reference_of[inputs] = place;
  return unlike_reference(run.record, entry, run.record.references.back());
}

}  // namespace

Status build_with_cache(ScenarioRun& run, const fs::path& copy, const engine::BaseImages& bases,
                        const ExternalCache& cache, CachedOrder step) {
  static const std::vector<fault::Fault> k_no_faults;
  const bool measured = step.order.role == Role::measured;
  const bool priming = step.order.role == Role::priming;
  const CachedOrder as_asked = step;
  engine::BuilderOptions options = builder_options(run, bases.mirrors);
  options.root = step.root;
  options.kept = step.kept != nullptr;
  // A way for each builder, so that its proxy counts what this one transferred and nothing else.
  CacheWay way;
  if (const std::string registry = cache.registry(); !registry.empty()) {
    BUILDLAB_ASSIGN(
        way, open_way(registry, measured ? step.faults : k_no_faults, k_primed_tag, step.order.iteration));
    step.use = through_proxy(std::move(step.use), registry, way.import_endpoint(), way.export_endpoint());
    tell_of_way(way, options);
  }
  BUILDLAB_ASSIGN(const std::unique_ptr<engine::Builder> builder, engine::Builder::start(options));
  if (step.kept != nullptr && measured) {
    BUILDLAB_ASSIGN(step.kept->lost, back_to_primed(*builder, step.kept->primed));
    step.order.declared.lost_records = step.kept->lost;
  }
  engine::BuildRequest request = make_request(run, copy, step.order.build_args, bases.resolved);
  if (!priming) use_no_cache(run.scenario, request);
  request.cache_imports = std::move(step.use.imports);
  request.cache_exports = std::move(step.use.exports);
  request.push = std::move(step.use.push);
  request.push_attributes = std::move(step.use.push_attributes);
  BUILDLAB_ASSIGN(Finished finished, build(run, *builder, request, std::move(step.order)));
  finished.builder_start_sec = to_seconds(builder->started().ready_after);
  if (way.proxy) finished.transfer = transfer_of(way);
  if (step.kept != nullptr && priming) {
    BUILDLAB_ASSIGN(step.kept->primed, builder->cache_records());
  }
  if (measured) {
    finished.doubt = [&](const record::Build& entry) {
      return compare_with_undisturbed(run, copy, bases, cache, as_asked, entry);
    };
  }
  std::vector<Finished> builds;
  builds.push_back(std::move(finished));
  const Status concluded = conclude(run, *builder, std::move(builds));
  const Status stopped = builder->stop();
  return concluded ? stopped : concluded;
}

}  // namespace buildlab::run
