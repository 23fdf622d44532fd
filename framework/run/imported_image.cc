#include "framework/run/imported_image.h"

#include <fmt/format.h>
#include <algorithm>

namespace buildlab::run {

std::optional<std::string> wrong_image_reason(const record::ScenarioRecord& record,
                                              const record::Build& build) {
  // Of a matrix each backend's cache was filled by a build of its own.
namespace {

using metrics::StepOutcome;
using record::Build;
using record::LayerRow;
using record::ScenarioRecord;

// Of a matrix each backend has a row of its own.
const record::BackendRow* row_of(const ScenarioRecord& record, const Build& build) {
  const auto row = std::find_if(record.backends.begin(), record.backends.end(),
                                [&](const record::BackendRow& one) { return one.name == build.builder; });
  return row == record.backends.end() ? nullptr : &*row;
}

// Whether all it met ends as without it, only later. Steps' own fetches have nothing to do with the cache.
bool only_slows(const std::string& text) {
  const auto fault = fault::parse_fault(text);
  return fault && (fault->at == fault::At::fetch || fault->kind == fault::Kind::latency ||
                   fault->kind == fault::Kind::bandwidth);
}

bool met_trouble(const record::Transfer& transfer) {
  return transfer.faults > 0 || transfer.lookup_faults.value_or(0) > 0 || transfer.cut > 0 ||
         transfer.retries > 0;
}
  const auto filled_by = std::find_if(record.priming.rbegin(), record.priming.rend(),
                                      [&](const record::Build& one) { return one.builder == build.builder; });
  if (filled_by == record.priming.rend() || !filled_by->image || !build.image || !build.transfer)
    return std::nullopt;
  const record::Transfer& transfer = *build.transfer;
  const bool troubled = transfer.faults > 0 || transfer.lookup_faults.value_or(0) > 0 || transfer.cut > 0 ||
                        transfer.retries > 0;
  if (!troubled || !build.mutation.empty() || build.numbers.ran > 0) return std::nullopt;
  const std::string& filled = filled_by->image->digest;
  if (build.image->digest == filled) return std::nullopt;
  return fmt::format(
      "every step was a hit, but requests to the cache met trouble, and the image is {} where the build "
      "that filled it from the same inputs gave {}, so it is not to be trusted: build-lab diff of the two "
      "says what differs, docs/faults.md how it comes about",
      build.image->digest, filled);
}

}  // namespace buildlab::run
