// Independent builds of the same inputs have the same digest.
#include <algorithm>
#include <set>

#include "gates/rules/drift_words.h"
#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

constexpr const char* k_digest_stable = "digest_stable";

std::string manifest_of(const record::ImageRow& image) {
  return image.digest;
}
std::string config_of(const record::ImageRow& image) {
  return image.config_digest;
}
std::string diff_ids_of(const record::ImageRow& image) {
  std::string all;
  for (const record::LayerRow& layer : image.layers) all += layer.diff_id + "\n";
  return all;
}

using Part = std::string (*)(const record::ImageRow&);

std::size_t count_different(const Samples& samples, Part part) {
  std::set<std::string> values;
  for (const record::Build* build : samples) values.insert(part(*build->image));
  return values.size();
}

// The image that the policies make of it.
const record::ImageRow& counts_as(const Samples& samples, const record::ImageRow& image) {
  if (!image.same_as) return image;
  const auto found = std::find_if(samples.begin(), samples.end(), [&](const record::Build* build) {
    return build->image->digest == *image.same_as;
  });
  return found == samples.end() ? image : *(*found)->image;
}

std::size_t count_different_in_spite_of_policies(const Samples& samples, Part part) {
  std::set<std::string> values;
  for (const record::Build* build : samples) values.insert(part(counts_as(samples, *build->image)));
  return values.size();
}

// What was passed over, once a digest; the number of differences in all.
std::size_t add_passed_over(const Samples& samples, std::vector<std::string>& evidence) {
  std::set<std::string> told;
  std::size_t sum = 0;
  for (const record::Build* build : samples) {
    if (!told.insert(build->image->digest).second) continue;
    for (const record::PassedOver& passed : build->image->passed_over) {
      sum += passed.differences;
      evidence.push_back(gates::name_of(*build) + ": " + passed_over_words(passed));
    }
  }
  return sum;
}

Part part_of(scenario::DigestPolicy policy) {
  switch (policy) {
    case scenario::DigestPolicy::manifest:
      return manifest_of;
    case scenario::DigestPolicy::config:
      return config_of;
    case scenario::DigestPolicy::layers:
      return diff_ids_of;
  }
  return manifest_of;
}

std::string_view name_of(scenario::DigestPolicy policy) {
  switch (policy) {
    case scenario::DigestPolicy::manifest:
      return "manifest digest";
    case scenario::DigestPolicy::config:
      return "config digest";
    case scenario::DigestPolicy::layers:
      return "list of DiffIDs";
  }
  return "";
}

// "sha256:… build 1 (builder A), build 3", one line a digest in the order of its first build.
std::vector<std::string> builds_by(const Samples& samples, Part part, std::string_view label) {
  std::vector<std::string> values;
  std::vector<std::string> lines;
  for (const record::Build* build : samples) {
    const std::string value = part(*build->image);
    std::size_t at = 0;
    while (at < values.size() && values[at] != value) ++at;
    if (at == values.size()) {
      values.push_back(value);
      lines.push_back(fmt::format("{} {}: {}", label, value, gates::name_of(*build)));
    } else {
      lines[at] += ", " + gates::name_of(*build);
    }
  }
  return lines;
}

// The instruction that wrote a layer: a step of the build, else (a base's layer) its lines alone.
const metrics::Step* writer_of(const record::Build& build, const record::LayerRow& layer) {
  if (!layer.lines) return nullptr;
  const auto& steps = build.numbers.steps;
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const metrics::Step& step) { return step.lines == *layer.lines; });
  return found == steps.end() ? nullptr : &*found;
}

std::string written_by(const record::ScenarioRecord& record, const record::LayerRow& layer,
                       const metrics::Step* step) {
  if (step != nullptr) return ", written by " + gates::name_of(record, *step);
  if (layer.lines) return fmt::format(", from {}:{}", record.dockerfile_path, layer.lines->first);
  return "";
}

