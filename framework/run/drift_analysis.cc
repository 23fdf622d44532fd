#include "framework/run/drift_analysis.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/process/interrupt.h"
#include "framework/run/drift_origin.h"
#include "framework/run/image_drift.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

// The first valid build of each digest, in order.
std::vector<const record::Build*> one_of_each_digest(const record::ScenarioRecord& record) {
  std::vector<const record::Build*> builds;
  for (const record::Build& build : record.builds) {
    if (!build.valid || !build.image || build.image->same_as) continue;
    const bool known = std::any_of(builds.begin(), builds.end(), [&](const record::Build* other) {
      return other->image->digest == build.image->digest;
    });
    if (!known) builds.push_back(&build);
  }
  return builds;
}

Result<record::Drift> compare_builds(const ScenarioRun& run, const record::Build& a, const record::Build& b) {
  const fs::path folder = run.store.run_folder(run.record.run_id);
  BUILDLAB_ASSIGN(record::Drift drift,
                  compare_images(run, {files_in(folder / a.artifacts), files_in(folder / b.artifacts)}));
  drift.build_a = a.iteration;
  drift.build_b = b.iteration;
  return drift;
}

}  // namespace

Status analyse_drift(ScenarioRun& run, const DriftSource& source) {
  const std::vector<const record::Build*> builds = one_of_each_digest(run.record);
  for (std::size_t i = 1; i < builds.size() && i <= record::k_max_drifts; ++i) {
    run.observer.message(fmt::format("{}: builds {} and {} differ; comparing their images", run.scenario.name,
                                     builds.front()->iteration, builds[i]->iteration));
    Result<record::Drift> drift = compare_builds(run, *builds.front(), *builds[i]);
    if (!drift) {
      run.record.notes.push_back(fmt::format("the images of builds {} and {} could not be compared: {}",
                                             builds.front()->iteration, builds[i]->iteration,
                                             drift.error().message));
      continue;
    }
    if (run.record.drift.empty()) {
      auto steps = find_origins(run, source, builds.front()->iteration, builds[i]->iteration);
      if (steps) {
        drift->steps = std::move(*steps);
      } else if (steps.error().kind == ErrorKind::interrupted || process::interrupted()) {
        return tl::unexpected<Error>(std::move(steps).error());
      } else {
        run.record.notes.push_back(
            fmt::format("which steps drift by themselves was not found out: {}", steps.error().message));
      }
    }
    run.record.drift.push_back(std::move(*drift));
  }
  return {};
}

}  // namespace buildlab::run
