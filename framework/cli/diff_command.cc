#include <fmt/format.h>
#include <filesystem>

#include "framework/base/file.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/image_argument.h"
#include "framework/drift/blame.h"
#include "framework/drift/compare.h"
#include "framework/drift/inputs.h"
#include "framework/metrics/provenance.h"
#include "framework/policy/policy.h"
#include "framework/report/diff.h"

namespace buildlab::cli {
namespace {

Result<metrics::Provenance> load_provenance(const std::filesystem::path& path) {
  BUILDLAB_ASSIGN(const std::string text, read_file(path));
  return metrics::parse_provenance(text, path.string());
}

Result<drift::Comparison> compare_images(const Diff& options) {
  drift::Options how;
  how.surroundings.source_date_epoch = options.source_date_epoch;
  for (const std::string& text : options.policies) {
    BUILDLAB_ASSIGN(policy::Policy policy, policy::parse_policy(text));
    how.policies.push_back(std::move(policy));
  }
  BUILDLAB_ASSIGN(const ImageArgument a, ImageArgument::open(options.a, options.platform));
  BUILDLAB_ASSIGN(const ImageArgument b, ImageArgument::open(options.b, options.platform));
  std::optional<std::pair<metrics::Provenance, metrics::Provenance>> provenance;
  if (!options.provenance.empty()) {
    BUILDLAB_ASSIGN(metrics::Provenance of_a, load_provenance(options.provenance.front()));
    BUILDLAB_ASSIGN(metrics::Provenance of_b, load_provenance(options.provenance.back()));
    if (drift::blame(how, {of_a, a.file().image().layers, a.file().config()},
                     {of_b, b.file().image().layers, b.file().config()}))
      provenance.emplace(std::move(of_a), std::move(of_b));
  }
  auto comparison = drift::compare(a.file(), b.file(), how);
  if (!comparison) return tl::unexpected<Error>(a.named(b.named(std::move(comparison).error())));
  comparison->a.name = options.a;
  comparison->b.name = options.b;
  if (provenance) {
    const auto& [of_a, of_b] = *provenance;
    comparison->inputs = drift::moved_inputs({of_a, metrics::readers_of(of_a, nullptr)},
                                             {of_b, metrics::readers_of(of_b, nullptr)});
    drift::tie_to_inputs(*comparison);
  }
  return comparison;
}

std::string rendered(const drift::Comparison& comparison, const Diff& options) {
  switch (options.format) {
    case DiffFormat::markdown:
      return report::to_markdown(comparison);
    case DiffFormat::json:
      return report::to_json(comparison);
    case DiffFormat::html:
      return report::to_html(comparison);
    case DiffFormat::text:
      break;
  }
  return report::to_text(comparison, colour_on_stdout(options.common.no_color), options.all);
}

}  // namespace

Result<verdict::Outcome> diff_images(const Diff& options) {
  Result<drift::Comparison> comparison = compare_images(options);
  Status written;
  if (comparison) written = write_stdout(rendered(*comparison, options));
  if (!comparison || !written) {
    Error error = comparison ? written.error() : comparison.error();
    if (error.kind != ErrorKind::interrupted) error.kind = ErrorKind::usage;
    return tl::unexpected<Error>(std::move(error));
  }
  const bool passed =
      comparison->verdict == drift::Verdict::identical ||
      (comparison->verdict == drift::Verdict::representation && options.tolerate_representation);
  return passed ? verdict::Outcome::passed : verdict::Outcome::gate_failed;
}

}  // namespace buildlab::cli