// The layers in which any sample differs from the first one. The result is the first step that wrote one.
const metrics::Step* add_layers(const record::ScenarioRecord& record, const Samples& samples,
                                std::vector<std::string>& evidence) {
  const record::ImageRow& first = *samples.front()->image;
  for (const record::Build* build : samples) {
    const record::ImageRow& other = *build->image;
    if (other.layers.size() != first.layers.size()) {
      evidence.push_back(fmt::format("{} has {} layers, {} has {}", gates::name_of(*samples.front()),
                                     first.layers.size(), gates::name_of(*build), other.layers.size()));
      return nullptr;
    }
  }
  const metrics::Step* writer = nullptr;
  for (std::size_t i = 0; i < first.layers.size(); ++i) {
    bool blob_differs = false;
    bool content_differs = false;
    for (const record::Build* build : samples) {
      blob_differs = blob_differs || build->image->layers[i].digest != first.layers[i].digest;
      content_differs = content_differs || build->image->layers[i].diff_id != first.layers[i].diff_id;
    }
    if (!blob_differs && !content_differs) continue;
    const metrics::Step* step = writer_of(*samples.front(), first.layers[i]);
    if (writer == nullptr) writer = step;
    evidence.push_back(
        fmt::format("layer {} of {} differs in {}{}", i + 1, first.layers.size(),
                    content_differs ? "content (DiffID)" : "compression only: its DiffID is the same",
                    written_by(record, first.layers[i], step)));
  }
  return writer;
}

std::string_view same_or_not(std::size_t different) {
  return different == 1 ? "the same" : "different";
}

}  // namespace

verdict::Verdict digest_stable(const GateInput& input) {
  const Samples& samples = input.samples;
  for (const record::Build* build : samples) {
    if (!build->image)
      return not_evaluated(k_digest_stable, fmt::format("{} has no image", gates::name_of(*build)));
  }
  if (samples.size() < 2) {
    return not_evaluated(k_digest_stable, "one valid build alone shows no stability",
                         {"set \"runs\" to 2 or more, or use kind reproducibility"});
  }
  const auto policy = *input.settings().digest_stable;
  const std::size_t manifests = count_different(samples, manifest_of);
  const std::size_t configs = count_different(samples, config_of);
  const std::size_t contents = count_different(samples, diff_ids_of);
  std::vector<std::string> evidence = builds_by(samples, manifest_of, "manifest");
  const metrics::Step* writer = nullptr;
  std::size_t passed_over = 0;
  if (manifests > 1) {
    for (std::string& line : builds_by(samples, config_of, "config")) evidence.push_back(std::move(line));
    writer = add_layers(input.record(), samples, evidence);
    passed_over = add_passed_over(samples, evidence);
    for (const record::Drift& drift : input.record().drift) {
      for (std::string& line : drift_words(input.record(), drift)) evidence.push_back(std::move(line));
    }
  }
  const std::string beside =
      fmt::format("configs {}, DiffIDs {}", same_or_not(configs), same_or_not(contents));
  const std::size_t different = count_different_in_spite_of_policies(samples, part_of(policy));
  if (different > 1) {
    verdict::Verdict verdict = failed(
        k_digest_stable, input.record(),
        fmt::format("{} builds, {} different {}s ({})", samples.size(), different, name_of(policy), beside),
        std::move(evidence), writer);
    if (!input.record().drift.empty()) {
      if (const int line = line_of(input.record().drift.front()); line > 0) verdict.line = line;
    }
    return verdict;
  }
  if (passed_over > 0) {
    return pass(
        k_digest_stable,
        fmt::format("{} builds, {} different manifest digests; ignore_differences passes over all that "
                    "differs ({} {})",
                    samples.size(), manifests, passed_over, passed_over == 1 ? "difference" : "differences"),
        std::move(evidence));
  }
  if (manifests > 1) {
    return pass(k_digest_stable,
                fmt::format("{} builds, the same {}; {} manifests are tolerated by the policy ({})",
                            samples.size(), name_of(policy), manifests, beside),
                std::move(evidence));
  }
  return pass(k_digest_stable,
              fmt::format("{} builds, one digest {}", samples.size(), samples.front()->image->digest),
              std::move(evidence));
}

}  // namespace buildlab::gates
