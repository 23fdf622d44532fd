#include "framework/run/same_images.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "framework/drift/compare.h"
#include "framework/image/image_file.h"
#include "framework/run/image_drift.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

// nullopt where something differs that no policy passes over.
Result<std::optional<std::vector<record::PassedOver>>> only_passed_over(
    const std::vector<policy::Policy>& policies, const std::string& platform, const fs::path& a,
    const fs::path& b) {
  BUILDLAB_ASSIGN(const image::ImageFile image_a, image::ImageFile::open(a, platform));
  BUILDLAB_ASSIGN(const image::ImageFile image_b, image::ImageFile::open(b, platform));
  drift::Options options;
  options.policies = policies;
  BUILDLAB_ASSIGN(const drift::Comparison comparison, drift::compare(image_a, image_b, options));
  if (!comparison.differences.empty()) return std::nullopt;
  return passed_over(comparison);
}

}  // namespace

std::string fingerprint_of(const record::ImageRow& image, const scenario::GateSettings& settings) {
  switch (settings.digest_stable.value_or(scenario::DigestPolicy::manifest)) {
    case scenario::DigestPolicy::manifest:
      return image.digest;
    case scenario::DigestPolicy::config:
      return image.config_digest;
    case scenario::DigestPolicy::layers:
      break;
  }
  std::string all = "layers";
  for (const record::LayerRow& layer : image.layers) all += " " + layer.diff_id;
  return all;
}

SameImages::Kind SameImages::kind_of(const record::ImageRow& image, const fs::path& file) {
  const std::lock_guard guard(m_guard);
  if (const auto known = m_kinds.find(image.digest); known != m_kinds.end()) {
    Kind again = known->second;
    again.first = false;
    return again;
  }
  Kind kind = compare_with_known(image, file);
  m_kinds.emplace(image.digest, kind);
  return kind;
}

SameImages::Kind SameImages::compare_with_known(const record::ImageRow& image, const fs::path& file) {
  Kind kind;
  kind.fingerprint = fingerprint_of(image, m_gates);
  const bool is_known = std::any_of(m_known.begin(), m_known.end(),
                                    [&](const auto& known) { return known.first == kind.fingerprint; });
  if (is_known) return kind;
  if (!m_gates.ignore_differences.empty()) {
    for (const auto& [fingerprint, known] : m_known) {
      auto passed = only_passed_over(m_gates.ignore_differences, m_platform, known.file, file);
      if (!passed) {
        kind.not_compared = passed.error().message;
      } else if (*passed) {
        return {fingerprint, false, known.digest, std::move(**passed)};
      }
    }
  }
  m_known.emplace_back(kind.fingerprint, Known{image.digest, file});
  kind.first = true;
  return kind;
}

std::string take_kind(ScenarioRun& run, SameImages& same, record::Build& build) {
  const fs::path folder = run.store.run_folder(run.record.run_id) / build.artifacts;
  SameImages::Kind kind = same.kind_of(*build.image, files_in(folder).image);
  if (kind.first && kind.not_compared) {
    run.record.notes.push_back(
        fmt::format("build {} counts as another image, for it could not be compared: {}", build.iteration,
                    *kind.not_compared));
  }
  build.image->same_as = std::move(kind.same_as);
  build.image->passed_over = std::move(kind.passed_over);
  return std::move(kind.fingerprint);
}

}  // namespace buildlab::run
