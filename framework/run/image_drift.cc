#include "framework/run/image_drift.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <utility>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/causes/canary.h"
#include "framework/drift/blame.h"
#include "framework/drift/compare.h"
#include "framework/drift/inputs.h"
#include "framework/drift/order.h"
#include "framework/image/image_file.h"
#include "framework/metrics/provenance.h"
#include "framework/run/build_record.h"

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
  std::set<std::pair<std::size_t, std::string>> places;
  for (const drift::Difference* member : group.members) places.emplace(member->layer, place_of(*member));
  cause.more = places.size() - 1;
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
    cause.input = first.input;
    cause.root = first.cause->root;
  }
  if (cause.evidence.empty()) cause.evidence = first.shown;
  if (cause.evidence.empty()) cause.evidence.push_back(fmt::format("{} → {}", first.a, first.b));
  cause.layer = first.layer;
  if (first.step) cause.lines = first.step->lines;
  return cause;
}

std::vector<record::FetchedInput> to_record(const std::vector<drift::Given>& fetched, std::size_t& left_out) {
  std::vector<record::FetchedInput> kept;
  for (const drift::Given& one : fetched) {
    if (kept.size() == record::k_max_input_urls) {
      ++left_out;
    } else {
      kept.push_back({one.url, one.digest});
    }
  }
  return kept;
}

record::MovedInput to_record(const drift::MovedInput& moved) {
  record::MovedInput input;
  input.what = moved.what;
  input.headline = drift::headline(moved);
  if (moved.package) {
    input.ecosystem = drift::to_string(moved.package->ecosystem);
    input.package = one_line(moved.package->name, 200);
    input.index = moved.package->index;
  }
  input.version_a = moved.version_a;
  input.version_b = moved.version_b;
  input.a = to_record(moved.a, input.urls_left_out);
  input.b = to_record(moved.b, input.urls_left_out);
  for (const drift::StepRef& step : moved.steps) input.lines.push_back(step.lines);
  input.fix = moved.fix;
  return input;
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
  for (const drift::MovedInput& moved : comparison.inputs) {
    if (result.moved_inputs.size() == record::k_max_moved_inputs) break;
    result.moved_inputs.push_back(to_record(moved));
  }
  result.moved_inputs_left_out = comparison.inputs.size() - result.moved_inputs.size();
  result.passed_over = passed_over(comparison);
  return result;
}

Result<metrics::Provenance> read_provenance(const fs::path& path) {
  BUILDLAB_ASSIGN(const std::string text, read_file(path));
  return metrics::parse_provenance(text, path.filename().string());
}

// Which step fetched what stands in the progress stream only.
drift::Inputs inputs_of(const metrics::Provenance& provenance, const fs::path& progress) {
  const auto graph =
      provenance.proxy_network ? read_progress(progress) : Result<metrics::BuildGraph>(metrics::BuildGraph{});
  return {provenance, metrics::readers_of(provenance, graph ? &*graph : nullptr)};
}

// What nothing in the bytes explains is the variation's doing all the same.
void explain_by(const std::string& variation, std::vector<drift::Difference>& differences) {
  for (drift::Difference& difference : differences) {
    if (!difference.cause) difference.cause = causes::of_variation(variation);
  }
}

bool was_planted(const drift::Difference& difference) {
  return difference.cause && difference.cause->recogniser == "G9";
}

}  // namespace

ImageFiles files_in(const fs::path& folder) {
  return {folder / engine::k_image_name, folder / "provenance.json", folder / "progress.rawjson"};
}

std::vector<record::PassedOver> passed_over(const drift::Comparison& comparison) {
  std::vector<record::PassedOver> list;
  for (const drift::Ignored& ignored : comparison.ignored) {
    if (ignored.differences > 0) list.push_back({ignored.policy, ignored.reason, ignored.differences});
  }
  return list;
}

Result<record::Drift> compare_images(const ScenarioRun& run, const ImagePair& pair) {
  BUILDLAB_ASSIGN(const image::ImageFile a, image::ImageFile::open(pair.a.image, run.subject.platform));
  BUILDLAB_ASSIGN(const image::ImageFile b, image::ImageFile::open(pair.b.image, run.subject.platform));
  drift::Options options;
  options.surroundings.source_date_epoch = run.state.source_date_epoch;
  options.surroundings.canaries = pair.canaries;
  options.policies = run.scenario.gates.ignore_differences;
  const auto provenance_a = read_provenance(pair.a.provenance);
  const auto provenance_b = read_provenance(pair.b.provenance);
  if (provenance_a && provenance_b) {
    drift::blame(options, {*provenance_a, a.image().layers, a.config()},
                 {*provenance_b, b.image().layers, b.config()}, run.state.dockerfile_path,
                 drift::Trust::of_these_images);
  }
  if (pair.window_b) options.surroundings.build_b = pair.window_b;
  BUILDLAB_ASSIGN(drift::Comparison comparison, drift::compare(a, b, options));
  if (provenance_a && provenance_b) {
    comparison.inputs =
        drift::moved_inputs(inputs_of(*provenance_a, pair.a.progress),
                            inputs_of(*provenance_b, pair.b.progress), run.state.dockerfile_path);
    drift::tie_to_inputs(comparison);
  }
  if (pair.only_planted)
    std::erase_if(comparison.differences, [](const auto& difference) { return !was_planted(difference); });
  if (pair.alone) explain_by(*pair.alone, comparison.differences);
  return to_drift(comparison);
}

}  // namespace buildlab::run
