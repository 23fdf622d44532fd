#include "framework/run/image_drift.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/file.h"
#include "framework/drift/blame.h"
#include "framework/drift/compare.h"
#include "framework/drift/order.h"
#include "framework/image/image_file.h"
#include "framework/metrics/provenance.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

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

record::Drift to_drift(const drift::Comparison& comparison) {
  record::Drift result;
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

Result<metrics::Provenance> read_provenance(const fs::path& path) {
  BUILDLAB_ASSIGN(const std::string text, read_file(path));
  return metrics::parse_provenance(text, path.filename().string());
}

bool was_planted(const drift::Difference& difference) {
  return difference.cause && difference.cause->recogniser == "G9";
}

}  // namespace

Result<record::Drift> compare_images(const ScenarioRun& run, const ImagePair& pair) {
  BUILDLAB_ASSIGN(const image::ImageFile a, image::ImageFile::open(pair.a.image, run.subject.platform));
  BUILDLAB_ASSIGN(const image::ImageFile b, image::ImageFile::open(pair.b.image, run.subject.platform));
  drift::Options options;
  options.surroundings.source_date_epoch = run.state.source_date_epoch;
  options.surroundings.canaries = pair.canaries;
  const auto provenance_a = read_provenance(pair.a.provenance);
  const auto provenance_b = read_provenance(pair.b.provenance);
  std::vector<std::string> moved;
  if (provenance_a && provenance_b) {
    drift::blame(options, *provenance_a, a.image().layers.size(), *provenance_b, b.image().layers.size(),
                 run.state.dockerfile_path);
    moved = drift::moved_inputs(*provenance_a, *provenance_b);
  }
  if (pair.window_b) options.surroundings.build_b = pair.window_b;
  BUILDLAB_ASSIGN(drift::Comparison comparison, drift::compare(a, b, options));
  if (pair.only_planted)
    std::erase_if(comparison.differences, [](const auto& difference) { return !was_planted(difference); });
  record::Drift result = to_drift(comparison);
  result.moved_inputs = std::move(moved);
  return result;
}

}  // namespace buildlab::run
