#include "framework/run/validity.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/time.h"

namespace buildlab::run {
namespace {

using metrics::Step;
using metrics::StepOutcome;

// Two equal steps of one build are merged by BuildKit, and the twin that did not run is reported cached. Such
// a hit is no sign of an old result. Equal steps need not be written alike ("./src" and "src/"), so any step
// of the same instruction that ran may be the twin; an old cache would hold that one too.
bool is_twin(const Step& hit, const std::vector<Step>& steps) {
  const auto instruction = [](const Step& step) {
    return std::string_view(step.text).substr(0, step.text.find(' '));
  };
  return std::any_of(steps.begin(), steps.end(), [&](const Step& other) {
    return &other != &hit && other.outcome == StepOutcome::ran && instruction(other) == instruction(hit);
  });
}

const Step* unexplained_hit(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.outcome == StepOutcome::hit && !is_twin(step, steps)) return &step;
  }
  return nullptr;
}

const metrics::CacheImport* failed_import(const metrics::Numbers& numbers) {
  for (const metrics::CacheImport& import : numbers.cache_imports) {
    if (import.error) return &import;
  }
  return nullptr;
}

}  // namespace

std::string_view to_string(CacheState state) {
  switch (state) {
    case CacheState::empty:
      return "empty";
    case CacheState::primed:
      return "primed";
    case CacheState::imported:
      return "imported";
  }
  return "";
}

std::optional<std::string> invalid_reason(const Declared& declared, const metrics::Numbers& numbers,
                                          double duration_sec) {
  switch (declared.state) {
    case CacheState::empty:
      if (const Step* hit = unexplained_hit(numbers.steps)) {
        return fmt::format("the builder was declared empty, but line {} ({}) came from a cache",
                           hit->lines.first, hit->text);
      }
      return std::nullopt;
    case CacheState::primed:
      if (const metrics::CacheImport* import = failed_import(numbers)) {
        return fmt::format(
            "the cache import failed ({}: {}), so that only the kept builder's own cache was used",
            import->name, *import->error);
      }
      if (declared.lost_records > 0) {
        return fmt::format(
            "the kept builder lost {} of the cache records that its priming made, so what ran again says "
            "nothing of "
            "the Dockerfile. The next run primes it anew",
            declared.lost_records);
      }
      if (numbers.hits == 0 && numbers.ran > 0 && !declared.has_mutation && !declared.just_primed &&
          !declared.no_cache) {
        return fmt::format(
            "the kept builder holds nothing of its priming (0 of {} steps were cached), so this was a build "
            "from "
            "nothing by accident: {}. Prime it anew with --refresh",
            numbers.ran, to_short_text(duration_sec));
      }
      return std::nullopt;
    case CacheState::imported:
      if (const metrics::CacheImport* import = failed_import(numbers)) {
        return fmt::format(
            "the cache import failed ({}: {}), so this was a build from nothing by accident: {}. Check the "
            "registry "
            "or folder that holds the cache",
            import->name, *import->error, to_short_text(duration_sec));
      }
      if (!declared.local_import_present) {
        return fmt::format(
            "the cache folder holds no index, so nothing was imported and this was a build from nothing by "
            "accident: "
            "{}. Check that the export before it succeeded",
            to_short_text(duration_sec));
      }
      if (numbers.cache_imports.empty()) {
        return fmt::format(
            "BuildKit did not import the declared cache (no import in its progress), so this was a build "
            "from nothing "
            "by accident: {}",
            to_short_text(duration_sec));
      }
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace buildlab::run
