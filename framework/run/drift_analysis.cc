#include "framework/run/drift_analysis.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/file.h"
#include "framework/drift/blame.h"
#include "framework/drift/compare.h"
#include "framework/drift/order.h"
#include "framework/image/image_file.h"
#include "framework/metrics/provenance.h"
#include "framework/process/interrupt.h"
#include "framework/run/drift_origin.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

// The first valid build of each digest, in order.
std::vector<const record::Build*> one_of_each_digest(const record::ScenarioRecord& record) {
  std::vector<const record::Build*> builds;
  for (const record::Build& build : record.builds) {
    if (!build.valid || !build.image) continue;
    const bool known = std::any_of(builds.begin(), builds.end(), [&](const record::Build* other) {
      return other->image->digest == build.image->digest;
    });
    if (!known) builds.push_back(&build);
  }
  return builds;
}

fs::path folder_of(const ScenarioRun& run, const record::Build& build) {
  return run.store.run_folder(run.record.run_id) / build.artifacts;
}

std::string place_of(const drift::Difference& difference) {
  if (!difference.path.empty()) return difference.path;
  switch (difference.attribute) {
    case drift::Attribute::config:
      return "configuration";
    case drift::Attribute::history:
      return "history";
    default:
      return difference.layer == 0 ? (difference.key.empty() ? "manifest" : difference.key)
                                   : fmt::format("layer {}", difference.layer);
  }
}

record::DriftCause to_cause(const drift::Group& group) {
  const drift::Difference& first = group.first();
  record::DriftCause cause;
  cause.place = place_of(first);
  cause.more = group.members.size() - 1;
  for (const drift::Difference* member : group.members) {
    const std::string name = drift::attribute_name(*member);
    if (std::find(cause.attributes.begin(), cause.attributes.end(), name) == cause.attributes.end()) {
      cause.attributes.push_back(name);
    }
  }
  if (first.cause) {
    cause.kind = causes::to_string(first.cause->kind);
    cause.name = first.cause->name;
    cause.row = first.cause->row;
    cause.proven = first.cause->proven;
    cause.evidence = first.cause->evidence;
    cause.fix = first.cause->fix;
    cause.root = first.cause->root;
  }
  if (cause.evidence.empty()) cause.evidence.push_back(fmt::format("{} → {}", first.a, first.b));
  cause.layer = first.layer;
  if (first.step) cause.lines = first.step->lines;
  return cause;
}

record::Drift to_record(const drift::Comparison& comparison, const record::Build& a, const record::Build& b) {
  record::Drift result;
  result.build_a = a.iteration;
  result.build_b = b.iteration;
  result.verdict = drift::to_string(comparison.verdict);
  result.differences = comparison.differences.size();
  const drift::Share share = drift::explained_share(comparison.differences);
  result.places = share.places;
  result.with_cause = share.with_cause;
  result.proven = share.proven;
  const std::vector<drift::Group> groups = drift::groups(comparison.differences);
  for (const drift::Group& group : groups) {
    if (result.causes.size() == record::k_max_drift_causes) break;
    result.causes.push_back(to_cause(group));
  }
  result.causes_left_out = groups.size() - result.causes.size();
  return result;
}

Result<metrics::Provenance> provenance_in(const fs::path& folder) {
  BUILDLAB_ASSIGN(const std::string text, read_file(folder / "provenance.json"));
  return metrics::parse_provenance(text, "provenance.json");
}

Result<record::Drift> compare_builds(const ScenarioRun& run, const record::Build& a, const record::Build& b) {
  const fs::path folder_a = folder_of(run, a);
  const fs::path folder_b = folder_of(run, b);
  BUILDLAB_ASSIGN(const image::ImageFile image_a,
                  image::ImageFile::open(folder_a / "image.oci.tar", run.subject.platform));
  BUILDLAB_ASSIGN(const image::ImageFile image_b,
                  image::ImageFile::open(folder_b / "image.oci.tar", run.subject.platform));
  drift::Options options;
  options.surroundings.source_date_epoch = run.state.source_date_epoch;
  const auto provenance_a = provenance_in(folder_a);
  const auto provenance_b = provenance_in(folder_b);
  std::vector<std::string> moved;
  if (provenance_a && provenance_b) {
    drift::blame(options, *provenance_a, image_a.image().layers.size(), *provenance_b,
                 image_b.image().layers.size(), run.state.dockerfile_path);
    moved = drift::moved_inputs(*provenance_a, *provenance_b);
  }
  BUILDLAB_ASSIGN(const drift::Comparison comparison, drift::compare(image_a, image_b, options));
  record::Drift result = to_record(comparison, a, b);
  result.moved_inputs = std::move(moved);
  return result;
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
